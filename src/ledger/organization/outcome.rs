//! What became of one account in a run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use crate::audit::finding::Severity;
use crate::inventory::Reason;

/// What became of one account in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The version of this format.
    pub schema_version: u32,
    /// The name of the run.
    pub run: String,
    /// The account's id.
    pub account: String,
    /// When this was written.
    pub at: Timestamp,
    /// Whether the account was read, and what it came to.
    pub result: Result,
}

/// Whether an account was read, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Result {
    /// It was read, perhaps with gaps.
    Read(Read),
    /// Nothing of it could be read.
    NotRead(NotRead),
}

/// What an account that was read came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// `clean`, `findings` or `incomplete`.
    pub status: String,
    /// When the reading began.
    pub taken_at: Timestamp,
    /// The Regions that were read.
    pub regions: Vec<String>,
    /// How many APIs were read.
    pub apis: usize,
    /// How many deployed methods were looked at.
    pub methods: usize,
    /// How many things could not be read.
    pub gaps: usize,
    /// How many findings are open, by severity.
    pub open: BTreeMap<Severity, usize>,
    /// How many are exempt.
    pub exempt: usize,
    /// Whether there is something to announce.
    pub due: bool,
    /// Whether there is something to tell owners.
    #[serde(default)]
    pub owed: bool,
}

/// Why nothing of an account could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotRead {
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

impl NotRead {
    /// Whether the account is not active. There was nothing to read then, and that is not a gap.
    pub fn is_inactive(&self) -> bool {
        self.reason == Reason::NotActive
    }

    /// The reason for an account of which nothing was written down.
    pub fn without_outcome() -> Self {
        NotRead {
            reason: Reason::Timeout,
            message: "its scan failed, or did not end in time: the function's log says why"
                .to_owned(),
        }
    }
}

/// Why this version cannot read a text as an outcome.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// The text is not JSON, or has another shape.
    #[error("not what became of an account")]
    Shape(#[from] serde_json::Error),
    /// The text belongs to another version, run or account.
    #[error("what became of an account is of another version, run or account")]
    Other,
}

impl Outcome {
    /// What became of an account in a run. `at`: when that is written.
    pub fn new(run: &str, account: &str, at: Timestamp, result: Result) -> Self {
        Outcome {
            schema_version: SCHEMA_VERSION,
            run: run.to_owned(),
            account: account.to_owned(),
            at,
            result,
        }
    }

    /// The key that the outcome of an account is kept under.
    pub fn key(run: &str, account: &str) -> String {
        format!("organization/{run}/outcomes/{account}.json")
    }

    /// Reads the outcome of an account in a run from its JSON.
    ///
    /// # Errors
    /// [`OutcomeError`].
    pub fn from_json(
        text: &str,
        run: &str,
        account: &str,
    ) -> std::result::Result<Self, OutcomeError> {
        let outcome: Outcome = serde_json::from_str(text)?;
        let is_ours = outcome.schema_version == SCHEMA_VERSION
            && outcome.run == run
            && outcome.account == account;
        if is_ours {
            Ok(outcome)
        } else {
            Err(OutcomeError::Other)
        }
    }
}
