//! A checkup for programs.

use serde::Serialize;

use super::checkup::{Check, Checkup, Light};

/// The version of the document. It grows when a reader would misread a newer one.
const SCHEMA_VERSION: u32 = 1;

/// A checkup for programs.
#[derive(Debug, Serialize)]
pub struct CheckupDocument {
    schema_version: u32,
    version: &'static str,
    /// The worst of the steps.
    status: &'static str,
    account: Option<String>,
    counts: Counts,
    checks: Vec<CheckDocument>,
    answers: Vec<AnswerDocument>,
}

#[derive(Debug, Serialize)]
struct Counts {
    ok: usize,
    failed: usize,
    unknown: usize,
}

#[derive(Debug, Serialize)]
struct CheckDocument {
    name: &'static str,
    result: &'static str,
    subject: Option<String>,
    message: String,
    advice: Option<String>,
    command: Option<String>,
}

#[derive(Debug, Serialize)]
struct AnswerDocument {
    question: &'static str,
    answer: String,
}

/// A checkup for programs. Messages and commands are as they are: whoever writes the document writes out what is hidden
/// in them.
pub fn checkup_document(checkup: Checkup) -> CheckupDocument {
    let counts = checkup.counts();
    let count = |light: Light| counts.get(&light).copied().unwrap_or(0);
    CheckupDocument {
        schema_version: SCHEMA_VERSION,
        version: checkup.version,
        status: checkup.light().as_str(),
        counts: Counts {
            ok: count(Light::Ok),
            failed: count(Light::Failed),
            unknown: count(Light::Unknown),
        },
        account: checkup.account,
        checks: checkup.checks.into_iter().map(document).collect(),
        answers: (checkup.tellings.into_iter())
            .map(|it| AnswerDocument {
                question: it.question,
                answer: it.answer,
            })
            .collect(),
    }
}

fn document(check: Check) -> CheckDocument {
    CheckDocument {
        name: check.name,
        result: check.light.as_str(),
        subject: check.subject,
        message: check.message,
        advice: check.advice,
        command: check.command,
    }
}
