//! A run over one account with a ledger: what it is asked for, and what it needs.

use jiff::Timestamp;

use super::observer::Observer;
use super::plan::Extent;
use crate::aws::collect::Reading;
use crate::inventory::Scope;
use crate::ledger::Settings;
use crate::policy_file::PolicyFile;

/// Why a run takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The schedule, or somebody who asks for the same. The run goes on with a scan that ran out of time.
    Schedule,
    /// Somebody at the command line, who wants to see the account as it is now. The run reads everything again.
    Hand,
    /// A change in the account. The run reads everything again, as the change may lie in what an unfinished scan has
    /// read; and it reads everything that is watched if the ledger knows nothing yet.
    Change,
}

/// When a run keeps its report and its inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// After a run over all that the ledger knows of the account.
    IfWhole,
    /// After every run that was not cut short: the digest of an organization is made of what is kept.
    ForDigest,
}

/// What a run reads, and why.
#[derive(Debug, Clone)]
pub struct Asked {
    /// All that is watched of the account, without a choice of APIs.
    pub watched: Scope,
    /// How the account is read. The run adds what earlier runs read.
    pub reading: Reading,
    /// How much of what is watched the run reads.
    pub extent: Extent,
    /// Why the run takes place.
    pub cause: Cause,
    /// When it keeps what it read.
    pub keeps: Keeps,
}

/// A run over one account with a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Governed<'r, M, C> {
    /// Where the ledger and what belongs to it are kept.
    pub memory: &'r M,
    /// The policy file to judge by.
    pub policy: &'r PolicyFile,
    /// When to announce what has not changed.
    pub settings: Settings,
    /// The memory that the run has, in MB: it keeps as many findings as fit. `None`: as many as any run keeps.
    pub megabytes: Option<u32>,
    /// When the run began.
    pub begun: Timestamp,
    /// Tells the time.
    pub clock: C,
    /// Whoever watches the run.
    pub observer: Observer<'r>,
}
