//! The digest of an organization as one message, within the limits of SNS.

use std::collections::BTreeSet;

use serde_json::json;

use super::OrganizationDigest;
use super::json::{EVENT_TYPE, document};
use super::row::AccountRow;
use super::text::{OrganizationSizes, text};
use crate::audit::Status;
use crate::ledger::Kind;
use crate::render::digest::message::{around, spelled_out};
use crate::render::json::SCHEMA_VERSION;
use crate::render::{Attribute, Notice, compact, fitted};

/// The most accounts that a list of an e-mail names.
const EMAIL_ACCOUNTS: usize = 100;

/// The part of the message, one in so many, that the ids of accounts may take as an attribute.
const IDS_SHARE: usize = 16;

/// What an account's id weighs in that attribute, in bytes.
const ID: usize = "\"111122223333\",".len();

/// Builds the next message: it names as many of the changes that no message has named as fit, in that order. A
/// change that it names is in the e-mail and in the JSON; the remaining ones are counted. `limit` is in bytes,
/// usually [`LIMIT`](crate::render::LIMIT). [`Notice::listed`] says how many it names. What the
/// e-mail names in one line has no commands in the JSON.
///
/// Accounts and gaps are listed in the first message alone.
///
/// The attribute `account_id` lists the accounts that have changes or gaps or were not read, the worst first.
/// With thousands of them it lists the first: a filter for one account then sees what matters most, and may
/// miss a digest.
pub fn organization_notice(digest: &OrganizationDigest, limit: usize) -> Notice {
    let subject = subject(digest);
    let others = match digest.messages {
        0 => {
            let unread = digest.not_read().max(digest.not_active());
            let accounts = digest.read().max(unread);
            accounts.max(digest.unread.len())
        }
        _ => 0,
    };
    let body = |changes: usize, others: usize| {
        let spelled_out = spelled_out(digest.messages);
        let sizes = OrganizationSizes {
            accounts: others.min(EMAIL_ACCOUNTS),
            gaps: others.min(spelled_out),
            changes,
            spelled_out,
        };
        json!({
            "default": compact(&document(digest, changes, spelled_out, others)),
            "email": text(digest, sizes),
            "sms": subject,
        })
        .to_string()
    };
    let attributes = attributes(digest, limit);
    fitted(
        subject.clone(),
        attributes,
        limit,
        [digest.rest().len(), others],
        body,
    )
}

/// The subject. It always names the outcome and how many accounts there are: what is too long is cut from the news.
fn subject(digest: &OrganizationDigest) -> String {
    let status = match digest.status() {
        Status::Incomplete => "INCOMPLETE, ",
        Status::Clean | Status::NoApi | Status::NoMethod | Status::Findings => "",
    };
    let begin = match digest.messages {
        0 => format!("gatewatch: {status}"),
        before => format!("gatewatch, part {}: {status}", before + 1),
    };
    let worst = digest.worst().map(|it| format!(" (worst: {it})"));
    let end = format!(
        "{} in {}",
        worst.unwrap_or_default(),
        digest.subject_in_words()
    );
    around(&begin, digest.news_in_words(), &end)
}

fn attributes(digest: &OrganizationDigest, limit: usize) -> Vec<Attribute> {
    let kinds: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|it| digest.count(*it) > 0)
        .map(Kind::as_str)
        .collect();
    let parts = digest.rows.iter().filter_map(|it| it.part.as_ref());
    let rules: BTreeSet<&str> = parts.flat_map(|it| &it.rules).map(String::as_str).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let regions: Vec<&str> = digest.regions().into_iter().collect();
    let concerns = |row: &&AccountRow| {
        row.changes() > 0 || !row.is_inactive() && row.status() == Status::Incomplete
    };
    let concerned = digest.rows.iter().filter(concerns);
    let ids: Vec<&str> = concerned
        .map(|it| it.member.account.as_str())
        .take(limit / IDS_SHARE / ID)
        .collect();
    vec![
        Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", EVENT_TYPE),
        Attribute::text("severity", digest.worst().map_or("none", |it| it.as_str())),
        Attribute::list("account_id", &ids),
        Attribute::list("region", &regions),
        Attribute::text("status", digest.status().as_str()),
        Attribute::list("changes", &kinds),
        Attribute::list("rules", &rules),
    ]
}
