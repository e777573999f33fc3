//! What is to be announced of a finding, and the order in which messages name it.

use std::collections::BTreeMap;

use super::change::Kind;
use super::entry::Entry;
use super::spot::Spot;
use crate::audit::finding::{Finding, Severity};

/// One thing to announce.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// What it is.
    pub kind: Kind,
    /// The finding, as the ledger has it.
    pub entry: &'a Entry,
    /// The finding, as this run made it. `None`: it did not.
    pub finding: Option<&'a Finding>,
    /// If it is resolved: the worst finding that is open at the same place. The place is not mended then, but wrong in
    /// another way.
    pub instead: Option<&'a Entry>,
}

/// Orders changes as messages name them. What was never named comes before reminders, so that reminders keep nothing
/// from being told. Of the reminders, those that have waited longest come first. Among equals, the first change of every
/// API comes before the second change of any, so that no API crowds out another. All principals count as one API here,
/// and so does everything that is neither, as there may be thousands of them.
pub(super) fn in_turn(mut news: Vec<News<'_>>) -> Vec<News<'_>> {
    news.sort_by(|one, other| one.order().cmp(&other.order()));
    let mut turns = Turns::default();
    let mut turned: Vec<_> = news
        .into_iter()
        .map(|it| {
            let since = match it.kind {
                Kind::Reminder => it.entry.told.map(|told| told.at),
                _ => None,
            };
            let turn = turns.next(it.entry.severity, class(it.kind), it.entry);
            let severity = std::cmp::Reverse(it.entry.severity);
            ((class(it.kind), since, severity, turn), it)
        })
        .collect();
    // Stable: what is alike keeps the order of before.
    turned.sort_by_key(|(key, _)| *key);
    turned.into_iter().map(|(_, it)| it).collect()
}

/// The class of a kind of change: messages name class 0 first and class 2 last.
pub(crate) fn class(kind: Kind) -> u8 {
    match kind {
        Kind::Reminder => 2,
        kind if kind.alarms() => 0,
        _ => 1,
    }
}

/// The turns that each API has had, by class and severity.
#[derive(Default)]
struct Turns<'e> {
    had: BTreeMap<(u8, Severity, Subject<'e>), usize>,
}

/// What takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject<'e> {
    /// An API, by its Region and id.
    Api(Option<&'e str>, &'e str),
    /// All IAM principals.
    Principals,
    /// All that is neither.
    Others,
}

impl<'e> Subject<'e> {
    pub(crate) fn of(place: &'e Spot) -> Self {
        match (&place.api, &place.principal) {
            (Some(api), _) => Subject::Api(place.region.as_deref(), &api.id),
            (None, Some(_)) => Subject::Principals,
            (None, None) => Subject::Others,
        }
    }
}

impl<'e> Turns<'e> {
    fn next(&mut self, severity: Severity, class: u8, entry: &'e Entry) -> usize {
        let subject = Subject::of(&entry.place);
        let had = self.had.entry((class, severity, subject)).or_insert(0);
        *had += 1;
        *had
    }
}

impl News<'_> {
    /// What somebody has to do something about first, worst first, then by kind and place.
    pub(super) fn order(&self) -> impl Ord {
        (
            !self.kind.alarms(),
            std::cmp::Reverse(self.entry.severity),
            self.kind,
            self.entry.rule.clone(),
            self.entry.place.words.clone(),
            self.entry.id.clone(),
        )
    }
}
