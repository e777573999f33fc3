//! What another policy file makes of what a run read: the findings that would still be there by it.

use std::collections::BTreeMap;

use super::scan::day;
use crate::audit::finding::{Finding, RuleId, Text};
use crate::audit::rules::findings_where;
use crate::audit::{OwnVerbs, Report};
use crate::inventory::Inventory;
use crate::ledger::{Book, ByMatter, Entry, Matters, Spot, were_apart};
use crate::policy_file::PolicyFile;

/// The rules that say of a deployed method that anyone can call it.
const OPEN: [RuleId; 5] = [
    RuleId::OpenMethod,
    RuleId::OpenConnect,
    RuleId::OpenCanary,
    RuleId::ApiKeyOnly,
    RuleId::UndeployedFix,
];

/// Whether a rule, by its name, says of a deployed method that anyone can call it.
pub(super) fn is_open(rule: &str) -> bool {
    OPEN.iter().any(|it| it.as_str() == rule)
}

/// What a policy file still makes of what the run read.
pub(super) struct Still<'b> {
    books: &'b [Book],
    own_verbs: &'b OwnVerbs,
    /// What its findings say, by their ids.
    says: BTreeMap<String, Text>,
    /// The ids and rules of its findings, by what they are about.
    about: ByMatter<(String, RuleId)>,
}

impl<'b> Still<'b> {
    /// What it makes of the places that these entries are about. All else is not kept.
    pub(super) fn of(
        books: &'b [Book],
        inventory: &Inventory,
        policy: &PolicyFile,
        (report, asked): (&'b Report, &Matters),
    ) -> Self {
        let is_asked = |it: &Finding| asked.have(it, &report.partition);
        let evaluation = findings_where(inventory, policy, day(report.taken_at), &is_asked);
        let mut still = Still {
            books,
            own_verbs: &report.evaluation.own_verbs,
            says: BTreeMap::new(),
            about: ByMatter::default(),
        };
        for finding in evaluation.all_findings() {
            let id = finding.fingerprint().to_string();
            let place = Spot::of(&finding.place, &report.partition);
            let about = (id.clone(), finding.rule);
            still.about.add(finding.rule.as_str(), &place, about);
            still.says.insert(id, finding.message.clone());
        }
        still
    }

    /// Whether a finding would still be there: as it was, or described by another rule that did not describe it before.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let mut about = self.about.about(entry, self.own_verbs);
        self.says.contains_key(&entry.id) || about.any(|(id, _)| self.is_later(id, entry))
    }

    /// Whether what a finding said of a method still holds: the method is open, or asks for the same authorization type
    /// as then.
    pub(super) fn holds(&self, entry: &Entry) -> bool {
        let mut about = self.about.about(entry, self.own_verbs);
        let says_the_same = self.says.get(&entry.id) == Some(&entry.message);
        says_the_same || about.any(|(_, rule)| OPEN.contains(rule))
    }

    /// Whether a finding was not there yet when an entry was last seen.
    fn is_later(&self, id: &str, entry: &Entry) -> bool {
        let mut known = self.books.iter().filter_map(|it| it.entries.get(id));
        known.all(|it| were_apart(it, entry))
    }
}
