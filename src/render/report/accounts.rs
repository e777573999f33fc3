//! The reports of several accounts together.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::json::{ReportDocument, SCHEMA_VERSION, document};
use super::{View, screen};
use crate::audit::finding::Severity;
use crate::audit::{Report, Status};
use crate::ledger::organization::{Member, NotRead};
use crate::render::{by_severity, plain, plural};

/// One of several accounts: its report, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// The account.
    pub member: Member,
    /// What it came to.
    pub result: Result<Report, NotRead>,
}

impl AccountReport {
    /// The outcome in one word: an account that was not read is incomplete. `None`: it is not active, and
    /// there was nothing to be read.
    pub fn status(&self) -> Option<Status> {
        status_of(self.result.as_ref())
    }
}

/// The outcome of an account, by its report or by why there is none.
pub(in crate::render) fn status_of(result: Result<&Report, &NotRead>) -> Option<Status> {
    match result {
        Ok(report) => Some(report.status()),
        Err(why) if why.is_inactive() => None,
        Err(_) => Some(Status::Incomplete),
    }
}

/// The same in one word, `not-read` and `not-active` among them.
pub(in crate::render) fn word_of(result: Result<&Report, &NotRead>) -> &'static str {
    match (status_of(result), result) {
        (None, _) => "not-active",
        (Some(_), Err(_)) => "not-read",
        (Some(status), Ok(_)) => status.as_str(),
    }
}

/// What they came to, in one line.
pub(super) fn accounts_in_words(accounts: &[AccountReport]) -> String {
    let status = Status::of_all(accounts.iter().filter_map(AccountReport::status));
    let reports = || accounts.iter().filter_map(|it| it.result.as_ref().ok());
    let counts = by_severity(|severity| reports().map(|it| it.count(severity)).sum());
    let counts = Some(counts).filter(|it| !it.is_empty());
    format!(
        "{}: {} ({})",
        plural(accounts.len(), "account"),
        status.as_str(),
        counts.as_deref().unwrap_or("no findings")
    )
}

/// The reports as tables, those of accounts without findings and gaps left out, and the accounts in one table
/// at the end, the worst first.
pub fn accounts_table(accounts: &[AccountReport], view: &View) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(&mut text, accounts, view);
    text
}

fn write(out: &mut String, accounts: &[AccountReport], view: &View) -> std::fmt::Result {
    let mut rows = Table::new();
    rows.load_style(presets::NOTHING);
    rows.set_header([
        "account", "name", "status", "crit", "high", "med", "low", "gaps",
    ]);
    for (column, alignment) in (3..8).zip([CellAlignment::Right; 5]) {
        if let Some(column) = rows.column_mut(column) {
            column.set_cell_alignment(alignment);
        }
    }
    let mut worst_first: Vec<&AccountReport> = accounts.iter().collect();
    worst_first.sort_by_key(|it| {
        let worst = it.result.as_ref().ok().and_then(Report::worst);
        let is_active = it.status().is_some();
        (!is_active, it.result.is_ok(), std::cmp::Reverse(worst))
    });
    for account in worst_first {
        let AccountReport { member, result } = account;
        if let Ok(report) = result
            && report.status() != Status::Clean
        {
            let (id, name) = (&member.account, plain(&member.name));
            writeln!(out, "# {id} {name}\n\n{}", screen(report, view))?;
        }
        rows.add_row(row(account));
    }
    writeln!(out, "# {}\n\n{rows}", plural(accounts.len(), "account"))?;
    for AccountReport { member, result } in accounts {
        if let Err(why) = result {
            let (account, message) = (&member.account, plain(&why.message));
            match why.is_inactive() {
                true => writeln!(out, "not active: {account}: {message}")?,
                false => writeln!(out, "not read: {account}: {message} ({})", why.reason)?,
            }
        }
    }
    Ok(())
}

/// The line of an account in the table of all accounts.
fn row(account: &AccountReport) -> [String; 8] {
    let AccountReport { member, result } = account;
    let (status, figures) = match result {
        Ok(report) => {
            let count = |severity| report.count(severity).to_string();
            let figures = [
                count(Severity::Critical),
                count(Severity::High),
                count(Severity::Medium),
                count(Severity::Low),
                report.evaluation.gaps.len().to_string(),
            ];
            (report.status().as_str(), figures)
        }
        Err(why) if why.is_inactive() => ("not active", Default::default()),
        Err(_) => ("not read", Default::default()),
    };
    let [critical, high, medium, low, gaps] = figures;
    [
        member.account.clone(),
        plain(&member.name),
        status.to_owned(),
        critical,
        high,
        medium,
        low,
        gaps,
    ]
}

/// The reports for programs.
#[derive(Debug, Serialize)]
pub struct AccountsDocument<'a> {
    schema_version: u32,
    status: &'static str,
    accounts: Vec<AccountJson<'a>>,
}

#[derive(Debug, Serialize)]
struct AccountJson<'a> {
    account: &'a str,
    name: &'a str,
    /// `clean`, `findings`, `incomplete`, `not-read` or `not-active`.
    status: &'static str,
    /// Why it was not read.
    not_read: Option<&'a NotRead>,
    report: Option<ReportDocument<'a>>,
}

/// The reports for programs.
pub fn accounts_document(accounts: &[AccountReport]) -> AccountsDocument<'_> {
    let each = accounts.iter().map(|account| {
        let AccountReport { member, result } = account;
        let report = result.as_ref().ok();
        AccountJson {
            account: &member.account,
            name: &member.name,
            status: word_of(account.result.as_ref()),
            not_read: result.as_ref().err(),
            report: report.map(document),
        }
    });
    AccountsDocument {
        schema_version: SCHEMA_VERSION,
        status: Status::of_all(accounts.iter().filter_map(AccountReport::status)).as_str(),
        accounts: each.collect(),
    }
}
