//! The last lines: what was read, and what it came to.

use crate::audit::Report;
use crate::render::minute;

use super::group::Group;

/// When what was read. It may hold anything.
pub(super) fn read(report: &Report) -> String {
    format!(
        "read {}: {}",
        minute(report.taken_at),
        report.coverage_in_words()
    )
}

/// What it came to, and where to begin, with all findings by API. It may hold anything.
pub(super) fn line(report: &Report, groups: &[Group<'_>]) -> String {
    let mut counts = report.counts_in_words();
    let gaps = report.evaluation.gaps.len();
    if gaps > 0 {
        counts += &format!(", {gaps} not read");
    }
    let line = format!(
        "{}: {} ({counts})",
        report.subject_in_words(),
        report.outcome_in_words()
    );
    // The first API on the screen, and its worst finding.
    let first = groups.first().and_then(|group| group.findings.first());
    match first {
        Some(first) => format!(
            "{line}; begin with {}: {}",
            first.rule,
            first.place.in_words()
        ),
        None if gaps > 0 => format!("{line}; begin with what was not read"),
        None => line,
    }
}
