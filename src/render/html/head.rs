//! The head of the page, which is there before the script runs, and where none does: what it came to, and what was not read.

use super::embed::text;
use super::given::{PageAccount, PageResult};
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
    let results = || accounts.iter().map(|it| it.result);
    let reports: Vec<&Report> = results().filter_map(PageResult::report).collect();
    let subject = match (accounts, reports.as_slice()) {
        ([_], [report]) if report.scope.template.is_none() => {
            capitalized(&report.subject_in_words())
        }
        ([_], [report]) => report.subject_in_words(),
        _ => plural(accounts.len(), "account"),
    };
    let unread = || results().filter_map(PageResult::not_read);
    let read = match (accounts, reports.as_slice()) {
        ([_], [report]) => format!(
            "Read {}: {}",
            minute(report.taken_at),
            report.coverage_in_words()
        ),
        _ => format!(
            "Read: {} of {}",
            accounts.len() - unread().count(),
            plural(accounts.len(), "account")
        ),
    };
    Head {
        title: text(&format!("gatewatch: {subject}")),
        subject: text(&subject),
        status: outcome.as_str(),
        outcome: text(&capitalized(outcome.in_words())),
        meaning: text(&(meaning(accounts, outcome) + &left_out(accounts))),
        read: text(&read),
    }
}

/// The outcome in a sentence.
fn meaning(accounts: &[PageAccount<'_>], outcome: Status) -> String {
    let results = || accounts.iter().map(|it| it.result);
    let gaps = results().map(PageResult::gaps).sum();
    let unread = results().filter_map(PageResult::not_read);
    let unread = unread.filter(|it| !it.is_inactive()).count();
    let found = by_severity(|severity| results().map(|it| it.count(severity)).sum());
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
    if missing.is_empty() {
        missing.push("not everything was read".to_owned());
    }
    match outcome {
        Status::Incomplete => format!("{}, and so nothing is clean; {found}", missing.join(", ")),
        Status::Clean => "Everything was read, and nothing is wrong".to_owned(),
        Status::NoApi | Status::NoMethod => "There was nothing to be checked".to_owned(),
        Status::Findings => format!("Everything was read; {found}"),
    }
}

/// That findings are left out of the page for size. Empty: all are listed.
fn left_out(accounts: &[PageAccount<'_>]) -> String {
    let left = accounts.iter().filter_map(|it| {
        let evaluation = &it.result.report()?.evaluation;
        let (open, exempted) = (evaluation.findings.len(), evaluation.exempted.len());
        let most = it.bound.findings;
        Some(open.saturating_sub(most) + exempted.saturating_sub(most))
    });
    match left.sum() {
        0 => String::new(),
        left => format!("; the worst are listed here, and {} not", are(left)),
    }
}

/// `1 finding is`, `2 findings are`.
fn are(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(count, "finding"))
}
