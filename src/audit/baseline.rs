//! What an earlier report had already: only what is new counts.

use std::collections::BTreeMap;

use super::difference::{SavedFinding, SavedReport};
use super::finding::{Finding, RuleId};
use super::known::Known;
use super::report::Report;

impl Report {
    /// Takes out what the baseline has: a finding of the same id, open there, no less severe and no less far-reaching. One that
    /// is worse now, or that was exempted there, counts. So does what could not be read, whatever the baseline says of it.
    pub fn against(&mut self, baseline: &SavedReport, file: &str) {
        let open = baseline.open().map(|it| (it.id.as_str(), it));
        let open: BTreeMap<&str, &SavedFinding> = open.collect();
        let is_known = |finding: &mut Finding| {
            let id = finding.fingerprint().to_string();
            let before = open.get(id.as_str());
            finding.rule != RuleId::UnreadApi
                && before.is_some_and(|it| baseline.is_as_bad(it, finding))
        };
        let exempted = self.evaluation.exempted.iter().map(|it| &it.finding);
        let here = self.evaluation.findings.iter().chain(exempted);
        let here = here.map(|it| it.fingerprint().to_string());
        let found = here.filter(|id| open.contains_key(id.as_str())).count();
        let known = self.evaluation.findings.extract_if(.., is_known);
        self.known = Some(Known {
            findings: known.collect(),
            file: file.to_owned(),
            taken_at: baseline.taken_at(),
            not_found: open.len().saturating_sub(found),
        });
    }
}
