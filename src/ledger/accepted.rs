//! Findings that an edit of the policy file ended: they are as they were, and accepted now.

use std::collections::{BTreeMap, BTreeSet};

use super::book::Book;
use super::entry::{Entry, Spot};
use super::read::is_opening;
use crate::report::Report;
use crate::rules::Evaluation;

/// Findings that a run did not make, and that the policy file by which they were last made still would: how the
/// policy file accepts them now, in words, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// How each is accepted, and whether its earlier policy file was there to judge by.
    how: BTreeMap<String, (String, bool)>,
    /// The findings that were judged by their earlier policy files, whatever came of it. `None`: nothing was judged,
    /// as there is one policy file only.
    judged: Option<BTreeSet<String>>,
}

impl Accepted {
    /// Of findings that were judged by the policy files by which they were last made.
    pub fn among(judged: impl IntoIterator<Item = String>) -> Self {
        Accepted {
            how: BTreeMap::new(),
            judged: Some(judged.into_iter().collect()),
        }
    }

    /// Says that a finding is accepted, and how. `is_known`: its earlier policy file still makes it. If not, that
    /// file is not there to ask.
    pub fn add(&mut self, id: String, how: String, is_known: bool) {
        self.how.insert(id, (how, is_known));
    }

    /// How a finding is accepted. `None`: it is not, as far as is known. `was_read`: whether its place was read.
    pub(super) fn how(&self, id: &str, was_read: bool) -> Option<&str> {
        let (how, is_known) = self.how.get(id)?;
        (*is_known || was_read).then_some(how.as_str())
    }

    /// Whether a finding was last made by another policy file, and was not judged by that: another run has written
    /// it meanwhile.
    pub(super) fn is_left(&self, entry: &Entry, report: &Report) -> bool {
        let by_another = entry.judged_by.as_deref() != Some(report.judged_by.as_str());
        let judged = self.judged.as_ref();
        by_another && is_of_an_account(entry) && judged.is_some_and(|it| !it.contains(&entry.id))
    }
}

/// Whether a finding is about the account. One about the policy file itself is mended by an edit of it.
fn is_of_an_account(entry: &Entry) -> bool {
    entry.place.exemption.is_none()
}

/// The places, in words, of methods that an evaluation says are open, whichever rule says it. An edit of the draft
/// alone makes another rule speak of the same open method.
pub fn openings(evaluation: &Evaluation, partition: &str) -> BTreeSet<String> {
    let exempted = evaluation.exempted.iter().map(|it| &it.finding);
    let found = evaluation.findings.iter().chain(exempted);
    let open = found.filter(|it| is_opening(it.rule.as_str()));
    open.map(|it| Spot::of(&it.place, partition).words)
        .collect()
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
        let by = entry.judged_by.as_deref();
        if entry.standing.is_there()
            && is_of_an_account(entry)
            && by != Some(report.judged_by.as_str())
            && !found.contains(&entry.id)
        {
            judged.entry(by).or_default().push(entry);
        }
    }
    judged
}
