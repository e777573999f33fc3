//! What a page is made of.

use std::collections::BTreeSet;

use super::bound::PageBound;
use super::matrix::PageAccess;
use crate::audit::finding::Severity;
use crate::audit::{Report, Status};
use crate::ledger::Book;
use crate::ledger::organization::{NotRead, Read};
use crate::render::report::{status_of, word_of};

/// What a page knows of an account.
#[derive(Debug, Clone, Copy)]
pub enum PageResult<'a> {
    /// Its report.
    Report(&'a Report),
    /// What it came to, in numbers: its report is in a page of its own.
    Elsewhere {
        /// The numbers.
        read: &'a Read,
        /// The outcome.
        status: Status,
        /// How many gaps there are in what was read.
        gaps: usize,
        /// Where that page is. `None`: there is none that is known.
        page: Option<&'a str>,
    },
    /// Why there is no report.
    NotRead(&'a NotRead),
}

impl<'a> PageResult<'a> {
    /// The report, where there is one.
    pub(super) fn report(self) -> Option<&'a Report> {
        match self {
            PageResult::Report(report) => Some(report),
            PageResult::Elsewhere { .. } | PageResult::NotRead(_) => None,
        }
    }

    /// The outcome. `None`: the account is not active, and there was nothing to be read.
    pub(super) fn status(self) -> Option<Status> {
        match self {
            PageResult::Report(report) => status_of(Ok(report)),
            PageResult::Elsewhere { status, .. } => Some(status),
            PageResult::NotRead(why) => status_of(Err(why)),
        }
    }

    /// The same in one word, `not-read` and `not-active` among them.
    pub(super) fn word(self) -> &'static str {
        match self {
            PageResult::Report(report) => word_of(Ok(report)),
            PageResult::Elsewhere { status, .. } => status.as_str(),
            PageResult::NotRead(why) => word_of(Err(why)),
        }
    }

    /// How many findings of a severity are open.
    pub(super) fn count(self, severity: Severity) -> usize {
        match self {
            PageResult::Report(report) => report.count(severity),
            PageResult::Elsewhere { read, .. } => read.open.get(&severity).copied().unwrap_or(0),
            PageResult::NotRead(_) => 0,
        }
    }

    /// How many gaps there are in what was read.
    pub(super) fn gaps(self) -> usize {
        match self {
            PageResult::Report(report) => report.evaluation.gaps.len(),
            PageResult::Elsewhere { gaps, .. } => gaps,
            PageResult::NotRead(_) => 0,
        }
    }

    /// Why nothing was read, where that is so.
    pub(super) fn not_read(self) -> Option<&'a NotRead> {
        match self {
            PageResult::NotRead(why) => Some(why),
            PageResult::Report(_) | PageResult::Elsewhere { .. } => None,
        }
    }
}

impl<'a> From<Result<&'a Report, &'a NotRead>> for PageResult<'a> {
    fn from(result: Result<&'a Report, &'a NotRead>) -> Self {
        match result {
            Ok(report) => PageResult::Report(report),
            Err(why) => PageResult::NotRead(why),
        }
    }
}

/// One account of a page.
#[derive(Debug, Clone)]
pub struct PageAccount<'a> {
    /// Its id.
    pub account: &'a str,
    /// The name that its organization gives it. Empty: not known.
    pub name: &'a str,
    /// What it came to.
    pub result: PageResult<'a>,
    /// Who can call what. `None`: that is not known here.
    pub access: Option<&'a PageAccess>,
    /// The ids of the findings that the last report did not have, where there is a ledger.
    pub new: &'a BTreeSet<String>,
    /// What the ledger remembers of the account. Empty: there is none.
    pub books: &'a [Book],
    /// How much of it is listed.
    pub bound: PageBound,
}

/// No finding is new.
const NONE_NEW: &BTreeSet<String> = &BTreeSet::new();

impl<'a> PageAccount<'a> {
    /// An account of which nothing but its report is known.
    pub fn of(report: &'a Report) -> Self {
        PageAccount::with(&report.account, PageResult::Report(report))
    }

    /// An account of which nothing but what it came to is known.
    pub fn with(account: &'a str, result: PageResult<'a>) -> Self {
        PageAccount {
            account,
            name: "",
            result,
            access: None,
            new: NONE_NEW,
            books: &[],
            bound: PageBound::default(),
        }
    }
}
