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
use crate::aws::deliver::Channel;
use crate::aws::store::Memory;
use crate::ledger::{Digest, OwnersView, Settings};

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
            let audience = channel.audience_of(owner).await;
            let counts = audience.counts();
            let to_owner = async |digest: &Digest<'_>| channel.send_to(owner, digest).await;
            let Sent { told, failed } = send(to_owner, &mut digest, counts, now).await;
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
            let noted = self.write(|mut book| {
                let told = told.iter().map(|(id, told)| (id.as_str(), *told));
                book.tell_owner(&owner.topic, told);
                book
            });
            noted.await?;
        }
        Ok(all)
    }
}
