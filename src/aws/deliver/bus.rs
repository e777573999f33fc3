//! Events to an event bus of EventBridge.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::batch::{batches, is_hopeless, listed};
use super::sink::{Sink, SinkError};
use crate::aws::client::{Clients, Failure, failure, given};
use crate::ledger::Digest;
use crate::render::{BUS_DETAIL_TYPE, BUS_LIMIT, BUS_SOURCE, BusEvent, bus_events};

/// The most events of one call.
///
/// Source: [PutEvents](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
const ENTRIES: usize = 10;

/// How long to wait before what was refused is sent once more: most often, there were too many.
const PAUSE: Duration = Duration::from_millis(500);

/// An event bus that gets an event for each change: its name, or its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBus(pub String);

impl Sink for EventBus {
    fn name(&self) -> &'static str {
        "the event bus"
    }

    fn send<'s>(
        &'s self,
        clients: &'s Clients,
        digest: &'s Digest<'_>,
        _: Timestamp,
    ) -> BoxFuture<'s, Result<(), SinkError>> {
        let events = bus_events(digest);
        Box::pin(async move { Ok(put_events(clients, &self.0, &events).await?) })
    }
}

/// Events that the bus did not take. All others were taken.
#[derive(Debug, thiserror::Error)]
#[error("{} of {total} events were not put on the event bus {bus}: {}", .unsent.len(), names(.unsent))]
pub struct BusError {
    /// The bus.
    pub bus: String,
    /// How many events there were.
    pub total: usize,
    /// Those that were not taken, in their order.
    pub unsent: Vec<UnsentEvent>,
}

/// An event that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentEvent {
    /// The finding's id.
    pub id: String,
    /// Why, in words.
    pub why: String,
}

/// Puts events on a bus: its name, or its ARN. An event that a call did not take is sent once more.
///
/// # Errors
/// [`BusError`], with every event that was not taken. Where nothing more can be hoped for (no permission,
/// no network), the rest is not tried.
pub async fn put_events(clients: &Clients, bus: &str, events: &[BusEvent]) -> Result<(), BusError> {
    let client = clients.event_bridge();
    let mut unsent = Vec::new();
    let mut hopeless: Option<Failure> = None;
    for batch in batches(events, ENTRIES, BUS_LIMIT, BusEvent::weight) {
        let batch: Vec<&BusEvent> = batch.iter().collect();
        let outcome = match hopeless.clone() {
            Some(failure) => Err(failure),
            None => put_twice(&client, bus, &batch).await,
        };
        match outcome {
            Ok(refused) => unsent.extend(refused.into_iter().map(|it| it.unsent())),
            Err(failure) => {
                let why = failure.to_string();
                unsent.extend(batch.iter().map(|event| UnsentEvent {
                    id: event.id.clone(),
                    why: why.clone(),
                }));
                hopeless = Some(failure).filter(|it| is_hopeless(it.reason));
            }
        }
    }
    if unsent.is_empty() {
        return Ok(());
    }
    Err(BusError {
        bus: bus.to_owned(),
        total: events.len(),
        unsent,
    })
}

/// An event that a call did not take.
struct Refused<'e> {
    event: &'e BusEvent,
    why: String,
}

impl Refused<'_> {
    fn unsent(self) -> UnsentEvent {
        UnsentEvent {
            id: self.event.id.clone(),
            why: self.why,
        }
    }
}

/// Puts what fits into one call, and what is refused once more.
async fn put_twice<'e>(
    client: &Client,
    bus: &str,
    events: &[&'e BusEvent],
) -> Result<Vec<Refused<'e>>, Failure> {
    let refused = put(client, bus, events).await?;
    if refused.is_empty() {
        return Ok(refused);
    }
    tokio::time::sleep(PAUSE).await;
    let again: Vec<&'e BusEvent> = refused.iter().map(|it| it.event).collect();
    match put(client, bus, &again).await {
        Ok(refused) => Ok(refused),
        // The others of the first call were taken.
        Err(failure) => {
            let why = failure.to_string();
            let refused = again.into_iter().map(|event| Refused {
                event,
                why: why.clone(),
            });
            Ok(refused.collect())
        }
    }
}

/// Puts what fits into one call, and says what of it was refused: an answer of 200 can refuse some.
async fn put<'e>(
    client: &Client,
    bus: &str,
    events: &[&'e BusEvent],
) -> Result<Vec<Refused<'e>>, Failure> {
    let entries = events.iter().map(|event| entry(event, bus)).collect();
    let put = client.put_events().set_entries(Some(entries)).send().await;
    let answer = put.map_err(|error| failure("events:PutEvents", error))?;
    // The entries of the answer are in the order of those of the call.
    let mut results = answer.entries().iter();
    let mut refused = Vec::new();
    for event in events.iter().copied() {
        let result = results.next();
        if result.is_some_and(|it| given(it.event_id.clone()).is_some()) {
            continue;
        }
        let code = result.and_then(|it| it.error_code());
        let message = result.and_then(|it| it.error_message());
        let why = match (code, message) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "the answer has no event id".to_owned(),
        };
        refused.push(Refused { event, why });
    }
    Ok(refused)
}

fn entry(event: &BusEvent, bus: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(BUS_SOURCE)
        .detail_type(BUS_DETAIL_TYPE)
        .detail(&event.detail)
        .set_resources(Some(event.resources.clone()))
        .time(DateTime::from_secs(event.time.as_second()))
        .build()
}

fn names(unsent: &[UnsentEvent]) -> String {
    let names = unsent.iter().map(|it| format!("{} ({})", it.id, it.why));
    listed(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_becomes_an_entry_of_the_call() {
        let event = BusEvent {
            id: "a".to_owned(),
            resources: vec!["arn:aws:iam::111122223333:group/callers".to_owned()],
            detail: "{}".to_owned(),
            time: "2026-06-15T06:00:00Z".parse().unwrap(),
        };
        let entry = entry(&event, "security");
        assert_eq!(entry.event_bus_name(), Some("security"));
        assert_eq!(entry.source(), Some("gatewatch"));
        assert_eq!(entry.detail_type(), Some("gatewatch finding change"));
        assert_eq!(entry.resources(), event.resources.as_slice());
        assert_eq!(
            entry.time().map(DateTime::secs),
            Some(event.time.as_second())
        );
    }

    #[test]
    fn what_was_not_taken_is_named() {
        let error = BusError {
            bus: "security".to_owned(),
            total: 2,
            unsent: vec![UnsentEvent {
                id: "a".to_owned(),
                why: "ThrottlingException".to_owned(),
            }],
        };
        assert_eq!(
            error.to_string(),
            "1 of 2 events were not put on the event bus security: a (ThrottlingException)"
        );
    }
}
