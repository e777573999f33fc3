//! Publication of many messages to an SNS topic.

use std::collections::BTreeSet;

use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::PublishBatchRequestEntry;

use super::sns::{DeliveryError, TopicArn, publish, value};
use crate::aws::client::{Clients, Failure, failure, given};
use crate::inventory::Reason;
use crate::render::{LIMIT, Notice};

/// The most messages of one call.
///
/// Source: [PublishBatch](https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html).
const ENTRIES: usize = 10;

/// As many of those that failed are named in an error's words.
const NAMED: usize = 10;

/// Messages that stayed unsent. All others were taken.
#[derive(Debug, thiserror::Error)]
#[error("{} of {total} messages were not published to {topic}: {}", .unsent.len(), names(.unsent))]
pub struct BatchError {
    /// The topic.
    pub topic: String,
    /// How many messages there were.
    pub total: usize,
    /// Those that stayed unsent, in their order.
    pub unsent: Vec<Unsent>,
}

/// A message that stayed unsent.
#[derive(Debug)]
pub struct Unsent {
    /// Its id.
    pub id: String,
    /// Why.
    pub error: DeliveryError,
}

/// Publishes messages, each with an id of its own: at most 80 letters, digits, hyphens and underscores. A
/// message counts as sent only when SNS answers with an id for it; one that a call did not take is
/// published once more, alone.
///
/// # Errors
/// [`BatchError`], with every message that stayed unsent. Where nothing more can be hoped for (no
/// permission, no network), the rest is not tried.
pub async fn publish_batch(
    clients: &Clients,
    topic: &TopicArn,
    notices: &[(String, Notice)],
) -> Result<(), BatchError> {
    let mut unsent = Vec::new();
    let mut hopeless: Option<Failure> = None;
    let weight = |(id, notice): &(String, Notice)| id.len() + notice.weight();
    for batch in batches(notices, ENTRIES, LIMIT, weight) {
        let sent = if hopeless.is_some() {
            BTreeSet::new()
        } else {
            match publish_some(clients, topic, batch).await {
                Ok(sent) => sent,
                Err(failure) => {
                    hopeless = Some(failure).filter(|it| is_hopeless(it.reason));
                    BTreeSet::new()
                }
            }
        };
        for (id, notice) in batch {
            if sent.contains(id) {
                continue;
            }
            let outcome = match &hopeless {
                Some(failure) => Err(DeliveryError::Refused {
                    topic: topic.to_string(),
                    failure: failure.clone(),
                }),
                None => publish(clients, topic, notice).await,
            };
            if let Err(error) = outcome {
                let id = id.clone();
                unsent.push(Unsent { id, error });
            }
        }
    }
    if unsent.is_empty() {
        return Ok(());
    }
    Err(BatchError {
        topic: topic.to_string(),
        total: notices.len(),
        unsent,
    })
}

/// Publishes what fits into one call, and says which of it SNS took: an answer of 200 can refuse some.
async fn publish_some(
    clients: &Clients,
    topic: &TopicArn,
    batch: &[(String, Notice)],
) -> Result<BTreeSet<String>, Failure> {
    // A message that cannot be made is left to `publish`, which says why.
    let entries: Vec<PublishBatchRequestEntry> = (batch.iter())
        .filter_map(|(id, notice)| entry(id, notice, topic.group()).ok())
        .collect();
    if entries.is_empty() {
        return Ok(BTreeSet::new());
    }
    let answer = clients
        .sns(topic.region())
        .publish_batch()
        .topic_arn(topic.to_string())
        .set_publish_batch_request_entries(Some(entries))
        .send()
        .await
        // IAM has no action of the call's own name.
        .map_err(|error| failure("sns:Publish", error))?;
    let answers = answer.successful.unwrap_or_default().into_iter();
    let taken = answers.filter(|it| given(it.message_id.clone()).is_some());
    Ok(taken.filter_map(|it| it.id).collect())
}

fn entry(
    id: &str,
    notice: &Notice,
    group: Option<&str>,
) -> Result<PublishBatchRequestEntry, BuildError> {
    let mut entry = PublishBatchRequestEntry::builder()
        .id(id)
        .subject(&notice.subject)
        .message_structure("json")
        .message(&notice.message)
        .set_message_group_id(group.map(str::to_owned));
    for attribute in &notice.attributes {
        entry = entry.message_attributes(attribute.name, value(attribute)?);
    }
    entry.build()
}

/// Whether what failed for this reason fails for all that comes after it, too.
pub(super) fn is_hopeless(reason: Reason) -> bool {
    match reason {
        Reason::NoCredentials
        | Reason::AccessDenied
        | Reason::NotFound
        | Reason::Timeout
        | Reason::Unreachable => true,
        Reason::Throttled
        | Reason::ServiceError
        | Reason::Malformed
        | Reason::Unresolved
        | Reason::NotActive
        | Reason::NotReadYet
        | Reason::TooMuchWork
        | Reason::TooMany => false,
    }
}

/// Items in their order, in batches of so many entries and bytes at most. An item that is too heavy for
/// any batch has one of its own: the service says why it does not take it.
pub(super) fn batches<T>(
    items: &[T],
    entries: usize,
    bytes: usize,
    weight: impl Fn(&T) -> usize,
) -> Vec<&[T]> {
    let mut batches = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut total = 0_usize;
        let fitting = rest.iter().take(entries).take_while(|&item| {
            total = total.saturating_add(weight(item));
            total <= bytes
        });
        let fitting = fitting.count().max(1);
        let Some((batch, later)) = rest.split_at_checked(fitting) else {
            break;
        };
        batches.push(batch);
        rest = later;
    }
    batches
}

/// Texts in a row; of many, the first ones, as a line of the log has a limit.
pub(super) fn listed(texts: impl ExactSizeIterator<Item = String>) -> String {
    let left = texts.len().saturating_sub(NAMED);
    let mut named: Vec<String> = texts.take(NAMED).collect();
    if left > 0 {
        named.push(format!("and {left} more"));
    }
    named.join("; ")
}

fn names(unsent: &[Unsent]) -> String {
    let names = unsent.iter().map(|it| {
        let why = match &it.error {
            // Its own words name the topic, which is said already, and not the reason.
            DeliveryError::Refused { failure, .. } => failure.to_string(),
            other => other.to_string(),
        };
        format!("{} ({why})", it.id)
    });
    listed(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_keeps_both_limits_and_the_order() {
        let weight = |it: &usize| *it;
        let of = |items: &[usize]| -> Vec<Vec<usize>> {
            let batches = batches(items, 3, 10, weight);
            batches.into_iter().map(<[usize]>::to_vec).collect()
        };
        assert_eq!(of(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(of(&[1, 1, 1, 1]), [vec![1, 1, 1], vec![1]]);
        assert_eq!(of(&[6, 5, 5]), [vec![6], vec![5, 5]]);
        assert_eq!(of(&[1, 99, 1]), [vec![1], vec![99], vec![1]]);
        assert_eq!(of(&[99]), [vec![99]]);
    }

    #[test]
    fn an_error_names_the_first() {
        let texts = |count: u8| listed((0..count).map(|it| it.to_string()));
        assert_eq!(texts(2), "0; 1");
        assert!(texts(12).ends_with("; 9; and 2 more"), "{}", texts(12));
    }

    #[test]
    fn an_entry_is_what_a_message_is() {
        let notice = Notice {
            subject: "gatewatch".to_owned(),
            message: "{}".to_owned(),
            attributes: Vec::new(),
            listed: 1,
        };
        let plain = entry("a", &notice, None).unwrap();
        assert_eq!((plain.id(), plain.message()), ("a", "{}"));
        assert_eq!(plain.message_structure(), Some("json"));
        assert_eq!(plain.message_group_id(), None);
        let fifo = entry("a", &notice, Some("gatewatch")).unwrap();
        assert_eq!(fifo.message_group_id(), Some("gatewatch"));
    }
}
