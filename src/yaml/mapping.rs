//! The entries of a mapping, while it is read.

use std::collections::BTreeMap;

use super::{Mistake, Node, Value};

/// The key that merges the mappings of its value into the one that it stands in.
///
/// Source: [Merge key](https://yaml.org/type/merge.html).
const MERGE: &str = "<<";

/// A mapping as far as it was read.
#[derive(Default)]
pub(super) struct Mapping {
    entries: Vec<(Node, Node)>,
    /// Where among the entries each key is.
    places: BTreeMap<String, usize>,
    /// The key that waits for its value.
    waiting: Option<Node>,
    /// The values of merge keys, in the order of the file.
    merged: Vec<Node>,
}

impl Mapping {
    /// Whether a value would be a key.
    pub(super) fn wants_key(&self) -> bool {
        self.waiting.is_none()
    }

    /// Whether a key is a merge key. One in quotes is a key like any other.
    pub(super) fn is_merge(key: &Node) -> bool {
        matches!(&key.value, Value::Scalar { text, plain: true } if text == MERGE)
    }

    /// The line that this key stands on already.
    pub(super) fn earlier(&self, key: &Node) -> Option<usize> {
        let place = self.places.get(key.text()?)?;
        self.entries.get(*place).map(|(key, _)| key.line)
    }

    /// Takes the next key, or the value of the key before.
    pub(super) fn add(&mut self, node: Node) {
        match self.waiting.take() {
            None => self.waiting = Some(node),
            Some(key) if Self::is_merge(&key) => self.merged.push(node),
            Some(key) => self.insert(key, node),
        }
    }

    /// Of a key that stands twice, the last one counts.
    fn insert(&mut self, key: Node, value: Node) {
        let text = key.text().map(str::to_owned);
        let place = text.as_ref().and_then(|text| self.places.get(text));
        match place.and_then(|place| self.entries.get_mut(*place)) {
            Some(entry) => *entry = (key, value),
            None => {
                if let Some(text) = text {
                    self.places.insert(text, self.entries.len());
                }
                self.entries.push((key, value));
            }
        }
    }

    /// The entries, with those that merge keys bring. What the mapping says itself counts before them; of several merge
    /// keys the last one counts, and of the mappings in a list the first one, as in PyYAML's `flatten_mapping`.
    ///
    /// # Errors
    /// Where a merge key has something else than mappings.
    pub(super) fn finished(mut self) -> Result<Vec<(Node, Node)>, Mistake> {
        for merged in std::mem::take(&mut self.merged).into_iter().rev() {
            let sources = match merged.value {
                Value::List(items) => items,
                _ => vec![merged],
            };
            for source in sources {
                let place =
                    source.mistake("a merge key (`<<`) takes a mapping, or a list of mappings");
                let Value::Map(entries) = source.value else {
                    return Err(place);
                };
                for (key, value) in entries {
                    if self.earlier(&key).is_none() {
                        self.insert(key, value);
                    }
                }
            }
        }
        Ok(self.entries)
    }
}
