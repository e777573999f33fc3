//! Announcing what is due, and noting in the ledger what was announced.

use std::error::Error;

use jiff::Timestamp;

use super::ledger::{Ledger, LedgerError};
use super::observer::Step;
use crate::audit::Report;
use crate::aws::deliver::{Channel, Outlet};
use crate::aws::store::Memory;
use crate::ledger::{Audience, Digest, MESSAGES, Occasion, Settings, Told};

/// What a run announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Why there was a digest, such as `changes`. Empty: nothing was announced.
    pub occasions: Vec<&'static str>,
    /// How many changes the messages named.
    pub changes: usize,
    /// How many changes are left to the next run: no message named them, or nobody gets the messages.
    pub untold: usize,
    /// Whether anybody gets the messages. Nobody asks if there is nothing to announce.
    pub audience: Audience,
    /// Since when the oldest change that is left has been waiting. Only a run over an organization tells it here.
    pub waiting_since: Option<Timestamp>,
    /// What the owners were told that the policy file names. Of those to whom nothing was due there is nothing.
    pub owners: Vec<OwnerTold>,
}

/// What an owner was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerTold {
    /// The owner's topic.
    pub topic: String,
    /// How many changes the messages named.
    pub changes: usize,
    /// How many changes are left to the next run.
    pub untold: usize,
    /// Whether anybody gets the messages.
    pub audience: Audience,
    /// Why the topic did not take all of it, if it did not.
    pub trouble: Option<String>,
}

impl Announced {
    /// What is to be said about the subscriptions of the topics, and what to do.
    pub fn warnings(&self) -> Vec<String> {
        let of_owners = self.owners.iter().map(|it| &it.audience);
        let all = std::iter::once(&self.audience).chain(of_owners);
        all.filter_map(Audience::warning).collect()
    }

    /// What the topics of owners did not take, in words. The next run sends it again.
    pub fn troubles(&self) -> Vec<String> {
        let troubles = self.owners.iter().filter_map(|it| it.trouble.as_ref());
        troubles
            .map(|it| format!("an owner that `notify` of the policy file names: {it}"))
            .collect()
    }
}

/// Why something was not announced, or not noted as announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError<E: Error + 'static> {
    /// It was not sent, or not all of it, and the next run will announce it.
    #[error("what was found was not announced; the next run will announce it")]
    NotSent(#[source] E),
    /// It was sent, and the next run may announce it again.
    #[error("what was announced could not be noted; the next run may announce it again")]
    NotNoted(#[source] LedgerError),
}

/// What the messages of a run named, and why one could not be sent, if one could not.
pub(super) struct Sent<E> {
    pub(super) told: Vec<(String, Told)>,
    pub(super) failed: Option<E>,
}

impl<M: Memory> Ledger<'_, M> {
    /// Announces what is due, in one message or several, and notes what they named. Then it tells owners what is theirs,
    /// whatever became of the digest.
    ///
    /// # Errors
    /// [`AnnounceError`]. What no message named does not count as announced.
    pub async fn announce<O: Outlet>(
        &mut self,
        outlet: &O,
        report: &Report,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Announced, AnnounceError<O::Error>> {
        let announced = self.announce_all(outlet, report, settings, now).await;
        let owners = self.tell_owners(outlet, report, settings, now).await;
        // What is wrong with the digest is worse.
        let announced = announced?;
        let owners = owners.map_err(AnnounceError::NotNoted)?;
        Ok(Announced {
            owners,
            ..announced
        })
    }

    /// Announces what is due to everybody.
    async fn announce_all<O: Outlet>(
        &mut self,
        outlet: &O,
        report: &Report,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Announced, AnnounceError<O::Error>> {
        self.observer.begins(Step::Announce);
        let Some(mut digest) = self.due(&self.books, report, settings, now) else {
            return Ok(Announced::default());
        };
        // The run asks before it sends anything: a subscription that is confirmed later does not get the messages.
        let audience = outlet.audience().await;
        let counts = audience.counts();
        let Sent { told, failed } = {
            let next = async |digest: &Digest<'_>| outlet.send(digest).await;
            send(next, &mut digest, counts, now).await
        };
        let failed = match failed {
            Some(error) if digest.messages == 0 => return Err(AnnounceError::NotSent(error)),
            other => other,
        };
        let passed_on = tell_elsewhere(outlet, &digest, counts, now).await;
        let announced = Announced {
            occasions: occasions(&digest.occasions, counts),
            changes: told.len(),
            untold: digest.news.len().saturating_sub(told.len()),
            audience,
            waiting_since: None,
            owners: Vec::new(),
        };
        let noted = self.note(&told, &passed_on, counts.then_some(now)).await;
        noted.map_err(AnnounceError::NotNoted)?;
        match failed {
            Some(error) => Err(AnnounceError::NotSent(error)),
            None => Ok(announced),
        }
    }

    /// Notes what was announced, what the other places were sent, and when a digest was sent. `at` is `None` if
    /// nothing was sent that counts as announced.
    ///
    /// # Errors
    /// [`LedgerError`]; some of the books may have been written.
    pub async fn note(
        &mut self,
        told: &[(String, Told)],
        passed_on: &[(String, Told)],
        at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        if at.is_none() && passed_on.is_empty() {
            return Ok(());
        }
        self.observer.begins(Step::Note);
        self.write(|mut book| {
            // This comes first: noting that something was announced clears the note that it was passed on.
            book.pass_on(passed_on.iter().map(|(id, sent)| (id.as_str(), *sent)));
            if let Some(at) = at {
                book.tell(at, told.iter().map(|(id, told)| (id.as_str(), *told)));
            }
            book
        })
        .await
    }
}

/// Sends the messages of a digest, one after the other. `next` sends one and says how many changes it named. `counts`:
/// whether anybody gets them. If nobody does, one is enough.
pub(super) async fn send<E>(
    next: impl AsyncFn(&Digest<'_>) -> Result<usize, E>,
    digest: &mut Digest<'_>,
    counts: bool,
    now: Timestamp,
) -> Sent<E> {
    let mut told = Vec::new();
    loop {
        let named = match next(digest).await {
            Ok(named) => named,
            Err(error) => {
                let failed = Some(error);
                return Sent { told, failed };
            }
        };
        if counts {
            told.extend(digest.told(named, now));
        }
        digest.advance(named);
        let is_over = named == 0 || digest.rest().is_empty() || digest.messages >= MESSAGES;
        if is_over || !counts {
            return Sent { told, failed: None };
        }
    }
}

/// Tells the other places what they were not told yet. Returns what they were sent.
pub(super) async fn tell_elsewhere<O: Channel>(
    outlet: &O,
    digest: &Digest<'_>,
    counts: bool,
    now: Timestamp,
) -> Vec<(String, Told)> {
    let fresh = for_elsewhere(digest, counts);
    let Some(fresh) = fresh.filter(|_| outlet.has_elsewhere()) else {
        return Vec::new();
    };
    outlet.send_elsewhere(&fresh).await;
    fresh.passed_on(now)
}

/// What the other places are to be told: what they were not told yet, whether or not a message named it. `None`:
/// nothing. A change that waits for a message is sent to them once, not in every run.
fn for_elsewhere<'a>(digest: &Digest<'a>, counts: bool) -> Option<Digest<'a>> {
    let fresh = digest.not_passed_on();
    // A digest without changes says that something could not be read, or that all is as it was. The latter is not
    // sent in every run while nobody gets the messages.
    let is_quiet = counts && digest.news.is_empty();
    let is_incomplete = !digest.report.evaluation.gaps.is_empty();
    (!fresh.news.is_empty() || is_quiet || is_incomplete).then_some(fresh)
}

/// The occasions of what was announced. What nobody gets has none.
pub(super) fn occasions(all: &[Occasion], counts: bool) -> Vec<&'static str> {
    if counts {
        Occasion::names(all)
    } else {
        Vec::new()
    }
}
