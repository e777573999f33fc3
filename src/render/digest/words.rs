//! What a digest says, in a few words.

use std::collections::BTreeMap;

use crate::audit::finding::Severity;
use crate::ledger::{Digest, Kind};

impl Digest<'_> {
    /// What there is, in a few words, such as `2 new, 1 resolved`.
    pub fn news_in_words(&self) -> String {
        news_in_words(|kind| self.count(kind))
    }

    /// What is open, in a few words, such as `1 critical, 4 high`.
    pub fn open_in_words(&self) -> String {
        open_in_words(&self.open, self.exempt)
    }
}

/// What there is of each kind, in a few words.
pub(in crate::render) fn news_in_words(count: impl Fn(Kind) -> usize) -> String {
    let kinds = Kind::ALL.into_iter().filter_map(|kind| {
        let count = count(kind);
        (count > 0).then(|| format!("{count} {}", in_words(kind)))
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        "nothing new".to_owned()
    } else {
        kinds.join(", ")
    }
}

/// What is open and what is exempt, in a few words.
pub(in crate::render) fn open_in_words(open: &BTreeMap<Severity, usize>, exempt: usize) -> String {
    let counts: Vec<String> = open
        .iter()
        .rev()
        .map(|(it, count)| format!("{count} {it}"))
        .collect();
    let open = if counts.is_empty() {
        "nothing".to_owned()
    } else {
        counts.join(", ")
    };
    match exempt {
        0 => open,
        exempt => format!("{open}; {exempt} exempt"),
    }
}

/// A kind in headlines.
pub(in crate::render) fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new",
        Kind::Reopened => "reopened",
        Kind::Worse => "worse",
        Kind::ExemptionExpired => "no longer exempt",
        Kind::Reminder => "still open",
        Kind::Better => "less severe",
        Kind::Exempted => "exempted",
        Kind::Accepted => "accepted by the policy file",
        Kind::Became => "became another finding",
        Kind::Gone => "gone with its API",
        Kind::Resolved => "resolved",
    }
}
