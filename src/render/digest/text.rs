//! The digest as a person reads it on a phone: short lines, worst first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::change_text::{line, numbered};
use super::glance::{Glance, LOOKED_AT, overview};
use super::place::api_label;
use super::words::{in_words, open_in_words};
use crate::audit::finding::Severity;
use crate::ledger::{Digest, Occasion, Spot, Subject};
use crate::render::{inert, minute, plural};

/// Where what is left out is, when it is kept nowhere.
pub(in crate::render) const LISTED: &str = "`gatewatch scan` lists all of it";

/// What an owner is told where something else was not read: it may be theirs.
pub(super) const UNREAD_ELSEWHERE: &str =
    "INCOMPLETE: something could not be read that may be yours. It stays as it was.";

/// The most APIs whose changes that are left out are counted by themselves.
const APIS: usize = 20;

/// The digest as plain text, with at most `most` changes and as many gaps spelled out.
pub fn digest_text(digest: &Digest<'_>, most: usize) -> String {
    text(
        digest,
        DigestSizes {
            changes: most,
            spelled_out: most,
            gaps: most,
        },
    )
}

/// How much a text says.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct DigestSizes {
    /// The most changes that are named.
    pub(in crate::render) changes: usize,
    /// The most of them that are spelled out. The others are named in a line each.
    pub(in crate::render) spelled_out: usize,
    /// The most gaps.
    pub(in crate::render) gaps: usize,
}

pub(in crate::render) fn text(digest: &Digest<'_>, sizes: DigestSizes) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(digest, sizes, &mut text);
    text
}

fn write(digest: &Digest<'_>, sizes: DigestSizes, out: &mut String) -> std::fmt::Result {
    write_head(out, digest)?;
    out.push_str(&first_screen(digest, sizes.changes));
    write_gaps(out, digest, sizes.gaps)?;
    let spelled_out = sizes.spelled_out.min(sizes.changes);
    write_spelled_out(out, digest, spelled_out)?;
    write_lines(out, digest, spelled_out, sizes.changes)?;
    write_left_out(out, digest, sizes.changes)
}

/// What there is, where and when it was read, and how much was read.
fn write_head(out: &mut String, digest: &Digest<'_>) -> std::fmt::Result {
    let report = digest.report;
    let has_gaps = !report.evaluation.gaps.is_empty();
    let incomplete = if has_gaps { "INCOMPLETE: " } else { "" };
    writeln!(out, "{incomplete}{}", digest.news_in_words())?;
    writeln!(out, "in AWS {}", report.subject_in_words())?;
    if digest.messages > 0 {
        writeln!(
            out,
            "Part {}: the first parts named {} of these.",
            digest.messages + 1,
            plural(digest.named, "change")
        )?;
    }
    if digest.occasions.contains(&Occasion::Baseline) {
        let what = if report.scope.apis.is_empty() {
            "every finding"
        } else {
            "every finding in what was asked for"
        };
        writeln!(out, "The first digest: {what}. From now on, changes only.")?;
    }
    writeln!(out, "Open now: {}", digest.open_in_words())?;
    if digest.for_owner {
        return write_read_of_owner(out, digest);
    }
    writeln!(out, "Read on {}:", minute(report.taken_at))?;
    writeln!(out, "{}", inert(&report.coverage_in_few_words()))?;
    if let Some(page) = &digest.page {
        writeln!(out, "The report as a page: {page}")?;
    }
    for warning in report.few_warnings() {
        writeln!(out, "{}", inert(&warning))?;
    }
    Ok(())
}

/// When it was read, without a number: how much there is beside what is theirs is not told to an owner.
fn write_read_of_owner(out: &mut String, digest: &Digest<'_>) -> std::fmt::Result {
    let report = digest.report;
    writeln!(out, "Read on {}", minute(report.taken_at))?;
    writeln!(out, "It is about what is yours alone.")?;
    if digest.unread_elsewhere {
        writeln!(out, "{UNREAD_ELSEWHERE}")?;
    }
    Ok(())
}

/// The changes that the message names, at a glance.
fn first_screen(digest: &Digest<'_>, most: usize) -> String {
    let named = digest.rest().len().min(most);
    let shown = digest.shown(named.min(LOOKED_AT));
    overview(named, shown.iter().map(Glance::of))
}

/// What was not read, with at most `most` gaps.
fn write_gaps(out: &mut String, digest: &Digest<'_>, most: usize) -> std::fmt::Result {
    let gaps = &digest.report.evaluation.gaps;
    if gaps.is_empty() {
        return Ok(());
    }
    let count = plural(gaps.len(), "gap");
    writeln!(out, "\nNOT READ, AND SO NOT CLEAN ({count})")?;
    for gap in gaps.iter().take(most) {
        writeln!(out, "- {}", inert(&gap.in_words()))?;
    }
    if let Some(left) = left_out(gaps.len(), most, "gap") {
        let place = place(digest);
        writeln!(out, "\n... and {left}, left out here for size: {place}.")?;
    }
    writeln!(
        out,
        "What was not read stays as it was, and is never resolved."
    )
}

/// The next `most` changes. Those that ask for nothing to be done follow one heading for each kind.
fn write_spelled_out(out: &mut String, digest: &Digest<'_>, most: usize) -> std::fmt::Result {
    let mut heading = None;
    for (number, news) in (digest.named + 1..).zip(&digest.shown(most)) {
        if !news.kind.alarms() && heading != Some(news.kind) {
            let count = digest.count(news.kind);
            writeln!(out, "\n{} ({count})", in_words(news.kind).to_uppercase())?;
            heading = Some(news.kind);
        }
        out.push_str(&numbered(news, number));
    }
    Ok(())
}

/// The changes from the one after the first `spelled_out` to the one at `most`, in a line each.
fn write_lines(
    out: &mut String,
    digest: &Digest<'_>,
    spelled_out: usize,
    most: usize,
) -> std::fmt::Result {
    let mut rest = digest.clone();
    rest.named = digest.named.saturating_add(spelled_out);
    let lines = rest.shown(most.saturating_sub(spelled_out));
    if !lines.is_empty() {
        writeln!(out, "\nIN A LINE EACH ({})", lines.len())?;
    }
    for news in &lines {
        out.push_str(&line(news));
    }
    Ok(())
}

/// How many changes this message does not name, and where they are.
fn write_left_out(out: &mut String, digest: &Digest<'_>, most: usize) -> std::fmt::Result {
    let rest = digest.rest();
    let Some(left) = left_out(rest.len(), most, "change") else {
        return Ok(());
    };
    let place = match digest.for_owner {
        true => String::new(),
        false => format!(": {}", place(digest)),
    };
    writeln!(
        out,
        "\n... and {left}, which the next messages name{place}."
    )?;
    let mut apis: BTreeMap<Subject<'_>, (&Spot, BTreeMap<Severity, usize>)> = BTreeMap::new();
    for news in rest.iter().skip(most) {
        let place = &news.entry.place;
        let (_, counts) = apis
            .entry(Subject::of(place))
            .or_insert_with(|| (place, BTreeMap::new()));
        *counts.entry(news.entry.severity).or_default() += 1;
    }
    let mut apis: Vec<_> = apis.into_values().collect();
    apis.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.values().sum::<usize>()));
    for (place, counts) in apis.iter().take(APIS) {
        writeln!(out, "- {}: {}", api_label(place), open_in_words(counts, 0))?;
    }
    match apis.len().saturating_sub(APIS) {
        0 => Ok(()),
        more => writeln!(out, "- and in {} more", plural(more, "API")),
    }
}

/// How many of so many there are beyond the most that are named, such as `3 changes more`.
fn left_out(length: usize, most: usize, noun: &str) -> Option<String> {
    let left = length.saturating_sub(most);
    (left > 0).then(|| format!("{} more", plural(left, noun)))
}

/// Where all of it is.
fn place(digest: &Digest<'_>) -> String {
    match &digest.whereabouts {
        Some(place) if digest.is_cut => format!("the worst of it is in {place}, and {LISTED}"),
        Some(place) => format!("all of it is in {place}"),
        None => LISTED.to_owned(),
    }
}
