//! The digest of an organization for programs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::OrganizationDigest;
use super::row::AccountRow;
use crate::audit::Status;
use crate::inventory::Reason;
use crate::ledger::Kind;
use crate::ledger::Occasion;
use crate::render::digest::json::OpenCounts;
use crate::render::json::SCHEMA_VERSION;

/// What names such a digest among all messages.
pub(super) const EVENT_TYPE: &str = "gatewatch.organization-digest";

/// A digest of an organization.
#[derive(Debug, Serialize)]
pub struct OrganizationDocument<'a> {
    schema_version: u32,
    event_type: &'static str,
    run: &'a str,
    begun_at: String,
    status: &'static str,
    occasions: Vec<&'static str>,
    /// The number of this message among those of the run, from 1 on.
    part: usize,
    /// Over all accounts that were read.
    open: OpenCounts,
    coverage: OrganizationCoverage,
    /// How many changes there are, by kind, over all accounts.
    news: BTreeMap<&'static str, usize>,
    /// Those that were not read, then those that were, the worst first, then those that are not active.
    accounts: Vec<AccountJson<'a>>,
    gaps: Vec<&'a RawValue>,
    changes: Vec<&'a RawValue>,
    /// Where it is kept what became of each account.
    full_report: Option<&'a str>,
    /// The address at which whoever may read it opens the page of the organization.
    report_page: Option<&'a str>,
    left_out: Option<LeftOut>,
}

/// What was read, in numbers.
#[derive(Debug, Clone, Copy, Serialize)]
struct OrganizationCoverage {
    complete: bool,
    accounts: usize,
    read: usize,
    not_read: usize,
    not_active: usize,
    clean: usize,
    apis: usize,
    methods: usize,
    gaps: usize,
}

/// One account.
#[derive(Debug, Serialize)]
struct AccountJson<'a> {
    account: &'a str,
    name: &'a str,
    /// `clean`, `findings`, `incomplete`, `not-read` or `not-active`.
    status: &'static str,
    /// Why it was not read.
    reason: Option<Reason>,
    /// The same in words.
    message: Option<&'a str>,
    taken_at: Option<String>,
    regions: Option<&'a [String]>,
    apis: Option<usize>,
    methods: Option<usize>,
    gaps: usize,
    open: Option<OpenCounts>,
    /// How many changes there are, by kind.
    news: BTreeMap<&'static str, usize>,
    full_report: Option<&'a str>,
    /// The same as a page.
    report_page: Option<&'a str>,
}

/// How many entries a size limit kept out.
#[derive(Debug, Clone, Copy, Serialize)]
struct LeftOut {
    accounts: usize,
    changes: usize,
    gaps: usize,
}

/// The digest with at most `most` entries in each of its lists, worst first; of the accounts, `most` of those
/// that were not read, `most` of those that were and `most` of those that are not active. What is left out is counted.
pub fn organization_document(digest: &OrganizationDigest, most: usize) -> OrganizationDocument<'_> {
    document(digest, most, most, most)
}

/// The digest with at most so many changes, so many of them with their commands, and at most `others` entries in
/// each of the other lists.
pub(super) fn document(
    digest: &OrganizationDigest,
    most: usize,
    spelled_out: usize,
    others: usize,
) -> OrganizationDocument<'_> {
    let rows = || digest.rows.iter();
    let unread = rows().filter(|it| it.read().is_none() && !it.is_inactive());
    let read = rows().filter(|it| it.read().is_some());
    let accounts: Vec<AccountJson<'_>> = (unread.take(others))
        .chain(read.take(others))
        .chain(digest.inactive().take(others))
        .map(account)
        .collect();
    let changes: Vec<&RawValue> = (digest.rest().iter().take(most).enumerate())
        .map(|(number, change)| {
            if number < spelled_out {
                &*change.words.json
            } else {
                &*change.line.json
            }
        })
        .collect();
    let gaps: Vec<&RawValue> = (digest.unread.iter().take(others))
        .map(|it| &*it.words.json)
        .collect();
    let left_out = LeftOut {
        accounts: digest.accounts().saturating_sub(accounts.len()),
        changes: digest.untold().saturating_sub(changes.len()),
        gaps: digest.gaps().saturating_sub(gaps.len()),
    };
    let is_cut = left_out.accounts + left_out.changes + left_out.gaps > 0;
    let news = Kind::ALL.map(|kind| (kind.as_str(), digest.count(kind)));
    OrganizationDocument {
        schema_version: SCHEMA_VERSION,
        event_type: EVENT_TYPE,
        run: &digest.run,
        begun_at: digest.begun_at.to_string(),
        status: digest.status().as_str(),
        occasions: Occasion::names(&digest.occasions),
        part: digest.messages + 1,
        open: OpenCounts::of(&digest.open(), digest.exempt()),
        coverage: coverage(digest),
        news: news.into_iter().filter(|(_, count)| *count > 0).collect(),
        accounts,
        gaps,
        changes,
        full_report: digest.whereabouts.as_deref(),
        report_page: digest.page.as_deref(),
        left_out: is_cut.then_some(left_out),
    }
}

fn coverage(digest: &OrganizationDigest) -> OrganizationCoverage {
    let clean = digest.rows.iter().filter(|it| it.status() == Status::Clean);
    OrganizationCoverage {
        complete: digest.status() != Status::Incomplete,
        accounts: digest.accounts(),
        read: digest.read(),
        not_read: digest.not_read(),
        not_active: digest.not_active(),
        clean: clean.count(),
        apis: digest.reads().map(|it| it.apis).sum(),
        methods: digest.reads().map(|it| it.methods).sum(),
        gaps: digest.gaps(),
    }
}

fn account(row: &AccountRow) -> AccountJson<'_> {
    let (read, why) = (row.read(), row.not_read());
    AccountJson {
        account: &row.member.account,
        name: &row.member.name,
        status: row.status_word(),
        reason: why.map(|it| it.reason),
        message: why.map(|it| it.message.as_str()),
        taken_at: read.map(|it| it.taken_at.to_string()),
        regions: read.map(|it| it.regions.as_slice()),
        apis: read.map(|it| it.apis),
        methods: read.map(|it| it.methods),
        gaps: row.gaps(),
        open: read.map(|it| OpenCounts::of(&it.open, it.exempt)),
        news: row.news(),
        full_report: row.whereabouts(),
        report_page: row.page(),
    }
}
