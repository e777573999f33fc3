//! The changes as events, for rules of EventBridge.

use jiff::Timestamp;

use super::json::change;
use super::single::shortened;
use crate::ledger::{Digest, News};
use crate::render::compact;

/// The source of the events.
pub const BUS_SOURCE: &str = "gatewatch";

/// The detail type of the events.
pub const BUS_DETAIL_TYPE: &str = "gatewatch finding change";

/// The most that an event may weigh, in bytes.
///
/// Source: [event size](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html). Some
/// targets take no more even where a bus does.
pub const BUS_LIMIT: usize = 262_144;

/// What an event with a time weighs by that alone, in bytes.
const TIME: usize = 14;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// The finding's id.
    pub id: String,
    /// The ARNs of what it is about. Empty: it is about nothing that has one.
    pub resources: Vec<String>,
    /// The change, as JSON: the same as in the digest.
    pub detail: String,
    /// When the run began.
    pub time: Timestamp,
}

impl BusEvent {
    /// What it weighs in bytes, as EventBridge counts.
    pub fn weight(&self) -> usize {
        let resources: usize = self.resources.iter().map(String::len).sum();
        TIME + BUS_SOURCE.len() + BUS_DETAIL_TYPE.len() + self.detail.len() + resources
    }
}

/// One event for each change of a digest, in its order. One that would weigh too much has no commands.
pub fn bus_events(digest: &Digest<'_>) -> Vec<BusEvent> {
    let events = digest.news.iter().map(|news| {
        let whole = event(digest, news);
        if whole.weight() <= BUS_LIMIT {
            return whole;
        }
        let finding = shortened(news, 0);
        let shorter = News {
            finding: finding.as_ref(),
            ..*news
        };
        event(digest, &shorter)
    });
    events.collect()
}

fn event(digest: &Digest<'_>, news: &News<'_>) -> BusEvent {
    let place = &news.entry.place;
    let principal = place.principal.as_ref().map(|it| &it.arn);
    let resources = place.resource_arn.iter().chain(principal);
    BusEvent {
        id: news.entry.id.clone(),
        resources: resources.map(ToString::to_string).collect(),
        detail: compact(&change(news)),
        time: digest.report.taken_at,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::ledger::Kind;
    use crate::render::digest::single::tests::{at, digest, entry, finding, news, report};

    #[test]
    fn a_change_is_an_event() {
        let (report, entry) = (report(), entry());
        let events = bus_events(&digest(&report, vec![news(Kind::New, &entry)]));
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].resources, [entry.place.resource_arn.unwrap()]);
        assert_eq!(events[0].time, at());
        let detail: Value = serde_json::from_str(&events[0].detail).unwrap();
        assert_eq!(detail["change"], "new");
        assert_eq!(detail["account"], "111122223333");
    }

    #[test]
    fn an_event_that_is_too_large_loses_its_commands() {
        let (report, entry) = (report(), entry());
        let (few, many) = (finding(3), finding(2_000));
        let with = |finding| News {
            finding: Some(finding),
            ..news(Kind::New, &entry)
        };
        let events = bus_events(&digest(&report, vec![with(&few), with(&many)]));
        let commands = events.iter().map(|event| {
            assert!(event.weight() <= BUS_LIMIT);
            let detail: Value = serde_json::from_str(&event.detail).unwrap();
            detail["remedy"]["commands"].as_array().unwrap().len()
        });
        assert_eq!(commands.collect::<Vec<_>>(), [3, 0]);
    }
}
