//! The report as one page for a browser: a file that asks nothing of the network.
//!
//! - In: the reports of one account or of several, with what was read and what the ledger remembers, where that is known.
//! - Out: one HTML file. The reports stand in it as JSON, which the page's own script shows.
//! - Not decided here: anything. The page hides nothing but what its reader filters, and counts that all the same.

mod account;
mod bound;
mod embed;
mod ended;
mod frame;
mod given;
mod head;
mod matrix;
mod surface;
mod trend;

use std::io;

use serde::Serialize;

use super::rule_page::{rule_controls, rule_text};
use super::rules::{RuleLine, rule_line};
use crate::audit::Status;
use crate::audit::finding::RuleId;
use crate::ledger;
use account::AccountJson;
pub use bound::PageBound;
pub use given::{PageAccount, PageResult};
pub use matrix::PageAccess;
use trend::{Point, trend};

/// All that the page's script shows.
#[derive(Debug, Serialize)]
struct PageJson<'a> {
    status: &'static str,
    accounts: Vec<AccountJson<'a>>,
    /// Every rule that was asked.
    rules: Vec<RuleJson>,
    /// How many findings were open when. Empty: there is no ledger.
    trend: Vec<Point>,
}

/// A rule, with its manual in lines.
#[derive(Debug, Serialize)]
struct RuleJson {
    #[serde(flatten)]
    line: RuleLine,
    manual: Vec<String>,
    /// The controls of standards that are about the same.
    controls: Vec<String>,
}

impl RuleJson {
    fn of(rule: RuleId) -> Self {
        RuleJson {
            line: rule_line(rule),
            manual: rule_text(rule).lines().map(str::to_owned).collect(),
            controls: rule_controls(rule),
        }
    }
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
/// use gatewatch::render::{PageAccess, PageAccount, PageBound, write_html};
///
/// let inventory = Inventory::from_json(INVENTORY).unwrap();
/// let report = Report::new(&inventory, &PolicyFile::default(), "2026-06-15".parse().unwrap());
/// let access = PageAccess::of(&inventory, PageBound::default());
/// let mut page = Vec::new();
/// write_html(&[PageAccount { access: Some(&access), ..PageAccount::of(&report) }], &mut page).unwrap();
/// assert!(page.starts_with(b"<!doctype html>"));
/// ```
///
/// # Errors
/// Where it cannot be written.
pub fn write_html(accounts: &[PageAccount<'_>], out: impl io::Write) -> io::Result<()> {
    let outcome = Status::of_all(accounts.iter().filter_map(|it| it.result.status()));
    let document = PageJson {
        status: outcome.as_str(),
        accounts: accounts.iter().map(AccountJson::of).collect(),
        rules: RuleId::ALL.iter().map(|it| RuleJson::of(*it)).collect(),
        trend: trend(accounts.iter().flat_map(|it| ledger::entries(it.books))),
    };
    // Written while it is made: the page of a large account is as large as its report.
    let data = |out: &mut _| embed::write_data(&document, out);
    frame::write(&head::head(accounts, outcome), data, out)
}
