//! The digest as one message, within the limits of SNS.

use serde_json::json;

use super::json::document;
use super::light::Light;
use super::text::{DigestSizes, text};
use crate::audit::Status;
use crate::ledger::Kind;
use crate::ledger::{Digest, News};
use crate::render::json::SCHEMA_VERSION;
use crate::render::{
    Attribute, Notice, SUBJECT_LIMIT, compact, fitted, most_entries, subject_line,
};

/// The most changes that the first message spells out. What it and the others name besides has a line each.
const SPELLED_OUT: usize = 50;

/// How many changes this message of a run spells out. `before`: how many messages came before it.
pub(in crate::render) fn spelled_out(before: usize) -> usize {
    if before == 0 { SPELLED_OUT } else { 0 }
}

/// The most gaps that an e-mail lists.
const EMAIL_GAPS: usize = 50;

/// The part of a message, one in so many, that one change may take: no change keeps all others from being
/// named, and each can be named.
const SHARE: usize = 4;

/// Builds the next message of a digest: it names as much of the [`rest`](Digest::rest) as fits, in that order.
/// A change that it names is in the e-mail and in the JSON; the remaining ones are counted. `limit` is in
/// bytes, usually [`LIMIT`](crate::render::LIMIT). [`Notice::listed`] says how many it names: at least one,
/// where there is one. What the e-mail names in one line has no commands in the JSON.
///
/// Gaps are listed in the first message alone.
pub fn digest_notice(digest: &Digest<'_>, limit: usize) -> Notice {
    let (spelled_out, share) = (spelled_out(digest.messages), limit / SHARE);
    let lights: Vec<Light<'_>> = (digest.rest().iter().take(most_entries(limit)).enumerate())
        .map(|(number, news)| {
            if number < spelled_out {
                Light::of(news, share)
            } else {
                Light::in_a_line(news, share)
            }
        })
        .collect();
    let shown: Vec<News<'_>> = (digest.rest().iter().zip(&lights))
        .map(|(news, light)| light.shown(news))
        .collect();
    let named = digest.news.iter().take(digest.named).copied();
    let later = digest.rest().iter().skip(shown.len()).copied();
    let news = named.chain(shown).chain(later).collect();
    notice(
        &Digest {
            news,
            ..digest.clone()
        },
        limit,
    )
}

fn notice(digest: &Digest<'_>, limit: usize) -> Notice {
    let subject = subject(digest);
    let unread = match digest.messages {
        0 => digest.report.evaluation.gaps.len(),
        _ => 0,
    };
    let body = |changes: usize, gaps: usize| {
        let sizes = DigestSizes {
            changes,
            spelled_out: spelled_out(digest.messages),
            gaps: gaps.min(EMAIL_GAPS),
        };
        json!({
            "default": compact(&document(digest, changes, gaps)),
            "email": text(digest, sizes),
            "sms": subject,
        })
        .to_string()
    };
    let attributes = attributes(digest);
    fitted(
        subject.clone(),
        attributes,
        limit,
        [digest.rest().len(), unread],
        body,
    )
}

/// The subject. It always names the outcome and whose digest it is: what is too long is cut from the news.
fn subject(digest: &Digest<'_>) -> String {
    let report = digest.report;
    let whose = format!(" in {}", report.subject_in_words());
    let worst = digest.worst().map(|it| format!(" (worst: {it})"));
    let gaps = report.evaluation.gaps.len();
    let status = match digest.status() {
        Status::Incomplete if gaps > 0 => format!("INCOMPLETE ({gaps} not read), "),
        Status::Incomplete => "INCOMPLETE, ".to_owned(),
        _ => String::new(),
    };
    let begin = match digest.messages {
        0 => format!("gatewatch: {status}"),
        before => format!("gatewatch, part {}: {status}", before + 1),
    };
    let end = worst.unwrap_or_default() + &whose;
    around(&begin, digest.news_in_words(), &end)
}

/// A subject whose beginning and end stay: the news between them is cut where it is too long.
pub(in crate::render) fn around(begin: &str, mut news: String, end: &str) -> String {
    let room = SUBJECT_LIMIT.saturating_sub(begin.len() + end.len());
    if news.len() > room {
        news = news.chars().take(room.saturating_sub(3)).collect();
        news.push_str("...");
    }
    subject_line(&format!("{begin}{news}{end}"))
}

fn attributes(digest: &Digest<'_>) -> Vec<Attribute> {
    let report = digest.report;
    let kinds: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|it| digest.count(*it) > 0)
        .map(Kind::as_str)
        .collect();
    let rules: Vec<&str> = digest.rules().into_iter().collect();
    vec![
        Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", "gatewatch.digest"),
        Attribute::text("severity", digest.worst().map_or("none", |it| it.as_str())),
        Attribute::text("account_id", &report.account),
        Attribute::list("region", &report.scope.regions),
        Attribute::text("status", digest.status().as_str()),
        Attribute::list("changes", &kinds),
        Attribute::list("rules", &rules),
    ]
}
