//! The shape of an answer.

use serde::Serialize;

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

/// The answer as one line, with the case's id as it came.
pub(super) fn line(id: Option<&str>, answer: &Answer) -> String {
    let id = id.unwrap_or("null");
    match serde_json::to_string(answer) {
        Ok(answer) => match answer.strip_prefix('{') {
            Some(rest) => format!("{{\"id\":{id},{rest}"),
            None => answer,
        },
        Err(error) => format!("{{\"id\":{id},\"error\":\"{error}\"}}"),
    }
}
