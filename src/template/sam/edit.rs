//! Changes of a definition's tree, as SAM makes them.

use super::super::tree::{Entry, Kind, Spot, Tree};

impl Tree {
    /// The value of a key that stands in this mapping, and is not null.
    pub(super) fn child(&self, key: &str) -> Option<&Tree> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value).filter(|value| !value.is_null())
    }

    /// Whether a key stands in this mapping.
    pub(super) fn has(&self, key: &str) -> bool {
        matches!(&self.kind, Kind::Map(entries) if entries.iter().any(|entry| entry.key == key))
    }

    /// The value of a key that stands in this mapping, to be changed.
    pub(super) fn child_mut(&mut self, key: &str) -> Option<&mut Tree> {
        let mut entries = self.entries_mut().iter_mut();
        entries
            .find(|entry| entry.key == key)
            .map(|entry| &mut entry.value)
    }

    /// The entries of this mapping, to be changed; none where it is no mapping.
    pub(super) fn entries_mut(&mut self) -> &mut [Entry] {
        match &mut self.kind {
            Kind::Map(entries) => entries,
            _ => &mut [],
        }
    }

    /// The value of a key, which is an empty mapping where nothing was written. `None`: this is no mapping, or a function
    /// makes it or the value.
    pub(super) fn child_or_new(&mut self, key: &str, at: Spot) -> Option<&mut Tree> {
        if !matches!(self.kind, Kind::Map(_)) || self.made {
            return None;
        }
        if !self.has(key) {
            self.set_at(key, Tree::nothing(at), at);
        }
        let child = self.child_mut(key)?;
        if matches!(child.kind, Kind::Null) {
            child.kind = Kind::Map(Vec::new());
        }
        (!child.made && matches!(child.kind, Kind::Map(_))).then_some(child)
    }

    /// Sets a key of this mapping.
    pub(super) fn set(&mut self, key: &str, value: Tree) {
        let at = value.at;
        self.set_at(key, value, at);
    }

    /// Sets a key of this mapping, which stands at a place.
    pub(super) fn set_at(&mut self, key: &str, value: Tree, at: Spot) {
        if let Some(child) = self.child_mut(key) {
            *child = value;
        } else if let Kind::Map(entries) = &mut self.kind {
            let key = key.to_owned();
            entries.push(Entry { key, at, value });
        }
    }
}
