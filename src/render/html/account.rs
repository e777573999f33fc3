//! One account of the page: its report, and what stands beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ended::{EndedJson, ended};
use super::given::{PageAccount, PageResult};
use super::matrix::{Matrix, Missing, PageAccess};
use super::surface::{SurfaceJson, surfaces};
use crate::audit::Report;
use crate::ledger;
use crate::ledger::organization::NotRead;
use crate::render::digest::json::OpenCounts;
use crate::render::report::json::{self, ReportDocument};
use crate::render::{console, minute};

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
    /// What it came to in numbers, where its report is in a page of its own.
    elsewhere: Option<ElsewhereJson<'a>>,
    apis: Vec<SurfaceJson<'a>>,
    /// The pages of principals in the console, by their ARNs.
    consoles: BTreeMap<String, String>,
    /// Who can call what.
    access: Option<&'a Matrix>,
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
        let report = page.result.report();
        let is_template = report.is_some_and(|it| it.scope.template.is_some());
        let access = page.access.map(|PageAccess(access)| access);
        let (access, without_access) = match access {
            Some(Ok(matrix)) => (Some(matrix), None),
            _ if is_template => (None, Some(Missing::NoPrincipals)),
            Some(Err(missing)) => (None, Some(*missing)),
            None => (None, Some(Missing::NotGiven)),
        };
        let (ended, ended_in_all) = ended(page.books);
        AccountJson {
            account: page.account,
            name: page.name,
            status: page.result.word(),
            not_read: page.result.not_read(),
            report: report.map(|it| json::worst(it, page.bound.findings)),
            elsewhere: ElsewhereJson::of(page.result),
            apis: report.map(surfaces).unwrap_or_default(),
            consoles: report
                .map(|it| consoles(it, page.bound.findings))
                .unwrap_or_default(),
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

/// An account whose report is in a page of its own.
#[derive(Debug, Serialize)]
struct ElsewhereJson<'a> {
    /// Where that page is. `None`: not known.
    page: Option<&'a str>,
    taken_at: String,
    apis: usize,
    methods: usize,
    gaps: usize,
    /// What is open in the ledger.
    open: OpenCounts,
}

impl<'a> ElsewhereJson<'a> {
    fn of(result: PageResult<'a>) -> Option<Self> {
        let PageResult::Elsewhere {
            read, gaps, page, ..
        } = result
        else {
            return None;
        };
        Some(ElsewhereJson {
            page,
            taken_at: read.taken_at.to_string(),
            apis: read.apis,
            methods: read.methods,
            gaps,
            open: OpenCounts::of(&read.open, read.exempt),
        })
    }
}

/// The pages of the principals that the first `most` findings are about, and as many exempted ones.
fn consoles(report: &Report, most: usize) -> BTreeMap<String, String> {
    let evaluation = &report.evaluation;
    let exempted = evaluation.exempted.iter().map(|it| &it.finding);
    let listed = evaluation.findings.iter().take(most);
    let listed = listed.chain(exempted.take(most));
    let principals = listed.filter_map(|finding| {
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
