//! A report as GitLab's Code Quality report.
//!
//! Source: [code quality report format](https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).

use std::io;

use serde::Serialize;

use super::Judged;
use super::remark::{Remark, remarks};
use crate::audit::finding::Severity;
use crate::render::write_pretty;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Position,
}

#[derive(Serialize)]
struct Position {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes an issue for each thing that could not be read and each finding. What is exempted is left out, as the format knows
/// no such thing.
///
/// # Errors
/// Where it cannot be written.
pub fn write_gitlab(judged: &Judged<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let remarks = remarks(judged);
    let told = remarks.iter().filter(|it| it.allowed().is_none());
    let issues: Vec<Issue> = told.map(issue).collect();
    write_pretty(&issues, out)
}

fn issue(remark: &Remark<'_>) -> Issue {
    Issue {
        description: remark.in_words(),
        check_name: remark.rule(),
        fingerprint: remark.id(),
        severity: match remark.severity() {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
            Severity::Informational => "info",
        },
        location: Position {
            path: remark.path(),
            lines: Lines {
                begin: remark.line_and_column().0,
            },
        },
    }
}
