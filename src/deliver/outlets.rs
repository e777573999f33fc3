//! All that takes a digest.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{
    BatchError, DeliveryError, TopicArn, import_findings, publish, publish_batch, put_events,
};
use crate::announce::{Digest, bus_events, chat_notices, digest_notice, imports, single_notices};
use crate::collect::{Clients, in_full};
use crate::report::{LIMIT, Notice};
use crate::watch::Outlet;

/// Where digests go. What the topic took has been announced; the other places get it after that.
#[derive(Debug)]
pub struct Outlets<'c> {
    clients: &'c Clients,
    topic: TopicArn,
    now: Timestamp,
    /// Also one message for each change, to the same topic.
    pub message_per_finding: bool,
    /// A second topic, whose messages chat applications understand.
    pub chat: Option<TopicArn>,
    /// The Region of the Security Hub that findings are imported into.
    pub security_hub: Option<String>,
    /// The event bus that gets an event for each change.
    pub event_bus: Option<String>,
    troubles: Mutex<Vec<String>>,
}

/// Why a digest was not sent.
#[derive(Debug, thiserror::Error)]
pub enum OutletError {
    /// The topic did not take it.
    #[error(transparent)]
    Digest(#[from] DeliveryError),
    /// The topic did not take all messages about single changes.
    #[error(transparent)]
    Single(#[from] BatchError),
}

impl<'c> Outlets<'c> {
    /// The topic alone. `now` is the time of the run.
    pub fn new(clients: &'c Clients, topic: TopicArn, now: Timestamp) -> Self {
        Outlets {
            clients,
            topic,
            now,
            message_per_finding: false,
            chat: None,
            security_hub: None,
            event_bus: None,
            troubles: Mutex::default(),
        }
    }

    /// What the places besides the topic did not take, in words. Each has been tried several times.
    pub fn troubles(&self) -> Vec<String> {
        let troubles = self.troubles.lock();
        troubles.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn trouble(&self, place: &str, error: &(dyn std::error::Error + 'static)) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.push(format!("{place}: {}", in_full(error)));
    }

    /// Publishes the notices that a chat application is to show, each in its thread.
    async fn to_chat(&self, topic: &TopicArn, digest: &Digest<'_>) -> Result<(), BatchError> {
        let notices = chat_notices(digest).into_iter().map(|it| {
            let notice = Notice {
                subject: "gatewatch".to_owned(),
                message: serde_json::json!({"default": it.message}).to_string(),
                attributes: Vec::new(),
                listed: 1,
            };
            (it.id, notice)
        });
        let notices: Vec<(String, Notice)> = notices.collect();
        publish_batch(self.clients, topic, &notices).await
    }
}

impl Outlet for Outlets<'_> {
    type Error = OutletError;

    async fn send(&self, digest: &Digest<'_>) -> Result<(), OutletError> {
        if self.message_per_finding {
            let notices = single_notices(digest, LIMIT);
            publish_batch(self.clients, &self.topic, &notices).await?;
        }
        publish(self.clients, &self.topic, &digest_notice(digest, LIMIT)).await?;
        if let Some(topic) = &self.chat
            && let Err(error) = self.to_chat(topic, digest).await
        {
            self.trouble("the chat topic", &error);
        }
        if let Some(region) = &self.security_hub {
            let rounds = imports(digest, region, self.now);
            let imported = import_findings(self.clients, region, &rounds).await;
            if let Err(error) = imported {
                self.trouble("Security Hub", &error);
            }
        }
        if let Some(event_bus) = &self.event_bus {
            let events = bus_events(digest);
            if let Err(error) = put_events(self.clients, event_bus, &events).await {
                self.trouble("the event bus", &error);
            }
        }
        Ok(())
    }
}
