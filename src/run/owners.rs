//! Telling the owners that the policy file names what is theirs.
//!
//! Each topic stands alone: one that takes nothing keeps neither the digest of everybody nor that of another owner from
//! being sent. What it did not take is due in the next run, as the ledger notes what each was told.

use jiff::Timestamp;

use super::announce::{OwnerTold, Sent, send};
use super::ledger::{Ledger, LedgerError};
use super::observer::Step;
use crate::audit::Report;
use crate::aws::client::in_full;
use crate::aws::deliver::{Channel, Outlet};
use crate::aws::store::Memory;
use crate::ledger::{Audience, Digest, OwnersView, Settings};
use crate::policy_file::Recipient;

impl<M: Memory> Ledger<'_, M> {
    /// Sends each owner what is due to them, and notes what the messages named. What a topic does not take is told in
    /// [`OwnerTold::trouble`].
    ///
    /// # Errors
    /// [`LedgerError`], where it could not be noted: the next run may tell it again.
    pub async fn tell_owners<C: Channel>(
        &mut self,
        channel: &C,
        report: &Report,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Vec<OwnerTold>, LedgerError> {
        let mut all = Vec::new();
        for owner in &report.owners.recipients {
            let view = OwnersView::of(&self.books, report, &owner.topic);
            let Some(mut digest) = view.due(settings, now) else {
                continue;
            };
            let outlet = OwnersOutlet { channel, owner };
            let audience = outlet.audience().await;
            let counts = audience.counts();
            let Sent { told, failed } = send(&outlet, &mut digest, counts, now).await;
            all.push(OwnerTold {
                topic: owner.topic.clone(),
                changes: told.len(),
                untold: digest.news.len().saturating_sub(told.len()),
                audience,
                trouble: failed.map(|it| in_full(&it)),
            });
            if told.is_empty() {
                continue;
            }
            self.observer.begins(Step::Note);
            let noted = self.write(|book| {
                let mut book = book.clone();
                let told = told.iter().map(|(id, told)| (id.as_str(), *told));
                book.tell_owner(&owner.topic, told);
                book
            });
            noted.await?;
        }
        Ok(all)
    }
}

/// The way to one owner.
struct OwnersOutlet<'o, C> {
    channel: &'o C,
    owner: &'o Recipient,
}

impl<C: Channel> Channel for OwnersOutlet<'_, C> {
    type Error = C::Error;

    async fn audience(&self) -> Audience {
        self.channel.audience_of(self.owner).await
    }

    async fn send_elsewhere(&self, _: &Digest<'_>) {}

    fn has_elsewhere(&self) -> bool {
        false
    }

    async fn audience_of(&self, owner: &Recipient) -> Audience {
        self.channel.audience_of(owner).await
    }

    async fn send_to(&self, owner: &Recipient, digest: &Digest<'_>) -> Result<usize, C::Error> {
        self.channel.send_to(owner, digest).await
    }
}

impl<C: Channel> Outlet for OwnersOutlet<'_, C> {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, C::Error> {
        self.channel.send_to(self.owner, digest).await
    }
}
