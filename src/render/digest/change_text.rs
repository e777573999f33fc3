//! One change as a person reads it.

use std::fmt::Write as _;

use super::place::surroundings;
use super::words::in_words;
use crate::audit::finding::{Exposure, RuleId};
use crate::ledger::{Kind, News};
use crate::render::{capitalized, inert, minute, plain};

/// One change as plain text.
pub(in crate::render) fn one(news: &News<'_>) -> String {
    numbered(news, 1)
}

/// One change as plain text, with its number where somebody has to do something about it.
pub(in crate::render) fn numbered(news: &News<'_>, number: usize) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = if news.kind.alarms() {
        write_news(&mut text, number, news)
    } else {
        write_done(&mut text, news)
    };
    text
}

/// One change in one line, which ends in a line break.
pub(in crate::render) fn line(news: &News<'_>) -> String {
    let entry = news.entry;
    let (severity, rule, kind) = (entry.severity, &entry.rule, in_words(news.kind));
    format!(
        "- {severity} {rule} ({kind}): {}\n",
        inert(&entry.place.words)
    )
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
            writeln!(out, "   {}", inert(&subject))?;
            if let Some(rest) = surroundings(place) {
                writeln!(out, "   {}", inert(&rest))?;
            }
        }
        None => writeln!(out, "   {}", inert(&place.words))?,
    }
    writeln!(out, "   {}.", inert(&capitalized(&entry.message)))?;
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
        writeln!(out, "   {}: {}", reached(&entry.rule), callers(exposure))?;
        for url in &entry.urls {
            writeln!(out, "     {}", plain(url))?;
        }
    }
    if let Some(finding) = news.finding {
        for evidence in &finding.evidence {
            writeln!(out, "   - {}", inert(&evidence.in_words()))?;
        }
    }
    writeln!(out, "   Fix: {}.", inert(&entry.remedy))?;
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
    writeln!(out, "- {severity} {rule}: {}", inert(&entry.place.words))?;
    if let Some(instead) = news.instead {
        let (severity, rule) = (instead.severity, &instead.rule);
        writeln!(out, "  in its place there is now: {severity} {rule}")?;
    }
    match (news.kind, entry.told, entry.reason()) {
        (Kind::Better, Some(told), _) => writeln!(out, "  was {}", told.severity),
        (_, _, Some(reason)) => writeln!(out, "  {}", inert(&reason)),
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

/// What is said of those who reach the method of a finding: not always do they get an answer, or already.
fn reached(rule: &str) -> &'static str {
    let is = |id: RuleId| rule == id.as_str();
    if is(RuleId::PendingOpening) {
        "Once it is deployed, reached by"
    } else if is(RuleId::ForeignAuthorizer)
        || is(RuleId::WorldSigned)
        || is(RuleId::OpenToAllVpcs)
        || is(RuleId::ApiKeyOnly)
    {
        "Requests get there from"
    } else {
        "Reached by"
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
