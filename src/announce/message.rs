//! The digest as one message, within the limits of SNS.

use serde_json::json;

use super::digest::Digest;
use super::{digest_document, digest_text};
use crate::ledger::Kind;
use crate::report::json::SCHEMA_VERSION;
use crate::report::{Attribute, Notice, SUBJECT_LIMIT, Status, fitting, subject_line};

/// The most changes that an e-mail spells out: nobody reads on.
const EMAIL_CHANGES: usize = 50;

/// Builds the message. `limit` is in bytes, usually [`LIMIT`](crate::report::LIMIT); where the digest does
/// not fit, the worst stays and the rest is counted.
pub fn digest_notice(digest: &Digest<'_>, limit: usize) -> Notice {
    let subject = subject(digest);
    let longest = digest.news.len().max(digest.report.evaluation.gaps.len());
    let body = |most: usize| {
        let document = serde_json::to_string(&digest_document(digest, most));
        json!({
            // Only a map with keys that are no texts fails, and the document has none.
            "default": document.unwrap_or_default(),
            "email": digest_text(digest, most.min(EMAIL_CHANGES)),
            "sms": subject,
        })
        .to_string()
    };
    let attributes = attributes(digest);
    let (most, message) = fitting(&subject, &attributes, limit, longest, body);
    Notice {
        listed: digest.news.len().min(most),
        subject,
        message,
        attributes,
    }
}

/// Whose digest it is stays, however much there is to say.
fn subject(digest: &Digest<'_>) -> String {
    let report = digest.report;
    let whose = format!(" in {}", report.subject_in_words());
    let worst = digest.worst().map(|it| format!(" (worst: {it})"));
    let gaps = report.evaluation.gaps.len();
    let status = match report.status() {
        Status::Incomplete => format!("INCOMPLETE ({gaps} not read), "),
        _ => String::new(),
    };
    let begin = format!("gatewatch: {status}");
    let end = worst.unwrap_or_default() + &whose;
    around(&begin, digest.news_in_words(), &end)
}

/// A subject whose beginning and end stay: the news between them is cut where it is too long.
pub(super) fn around(begin: &str, mut news: String, end: &str) -> String {
    let room = SUBJECT_LIMIT.saturating_sub(begin.len() + end.len());
    if news.len() > room {
        news = news.chars().take(room.saturating_sub(3)).collect();
        news.push_str("...");
    }
    subject_line(&format!("{begin}{news}{end}"))
}

fn attributes(digest: &Digest<'_>) -> Vec<Attribute> {
    let report = digest.report;
    let kinds = Kind::ALL.into_iter().filter(|it| digest.count(*it) > 0);
    let kinds: Vec<&str> = kinds.map(Kind::as_str).collect();
    vec![
        Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", "gatewatch.digest"),
        Attribute::text("severity", digest.worst().map_or("none", |it| it.as_str())),
        Attribute::text("account_id", &report.account),
        Attribute::list("region", &report.scope.regions),
        Attribute::text("status", report.status().as_str()),
        Attribute::list("changes", &kinds),
    ]
}
