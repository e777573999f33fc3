//! The parts of all accounts, and no more of them than the messages of a run can show.

use std::collections::BTreeMap;

use super::part::{AccountChange, AccountGap, Part, RUN, within};
use crate::render::LIMIT;

/// From which weight on what no message can show any more is dropped, in bytes.
const HEAVY: usize = 2 * RUN;

/// The parts of all accounts. However many there are, what is spelled out in them is no more than some
/// messages: of the rest only the numbers are kept.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// By account, without what is spelled out.
    pub(super) parts: BTreeMap<String, Part>,
    /// Of all accounts.
    pub(super) changes: Vec<AccountChange>,
    /// Of all accounts.
    pub(super) unread: Vec<AccountGap>,
}

impl Parts {
    /// Takes in the part of an account. Each account has one.
    pub fn add(&mut self, mut part: Part) {
        self.changes.append(&mut part.changes);
        self.unread.append(&mut part.unread);
        self.parts.insert(part.account.clone(), part);
        if self.weight() > HEAVY {
            self.order();
        }
    }

    /// Puts the worst first, and drops what no message can show.
    pub(super) fn order(&mut self) {
        let mut changes = std::mem::take(&mut self.changes);
        changes.sort_by(|one, other| one.order().cmp(&other.order()));
        self.changes = within(RUN, changes, AccountChange::weight);
        let mut unread = std::mem::take(&mut self.unread);
        unread.sort_by(|one, other| one.order().cmp(&other.order()));
        self.unread = within(LIMIT, unread, |it| it.words.weight());
    }

    /// What is spelled out weighs so much, in bytes.
    fn weight(&self) -> usize {
        let changes = self.changes.iter().map(AccountChange::weight);
        let unread = self.unread.iter().map(|it| it.words.weight());
        changes.chain(unread).sum()
    }
}

impl FromIterator<Part> for Parts {
    fn from_iter<I: IntoIterator<Item = Part>>(all: I) -> Self {
        let mut parts = Parts::default();
        for part in all {
            parts.add(part);
        }
        parts
    }
}

impl From<Vec<Part>> for Parts {
    fn from(all: Vec<Part>) -> Self {
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::Severity;
    use crate::ledger::Kind;
    use crate::ledger::News;
    use crate::render::digest::single::tests::{digest, entry, finding, news, report};

    /// The part of an account with one change.
    fn part(number: usize) -> Part {
        let (mut report, mut entry, finding) = (report(), entry(), finding(20));
        report.account = format!("{number:012}");
        entry.severity = [Severity::Low, Severity::Critical, Severity::High][number % 3];
        let change = News {
            finding: Some(&finding),
            ..news(Kind::New, &entry)
        };
        Part::of(&digest(&report, vec![change]), 10)
    }

    /// The accounts of what is kept, in order, after all parts were added.
    fn kept(numbers: impl Iterator<Item = usize>) -> Vec<String> {
        let mut parts = Parts::default();
        for number in numbers {
            parts.add(part(number));
            assert!(parts.weight() <= HEAVY, "{number}: {}", parts.weight());
        }
        assert_eq!(parts.parts.len(), 3_000);
        parts.order();
        parts.changes.into_iter().map(|it| it.account).collect()
    }

    #[test]
    fn however_many_parts_there_are_the_worst_is_kept_and_no_more_than_a_message_shows() {
        let forwards = kept(0..3_000);
        // More than fits was added, and all of what is kept is critical.
        assert!(forwards.len() < 1_000, "{}", forwards.len());
        assert!(
            forwards
                .iter()
                .zip(0..)
                .all(|(account, number)| { *account == format!("{:012}", 3 * number + 1) })
        );
        assert_eq!(kept((0..3_000).rev()), forwards);
    }
}
