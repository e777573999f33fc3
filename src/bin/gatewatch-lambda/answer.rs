//! What an invocation answers: the run in numbers. What changed is in the digest.

use gatewatch::report::Report;
use gatewatch::report::json::{Counts, CoverageSummary, counts, coverage};
use gatewatch::watch::Announced;
use serde::Serialize;

/// The run in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    schema_version: u32,
    status: &'static str,
    account: String,
    regions: Vec<String>,
    counts: Option<Counts>,
    coverage: Option<CoverageSummary>,
    gaps: usize,
    warnings: Vec<String>,
    /// Why a digest was sent. Empty: none was.
    announced: Vec<&'static str>,
    /// How many changes it told.
    changes: usize,
}

impl Answer {
    /// The answer to a run that ended well.
    pub(crate) fn new(report: &Report, announced: &Announced) -> Self {
        Answer {
            schema_version: gatewatch::report::json::SCHEMA_VERSION,
            status: report.status().as_str(),
            account: report.account.clone(),
            regions: report.scope.regions.clone(),
            counts: Some(counts(report)),
            coverage: Some(coverage(report)),
            warnings: report.emptiness_in_words().into_iter().collect(),
            gaps: report.evaluation.gaps.len(),
            announced: announced.occasions.clone(),
            changes: announced.changes,
        }
    }

    /// The answer to an event after which nothing needs to be checked.
    pub(crate) fn nothing(account: &str) -> Self {
        Answer {
            schema_version: gatewatch::report::json::SCHEMA_VERSION,
            status: "nothing-to-check",
            account: account.to_owned(),
            regions: Vec::new(),
            counts: None,
            coverage: None,
            warnings: Vec::new(),
            gaps: 0,
            announced: Vec::new(),
            changes: 0,
        }
    }
}
