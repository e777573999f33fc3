//! What a dry run would announce.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use gatewatch::aws::deliver::{Channel, OrganizationOutlet, Outlet};
use gatewatch::ledger::{Audience, Digest};
use gatewatch::policy_file::Recipient;
use gatewatch::render::{OrganizationDigest, digest_text, organization_text};

/// Takes the digest of a dry run, and sends nothing.
#[derive(Debug, Default)]
pub(super) struct Preview(Mutex<Option<String>>);

impl Preview {
    /// The digest as text.
    pub(super) fn text(&self) -> String {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = || "nothing would be announced\n".to_owned();
        text.clone().unwrap_or_else(nothing)
    }

    fn take(&self, text: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    fn add(&self, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_or_insert_default().push_str(text);
    }
}

impl Channel for Preview {
    type Error = Infallible;

    async fn audience(&self) -> Audience {
        Audience::Confirmed
    }

    async fn send_elsewhere(&self, _: &Digest<'_>) {}

    fn has_elsewhere(&self) -> bool {
        false
    }

    async fn audience_of(&self, _: &Recipient) -> Audience {
        Audience::Confirmed
    }

    async fn send_to(&self, owner: &Recipient, digest: &Digest<'_>) -> Result<usize, Infallible> {
        let text = digest_text(digest, usize::MAX);
        self.add(&format!("\n== to {}\n{text}", owner.topic));
        Ok(digest.rest().len())
    }
}

impl Outlet for Preview {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, Infallible> {
        self.take(digest_text(digest, usize::MAX));
        Ok(digest.rest().len())
    }
}

impl OrganizationOutlet for Preview {
    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, Infallible> {
        self.take(organization_text(digest, usize::MAX, usize::MAX));
        // As if it named nothing: what it names would only be noted in a ledger that is thrown away.
        Ok(0)
    }

    async fn send_single(&self, _: &Digest<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_single(&self) -> bool {
        false
    }
}
