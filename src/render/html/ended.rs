//! What the ledger remembers of findings that are not there any more.

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::finding::Severity;
use crate::ledger::{self, Book, Entry};
use crate::render::minute;

/// So many are shown, the latest.
const MOST: usize = 500;

/// A finding that is not there any more.
#[derive(Debug, Serialize)]
pub(super) struct EndedJson<'a> {
    id: &'a str,
    rule: &'a str,
    severity: Severity,
    /// Where, in words.
    place: &'a str,
    /// `resolved`, `gone`, `accepted` or `became`.
    standing: &'static str,
    first_seen: String,
    ended: String,
    /// Why it ended, in words. `None`: it is mended.
    why: Option<String>,
}

/// The findings of these books that are not there any more, the latest first.
pub(super) fn ended(books: &[Book]) -> Vec<EndedJson<'_>> {
    let entries = ledger::entries(books).filter(|it| !it.standing.is_there());
    let mut entries: Vec<&Entry> = entries.collect();
    entries.sort_by(|one, other| at(other).cmp(&at(one)).then_with(|| one.id.cmp(&other.id)));
    let latest = entries.into_iter().take(MOST).map(|it| EndedJson {
        id: &it.id,
        rule: &it.rule,
        severity: it.severity,
        place: &it.place.words,
        standing: it.standing.as_str(),
        first_seen: minute(it.first_seen),
        ended: minute(at(it)),
        why: it.reason(),
    });
    latest.collect()
}

/// When it ended.
fn at(entry: &Entry) -> Timestamp {
    let ends = [
        entry.accepted.as_ref().map(|it| it.at),
        entry.became.as_ref().map(|it| it.at),
        entry.gone.as_ref().map(|it| it.at),
        entry.resolved_at,
    ];
    ends.into_iter().flatten().max().unwrap_or(entry.last_seen)
}
