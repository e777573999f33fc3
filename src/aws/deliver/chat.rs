//! A topic whose messages chat applications understand.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::sink::{Sink, SinkError};
use super::{TopicArn, publish_batch};
use crate::aws::client::Clients;
use crate::ledger::Digest;
use crate::render::Notice;
use crate::render::{ChatNotice, chat_notices};

/// A topic whose messages chat applications understand: one for each change, each in its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatTopic(pub TopicArn);

impl Sink for ChatTopic {
    fn name(&self) -> &'static str {
        "the chat topic"
    }

    fn send<'s>(
        &'s self,
        clients: &'s Clients,
        digest: &'s Digest<'_>,
        _: Timestamp,
    ) -> BoxFuture<'s, Result<(), SinkError>> {
        let notices = chat_messages(digest);
        Box::pin(async move { Ok(publish_batch(clients, &self.0, &notices).await?) })
    }
}

/// The messages of a digest, each with its id.
pub(super) fn chat_messages(digest: &Digest<'_>) -> Vec<(String, Notice)> {
    chat_notices(digest).into_iter().map(notice).collect()
}

/// The message of a notice, with its id.
fn notice(chat: ChatNotice) -> (String, Notice) {
    let notice = Notice {
        subject: "gatewatch".to_owned(),
        message: serde_json::json!({"default": chat.message}).to_string(),
        attributes: Vec::new(),
        listed: 1,
    };
    (chat.id, notice)
}
