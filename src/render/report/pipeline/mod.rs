//! A report for a pipeline: formats that a code host or a build server shows where people review a change.
//!
//! What could not be read is told as an error in each of them, and before the findings: none of these hosts knows of a
//! check that is incomplete, and one that says nothing would look clean.

mod github;
mod gitlab;
mod junit;
mod remark;
mod sarif;

pub use github::write_github;
pub use gitlab::write_gitlab;
pub use junit::write_junit;
pub use sarif::write_sarif;

use super::{AccountReport, status_of};
use crate::audit::{Report, Status};
use crate::ledger::organization::NotRead;

/// What a pipeline is told of: one report, or those of several accounts.
#[derive(Debug, Clone)]
pub struct Judged<'r>(Vec<Subject<'r>>);

#[derive(Debug, Clone)]
struct Subject<'r> {
    account: &'r str,
    result: Result<&'r Report, &'r NotRead>,
}

impl<'r> Judged<'r> {
    /// One report.
    pub fn one(report: &'r Report) -> Self {
        Judged(vec![Subject {
            account: &report.account,
            result: Ok(report),
        }])
    }

    /// Several accounts, without those that are not active: there was nothing to be read.
    pub fn accounts(accounts: &'r [AccountReport]) -> Self {
        let read = accounts.iter().filter(|it| it.status().is_some());
        let subjects = read.map(|it| Subject {
            account: &it.member.account,
            result: it.result.as_ref(),
        });
        Judged(subjects.collect())
    }

    fn reports(&self) -> impl Iterator<Item = &'r Report> {
        self.0.iter().filter_map(|it| it.result.ok())
    }

    fn status(&self) -> Status {
        Status::of_all(self.0.iter().filter_map(|it| status_of(it.result)))
    }

    /// What each report came to, in a line.
    fn in_words(&self) -> String {
        let lines = self.0.iter().map(|it| match it.result {
            Ok(report) => report.in_words(),
            Err(why) => format!("account {}: {}", it.account, why.message),
        });
        lines.collect::<Vec<_>>().join("; ")
    }
}
