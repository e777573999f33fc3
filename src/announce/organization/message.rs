//! The digest of an organisation as one message, within the limits of SNS.

use serde_json::json;

use super::OrganizationDigest;
use super::json::EVENT_TYPE;
use super::row::Row;
use super::{organization_document, organization_text};
use crate::announce::message::around;
use crate::ledger::Kind;
use crate::report::json::SCHEMA_VERSION;
use crate::report::{Attribute, Notice, Status, fitting};

/// The most accounts that a list of an e-mail names.
const EMAIL_ACCOUNTS: usize = 100;

/// The most changes that an e-mail spells out: nobody reads on.
const EMAIL_CHANGES: usize = 50;

/// The part of the message, one in so many, that the ids of accounts may take as an attribute.
const IDS_SHARE: usize = 16;

/// What an account's id weighs in that attribute, in bytes.
const ID: usize = "\"111122223333\",".len();

/// Builds the message. `limit` is in bytes, usually [`LIMIT`](crate::report::LIMIT); where the digest does
/// not fit, the worst stays and the rest is counted.
///
/// The attribute `account_id` lists the accounts that have changes or gaps or were not read, the worst first.
/// With thousands of them it lists the first: a filter for one account then sees what matters most, and may
/// miss a digest.
pub fn organization_notice(digest: &OrganizationDigest, limit: usize) -> Notice {
    let subject = subject(digest);
    let unread = digest.not_read().max(digest.not_active());
    let accounts = digest.read().max(unread);
    let longest = accounts.max(digest.changes.len()).max(digest.unread.len());
    let body = |most: usize| {
        let document = serde_json::to_string(&organization_document(digest, most));
        let (accounts, changes) = (most.min(EMAIL_ACCOUNTS), most.min(EMAIL_CHANGES));
        json!({
            // Only a map with keys that are no texts fails, and the document has none.
            "default": document.unwrap_or_default(),
            "email": organization_text(digest, accounts, changes),
            "sms": subject,
        })
        .to_string()
    };
    let attributes = attributes(digest, limit);
    let (most, message) = fitting(&subject, &attributes, limit, longest, body);
    Notice {
        listed: digest.changes.len().min(most),
        subject,
        message,
        attributes,
    }
}

/// How many accounts there are stays, however much there is to say.
fn subject(digest: &OrganizationDigest) -> String {
    let begin = match digest.status() {
        Status::Incomplete => "gatewatch: INCOMPLETE, ",
        Status::Clean | Status::Findings => "gatewatch: ",
    };
    let worst = digest.worst().map(|it| format!(" (worst: {it})"));
    let end = format!(
        "{} in {}",
        worst.unwrap_or_default(),
        digest.subject_in_words()
    );
    around(begin, digest.news_in_words(), &end)
}

fn attributes(digest: &OrganizationDigest, limit: usize) -> Vec<Attribute> {
    let kinds = Kind::ALL.into_iter().filter(|it| digest.count(*it) > 0);
    let kinds: Vec<&str> = kinds.map(Kind::as_str).collect();
    let regions: Vec<&str> = digest.regions().into_iter().collect();
    let concerns =
        |row: &&Row| row.changes() > 0 || !row.is_inactive() && row.status() == Status::Incomplete;
    let concerned = digest.rows.iter().filter(concerns);
    let ids = concerned.map(|it| it.member.account.as_str());
    let ids: Vec<&str> = ids.take(limit / IDS_SHARE / ID).collect();
    vec![
        Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
        Attribute::text("event_type", EVENT_TYPE),
        Attribute::text("severity", digest.worst().map_or("none", |it| it.as_str())),
        Attribute::list("account_id", &ids),
        Attribute::list("region", &regions),
        Attribute::text("status", digest.status().as_str()),
        Attribute::list("changes", &kinds),
    ]
}
