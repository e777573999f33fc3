//! How many findings were open when, as the ledger remembers it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::finding::Severity;
use crate::ledger::{Entry, EventKind};

/// So many moments are shown, the latest.
const MOST: usize = 400;

/// How many findings were open from a moment on, the worst severity first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Point {
    at: Timestamp,
    open: [i64; 5],
}

/// What changed at each moment.
type Changes = BTreeMap<Timestamp, [i64; 5]>;

/// How many of these findings were open when. Of a finding that changed very often, the ledger keeps only the latest
/// changes: what was before counts as open from when it was first seen.
pub(super) fn trend<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Point> {
    let mut changes = Changes::new();
    for entry in entries {
        count(entry, &mut changes);
    }
    let mut open = [0; 5];
    let points = changes.into_iter().map(|(at, change)| {
        for (now, more) in open.iter_mut().zip(change) {
            *now += more;
        }
        Point { at, open }
    });
    let points: Vec<Point> = points.collect();
    let begin = points.len().saturating_sub(MOST);
    points.get(begin..).unwrap_or_default().to_vec()
}

/// Counts when a finding was open.
fn count(entry: &Entry, changes: &mut Changes) {
    let mut open: Option<Severity> = None;
    let mut events = entry.events.iter().peekable();
    if let Some(first) = events.peek()
        && !matches!(first.what, EventKind::Opened | EventKind::Exempted)
    {
        step(changes, entry.first_seen, &mut open, Some(first.severity));
    }
    for event in events {
        let next = match event.what {
            EventKind::Opened | EventKind::ExemptionEnded => Some(event.severity),
            EventKind::SeverityChanged => open.map(|_| event.severity),
            EventKind::Announced => open,
            EventKind::Exempted
            | EventKind::Accepted
            | EventKind::Became
            | EventKind::Gone
            | EventKind::Resolved => None,
        };
        step(changes, event.at, &mut open, next);
    }
}

/// What was open is open no more, or with another severity.
fn step(changes: &mut Changes, at: Timestamp, open: &mut Option<Severity>, next: Option<Severity>) {
    if *open == next {
        return;
    }
    let change = changes.entry(at).or_insert([0; 5]);
    for (count, severity) in change.iter_mut().zip(Severity::WORST_FIRST) {
        *count += i64::from(next == Some(severity)) - i64::from(*open == Some(severity));
    }
    *open = next;
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ledger::{self, Book};

    /// The findings of a book with these events: the day in June, what, and how severe it was. There are two at most.
    fn book(findings: &[&[(u8, &str, &str)]]) -> Book {
        const LEDGER: &str = include_str!("../../../tests/data/ledger-version-2.json");
        let mut ledger: Value = serde_json::from_str(LEDGER).unwrap();
        let kept = ledger["findings"].as_array_mut().unwrap();
        kept.truncate(findings.len());
        for (kept, events) in kept.iter_mut().zip(findings) {
            let events = events.iter().map(|(day, what, severity)| {
                json!({"at": format!("2026-06-{day:02}T06:00:00Z"), "what": what, "severity": severity})
            });
            kept["events"] = events.collect();
            kept["first_seen"] = json!("2026-06-01T06:00:00Z");
        }
        Book::any_from_json(&ledger.to_string()).unwrap()
    }

    /// The open findings from each day on, the worst severity first.
    fn shown(findings: &[&[(u8, &str, &str)]]) -> Vec<(i8, [i64; 5])> {
        let book = book(findings);
        let points = trend(ledger::entries(std::slice::from_ref(&book))).into_iter();
        let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).day();
        points.map(|it| (day(it.at), it.open)).collect()
    }

    #[test]
    fn a_finding_counts_while_it_is_open() {
        let one: &[_] = &[
            (2, "opened", "high"),
            (3, "announced", "high"),
            (4, "severity-changed", "critical"),
            (5, "exempted", "critical"),
            (6, "exemption-ended", "critical"),
            (7, "resolved", "critical"),
        ];
        let other: &[_] = &[(4, "opened", "low"), (8, "gone", "low")];
        let expected = vec![
            (2, [0, 1, 0, 0, 0]),
            (4, [1, 0, 0, 1, 0]),
            (5, [0, 0, 0, 1, 0]),
            (6, [1, 0, 0, 1, 0]),
            (7, [0, 0, 0, 1, 0]),
            (8, [0, 0, 0, 0, 0]),
        ];
        assert_eq!(shown(&[one, other]), expected);
    }

    #[test]
    fn what_is_exempt_from_the_first_never_counts() {
        assert_eq!(shown(&[&[(2, "exempted", "high")]]), []);
    }

    #[test]
    fn a_finding_whose_first_events_are_forgotten_counts_from_when_it_was_first_seen() {
        let forgotten: &[_] = &[(9, "resolved", "medium")];
        assert_eq!(shown(&[forgotten]), [(1, [0, 0, 1, 0, 0]), (9, [0; 5])]);
    }
}
