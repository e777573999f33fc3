//! What an invocation answers: the run in numbers. The findings are in the message.

use gatewatch::report::json::{Counts, CoverageSummary, counts, coverage};
use gatewatch::report::{Notice, Report};
use serde::Serialize;

/// The run in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    schema_version: u32,
    status: &'static str,
    account: String,
    regions: Vec<String>,
    counts: Counts,
    coverage: CoverageSummary,
    gaps: usize,
    warnings: Vec<String>,
    /// How many findings the message lists: all of them, unless they did not fit.
    listed: usize,
    message_id: String,
}

impl Answer {
    /// The answer to a run whose message SNS took.
    pub(crate) fn new(report: &Report, notice: &Notice, message_id: String) -> Self {
        Answer {
            schema_version: gatewatch::report::json::SCHEMA_VERSION,
            status: report.status().as_str(),
            account: report.account.clone(),
            regions: report.scope.regions.clone(),
            counts: counts(report),
            coverage: coverage(report),
            warnings: report.emptiness_in_words().into_iter().collect(),
            gaps: report.evaluation.gaps.len(),
            listed: notice.listed,
            message_id,
        }
    }

    /// The id that SNS gave the message.
    pub(crate) fn message_id(&self) -> &str {
        &self.message_id
    }
}
