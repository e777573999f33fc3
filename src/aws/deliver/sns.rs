//! Publication to an SNS topic.

use std::fmt;
use std::str::FromStr;

use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::MessageAttributeValue;

use crate::aws::client::{Clients, Failure, failure, given};
use crate::ledger::Audience;
use crate::policy_file::topic_region;
use crate::render::{Attribute, Notice};

/// The ARN of an SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    arn: String,
    region: String,
}

impl TopicArn {
    /// The topic's Region, where it must be called.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The group of all messages, which a FIFO topic asks for, and no other topic takes.
    ///
    /// One group: reports arrive in the order of the scans. The deduplication id is the topic's own
    /// (content-based), as two scans with the same outcome are two reports of different times.
    pub(super) fn group(&self) -> Option<&'static str> {
        self.arn.ends_with(".fifo").then_some("gatewatch")
    }
}

impl FromStr for TopicArn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match topic_region(text) {
            Some(region) => Ok(TopicArn {
                arn: text.to_owned(),
                region: region.to_owned(),
            }),
            None => Err(format!(
                "`{text}` is no topic's ARN: they look like arn:aws:sns:eu-west-1:111122223333:security-alerts"
            )),
        }
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// SNS refused it, or could not be reached.
    #[error("the message was not published to {topic}")]
    Refused {
        /// The topic.
        topic: String,
        /// What SNS said.
        #[source]
        failure: Failure,
    },
    /// The message could not be made. This does not happen with a [`Notice`].
    #[error("the message could not be made")]
    Unsound(#[from] BuildError),
}

/// What SNS takes for an attribute.
pub(super) fn value(attribute: &Attribute) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder()
        .data_type(attribute.kind)
        .string_value(&attribute.value)
        .build()
}

/// Publishes a message. It counts as sent only when SNS answers with its id, which is returned.
///
/// # Errors
/// [`DeliveryError`], when SNS did not take it.
pub async fn publish(
    clients: &Clients,
    topic: &TopicArn,
    notice: &Notice,
) -> Result<String, DeliveryError> {
    let mut request = clients
        .sns(topic.region())
        .publish()
        .topic_arn(&topic.arn)
        .subject(&notice.subject)
        .message_structure("json")
        .message(&notice.message);
    for attribute in &notice.attributes {
        request = request.message_attributes(attribute.name, value(attribute)?);
    }
    request = request.set_message_group_id(topic.group().map(str::to_owned));
    let refused = |failure| DeliveryError::Refused {
        topic: topic.to_string(),
        failure,
    };
    let answer = request
        .send()
        .await
        .map_err(|error| refused(failure("sns:Publish", error)))?;
    given(answer.message_id).ok_or_else(|| {
        refused(Failure::malformed(
            "sns:Publish",
            "the answer has no message id",
        ))
    })
}

/// The subscriptions to a topic, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribers {
    /// How many are confirmed.
    pub confirmed: u64,
    /// How many wait for somebody to confirm them.
    pub pending: u64,
    /// The id or ARN of the key that encrypts the topic. `None`: none does.
    pub key: Option<String>,
    /// The topic's policy, as JSON. `None`: it is not told.
    pub policy: Option<String>,
}

/// The key that SNS has in each account: whoever may publish may use it.
const KEY_OF_SNS: &str = "alias/aws/sns";

impl Subscribers {
    /// The key that encrypts the topic, where it is not the one of SNS.
    pub fn own_key(&self) -> Option<&str> {
        self.key.as_deref().filter(|it| *it != KEY_OF_SNS)
    }
}

/// Asks how many subscriptions to a topic are confirmed.
///
/// # Errors
/// Where it may not be asked, there is no such topic, or the answer does not tell.
///
/// Source: [GetTopicAttributes](https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html).
pub async fn subscribers(clients: &Clients, topic: &TopicArn) -> Result<Subscribers, Failure> {
    const OPERATION: &str = "sns:GetTopicAttributes";
    let request = clients.sns(topic.region()).get_topic_attributes();
    let answer = request.topic_arn(&topic.arn).send().await;
    let answer = answer.map_err(|error| failure(OPERATION, error))?;
    let attributes = answer.attributes.unwrap_or_default();
    let count = |name: &str| attributes.get(name)?.parse::<u64>().ok();
    let confirmed = count("SubscriptionsConfirmed");
    Ok(Subscribers {
        confirmed: confirmed.ok_or_else(|| {
            Failure::malformed(OPERATION, "the answer has no SubscriptionsConfirmed")
        })?,
        pending: count("SubscriptionsPending").unwrap_or(0),
        key: attributes
            .get("KmsMasterKeyId")
            .filter(|it| !it.is_empty())
            .cloned(),
        policy: attributes.get("Policy").cloned(),
    })
}

/// Asks whether anybody has confirmed a subscription to a topic.
pub async fn audience(clients: &Clients, topic: &TopicArn) -> Audience {
    let asked = subscribers(clients, topic).await;
    let topic = topic.to_string();
    match asked {
        Ok(Subscribers {
            confirmed: 0,
            pending,
            ..
        }) => Audience::Nobody { topic, pending },
        Ok(_) => Audience::Confirmed,
        Err(failure) => {
            let reason = failure.to_string();
            // A session that is over says nothing of what its owner may ask.
            if failure.is_denial() {
                Audience::Hidden { topic, reason }
            } else {
                Audience::Unknown { topic, reason }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_of_something_else_is_refused() {
        let topic: TopicArn = "arn:aws:sns:eu-west-1:111122223333:alerts".parse().unwrap();
        assert_eq!(topic.region(), "eu-west-1");
        for text in [
            "alerts",
            "arn:aws:sqs:eu-west-1:111122223333:q",
            "arn:aws:sns:::",
            "",
        ] {
            assert!(text.parse::<TopicArn>().is_err(), "{text}");
        }
    }
}
