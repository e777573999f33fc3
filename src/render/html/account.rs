//! One account of the page: its report, and what stands beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::console;
use super::ended::{EndedJson, ended};
use super::given::PageAccount;
use super::matrix::{Matrix, Missing, matrix};
use super::surface::{SurfaceJson, surfaces};
use crate::audit::Report;
use crate::ledger;
use crate::ledger::organization::NotRead;
use crate::render::minute;
use crate::render::report::json::{self, ReportDocument};
use crate::render::report::word_of;

/// One account of the page.
#[derive(Debug, Serialize)]
pub(super) struct AccountJson<'a> {
    account: &'a str,
    name: &'a str,
    /// `clean`, `findings`, `incomplete` and so on, `not-read` or `not-active`.
    status: &'static str,
    /// Why it was not read.
    not_read: Option<&'a NotRead>,
    report: Option<ReportDocument<'a>>,
    apis: Vec<SurfaceJson<'a>>,
    /// The pages of principals in the console, by their ARNs.
    consoles: BTreeMap<String, String>,
    /// Who can call what.
    access: Option<Matrix>,
    /// Why that is not shown. `None`: it is.
    without_access: Option<Missing>,
    /// Whether there is a ledger.
    has_ledger: bool,
    /// The ids of findings that the last report did not have.
    new: &'a BTreeSet<String>,
    /// When a finding was first seen, by its id.
    since: BTreeMap<&'a str, String>,
    /// What is not there any more, the latest first, as much of it as is told.
    ended: Vec<EndedJson<'a>>,
    /// How much that is in all.
    ended_in_all: usize,
}

impl<'a> AccountJson<'a> {
    pub(super) fn of(page: &PageAccount<'a>) -> Self {
        let report = page.result.ok();
        let is_template = report.is_some_and(|it| it.scope.template.is_some());
        let (access, without_access) = match matrix(page.inventory) {
            Ok(matrix) => (Some(matrix), None),
            Err(_) if is_template => (None, Some(Missing::NoPrincipals)),
            Err(missing) => (None, Some(missing)),
        };
        let (ended, ended_in_all) = ended(page.books);
        AccountJson {
            account: page.account,
            name: page.name,
            status: word_of(page.result),
            not_read: page.result.err(),
            report: report.map(json::document),
            apis: report.map(surfaces).unwrap_or_default(),
            consoles: report.map(consoles).unwrap_or_default(),
            access,
            without_access,
            has_ledger: !page.books.is_empty(),
            new: page.new,
            since: since(page),
            ended,
            ended_in_all,
        }
    }
}

/// The pages of the principals that findings are about.
fn consoles(report: &Report) -> BTreeMap<String, String> {
    let principals = report.evaluation.all_findings().filter_map(|finding| {
        let principal = finding.place.principal.as_ref()?;
        let arn = principal.arn(&report.partition, &finding.place.account);
        Some((arn, console::principal(&report.partition, principal)?))
    });
    principals.collect()
}

/// When what is there was first seen.
fn since<'a>(page: &PageAccount<'a>) -> BTreeMap<&'a str, String> {
    let entries = ledger::entries(page.books).filter(|it| it.standing.is_there());
    let entries = entries.map(|it| {
        let since = it.there_since().unwrap_or(it.first_seen);
        (it.id.as_str(), minute(since))
    });
    entries.collect()
}
