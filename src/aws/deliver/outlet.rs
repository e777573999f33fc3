//! What a run asks of whatever takes its digests.

use std::error::Error;

use crate::ledger::{Audience, Digest};
use crate::policy_file::Recipient;
use crate::render::OrganizationDigest;

/// The way from a run to those who must know, whatever it is that they are told.
pub trait Channel: Sync {
    /// Why something could not be sent.
    type Error: Error + Send + Sync + 'static;
    /// Whether anybody gets what is sent.
    fn audience(&self) -> impl Future<Output = Audience> + Send;
    /// Tells the other places what changed in an account, once a message was sent.
    fn send_elsewhere(&self, digest: &Digest<'_>) -> impl Future<Output = ()> + Send;
    /// Whether there are other places.
    fn has_elsewhere(&self) -> bool;
    /// Whether anybody gets what the topic of an owner is sent.
    fn audience_of(&self, owner: &Recipient) -> impl Future<Output = Audience> + Send;
    /// Sends an owner the next message of their digest, and says how many of its [`rest`](Digest::rest) the message
    /// names.
    fn send_to(
        &self,
        owner: &Recipient,
        digest: &Digest<'_>,
    ) -> impl Future<Output = Result<usize, Self::Error>> + Send;
}

/// Takes the digest of one account to those who must know.
pub trait Outlet: Channel {
    /// Sends the next message of a digest, and says how many of its [`rest`](Digest::rest) the message names.
    fn send(&self, digest: &Digest<'_>) -> impl Future<Output = Result<usize, Self::Error>> + Send;
}

/// Takes the digest of an organization to those who must know.
pub trait OrganizationOutlet: Channel {
    /// Sends the next message of the digest, and says how many changes it names.
    fn send_all(
        &self,
        digest: &OrganizationDigest,
    ) -> impl Future<Output = Result<usize, Self::Error>> + Send;
    /// Sends a message of its own for each change of an account that the digest named. The changes count as announced
    /// only if these messages are sent, too.
    fn send_single(
        &self,
        digest: &Digest<'_>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Whether there are such messages.
    fn has_single(&self) -> bool;
}
