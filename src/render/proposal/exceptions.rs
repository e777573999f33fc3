//! What a proposed policy file leaves to whoever decides: the methods that are found by it, and what could not be read.

use super::lines::Entry;
use crate::audit::Report;
use crate::audit::finding::Finding;
use crate::render::{plain, plural};

/// So many methods are written out: a file of more is read by nobody.
const MOST: usize = 200;

/// So many gaps are named.
const GAPS: usize = 20;

const HEAD: &str = "
# Methods that are found with this file. None is accepted. Mend them; or, where one is allowed for a time, take the marks of
# its entry and of `exemptions` away, and say why, who answers for it, and until when (YYYY-MM-DD).
# exemptions:
";

/// What could not be read, in comments. Empty: nothing is missing.
pub(super) fn gaps(report: &Report) -> String {
    let gaps = &report.evaluation.gaps;
    if gaps.is_empty() {
        return String::new();
    }
    let mut text = "#\n# Not everything could be read. What is missing is not in this file, and may be wrong:\n".to_owned();
    for gap in gaps.iter().take(GAPS) {
        text += &format!("# - {}\n", plain(&gap.in_words()));
    }
    if gaps.len() > GAPS {
        text += &format!(
            "# - and {} more: `gatewatch check` lists them\n",
            gaps.len() - GAPS
        );
    }
    text
}

/// The findings about methods, each as an exemption that nobody has given yet.
pub(super) fn exceptions(report: &Report) -> String {
    let findings = report.evaluation.findings.iter();
    let of_methods: Vec<&Finding> = findings.filter(|it| it.place.method().is_some()).collect();
    if of_methods.is_empty() {
        return "\n# exemptions: no method is found with this file\n".to_owned();
    }
    let mut text = HEAD.to_owned();
    for finding in of_methods.iter().take(MOST) {
        text += &exemption(finding).written(false);
    }
    let more = of_methods.len().saturating_sub(MOST);
    if more > 0 {
        text += &format!(
            "# {} more: `gatewatch check` lists them\n",
            plural(more, "finding")
        );
    }
    text
}

/// What is to be filled in is left empty: an entry that nobody has thought about is a mistake.
fn exemption(finding: &Finding) -> Entry {
    let (rule, severity) = (finding.rule, finding.severity.as_str());
    let mut entry = Entry::default();
    entry.said(
        0,
        &format!("{severity} {rule}: {}", finding.place.in_words()),
    );
    entry.live(0, format!("- id: {}", finding.fingerprint()));
    entry.live(2, format!("severity: {severity}"));
    for key in ["reason:", "owner:", "expires:"] {
        entry.live(2, key);
    }
    entry
}
