//! Values with an anchor (`&name`), and the copies that aliases (`*name`) make of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Node, Value};

/// How much all aliases of a file may add, in values and every 32 bytes of text: a small file whose aliases hold aliases
/// must not grow without bound.
const MOST: usize = 500_000;

/// The size of a value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// Its values, and every 32 bytes of their text.
    pub(super) weight: usize,
    /// The levels of lists and mappings in it.
    pub(super) height: usize,
}

/// The values with an anchor, so far.
#[derive(Default)]
pub(super) struct Anchors {
    /// By the parser's number for the anchor.
    values: BTreeMap<usize, (Node, Size)>,
    copied: usize,
    /// The anchors that an alias stands for.
    used: BTreeSet<usize>,
    /// The places, line and column, of the keys that aliases repeat.
    repeated: BTreeSet<(usize, usize)>,
}

impl Anchors {
    pub(super) fn keep(&mut self, anchor: usize, value: &Node, size: Size) {
        // What is kept is a copy too.
        self.copied = self.copied.saturating_add(size.weight);
        if self.copied <= MOST {
            self.values.insert(anchor, (value.clone(), size));
        }
    }

    /// What an alias stands for.
    ///
    /// # Errors
    /// Why it cannot be written out.
    pub(super) fn copy(&mut self, anchor: usize) -> Result<(Node, Size), String> {
        let too_much =
            || format!("the aliases (`*name`) of this file make more than {MOST} values");
        if self.copied > MOST {
            return Err(too_much());
        }
        let Some((value, size)) = self.values.get(&anchor) else {
            return Err("an alias (`*name`) inside the very value that it stands for".to_owned());
        };
        self.copied = self.copied.saturating_add(size.weight);
        if self.copied > MOST {
            return Err(too_much());
        }
        if self.used.insert(anchor) {
            keys(value, &mut self.repeated);
        }
        Ok((value.clone(), *size))
    }

    /// The places, line and column, of the keys that stand for more than themselves, as an alias repeats them elsewhere.
    pub(super) fn repeated(self) -> BTreeSet<(usize, usize)> {
        self.repeated
    }
}

/// The places of all keys in a value.
fn keys(node: &Node, places: &mut BTreeSet<(usize, usize)>) {
    match &node.value {
        Value::Scalar { .. } => {}
        Value::List(items) => items.iter().for_each(|item| keys(item, places)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            places.insert((key.line, key.column));
            keys(value, places);
        }),
    }
}
