//! How many findings were open when, as the ledger remembers it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::finding::Severity;
use crate::ledger::{self, Book, Entry, EventKind};

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

/// How many findings of these books were open when. Of a finding that changed very often, the ledger keeps only the latest
/// changes: what was before counts as open from when it was first seen.
pub(super) fn trend<'a>(books: impl Iterator<Item = &'a Book>) -> Vec<Point> {
    let mut changes = Changes::new();
    for book in books {
        for entry in ledger::entries(std::slice::from_ref(book)) {
            count(entry, &mut changes);
        }
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
