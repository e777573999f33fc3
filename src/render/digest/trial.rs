//! A message that proves the path of the digests.

use jiff::Timestamp;
use serde_json::json;

use crate::render::json::SCHEMA_VERSION;
use crate::render::{Attribute, Notice, minute};

/// A message that says that it is a test. Its `event_type` tells it from a digest; a subscription that
/// filters by what only digests have does not get it.
pub fn test_notice(account: &str, at: Timestamp) -> Notice {
    let subject = format!("gatewatch: test message from account {account}");
    let text = format!(
        "This is a test.\nThe digests of gatewatch about AWS account {account} take this way: topic, \
         encryption and your subscription work.\nSent on {}.\n",
        minute(at)
    );
    let document = json!({
        "schema_version": SCHEMA_VERSION,
        "event_type": "gatewatch.test",
        "account": account,
        "sent_at": at.to_string(),
    });
    let message = json!({"default": document.to_string(), "email": text, "sms": subject});
    Notice {
        message: message.to_string(),
        attributes: vec![
            Attribute::text("schema_version", &SCHEMA_VERSION.to_string()),
            Attribute::text("event_type", "gatewatch.test"),
            Attribute::text("account_id", account),
        ],
        listed: 0,
        subject,
    }
}

/// The same for the topic of chat applications.
pub fn test_chat_notice(account: &str, at: Timestamp) -> Notice {
    let custom = json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": "gatewatch: test message",
            "description": format!(
                "Changes in AWS account {account} arrive here. Sent on {}.",
                minute(at)
            ),
        },
        "metadata": {"threadId": format!("gatewatch-test-{account}"), "eventType": "gatewatch.test"},
    });
    Notice {
        message: json!({"default": custom.to_string()}).to_string(),
        ..test_notice(account, at)
    }
}
