//! The report as one page for a browser: a file that asks nothing of the network.
//!
//! - In: the reports of one account or of several, with what was read and what the ledger remembers, where that is known.
//! - Out: one HTML file. The reports stand in it as JSON, which the page's own script shows.
//! - Not decided here: anything. The page hides nothing but what its reader filters, and counts that all the same.

mod account;
mod console;
mod embed;
mod ended;
mod frame;
mod head;
mod matrix;
mod surface;
mod trend;

use std::collections::BTreeSet;

use serde::Serialize;

use super::rules::{RuleLine, rules_list};
use crate::audit::{Report, Status};
use crate::inventory::Inventory;
use crate::ledger::Book;
use crate::ledger::organization::NotRead;
use account::AccountJson;
use trend::{Point, trend};

/// One account of a page.
#[derive(Debug, Clone)]
pub struct PageAccount<'a> {
    /// Its id.
    pub account: &'a str,
    /// The name that its organization gives it. Empty: not known.
    pub name: &'a str,
    /// Its report, or why there is none.
    pub result: Result<&'a Report, &'a NotRead>,
    /// What was read. `None`: who can call what is not shown.
    pub inventory: Option<&'a Inventory>,
    /// The ids of the findings that the last report did not have, where there is a ledger.
    pub new: &'a BTreeSet<String>,
    /// What the ledger remembers of the account. Empty: there is none.
    pub books: &'a [Book],
}

impl<'a> PageAccount<'a> {
    /// An account of which nothing but its report is known.
    pub fn of(report: &'a Report) -> Self {
        const NONE: &BTreeSet<String> = &BTreeSet::new();
        PageAccount {
            account: &report.account,
            name: "",
            result: Ok(report),
            inventory: None,
            new: NONE,
            books: &[],
        }
    }

    /// The outcome. `None`: the account is not active, and there was nothing to be read.
    fn status(&self) -> Option<Status> {
        match self.result {
            Ok(report) => Some(report.status()),
            Err(why) if why.is_inactive() => None,
            Err(_) => Some(Status::Incomplete),
        }
    }
}

/// All that the page's script shows.
#[derive(Debug, Serialize)]
struct PageJson<'a> {
    status: &'static str,
    accounts: Vec<AccountJson<'a>>,
    /// Every rule that was asked.
    rules: Vec<RuleLine>,
    /// How many findings were open when. Empty: there is no ledger.
    trend: Vec<Point>,
}

/// The reports of one account, or of several, as one HTML file. The same input gives the same file.
///
/// ```
/// # use gatewatch::audit::Report;
/// # use gatewatch::inventory::Inventory;
/// # use gatewatch::policy_file::PolicyFile;
/// # const INVENTORY: &str = r#"{"schema_version": 1, "account": "111122223333", "partition": "aws",
/// #     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]}, "apis": [], "domains": [], "gaps": [],
/// #     "iam": {"users": [], "roles": [], "policies": [], "groups": []}}"#;
/// use gatewatch::render::{PageAccount, html};
///
/// let inventory = Inventory::from_json(INVENTORY).unwrap();
/// let report = Report::new(&inventory, &PolicyFile::default(), "2026-06-15".parse().unwrap());
/// let page = html(&[PageAccount { inventory: Some(&inventory), ..PageAccount::of(&report) }]).unwrap();
/// assert!(page.starts_with("<!doctype html>"));
/// ```
///
/// # Errors
/// None for the types of this crate; the signature is `serde_json`'s.
pub fn html(accounts: &[PageAccount<'_>]) -> serde_json::Result<String> {
    let outcome = Status::of_all(accounts.iter().filter_map(PageAccount::status));
    let books = || accounts.iter().flat_map(|it| it.books);
    let document = PageJson {
        status: outcome.as_str(),
        accounts: accounts.iter().map(AccountJson::of).collect(),
        rules: rules_list(),
        trend: trend(books()),
    };
    let data = embed::data(&serde_json::to_string(&document)?);
    Ok(frame::page(&head::head(accounts, outcome), &data))
}
