//! Findings that an edit of the policy file ended: they are as they were, and accepted now.

use std::collections::{BTreeMap, BTreeSet};

use super::book::Book;
use super::entry::{Entry, Standing};
use crate::report::Report;

/// Findings that a run did not make, and that the policy file by which they were last made still would: how the
/// policy file accepts them now, in words, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted(BTreeMap<String, String>);

impl Accepted {
    /// Says that a finding is accepted, and how.
    pub fn add(&mut self, id: String, how: String) {
        self.0.insert(id, how);
    }

    /// How a finding is accepted. `None`: it is not, as far as is known.
    pub fn how(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The entries that a report lacks and that were last made by another policy file than the report's, by that
/// policy file's name. `None`: an older gatewatch made them, which did not write it down.
pub fn judged_otherwise<'b>(
    books: &'b [Book],
    report: &Report,
) -> BTreeMap<Option<&'b str>, Vec<&'b Entry>> {
    let evaluation = &report.evaluation;
    let exempted = evaluation.exempted.iter().map(|it| &it.finding);
    let found = evaluation.findings.iter().chain(exempted);
    let found: BTreeSet<String> = found.map(|it| it.fingerprint().to_string()).collect();
    let mut judged: BTreeMap<Option<&str>, Vec<&Entry>> = BTreeMap::new();
    for entry in books.iter().flat_map(|book| book.entries.values()) {
        let is_there = matches!(entry.standing, Standing::Open | Standing::Exempt);
        let by = entry.judged_by.as_deref();
        if is_there && by != Some(report.judged_by.as_str()) && !found.contains(&entry.id) {
            judged.entry(by).or_default().push(entry);
        }
    }
    judged
}
