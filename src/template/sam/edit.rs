//! A tree as SAM sees it, and changes of it as SAM makes them.

use super::super::tree::{Entry, Kind, Spot, Told, Tree, Written};

impl Tree {
    /// Whether SAM, a program in Python, takes a value for true: a text is, whatever it says, and so is a function.
    pub(super) fn is_truthy(&self) -> bool {
        if self.is_made() {
            return true;
        }
        match &self.kind {
            Kind::Null => false,
            Kind::NoValue | Kind::Resource { .. } | Kind::Unknown(_) => true,
            Kind::Text(text) if self.written == Written::Plain => {
                text != "0" && self.flag().unwrap_or(true)
            }
            Kind::Text(text) => !text.is_empty(),
            Kind::List(items) => !items.is_empty(),
            Kind::Map(entries) => !entries.is_empty(),
        }
    }

    /// The part as SAM sees it, which is done before CloudFormation's functions are applied. Where a function makes it, it is
    /// not known, for this reason.
    pub(super) fn as_written(&self, why: impl FnOnce() -> String) -> Told<&Tree> {
        match self.is_made() {
            true => Err(self.unknown(why())),
            false => Ok(self),
        }
    }

    /// Whether it is the truth value itself, and not a text of that name.
    pub(super) fn is_true(&self) -> bool {
        self.written == Written::Plain && self.flag().is_ok_and(|it| it)
    }

    /// The value of a key that stands in this mapping, whatever it is.
    pub(super) fn raw(&self, key: &str) -> Option<&Tree> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

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
        if !matches!(self.kind, Kind::Map(_)) || self.is_made() {
            return None;
        }
        if !self.has(key) {
            self.set_at(key, Tree::nothing(at), at);
        }
        self.child_mut(key)?.opened()
    }

    /// This mapping, which is an empty one where nothing was written. `None`: it is none, or a function makes it.
    pub(super) fn opened(&mut self) -> Option<&mut Tree> {
        if matches!(self.kind, Kind::Null) {
            self.kind = Kind::Map(Vec::new());
        }
        (!self.is_made() && matches!(self.kind, Kind::Map(_))).then_some(self)
    }

    /// Adds a key that does not stand in this mapping yet. Nothing is its value.
    pub(super) fn push(&mut self, key: &str, at: Spot) {
        if let Kind::Map(entries) = &mut self.kind {
            let (key, value) = (key.to_owned(), Tree::nothing(at));
            entries.push(Entry { key, at, value });
        }
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
