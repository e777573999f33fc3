//! What a page is made of.

use std::collections::BTreeSet;

use crate::audit::Report;
use crate::inventory::Inventory;
use crate::ledger::Book;
use crate::ledger::organization::NotRead;

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
}
