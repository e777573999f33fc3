//! The digest of an organization as a person reads it: totals, what was not read, the accounts, the changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::OrganizationDigest;
use super::row::AccountRow;
use super::table::table;
use crate::audit::Status;
use crate::ledger::Occasion;
use crate::render::digest::glance::overview;
use crate::render::digest::text::LISTED;
use crate::render::digest::words::{in_words, news_in_words};
use crate::render::{inert, minute, plain, plural};

/// The most accounts whose changes that are left out are counted by themselves.
const LEFT_OUT: usize = 20;

/// The most Regions that are named.
const REGIONS: usize = 3;

/// The digest as plain text, with at most `most_accounts` accounts in each list of them, and at most
/// `most_changes` changes and as many gaps spelled out, the worst of all accounts. The rest is counted.
pub fn organization_text(
    digest: &OrganizationDigest,
    most_accounts: usize,
    most_changes: usize,
) -> String {
    text(
        digest,
        OrganizationSizes {
            accounts: most_accounts,
            gaps: most_changes,
            changes: most_changes,
            spelled_out: most_changes,
        },
    )
}

/// How much a text says.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrganizationSizes {
    /// The most accounts in each list of them.
    pub(super) accounts: usize,
    /// The most gaps.
    pub(super) gaps: usize,
    /// The most changes that are named.
    pub(super) changes: usize,
    /// The most of them that are spelled out. The others are named in a line each.
    pub(super) spelled_out: usize,
}

pub(super) fn text(digest: &OrganizationDigest, sizes: OrganizationSizes) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(&mut text, digest, sizes);
    text
}

fn write(
    out: &mut String,
    digest: &OrganizationDigest,
    sizes: OrganizationSizes,
) -> std::fmt::Result {
    write_head(out, digest)?;
    out.push_str(&first_screen(digest, sizes.changes));
    write_unread(out, digest, sizes.accounts, sizes.gaps)?;
    write_accounts(out, digest, sizes.accounts)?;
    write_inactive(out, digest, sizes.accounts)?;
    write_changes(out, digest, sizes)
}

fn write_head(out: &mut String, digest: &OrganizationDigest) -> std::fmt::Result {
    let incomplete = match digest.status() {
        Status::Incomplete => "INCOMPLETE: ",
        Status::Clean | Status::NoApi | Status::NoMethod | Status::Findings => "",
    };
    let (news, whose) = (digest.news_in_words(), digest.subject_in_words());
    writeln!(out, "{incomplete}{news} in {whose}")?;
    let run = plain(&digest.run);
    writeln!(out, "Run {run}, begun on {}", minute(digest.begun_at))?;
    if let Some(page) = &digest.page {
        writeln!(out, "The organization as a page: {page}")?;
    }
    if digest.messages > 0 {
        writeln!(
            out,
            "Part {}: the first parts named {} of these.",
            digest.messages + 1,
            plural(digest.named, "change")
        )?;
    }
    let first = digest.rows.iter().filter(|it| it.has(Occasion::Baseline));
    match first.count() {
        0 => {}
        all if all == digest.read() => writeln!(
            out,
            "The first digest: every finding. From now on, changes only."
        )?,
        some => writeln!(
            out,
            "The first digest of {}: every finding.",
            plural(some, "account")
        )?,
    }
    writeln!(out, "Open now: {}", digest.open_in_words())?;
    let apis: usize = digest.reads().map(|it| it.apis).sum();
    let methods: usize = digest.reads().map(|it| it.methods).sum();
    let regions: Vec<String> = digest.regions().into_iter().map(plain).collect();
    let regions = match regions.len() {
        0 => return Ok(()),
        1..=REGIONS => regions.join(", "),
        more => plural(more, "Region"),
    };
    let (apis_read, methods) = (plural(apis, "API"), plural(methods, "deployed method"));
    writeln!(out, "Read: {apis_read}, {methods} in {regions}")?;
    if apis == 0 && digest.status() != Status::Incomplete {
        writeln!(
            out,
            "there is no API in {regions}, in any account: is it the right Region?"
        )?;
    }
    Ok(())
}

/// The changes that the message names, at a glance, account by account and API by API.
fn first_screen(digest: &OrganizationDigest, most: usize) -> String {
    let named = digest.rest();
    let named = named.get(..most).unwrap_or(named);
    let labels: BTreeMap<&str, String> = (digest.rows.iter())
        .map(|it| (it.member.account.as_str(), it.label()))
        .collect();
    let glances = named.iter().map(|change| {
        let label = labels.get(change.account.as_str());
        let label = label.map_or(change.account.as_str(), String::as_str);
        change.glance.clone().in_account(label)
    });
    overview(named.len(), glances)
}

fn write_unread(
    out: &mut String,
    digest: &OrganizationDigest,
    most_accounts: usize,
    most_gaps: usize,
) -> std::fmt::Result {
    let (accounts, gaps) = (digest.not_read(), digest.gaps());
    let counts: Vec<String> = [(accounts, "account"), (gaps, "gap")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    if counts.is_empty() {
        return Ok(());
    }
    let counts = counts.join(", ");
    writeln!(out, "\nNOT READ, AND SO NOT CLEAN ({counts})")?;
    let unread = (digest.rows.iter())
        .filter(|it| !it.is_inactive())
        .filter_map(|row| Some((row, row.not_read()?)));
    for (row, why) in unread.take(most_accounts) {
        let message = inert(&why.message);
        writeln!(out, "- {}: {message} ({})", row.label(), why.reason)?;
    }
    let left = accounts.saturating_sub(most_accounts);
    left_out(out, left, "account", &of_accounts(digest))?;
    let told = by_account(&digest.unread, most_gaps, |it| it.account.as_str());
    for row in &digest.rows {
        for gap in told.get(row.member.account.as_str()).into_iter().flatten() {
            writeln!(out, "- {}: {}", row.label(), gap.words.text)?;
        }
    }
    let left = gaps - told.values().map(Vec::len).sum::<usize>().min(gaps);
    let with_gaps = digest.rows.iter().filter(|it| it.gaps() > 0);
    left_out(out, left, "gap", &of_reports(with_gaps))?;
    writeln!(
        out,
        "What was not read stays as it was, and is never resolved."
    )
}

/// Accounts of which there is nothing to be read.
fn write_inactive(out: &mut String, digest: &OrganizationDigest, most: usize) -> std::fmt::Result {
    let all = digest.not_active();
    if all == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "\nNOT ACTIVE, AND NOT READ ({})",
        plural(all, "account")
    )?;
    let inactive = (digest.inactive()).filter_map(|row| Some((row, row.not_read()?)));
    for (row, why) in inactive.take(most) {
        writeln!(out, "- {}: {}", row.label(), inert(&why.message))?;
    }
    left_out(
        out,
        all.saturating_sub(most),
        "account",
        &of_accounts(digest),
    )
}

fn write_accounts(out: &mut String, digest: &OrganizationDigest, most: usize) -> std::fmt::Result {
    // An account that was not read is named above, and has no figures.
    let named = |row: &&AccountRow| row.part.is_some() || row.read().is_some();
    let rows = digest.rows.iter().filter(named);
    let (quiet, rows): (Vec<&AccountRow>, Vec<&AccountRow>) = rows.partition(|it| it.is_quiet());
    if !rows.is_empty() {
        writeln!(out, "\nACCOUNTS ({})", rows.len())?;
        let shown = rows.get(..most).unwrap_or(&rows);
        if !shown.is_empty() {
            writeln!(out, "{}", table(shown))?;
        }
        let left = rows.len() - shown.len();
        left_out(out, left, "account", &of_accounts(digest))?;
    }
    match quiet.len() {
        0 => Ok(()),
        1 => writeln!(out, "\n1 account is clean, and nothing changed in it."),
        many => writeln!(
            out,
            "\n{many} accounts are clean, and nothing changed in them."
        ),
    }
}

fn write_changes(
    out: &mut String,
    digest: &OrganizationDigest,
    sizes: OrganizationSizes,
) -> std::fmt::Result {
    let named = digest.rest();
    let named = named.get(..sizes.changes).unwrap_or(named);
    let spelled_out = by_account(named, sizes.spelled_out, |it| it.account.as_str());
    for row in &digest.rows {
        let Some(changes) = spelled_out.get(row.member.account.as_str()) else {
            continue;
        };
        let news = news_in_words(|kind| row.count(kind));
        writeln!(out, "\nACCOUNT {}: {news}", row.label())?;
        if let Some(page) = row.page() {
            writeln!(out, "The report as a page: {page}")?;
        }
        let mut changes = changes.clone();
        // Each kind under one heading: what asks for something first, which has none.
        changes.sort_by_key(|it| (!it.kind.alarms()).then_some(it.kind));
        let mut heading = None;
        for change in changes {
            if !change.kind.alarms() && heading != Some(change.kind) {
                let count = row.count(change.kind);
                let kind = in_words(change.kind).to_uppercase();
                writeln!(out, "\n{kind} ({count})")?;
                heading = Some(change.kind);
            }
            out.push_str(&change.words.text);
        }
    }
    let lines = named.get(sizes.spelled_out..).unwrap_or_default();
    if !lines.is_empty() {
        writeln!(out, "\nIN A LINE EACH ({})", lines.len())?;
        let lines = by_account(lines, usize::MAX, |it| it.account.as_str());
        for row in &digest.rows {
            let Some(changes) = lines.get(row.member.account.as_str()) else {
                continue;
            };
            writeln!(out, "account {}", row.label())?;
            for change in changes {
                out.push_str(&change.line.text);
            }
        }
    }
    write_left_out(out, digest, named.len())
}

/// How many changes neither this message nor an earlier one names, and in which accounts. `named`: how many this
/// one does.
fn write_left_out(out: &mut String, digest: &OrganizationDigest, named: usize) -> std::fmt::Result {
    let mut by_account: BTreeMap<&str, usize> = BTreeMap::new();
    for change in digest.changes.iter().take(digest.named + named) {
        *by_account.entry(change.account.as_str()).or_default() += 1;
    }
    let mut rows: Vec<(&AccountRow, usize)> = (digest.rows.iter())
        .filter_map(|row| {
            let told = by_account.get(row.member.account.as_str());
            let left = row.changes().saturating_sub(told.copied().unwrap_or(0));
            (left > 0).then_some((row, left))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let changes = plural(rows.iter().map(|(_, left)| left).sum(), "change");
    let accounts = plural(rows.len(), "account");
    let place = of_reports(rows.iter().map(|(row, _)| *row));
    writeln!(
        out,
        "\n... and {changes} in {accounts} more, which the next messages name: {place}."
    )?;
    rows.sort_by_key(|(_, left)| std::cmp::Reverse(*left));
    for (row, left) in rows.iter().take(LEFT_OUT) {
        writeln!(out, "- {}: {}", row.label(), plural(*left, "change"))?;
    }
    Ok(())
}

/// The first `most` of what is spelled out, by account. Within an account they keep their order.
fn by_account<'a, T>(
    all: &'a [T],
    most: usize,
    account: impl Fn(&'a T) -> &'a str,
) -> BTreeMap<&'a str, Vec<&'a T>> {
    let mut by_account: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for one in all.iter().take(most) {
        by_account.entry(account(one)).or_default().push(one);
    }
    by_account
}

/// Where it is what became of accounts that are left out.
fn of_accounts(digest: &OrganizationDigest) -> String {
    match &digest.whereabouts {
        Some(place) => format!("what became of each is in {}", plain(place)),
        None => LISTED.to_owned(),
    }
}

/// Where the reports of these accounts are.
fn of_reports<'a>(mut rows: impl Iterator<Item = &'a AccountRow>) -> String {
    match rows.find_map(AccountRow::whereabouts) {
        Some(place) => format!(
            "all of it is in the report of each account, such as {}",
            plain(place)
        ),
        None => LISTED.to_owned(),
    }
}

fn left_out(out: &mut String, left: usize, noun: &str, place: &str) -> std::fmt::Result {
    if left == 0 {
        return Ok(());
    }
    let left = plural(left, noun);
    writeln!(
        out,
        "\n... and {left} more, left out here for size: {place}."
    )
}
