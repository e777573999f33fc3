//! All that takes a digest: the topic, and the sinks besides it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::chat::chat_messages;
use super::outlet::{Channel, OrganizationOutlet, Outlet};
use super::sink::Sink;
use super::{BatchError, DeliveryError, TopicArn, audience, publish, publish_batch};
use crate::aws::client::{Clients, in_full};
use crate::ledger::{Audience, Digest};
use crate::policy_file::{NotifyFormat, Recipient};
use crate::render::{CHAT_NOTICES, LIMIT};
use crate::render::{OrganizationDigest, digest_notice, organization_notice, single_notices};

/// Where digests go. What the topic took is announced; the sinks get it after that.
#[derive(Debug)]
pub struct Outlets<'c> {
    clients: &'c Clients,
    topic: TopicArn,
    now: Timestamp,
    /// Whether each change is also a message of its own, to the same topic.
    pub message_per_finding: bool,
    /// The places besides the topic.
    pub sinks: &'c [Box<dyn Sink>],
    /// The account that gatewatch runs in. `None`: that which digests are about.
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
    /// The policy file names a topic that is none.
    #[error("{0}")]
    NoTopic(String),
}

impl<'c> Outlets<'c> {
    /// The topic alone. `now` is the time of the run.
    pub fn new(clients: &'c Clients, topic: TopicArn, now: Timestamp) -> Self {
        Outlets {
            clients,
            topic,
            now,
            message_per_finding: false,
            sinks: &[],
            account: None,
            troubles: Mutex::default(),
        }
    }

    /// The same, for digests about other accounts than the one that gatewatch runs in.
    pub fn in_account(self, account: String) -> Self {
        Outlets {
            account: Some(account),
            ..self
        }
    }

    /// Publishes a message for each change, if that is wanted.
    async fn singles(&self, digest: &Digest<'_>) -> Result<(), OutletError> {
        if self.message_per_finding {
            let notices = single_notices(digest, LIMIT);
            publish_batch(self.clients, &self.topic, &notices).await?;
        }
        Ok(())
    }

    /// What the sinks did not take, in words. Each has been tried several times.
    pub fn troubles(&self) -> Vec<String> {
        let troubles = self.troubles.lock();
        troubles.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Channel for Outlets<'_> {
    type Error = OutletError;

    async fn audience(&self) -> Audience {
        audience(self.clients, &self.topic).await
    }

    /// Tells all sinks. If one does not take everything, the others are told all the same.
    async fn send_elsewhere(&self, digest: &Digest<'_>) {
        let about = &digest.report.account;
        let is_own = self.account.as_deref().is_none_or(|it| it == about);
        for sink in self.sinks {
            if !is_own && sink.takes_own_account_only() {
                continue;
            }
            if let Err(error) = sink.send(self.clients, digest, self.now).await {
                let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
                troubles.push(format!("{}: {}", sink.name(), in_full(error.as_ref())));
            }
        }
    }

    fn has_elsewhere(&self) -> bool {
        !self.sinks.is_empty()
    }

    async fn audience_of(&self, owner: &Recipient) -> Audience {
        match owner.topic.parse() {
            Ok(topic) => audience(self.clients, &topic).await,
            Err(reason) => Audience::Unknown {
                topic: owner.topic.clone(),
                reason,
            },
        }
    }

    async fn send_to(&self, owner: &Recipient, digest: &Digest<'_>) -> Result<usize, OutletError> {
        let topic: TopicArn = owner.topic.parse().map_err(OutletError::NoTopic)?;
        match owner.format {
            NotifyFormat::Digest => {
                let notice = digest_notice(digest, LIMIT);
                publish(self.clients, &topic, &notice).await?;
                Ok(notice.listed)
            }
            // Nobody reads more than one batch of notifications: the next run sends the rest.
            NotifyFormat::Chat if digest.messages > 0 => Ok(0),
            NotifyFormat::Chat => {
                publish_batch(self.clients, &topic, &chat_messages(digest)).await?;
                Ok(digest.rest().len().min(CHAT_NOTICES))
            }
        }
    }
}

impl Outlet for Outlets<'_> {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, OutletError> {
        let notice = digest_notice(digest, LIMIT);
        // Only for what the digest names: otherwise each run would send what is left to the next one.
        self.singles(&digest.only(notice.listed)).await?;
        publish(self.clients, &self.topic, &notice).await?;
        Ok(notice.listed)
    }
}

impl OrganizationOutlet for Outlets<'_> {
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
}
