//! The digest as a person reads it on a phone: short lines, worst first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::cut::cut;
use crate::audit::finding::{Exposure, Severity};
use crate::ledger::{Digest, News, Occasion, Subject};
use crate::ledger::{Kind, Spot};
use crate::render::digest::words::{in_words, open_in_words};
use crate::render::{capitalized, minute, plain, plural};

/// Where what is left out is, when it is kept nowhere.
pub(in crate::render) const LISTED: &str = "`gatewatch scan` lists all of it";

/// The most APIs whose changes that are left out are counted by themselves.
const APIS: usize = 20;

/// The digest as plain text, with at most `most` changes and as many gaps spelled out.
pub fn digest_text(digest: &Digest<'_>, most: usize) -> String {
    text(
        digest,
        Sizes {
            changes: most,
            spelled_out: most,
            gaps: most,
        },
    )
}

/// How much a text says.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Sizes {
    /// The most changes that are named.
    pub(in crate::render) changes: usize,
    /// The most of them that are spelled out. The others are named in a line each.
    pub(in crate::render) spelled_out: usize,
    /// The most gaps.
    pub(in crate::render) gaps: usize,
}

pub(in crate::render) fn text(digest: &Digest<'_>, sizes: Sizes) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(digest, sizes, &mut text);
    text
}

/// One change as plain text.
pub(in crate::render) fn one(news: &News<'_>) -> String {
    numbered(news, 1)
}

/// One change as plain text, with its number where somebody has to do something about it.
pub(in crate::render) fn numbered(news: &News<'_>, number: usize) -> String {
    let mut text = String::new();
    let _ = if news.kind.alarms() {
        write_news(&mut text, number, news)
    } else {
        write_done(&mut text, news)
    };
    text
}

fn write(digest: &Digest<'_>, sizes: Sizes, out: &mut String) -> std::fmt::Result {
    let report = digest.report;
    let gaps = &report.evaluation.gaps;
    let incomplete = if gaps.is_empty() { "" } else { "INCOMPLETE: " };
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
    writeln!(out, "Read on {}:", minute(report.taken_at))?;
    writeln!(out, "{}", plain(&report.coverage_in_words()))?;
    if let Some(warning) = report.emptiness_in_words() {
        writeln!(out, "{}", plain(&warning))?;
    }
    if !gaps.is_empty() {
        writeln!(
            out,
            "\nNOT READ, AND SO NOT CLEAN ({})",
            plural(gaps.len(), "gap")
        )?;
        for gap in gaps.iter().take(sizes.gaps) {
            writeln!(out, "- {}", plain(&gap.in_words()))?;
        }
        if let Some(left) = left_out(gaps.len(), sizes.gaps, "gap") {
            writeln!(
                out,
                "\n... and {left}, left out here for size: {}.",
                place(digest)
            )?;
        }
        writeln!(
            out,
            "What was not read stays as it was, and is never resolved."
        )?;
    }
    let spelled_out = sizes.spelled_out.min(sizes.changes);
    let mut heading = None;
    for (number, news) in (digest.named + 1..).zip(&digest.shown(spelled_out)) {
        if news.kind.alarms() {
            write_news(out, number, news)?;
            continue;
        }
        if heading != Some(news.kind) {
            let count = digest.count(news.kind);
            writeln!(out, "\n{} ({count})", in_words(news.kind).to_uppercase())?;
            heading = Some(news.kind);
        }
        write_done(out, news)?;
    }
    let mut rest = digest.clone();
    rest.named = digest.named.saturating_add(spelled_out);
    let lines = rest.shown(sizes.changes.saturating_sub(spelled_out));
    if !lines.is_empty() {
        writeln!(out, "\nIN A LINE EACH ({})", lines.len())?;
    }
    for news in &lines {
        out.push_str(&line(news));
    }
    write_left_out(out, digest, sizes.changes)
}

/// One change in one line, which ends in a line break.
pub(in crate::render) fn line(news: &News<'_>) -> String {
    let entry = news.entry;
    let (severity, rule, kind) = (entry.severity, &entry.rule, in_words(news.kind));
    format!(
        "- {severity} {rule} ({kind}): {}\n",
        plain(&entry.place.words)
    )
}

/// How many changes this message does not name, and where they are.
fn write_left_out(out: &mut String, digest: &Digest<'_>, most: usize) -> std::fmt::Result {
    let rest = digest.rest();
    let Some(left) = left_out(rest.len(), most, "change") else {
        return Ok(());
    };
    writeln!(
        out,
        "\n... and {left}, which the next messages name: {}.",
        place(digest)
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
        writeln!(out, "- {}: {}", whose(place), open_in_words(counts, 0))?;
    }
    match apis.len().saturating_sub(APIS) {
        0 => Ok(()),
        more => writeln!(out, "- and in {} more", plural(more, "API")),
    }
}

/// The API in few words, or what there is instead of one.
fn whose(place: &Spot) -> String {
    match (&place.api, &place.principal) {
        (Some(api), _) => {
            let region = place.region.as_deref().unwrap_or_default();
            plain(&cut(&format!("{} ({}), {region}", api.name, api.id), 200))
        }
        (None, Some(_)) => "IAM principals".to_owned(),
        (None, None) => "elsewhere".to_owned(),
    }
}

fn write_news(out: &mut String, number: usize, news: &News<'_>) -> std::fmt::Result {
    let entry = news.entry;
    let severity = entry.severity.as_str().to_uppercase();
    let kind = in_words(news.kind).to_uppercase();
    writeln!(out, "\n{number}. {severity} {} ({kind})", entry.rule)?;
    // What it is about in a line of its own: a phone is narrow.
    let place = &entry.place;
    match place.subject() {
        Some(subject) => {
            writeln!(out, "   {}", plain(&subject))?;
            let words = place.words.strip_prefix(subject.as_str());
            let rest = words.and_then(|it| it.strip_prefix(", "));
            if let Some(rest) = rest {
                writeln!(out, "   {}", plain(rest))?;
            }
        }
        None => writeln!(out, "   {}", plain(&place.words))?,
    }
    writeln!(out, "   {}.", plain(&capitalized(&entry.message)))?;
    match (news.kind, entry.told) {
        (Kind::Worse, Some(told)) => writeln!(out, "   Was: {}", told.severity)?,
        (Kind::Reminder, Some(told)) => writeln!(out, "   Last said: {}", minute(told.at))?,
        _ => {}
    }
    let since = entry.open_since.unwrap_or(entry.first_seen);
    writeln!(out, "   Since: {}", minute(since))?;
    if since != entry.first_seen {
        writeln!(out, "   First seen: {}", minute(entry.first_seen))?;
    }
    if let Some(exposure) = entry.exposure {
        writeln!(out, "   Reached by: {}", callers(exposure))?;
        for url in &entry.urls {
            writeln!(out, "     {}", plain(url))?;
        }
    }
    if let Some(finding) = news.finding {
        for evidence in &finding.evidence {
            writeln!(out, "   - {}", plain(&evidence.in_words()))?;
        }
    }
    writeln!(out, "   Fix: {}.", plain(&entry.remedy))?;
    if let Some(finding) = news.finding {
        for command in &finding.remedy.commands {
            writeln!(out, "     {}", plain(command))?;
        }
    }
    writeln!(out, "   Id: {}", entry.id)
}

fn write_done(out: &mut String, news: &News<'_>) -> std::fmt::Result {
    let entry = news.entry;
    let (severity, rule) = (entry.severity, &entry.rule);
    writeln!(out, "- {severity} {rule}: {}", plain(&entry.place.words))?;
    if let Some(instead) = news.instead {
        let (severity, rule) = (instead.severity, &instead.rule);
        writeln!(out, "  in its place there is now: {severity} {rule}")?;
    }
    match (news.kind, entry.told, &entry.exemption) {
        (Kind::Better, Some(told), _) => writeln!(out, "  was {}", told.severity),
        (Kind::Exempted, _, Some(allowed)) => {
            let (owner, reason) = (plain(&allowed.owner), plain(&allowed.reason));
            writeln!(out, "  {reason}, owner {owner}, until {}", allowed.expires)
        }
        (Kind::Accepted, _, _) => {
            let how = entry.accepted.as_ref().map(|it| plain(&it.how));
            writeln!(out, "  {}; it is not fixed", how.unwrap_or_default())
        }
        (Kind::Became, _, _) => match &entry.became {
            Some(it) => writeln!(
                out,
                "  it is {} {} now, and not fixed",
                it.severity, it.rule
            ),
            None => Ok(()),
        },
        (Kind::Resolved, None, _) => {
            let seen = minute(entry.first_seen);
            writeln!(
                out,
                "  it came, on {seen}, and went before it could be announced"
            )
        }
        _ => Ok(()),
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
        Some(place) => format!("all of it is in {place}"),
        None => LISTED.to_owned(),
    }
}

fn callers(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Public => "anyone on the internet",
        Exposure::NetworkLimited => {
            "by the API's settings as they are now, anyone in the networks that are let in"
        }
        Exposure::Private => "anyone who reaches the VPC endpoint",
        Exposure::Closed => "by the API's settings as they are now, nobody",
        Exposure::Unknown => "not known: take it for public",
    }
}
