//! By what a report was judged, and what each rule looked at.

use std::fmt::Write as _;

use super::escape::{code, text};
use crate::audit::Report;
use crate::render::minute;

/// When it was judged, and by which policy file.
pub(super) fn judged(report: &Report) -> String {
    let at = report.judged_at.map(|it| format!(" {}", minute(it)));
    let by = match &report.policy_file {
        None => "without a policy file".to_owned(),
        Some(origin) => {
            let version = origin.version_id.as_ref();
            let version = version.map(|it| format!(", version {}", code(it)));
            let (source, version) = (code(&origin.source), version.unwrap_or_default());
            format!("by {source} (SHA-256 `{}`{version})", origin.sha256)
        }
    };
    format!("Judged{} {by}\n\n", text(&at.unwrap_or_default()))
}

/// The rules in a table.
pub(super) fn rules(report: &Report) -> String {
    let mut table = "<details><summary>What each rule looked at</summary>\n\n\
                     | rule | looked at | findings | exempted | not decided | passed |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for of in &report.evaluation.rules {
        let counted = of.subject.as_str().replace('-', " ");
        // Writing into a String cannot fail.
        let _ = writeln!(
            table,
            "| `{}` | {} {counted} | {} | {} | {} | {} |",
            of.rule.as_str(),
            of.looked_at,
            of.findings,
            of.exempted,
            of.undecided,
            of.passed
        );
    }
    table + "\n</details>\n\n"
}
