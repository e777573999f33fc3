//! Noting in the ledger of each account what the digest of the organization named.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::announce::tell_elsewhere;
use super::OrganizationError;
use super::announcer::Announcer;
use crate::aws::deliver::OrganizationOutlet;
use crate::aws::store::Memory;
use crate::inventory::Scope;
use crate::ledger::Told;

/// What an account has to announce, to be noted in its ledger.
pub(super) struct Note {
    pub(super) account: String,
    pub(super) taken_at: Timestamp,
    /// What was read.
    pub(super) scope: Scope,
    /// What the messages say of each change.
    pub(super) told: Vec<(String, Told)>,
    /// Since when something of it has been waiting.
    pub(super) waiting_since: Option<Timestamp>,
}

/// What was noted of an account.
pub(super) struct Noted {
    pub(super) told: usize,
    pub(super) untold: usize,
    pub(super) waiting_since: Option<Timestamp>,
}

impl<M: Memory, O: OrganizationOutlet> Announcer<'_, M, O> {
    /// Sends what goes with the digest of an account, and notes what was sent. `named`: the ids of what messages
    /// named. `counts`: whether anybody gets the messages.
    pub(super) async fn note(
        &self,
        due: Note,
        named: &BTreeSet<String>,
        counts: bool,
    ) -> Result<Noted, OrganizationError<O::Error>> {
        let account = &due.account;
        let all = due.told.len();
        let told = due.told.into_iter().filter(|(id, _)| named.contains(id));
        let told: Vec<(String, Told)> = told.collect();
        let noted = |waiting_since| Noted {
            told: told.len(),
            untold: all - told.len(),
            waiting_since,
        };
        if !counts && !self.outlet.has_elsewhere() {
            return Ok(noted(due.waiting_since));
        }
        let failed = |cause| OrganizationError::Ledger {
            account: account.clone(),
            cause,
        };
        let mut ledger = self.opened(account, &due.scope).await.map_err(failed)?;
        let mut passed_on = Vec::new();
        // The account is judged again only if more is sent than the digest.
        let sends_single = self.outlet.has_single() && !named.is_empty();
        if (sends_single || self.outlet.has_elsewhere())
            && let Some(report) = self.kept_report(account, due.taken_at).await?
            && let Some(digest) = ledger.due(ledger.books(), &report, self.settings, self.now)
        {
            if sends_single {
                let mut single = digest.clone();
                single.news.retain(|it| named.contains(&it.entry.id));
                let sent = self.outlet.send_single(&single).await;
                sent.map_err(OrganizationError::NotSent)?;
            }
            passed_on = tell_elsewhere(self.outlet, &digest, counts, self.now).await;
        }
        let at = counts.then_some(self.now);
        ledger.note(&told, &passed_on, at).await.map_err(failed)?;
        Ok(noted(ledger.waiting_since()))
    }
}
