//! The shape of an answer.

use serde::Serialize;

use crate::iam::{Decision, Verdict};
use crate::render::compact;

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Request {
        decision: &'static str,
    },
    Method {
        verdict: &'static str,
        conditional: bool,
        allowed: Option<String>,
        denied: Option<String>,
    },
    Error {
        error: String,
    },
}

impl Answer {
    /// Whether it is neither a yes nor a no.
    pub(super) fn is_undecided(&self) -> bool {
        match self {
            Answer::Request { decision } => *decision == Decision::Undecided.as_str(),
            Answer::Method { verdict, .. } => *verdict == Verdict::Undecided.as_str(),
            Answer::Error { .. } => false,
        }
    }
}

/// An answer, with what it should have been where it differs from that.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    pub(super) answer: &'a Answer,
    #[serde(rename = "expected", skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<&'a str>,
}

/// The answer as one line, with the case's id as it came.
pub(super) fn line(id: Option<&str>, line: &Line<'_>) -> String {
    let id = id.unwrap_or("null");
    let answer = compact(line);
    match answer.strip_prefix('{') {
        Some(rest) => format!("{{\"id\":{id},{rest}"),
        None => answer,
    }
}
