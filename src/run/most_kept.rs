//! How much of a report is kept.

use crate::audit::Report;

/// The most findings, and the most exempted ones, in the report that is kept. It counts what it leaves out; the ledger has
/// all that the run kept, and the inventory that is kept beside it shows them in full.
pub(super) const MOST_KEPT: usize = 5_000;

/// Whether the report that is kept has all findings.
pub(super) fn is_kept_whole(report: &Report) -> bool {
    let evaluation = &report.evaluation;
    evaluation.findings.len().max(evaluation.exempted.len()) <= MOST_KEPT
}
