//! What the ledger remembers of findings that are not there any more.

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::finding::Severity;
use crate::ledger::{self, Book, Entry};
use crate::render::minute;

/// So many of an account are told, the latest. The page shows as many of all accounts together.
const MOST: usize = 200;

/// A finding that is not there any more.
#[derive(Debug, Serialize)]
pub(super) struct EndedJson<'a> {
    rule: &'a str,
    severity: Severity,
    /// Where, in words.
    place: &'a str,
    /// `resolved`, `gone`, `accepted` or `became`.
    standing: &'static str,
    ended: String,
    /// Why it ended, in words. `None`: it is mended.
    why: Option<String>,
}

/// The latest findings of these books that are not there any more, the latest first, and how many there are in all.
pub(super) fn ended(books: &[Book]) -> (Vec<EndedJson<'_>>, usize) {
    let entries = ledger::entries(books).filter(|it| !it.standing.is_there());
    let mut entries: Vec<&Entry> = entries.collect();
    entries.sort_by(|one, other| at(other).cmp(&at(one)).then_with(|| one.id.cmp(&other.id)));
    let all = entries.len();
    let latest = entries.into_iter().take(MOST).map(|it| EndedJson {
        rule: &it.rule,
        severity: it.severity,
        place: &it.place.words,
        standing: it.standing.as_str(),
        ended: minute(at(it)),
        why: it.reason(),
    });
    (latest.collect(), all)
}

/// When it ended.
fn at(entry: &Entry) -> Timestamp {
    let ends = entry.ends().into_iter().flatten();
    ends.max().unwrap_or(entry.last_seen)
}
