//! What an invocation answers: the run in numbers. The digest says what changed.

use gatewatch::audit::Report;
use gatewatch::render::json::{Counts, CoverageSummary, counts, coverage};
use gatewatch::render::{CheckupDocument, HookAnswer};
use gatewatch::run::Announced;
use serde::Serialize;

/// What an invocation answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// A run over one account.
    Run(Box<RunAnswer>),
    /// The step that lists an organization's accounts.
    List(ListAnswer),
    /// The step that reads one of them.
    Account(AccountAnswer),
    /// The step that announces what became of all.
    Digest(DigestAnswer),
    /// A checkup.
    Doctor(Box<CheckupDocument>),
    /// What a CloudFormation Hook is told.
    Hook(Box<HookAnswer>),
}

/// The accounts of an organization's run.
#[derive(Debug, Serialize)]
pub(crate) struct ListAnswer {
    pub(crate) run: String,
    /// The bucket and the key of the list that the map reads.
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// How many accounts are read.
    pub(crate) accounts: usize,
    /// How many are not read because they are suspended, closed, or not active yet.
    pub(crate) not_active: usize,
}

/// One account of an organization's run.
#[derive(Debug, Serialize)]
pub(crate) struct AccountAnswer {
    pub(crate) account: String,
    /// `clean`, `findings`, `incomplete` or `not-read`.
    pub(crate) status: String,
    /// Whether there is more to read: the same step again goes on.
    pub(crate) unfinished: bool,
}

/// An organization's run in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct DigestAnswer {
    pub(crate) run: String,
    pub(crate) status: String,
    pub(crate) accounts: usize,
    /// How many active accounts were not read at all.
    pub(crate) not_read: usize,
    /// How many are not active.
    pub(crate) not_active: usize,
    /// How much could not be read in the others.
    pub(crate) gaps: usize,
    /// Why a digest was sent. Empty: none was, or nobody gets it.
    pub(crate) announced: Vec<&'static str>,
    /// How many changes it named.
    pub(crate) changes: usize,
    /// How many changes are left to the next run.
    pub(crate) untold: usize,
    pub(crate) warnings: Vec<String>,
}

/// The run in numbers.
#[derive(Debug, Serialize)]
pub(crate) struct RunAnswer {
    schema_version: u32,
    status: &'static str,
    account: String,
    regions: Vec<String>,
    counts: Option<Counts>,
    coverage: Option<CoverageSummary>,
    gaps: usize,
    warnings: Vec<String>,
    /// Why a digest was sent. Empty: none was, or nobody gets it.
    announced: Vec<&'static str>,
    /// How many changes it named.
    changes: usize,
    /// How many changes are left to the next run.
    untold: usize,
    /// Whether the run ran out of time. The next run goes on.
    unfinished: bool,
}

impl Answer {
    /// The answer to a run that ended well.
    pub(crate) fn new(report: &Report, announced: &Announced, unfinished: bool) -> Self {
        Answer::Run(Box::new(RunAnswer {
            schema_version: gatewatch::render::json::SCHEMA_VERSION,
            status: report.status().as_str(),
            account: report.account.clone(),
            regions: report.scope.regions.clone(),
            counts: Some(counts(report)),
            coverage: Some(coverage(report)),
            warnings: {
                let warnings = report.few_warnings().into_iter();
                warnings.chain(announced.warnings()).collect()
            },
            gaps: report.evaluation.gaps.len(),
            announced: announced.occasions.clone(),
            changes: announced.changes,
            untold: announced.untold,
            unfinished,
        }))
    }

    /// The answer to an event after which nothing needs to be checked.
    pub(crate) fn nothing(account: &str) -> Self {
        Answer::Run(Box::new(RunAnswer {
            schema_version: gatewatch::render::json::SCHEMA_VERSION,
            status: "nothing-to-check",
            account: account.to_owned(),
            regions: Vec::new(),
            counts: None,
            coverage: None,
            warnings: Vec::new(),
            gaps: 0,
            announced: Vec::new(),
            changes: 0,
            untold: 0,
            unfinished: false,
        }))
    }
}
