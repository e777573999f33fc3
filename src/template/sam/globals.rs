//! `Globals`: what SAM merges into every resource of a kind.
//!
//! Source: [Globals section](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html)
//! and, where it is silent, [what SAM does](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/plugins/globals/globals.py).

use std::cell::Cell;

use foldhash::HashMap;

use super::super::keys::GLOBALS;
use super::super::resource_keys::properties;
use super::super::tree::{Entry, Kind, Tree, Unknown};
use super::super::unknown_keys::unknown_keys;
use crate::inventory::ApiKind;

/// How many values of `Globals` are merged in one file: each resource of a kind gets all that its section has.
const BUDGET: usize = 2_000_000;

/// The `Globals` of a template.
pub(super) struct Globals<'t> {
    sections: Option<&'t Tree>,
    /// How many values are still merged.
    left: Cell<usize>,
}

impl<'t> Globals<'t> {
    pub(super) fn new(sections: Option<&'t Tree>) -> Self {
        Globals {
            sections,
            left: Cell::new(BUDGET),
        }
    }

    /// The properties of a serverless API, with those of `Globals`.
    pub(super) fn with(&self, kind: ApiKind, properties: &Tree) -> Tree {
        let section = match kind {
            ApiKind::Rest => "Api",
            ApiKind::Http => "HttpApi",
            ApiKind::WebSocket => "WebSocketApi",
        };
        let global = self.sections.and_then(|sections| sections.get(section));
        if let Some(global) = global
            && !self.spend(size(global))
        {
            let why = "is more than this reads: `Globals` are merged into too many resources";
            return Tree::new(Kind::Unknown(why.to_owned()), properties.at);
        }
        without_no_values(match global {
            // A resource without any properties takes those of `Globals`.
            Some(global) if properties.is_null() => global.clone(),
            Some(global) => merged(global, properties),
            None => properties.clone(),
        })
    }

    fn spend(&self, amount: usize) -> bool {
        let left = self.left.get().checked_sub(amount);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// How many values a tree holds, itself included.
pub(super) fn size(tree: &Tree) -> usize {
    let below: usize = match &tree.kind {
        Kind::Map(entries) => entries.iter().map(|entry| size(&entry.value)).sum(),
        Kind::List(items) => items.iter().map(size).sum(),
        _ => 0,
    };
    below.saturating_add(1)
}

/// Without the keys that `AWS::NoValue` takes away, but for those of a definition.
fn without_no_values(merged: Tree) -> Tree {
    let Kind::Map(entries) = merged.kind else {
        return merged.without_no_values();
    };
    // A definition goes on to be changed, where SAM still sees the keys that `AWS::NoValue` takes away.
    let entries = entries.into_iter().map(|entry| match entry.key.as_str() {
        "DefinitionBody" => entry,
        _ => Entry {
            value: entry.value.without_no_values(),
            ..entry
        },
    });
    Tree {
        kind: Kind::Map(entries.collect()),
        ..merged
    }
}

/// What is wrong with the sections that are read here, and with their names.
pub(super) fn misread(globals: &Tree) -> Vec<Unknown> {
    let not_read = |part: &str, unknown: Unknown| Unknown {
        why: format!("{part} {}", unknown.why),
        ..unknown
    };
    let entries = match globals.entries() {
        Ok(entries) => entries,
        Err(unknown) => return vec![not_read("`Globals`", unknown)],
    };
    let mut found = unknown_keys("`Globals`", entries, GLOBALS);
    for section in ["Api", "HttpApi", "WebSocketApi"] {
        let part = format!("section `{section}` of `Globals`");
        let known = properties(&format!("AWS::Serverless::{section}")).unwrap_or_default();
        match globals.entries_of(section) {
            Ok(entries) => found.extend(unknown_keys(&part, entries, known)),
            Err(unknown) => found.push(not_read(&part, unknown)),
        }
    }
    found
}

/// Mappings are merged, lists follow each other, and of the rest the local one counts, also where it is `null` or
/// `AWS::NoValue`.
fn merged(global: &Tree, local: &Tree) -> Tree {
    let kind = match (&global.kind, &local.kind) {
        // SAM merges the function itself with the mapping, and what comes of that is neither.
        (Kind::Map(_), Kind::Map(_)) if global.is_made() || local.is_made() => Kind::Unknown(
            "is made by a function on one side of `Globals`, and SAM merges it before functions are applied"
                .to_owned(),
        ),
        (Kind::Map(global), Kind::Map(local)) => {
            let mut entries = local.clone();
            let mut places: HashMap<&str, usize> = HashMap::default();
            for (place, entry) in local.iter().enumerate() {
                places.entry(&entry.key).or_insert(place);
            }
            for entry in global {
                let own = places.get(entry.key.as_str());
                match own.and_then(|place| entries.get_mut(*place)) {
                    Some(own) => own.value = merged(&entry.value, &own.value),
                    None => entries.push(entry.clone()),
                }
            }
            Kind::Map(entries)
        }
        (Kind::List(global), Kind::List(local)) => {
            Kind::List(global.iter().chain(local).cloned().collect())
        }
        // What is merged into something that cannot be told cannot be told.
        (Kind::Unknown(why), Kind::Map(_)) => Kind::Unknown(why.clone()),
        _ => return local.clone(),
    };
    Tree::new(kind, local.at)
}
