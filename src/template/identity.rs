//! Which APIs of the account those of a file are, where the file is laid over an account.

use std::collections::BTreeMap;

use super::around::Identity;
use super::draft::{ApiDraft, Selected};
use super::kind::FileKind;
use super::options::Options;
use super::reading::Reading;
use super::tree::Unknown;
use crate::inventory::Inventory;

/// Says of each API which one of the account it is. What was said before stays.
pub(super) fn settle(reading: &mut Reading, options: &Options) {
    let Some(around) = &options.around else {
        return;
    };
    let is_definition = reading.kind == Some(FileKind::OpenApi);
    for draft in reading.apis.values_mut().filter(|it| it.identity.is_none()) {
        let region = draft
            .region
            .clone()
            .unwrap_or_else(|| options.region.clone());
        let identity = match around.identity(draft, &region, is_definition) {
            Ok(identity) => identity,
            Err(why) => {
                let at = draft.at;
                draft.misses_methods(Unknown { why, at });
                Identity::New { doubt: None }
            }
        };
        if let Identity::Known { id, .. } = &identity {
            is_known(draft, (&region, id), &around.inventory);
        }
        draft.identity = Some(identity);
    }
}

/// What cannot be told of an API by the file alone, and the account tells.
fn is_known(draft: &mut ApiDraft, (region, id): (&str, &str), account: &Inventory) {
    let mut apis = account.apis.iter();
    let Some(api) = apis.find(|it| it.region == region && it.id == id) else {
        return;
    };
    let is_told = |about: Selected| match about {
        Selected::Region | Selected::Path => false,
        Selected::Api => true,
        Selected::Stage | Selected::Tags => draft.is_elsewhere,
    };
    draft.doubts.retain(|(about, _)| !is_told(*about));
    draft.name.get_or_insert_with(|| api.name.clone());
    let places = api.draft.iter().flatten();
    let places = places.map(|it| (it.resource_id.as_str(), it.path.as_str()));
    let places: BTreeMap<&str, &str> = places.collect();
    let parents = std::mem::take(&mut draft.unknown_parents);
    for (parent, at) in parents {
        match places.get(parent.as_str()) {
            Some(path) => below(draft, &parent, path),
            None => drop(draft.unknown_parents.insert(parent, at)),
        }
    }
    if draft.is_elsewhere {
        draft.endpoint_types.clone_from(&api.endpoint_types);
        // What is not known of an API that is elsewhere.
        draft.assumed.clear();
    }
}

/// Gives the methods below a resource that is not in the file the path which the account has there.
fn below(draft: &mut ApiDraft, parent: &str, path: &str) {
    let stands_for = format!("/{{resource {parent}}}");
    for method in &mut draft.methods {
        let rest = method.path.strip_prefix(&stands_for);
        let rest = rest.filter(|it| it.is_empty() || it.starts_with('/'));
        let Some(rest) = rest else { continue };
        method.path = match (path, rest) {
            ("/", "") => "/".to_owned(),
            ("/", rest) => rest.to_owned(),
            (path, rest) => format!("{path}{rest}"),
        };
    }
}
