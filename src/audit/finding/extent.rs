//! How far a finding goes, beside where it is: who gets what by a grant.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// So many parts are kept one by one.
const MOST: usize = 50;

/// How many bytes of SHA-256 tell one part from another.
const BYTES: usize = 12;

/// How far a finding goes: the methods that somebody may call, the statements that let them. The same finding may go further
/// than it did, which its identity does not tell.
///
/// Its parts are kept as digests, so that it says nothing that a finding does not say. Of more than fifty parts one digest
/// stands for all: then it goes as far as before only where nothing of it has changed.
///
/// ```
/// use gatewatch::audit::finding::Extent;
///
/// let of = |parts: &[&str]| Extent::of(parts.iter().map(|it| it.to_string()));
/// assert!(of(&["GET /a"]).is_within(&of(&["GET /a", "GET /b"])));
/// assert!(!of(&["GET /a", "GET /b"]).is_within(&of(&["GET /a"])));
/// assert!(of(&[]).is_within(&of(&[])));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent(Option<Arc<BTreeSet<String>>>);

impl Extent {
    /// The extent of these parts.
    pub fn of(parts: impl IntoIterator<Item = String>) -> Self {
        let digests = parts.into_iter().map(|it| digest(&[it.as_str()]));
        let digests: BTreeSet<String> = digests.collect();
        let digests = match digests.len() {
            0 => return Extent::default(),
            1..=MOST => digests,
            _ => {
                let all: Vec<&str> = digests.iter().map(String::as_str).collect();
                [digest(&all)].into()
            }
        };
        Extent(Some(Arc::new(digests)))
    }

    /// The extent of these digests, as a report has them.
    pub fn saved(digests: &[String]) -> Self {
        let digests = digests.iter().cloned();
        let digests: BTreeSet<String> = digests.collect();
        Extent(Some(Arc::new(digests)).filter(|it| !it.is_empty()))
    }

    /// The digests of its parts, in order. None: it has no parts.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|it| it.iter()).map(String::as_str)
    }

    /// Whether there is nothing to be told.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it goes no further than another one.
    pub fn is_within(&self, other: &Extent) -> bool {
        match (&self.0, &other.0) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own.is_subset(other),
        }
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(BYTES) {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_parts_are_told_apart_as_a_whole() {
        let of = |count: usize| Extent::of((0..count).map(|it| it.to_string()));
        assert_eq!(of(MOST).digests().count(), MOST);
        assert_eq!(of(MOST + 1).digests().count(), 1);
        assert!(of(MOST + 1).is_within(&of(MOST + 1)));
        assert!(!of(MOST + 2).is_within(&of(MOST + 1)));
        assert!(!of(MOST).is_within(&of(MOST + 1)));
        let saved: Vec<String> = of(3).digests().map(str::to_owned).collect();
        assert_eq!(Extent::saved(&saved), of(3));
        assert!(Extent::saved(&[]).is_empty());
    }
}
