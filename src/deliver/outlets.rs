//! All that takes a digest.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{
    BatchError, DeliveryError, TopicArn, audience, import_findings, publish, publish_batch,
    put_events,
};
use crate::announce::{
    Audience, Digest, OrganizationDigest, bus_events, chat_notices, digest_notice, imports,
    organization_notice, single_notices,
};
use crate::collect::{Clients, in_full};
use crate::report::{LIMIT, Notice};
use crate::watch::Outlet;
use crate::watch::organization::OrganizationOutlet;

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
    /// The account that the outlets are in. `None`: that which digests are about.
    account: Option<String>,
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
            account: None,
            troubles: Mutex::default(),
        }
    }

    /// The same, for digests about other accounts than the one that the outlets are in.
    pub fn in_account(self, account: String) -> Self {
        Outlets {
            account: Some(account),
            ..self
        }
    }

    /// Whether Security Hub takes findings of this account here: of the caller's own only.
    ///
    /// Source: [BatchImportFindings](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
    fn takes_findings_of(&self, account: &str) -> bool {
        self.account.as_deref().is_none_or(|it| it == account)
    }

    /// Publishes a message for each change, where that is wanted.
    async fn singles(&self, digest: &Digest<'_>) -> Result<(), OutletError> {
        if self.message_per_finding {
            let notices = single_notices(digest, LIMIT);
            publish_batch(self.clients, &self.topic, &notices).await?;
        }
        Ok(())
    }

    /// Tells all places but the topic. What they do not take is a trouble, and no failure.
    async fn elsewhere(&self, digest: &Digest<'_>) {
        if let Some(topic) = &self.chat
            && let Err(error) = self.to_chat(topic, digest).await
        {
            self.trouble("the chat topic", &error);
        }
        if let Some(region) = &self.security_hub
            && self.takes_findings_of(&digest.report.account)
        {
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

impl Outlets<'_> {
    fn is_elsewhere(&self) -> bool {
        self.chat.is_some() || self.security_hub.is_some() || self.event_bus.is_some()
    }
}

impl Outlet for Outlets<'_> {
    type Error = OutletError;

    async fn audience(&self) -> Audience {
        audience(self.clients, &self.topic).await
    }

    async fn send(&self, digest: &Digest<'_>) -> Result<usize, OutletError> {
        let notice = digest_notice(digest, LIMIT);
        // Of what the digest names, so that what is left to the next run is not sent with each.
        self.singles(&digest.only(notice.listed)).await?;
        publish(self.clients, &self.topic, &notice).await?;
        Ok(notice.listed)
    }

    async fn send_elsewhere(&self, digest: &Digest<'_>) {
        self.elsewhere(digest).await;
    }

    fn has_elsewhere(&self) -> bool {
        self.is_elsewhere()
    }
}

impl OrganizationOutlet for Outlets<'_> {
    type Error = OutletError;

    async fn audience(&self) -> Audience {
        audience(self.clients, &self.topic).await
    }

    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, OutletError> {
        let notice = organization_notice(digest, LIMIT);
        publish(self.clients, &self.topic, &notice).await?;
        Ok(notice.listed)
    }

    async fn send_single(&self, digest: &Digest<'_>) -> Result<(), OutletError> {
        self.singles(digest).await
    }

    fn has_single(&self) -> bool {
        self.message_per_finding
    }

    async fn send_elsewhere(&self, digest: &Digest<'_>) {
        self.elsewhere(digest).await;
    }

    fn has_elsewhere(&self) -> bool {
        self.is_elsewhere()
    }
}
