//! The head of the page, which is there before the script runs, and where none does: what it came to, and what was not read.

use super::embed::text;
use super::given::PageAccount;
use crate::audit::{Report, Status};
use crate::render::{by_severity, capitalized, minute, plural};

/// What the head says, each as HTML.
pub(super) struct Head {
    /// The title of the page.
    pub(super) title: String,
    /// What the page speaks of.
    pub(super) subject: String,
    /// The outcome, for a style.
    pub(super) status: &'static str,
    /// The outcome, for people.
    pub(super) outcome: String,
    /// What it means, in a sentence.
    pub(super) meaning: String,
    /// When it was read, and what.
    pub(super) read: String,
}

/// The head of a page about these accounts.
pub(super) fn head(accounts: &[PageAccount<'_>], outcome: Status) -> Head {
    let reports: Vec<&Report> = accounts.iter().filter_map(|it| it.result.ok()).collect();
    let subject = match (accounts, reports.as_slice()) {
        ([_], [report]) if report.scope.template.is_none() => {
            capitalized(&report.subject_in_words())
        }
        ([_], [report]) => report.subject_in_words(),
        _ => plural(accounts.len(), "account"),
    };
    let gaps = reports.iter().map(|it| it.evaluation.gaps.len()).sum();
    let unread = accounts
        .iter()
        .filter(|it| it.result.is_err_and(|it| !it.is_inactive()));
    let read = match (accounts, reports.as_slice()) {
        ([_], [report]) => format!(
            "Read {}: {}",
            minute(report.taken_at),
            report.coverage_in_words()
        ),
        _ => format!(
            "Read: {} of {}",
            reports.len(),
            plural(accounts.len(), "account")
        ),
    };
    Head {
        title: text(&format!("gatewatch: {subject}")),
        subject: text(&subject),
        status: outcome.as_str(),
        outcome: text(&capitalized(outcome.in_words())),
        meaning: text(&meaning(&reports, outcome, gaps, unread.count())),
        read: text(&read),
    }
}

/// The outcome in a sentence.
fn meaning(reports: &[&Report], outcome: Status, gaps: usize, unread: usize) -> String {
    let found = by_severity(|severity| reports.iter().map(|it| it.count(severity)).sum());
    let found = match found.as_str() {
        "" => "no findings".to_owned(),
        some => format!("findings: {some}"),
    };
    let mut missing = Vec::new();
    if unread > 0 {
        missing.push(format!("{} could not be read", plural(unread, "account")));
    }
    if gaps > 0 {
        missing.push(format!("{} in what was read", plural(gaps, "gap")));
    }
    match outcome {
        Status::Incomplete => format!("{}, and so nothing is clean; {found}", missing.join(", ")),
        Status::Clean => "Everything was read, and nothing is wrong".to_owned(),
        Status::NoApi | Status::NoMethod => "There was nothing to be checked".to_owned(),
        Status::Findings => format!("Everything was read; {found}"),
    }
}
