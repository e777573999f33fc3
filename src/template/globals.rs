//! `Globals`: what SAM merges into every resource of a kind.
//!
//! Source: [Globals section](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html).

use super::tree::{Kind, Tree};
use crate::inventory::ApiKind;

/// The properties of a serverless API, with those of `Globals`.
pub(super) fn with(globals: Option<&Tree>, kind: ApiKind, properties: &Tree) -> Tree {
    let section = match kind {
        ApiKind::Rest => "Api",
        ApiKind::Http => "HttpApi",
        ApiKind::WebSocket => "WebSocketApi",
    };
    match globals.and_then(|globals| globals.get(section)) {
        Some(global) => merged(global, properties),
        None => properties.clone(),
    }
}

/// Mappings are merged, lists follow each other, and of the rest the local one counts.
fn merged(global: &Tree, local: &Tree) -> Tree {
    let kind = match (&global.kind, &local.kind) {
        (_, Kind::Null) => return global.clone(),
        (Kind::Map(global), Kind::Map(local)) => {
            let mut entries = local.clone();
            for entry in global {
                match entries.iter_mut().find(|it| it.key == entry.key) {
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
    Tree { kind, at: local.at }
}
