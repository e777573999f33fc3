//! The reports of several accounts together.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::json::{Document, SCHEMA_VERSION, document};
use super::table;
use crate::audit::finding::Severity;
use crate::audit::{Report, Status};
use crate::ledger::organization::{Member, NotRead};
use crate::render::{plain, plural};

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
        match &self.result {
            Ok(report) => Some(report.status()),
            Err(why) if why.is_inactive() => None,
            Err(_) => Some(Status::Incomplete),
        }
    }

    fn status_word(&self) -> &'static str {
        match (self.status(), &self.result) {
            (None, _) => "not-active",
            (Some(_), Err(_)) => "not-read",
            (Some(status), Ok(_)) => status.as_str(),
        }
    }
}

/// The reports as tables, those of accounts without findings and gaps left out, and the accounts in one table
/// at the end, the worst first.
pub fn accounts_table(accounts: &[AccountReport]) -> String {
    let mut text = String::new();
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
        let name = plain(&member.name);
        match result {
            Ok(report) => {
                if report.status() != Status::Clean {
                    // Writing into a String cannot fail.
                    let _ = writeln!(text, "# {} {name}\n\n{}", member.account, table(report));
                }
                let count = |severity| report.count(severity).to_string();
                rows.add_row([
                    member.account.clone(),
                    name,
                    report.status().as_str().to_owned(),
                    count(Severity::Critical),
                    count(Severity::High),
                    count(Severity::Medium),
                    count(Severity::Low),
                    report.evaluation.gaps.len().to_string(),
                ]);
            }
            Err(_) => {
                let status = account.status_word().replace('-', " ");
                let mut row = vec![member.account.clone(), name, status];
                row.resize(8, String::new());
                rows.add_row(row);
            }
        }
    }
    let _ = writeln!(text, "# {}\n\n{rows}", plural(accounts.len(), "account"));
    for AccountReport { member, result } in accounts {
        if let Err(why) = result {
            let (account, message) = (&member.account, plain(&why.message));
            let _ = match why.is_inactive() {
                true => writeln!(text, "not active: {account}: {message}"),
                false => writeln!(text, "not read: {account}: {message} ({})", why.reason),
            };
        }
    }
    text
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
    report: Option<Document<'a>>,
}

/// The reports for programs.
pub fn accounts_document(accounts: &[AccountReport]) -> AccountsDocument<'_> {
    let each = accounts.iter().map(|account| {
        let AccountReport { member, result } = account;
        let report = result.as_ref().ok();
        AccountJson {
            account: &member.account,
            name: &member.name,
            status: account.status_word(),
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
