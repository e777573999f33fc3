//! What there is to announce of an entry.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use strum::IntoStaticStr;

use super::entry::{Entry, EventKind, Standing, Told};
use crate::audit::finding::Severity;

/// What there is to announce of an entry. The order is the one of digests, within a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// It was not known.
    New,
    /// It had been resolved.
    Reopened,
    /// It is more severe than was said.
    Worse,
    /// Its exemption ended.
    ExemptionExpired,
    /// It is still there, and was announced long ago.
    Reminder,
    /// It is less severe than was said.
    Better,
    /// An exemption covers it.
    Exempted,
    /// The policy file was edited so that it accepts it.
    Accepted,
    /// Another rule describes what is wrong at its place.
    Became,
    /// Its API or its stage is no longer there.
    Gone,
    /// It is not there any more.
    Resolved,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 11] = [
        Kind::New,
        Kind::Reopened,
        Kind::Worse,
        Kind::ExemptionExpired,
        Kind::Reminder,
        Kind::Better,
        Kind::Exempted,
        Kind::Accepted,
        Kind::Became,
        Kind::Gone,
        Kind::Resolved,
    ];

    /// The name in messages.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether somebody has to do something about it.
    pub fn alarms(self) -> bool {
        matches!(
            self,
            Kind::New | Kind::Reopened | Kind::Worse | Kind::ExemptionExpired | Kind::Reminder
        )
    }
}

/// When what was announced is announced again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// After how long.
    pub after: SignedDuration,
    /// From which severity on.
    pub least: Severity,
}

impl Entry {
    /// What is to be announced, if anything: how what holds differs from what was last told, or may have
    /// been. A run that ends between sending and noting leaves something told that nobody knows of; so
    /// whatever happened since the last note is news, also where all is as it was.
    pub fn pending(&self) -> Option<Kind> {
        let Some(told) = self.told else {
            return match self.standing {
                Standing::Open if self.exempt_since.is_some() => Some(Kind::ExemptionExpired),
                Standing::Open if self.resolved_at.is_some() || self.had_ended() => {
                    Some(Kind::Reopened)
                }
                Standing::Open => Some(Kind::New),
                // Exempt from the first is no news. What was open before may have been told.
                Standing::Exempt => self.open_since.map(|_| Kind::Exempted),
                Standing::Accepted => self.open_since.map(|_| Kind::Accepted),
                // The finding that took its place is announced as new.
                Standing::Became => None,
                Standing::Gone => self.open_since.map(|_| Kind::Gone),
                // It came and went before anybody was told: said once, so that nothing is lost.
                Standing::Resolved => self.open_since.map(|_| Kind::Resolved),
            };
        };
        let since = self.events.iter().filter(|it| it.at > told.at);
        let since = |what: EventKind| since.clone().any(|it| it.what == what);
        match (told.standing, self.standing) {
            (Standing::Exempt, Standing::Open) => Some(Kind::ExemptionExpired),
            (_, Standing::Open) if since(EventKind::ExemptionEnded) => Some(Kind::ExemptionExpired),
            (
                Standing::Resolved | Standing::Accepted | Standing::Became | Standing::Gone,
                Standing::Open,
            ) => Some(Kind::Reopened),
            (_, Standing::Open) if since(EventKind::Opened) => Some(Kind::Reopened),
            (Standing::Open, Standing::Open) => match self.severity.cmp(&told.severity) {
                Ordering::Greater => Some(Kind::Worse),
                Ordering::Less => Some(Kind::Better),
                Ordering::Equal => since(EventKind::SeverityChanged).then_some(Kind::Better),
            },
            (Standing::Open, Standing::Exempt) => Some(Kind::Exempted),
            (_, Standing::Exempt) => {
                let opened = since(EventKind::ExemptionEnded) || since(EventKind::Opened);
                opened.then_some(Kind::Exempted)
            }
            (Standing::Open | Standing::Exempt, Standing::Accepted) => Some(Kind::Accepted),
            (_, Standing::Accepted) => since(EventKind::Accepted).then_some(Kind::Accepted),
            (Standing::Open | Standing::Exempt, Standing::Became) => Some(Kind::Became),
            (_, Standing::Became) => since(EventKind::Became).then_some(Kind::Became),
            (Standing::Open | Standing::Exempt, Standing::Gone) => Some(Kind::Gone),
            (_, Standing::Gone) => since(EventKind::Gone).then_some(Kind::Gone),
            (Standing::Open | Standing::Exempt, Standing::Resolved) => Some(Kind::Resolved),
            (_, Standing::Resolved) => since(EventKind::Resolved).then_some(Kind::Resolved),
        }
    }

    fn had_ended(&self) -> bool {
        let mut events = self.events.iter();
        events.any(|it| matches!(it.what, EventKind::Accepted | EventKind::Gone))
    }

    /// Whether it is time to announce again what was announced.
    pub fn is_due(&self, reminder: Reminder, now: Timestamp) -> bool {
        let Some(told) = self.told else {
            return false;
        };
        self.standing == Standing::Open
            && self.severity >= reminder.least
            && now.duration_since(told.at) >= reminder.after
    }

    /// When it was last announced without anything new: as a reminder. `None`: what was last announced was
    /// news.
    pub fn reminded_at(&self) -> Option<Timestamp> {
        let mut latest = self.events.iter().rev();
        let (last, before) = (latest.next()?, latest.next()?);
        let both = [last, before].map(|it| it.what == EventKind::Announced);
        (both == [true, true]).then_some(last.at)
    }

    /// Whether there is nothing more to say of it, so that it may be forgotten in time.
    pub(super) fn is_over(&self) -> bool {
        !self.standing.is_there() && self.pending().is_none()
    }

    /// The time since which something has been waiting to be announced. `None`: nothing waits.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.pending()?;
        let told = self.told.map(|told| told.at);
        let events = self
            .events
            .iter()
            .filter(|it| it.what != EventKind::Announced);
        let unsaid = events
            .map(|it| it.at)
            .filter(|at| told.is_none_or(|told| *at > told));
        unsaid.min().or(Some(self.last_seen))
    }

    /// Whether the places besides the topic were sent what is to be announced of it now: it need not be sent
    /// there again while it waits to be named by a message.
    pub fn is_passed_on(&self) -> bool {
        self.passed_on.is_some_and(|it| {
            let is_same = (it.standing, it.severity) == (self.standing, self.severity);
            is_same && !self.events.iter().any(|event| event.at > it.at)
        })
    }

    /// Notes that SNS took a message that said this much. What was sent last is the last word, also where it
    /// is that of a run that began earlier: if it is wrong, it is news again.
    pub(super) fn tell(&mut self, told: Told) {
        let at = self.told.map_or(told.at, |known| known.at.max(told.at));
        self.told = Some(Told { at, ..told });
        self.passed_on = None;
        self.log(told.at, EventKind::Announced);
    }
}
