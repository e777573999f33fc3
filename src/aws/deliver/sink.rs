//! A place besides the topic that is told what changed.
//!
//! Another sink is one file here that implements [`Sink`], one line where the Lambda reads its settings, and its
//! rights in `template.yaml`.

use std::error::Error;
use std::fmt::Debug;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::aws::client::Clients;
use crate::ledger::Digest;

/// Why a sink did not take everything. The words name what it did not take.
pub type SinkError = Box<dyn Error + Send + Sync>;

/// A place besides the topic that is told what changed. What it does not take fails the run in the end, but does not
/// change what counts as announced: the topic alone decides that.
pub trait Sink: Debug + Send + Sync {
    /// What it is called in errors.
    fn name(&self) -> &'static str;

    /// Whether it takes changes only of the account that gatewatch runs in.
    fn takes_own_account_only(&self) -> bool {
        false
    }

    /// Sends what changed. `now` is the time of the run.
    fn send<'s>(
        &'s self,
        clients: &'s Clients,
        digest: &'s Digest<'_>,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<(), SinkError>>;
}
