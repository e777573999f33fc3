//! Findings that an edit of the policy file ended: they are as they were, and accepted now.

use std::collections::{BTreeMap, BTreeSet};

use super::book::Book;
use super::entry::Entry;
use super::read::is_left_out;
use super::spot::Spot;
use crate::audit::Report;

/// Findings that a run did not make, and that the policy file by which they were last made still would: how the
/// policy file accepts them now, in words, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// How each is accepted, and whether its earlier policy file was there to judge by.
    how: BTreeMap<String, (String, bool)>,
    /// The findings that were judged by their earlier policy files, whatever came of it. `None`: nothing was judged,
    /// as there is one policy file only.
    judged: Option<BTreeSet<String>>,
    /// The places that answer the requests of methods that are gone, by the ids of findings about these.
    answered_by: BTreeMap<String, Vec<Spot>>,
}

impl Accepted {
    /// No accepted findings yet. `judged`: the ids of the findings that the policy files by which they were last made have
    /// judged again.
    pub fn among(judged: impl IntoIterator<Item = String>) -> Self {
        Accepted {
            how: BTreeMap::new(),
            judged: Some(judged.into_iter().collect()),
            answered_by: BTreeMap::new(),
        }
    }

    /// Says that a finding is accepted, and how. `is_known`: its earlier policy file still makes it. If not, that
    /// file is not there to ask.
    pub fn add(&mut self, id: String, how: String, is_known: bool) {
        self.how.insert(id, (how, is_known));
    }

    /// Says that what a finding said still holds, and how the policy file accepts it, unless that is said already. It counts
    /// where the place was read.
    pub fn add_if_none(&mut self, id: &str, how: String) {
        self.how.entry(id.to_owned()).or_insert((how, false));
    }

    /// Says that the method of a finding is gone, and open routes may answer its requests, which the policy file accepts
    /// unless there is a finding about one of them.
    pub fn leave_to(&mut self, id: String, routes: Vec<Spot>, how: String) {
        self.how.entry(id.clone()).or_insert((how, false));
        self.answered_by.insert(id, routes);
    }

    /// The places that may answer the requests of a method that is gone.
    pub(super) fn answered_by(&self, id: &str) -> &[Spot] {
        self.answered_by.get(id).map_or(&[], Vec::as_slice)
    }

    /// All such places.
    pub(super) fn answers(&self) -> impl Iterator<Item = &Spot> {
        self.answered_by.values().flatten()
    }

    /// How a finding is accepted. `None`: it is not, as far as is known. `was_read`: whether its place was read.
    pub(super) fn how(&self, id: &str, was_read: bool) -> Option<&str> {
        let (how, is_known) = self.how.get(id)?;
        (*is_known || was_read).then_some(how.as_str())
    }

    /// Whether a finding was last made by another policy file, and was not judged by that: another run has written
    /// it meanwhile.
    pub(super) fn is_left(&self, entry: &Entry, report: &Report) -> bool {
        let judged = self.judged.as_ref();
        is_by_another(entry, report) && judged.is_some_and(|it| !it.contains(&entry.id))
    }
}

/// Whether a finding about the account was last made by another policy file. One about the policy file itself is mended
/// by an edit of it.
fn is_by_another(entry: &Entry, report: &Report) -> bool {
    entry.place.exemption.is_none() && entry.judged_by.as_deref() != Some(report.judged_by.as_str())
}

/// The entries that a report lacks, as far as it is whole: of an API with more findings than a run keeps, the others may be
/// among those that were left out.
pub fn missing<'b>(books: &'b [Book], report: &Report) -> Vec<&'b Entry> {
    let findings = report.evaluation.all_findings();
    let found: BTreeSet<String> = findings.map(|it| it.fingerprint().to_string()).collect();
    let entries = super::book::entries(books);
    let missing = entries
        .filter(|it| it.standing.is_there() && !found.contains(&it.id) && !is_left_out(it, report));
    missing.collect()
}

/// Those of [`missing`] entries that were last made by another policy file than the report's, by that policy file's
/// name. `None`: an older gatewatch made them, which did not write it down.
pub fn judged_otherwise<'b>(
    missing: &[&'b Entry],
    report: &Report,
) -> BTreeMap<Option<&'b str>, Vec<&'b Entry>> {
    let mut judged: BTreeMap<Option<&str>, Vec<&Entry>> = BTreeMap::new();
    for entry in missing.iter().filter(|it| is_by_another(it, report)) {
        let by = entry.judged_by.as_deref();
        judged.entry(by).or_default().push(entry);
    }
    judged
}
