//! The way from the root of a text to what stands at a place.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::Step;
use crate::yaml::{Part, Shape};

/// A value, and all that it is in.
#[derive(Debug, Clone)]
pub(super) struct Chain<'s> {
    pub(super) root: &'s Part,
    /// From the outermost on.
    pub(super) links: Vec<Link<'s>>,
}

/// One step of the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'s> {
    pub(super) name: Name<'s>,
    pub(super) value: &'s Part,
}

/// What a value is called in what it is in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'s> {
    Key(&'s Part),
    Item(usize),
}

impl<'s> Chain<'s> {
    pub(super) fn new(root: &'s Part) -> Self {
        Chain {
            root,
            links: Vec::new(),
        }
    }

    /// The keys on the way. An item of a list, and a key that is no text, has the empty one.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'s str> {
        let links = self.links.clone().into_iter();
        links.map(|it| match it.name {
            Name::Key(key) => key.text().unwrap_or(""),
            Name::Item(_) => "",
        })
    }

    /// All values and keys on the way.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'s Part> {
        let links = self.links.clone().into_iter();
        let parts = links.flat_map(|it| {
            let key = match it.name {
                Name::Key(key) => Some(key),
                Name::Item(_) => None,
            };
            key.into_iter().chain([it.value])
        });
        [self.root].into_iter().chain(parts)
    }

    /// What stands at its end.
    pub(super) fn value(&self) -> &'s Part {
        self.links.last().map_or(self.root, |it| it.value)
    }

    /// The key at its end.
    pub(super) fn key(&self) -> Option<&'s Part> {
        match self.links.last()?.name {
            Name::Key(key) => Some(key),
            Name::Item(_) => None,
        }
    }

    /// The first steps of the way.
    pub(super) fn begin(&self, steps: usize) -> Chain<'s> {
        Chain {
            root: self.root,
            links: self.links.iter().take(steps).copied().collect(),
        }
    }

    /// One step on, to the value of a key, unless it is null.
    pub(super) fn to(&self, key: &str) -> Option<Chain<'s>> {
        self.to_entry(key).filter(|it| !it.value().is_null())
    }

    /// One step on, to the value of a key, which may be null.
    pub(super) fn to_entry(&self, key: &str) -> Option<Chain<'s>> {
        let (key, value) = self.value().entry(key)?;
        Some(self.with(Name::Key(key), value))
    }

    /// One step on.
    pub(super) fn with(&self, name: Name<'s>, value: &'s Part) -> Chain<'s> {
        let mut links = self.links.clone();
        links.push(Link { name, value });
        Chain {
            root: self.root,
            links,
        }
    }

    /// The way in words of the resolved tree.
    pub(super) fn steps(&self) -> Vec<Step> {
        let links = self.links.iter();
        let steps = links.map(|it| match it.name {
            Name::Key(key) => Step::Key(key.text().unwrap_or("").to_owned()),
            Name::Item(index) => Step::Item(index),
        });
        steps.collect()
    }

    pub(super) fn depth(&self) -> usize {
        self.links.len()
    }
}

/// The ways to the keys that stand at these places, line and column from 1.
pub(super) fn chains<'s>(
    root: &'s Part,
    wanted: &BTreeSet<(usize, usize)>,
) -> BTreeMap<(usize, usize), Chain<'s>> {
    let mut found = BTreeMap::new();
    walk(&mut Chain::new(root), wanted, &mut found);
    found
}

fn walk<'s>(
    chain: &mut Chain<'s>,
    wanted: &BTreeSet<(usize, usize)>,
    found: &mut BTreeMap<(usize, usize), Chain<'s>>,
) {
    match &chain.value().shape {
        Shape::Map { entries, .. } => {
            for (key, value) in entries {
                let name = Name::Key(key);
                chain.links.push(Link { name, value });
                let place = (key.line, key.column);
                if wanted.contains(&place) {
                    found.insert(place, chain.clone());
                }
                walk(chain, wanted, found);
                chain.links.pop();
            }
        }
        Shape::List { items, .. } => {
            for (index, value) in items.iter().enumerate() {
                let name = Name::Item(index);
                chain.links.push(Link { name, value });
                walk(chain, wanted, found);
                chain.links.pop();
            }
        }
        Shape::Scalar { .. } | Shape::Alias => {}
    }
}
