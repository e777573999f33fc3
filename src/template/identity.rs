//! Which APIs of the account those of a file are, where the file is laid over an account.
//!
//! An API has no name that is its own, and its id is in no template. What tells it is, in this order: what the user says, an id
//! in the file, the tags that CloudFormation gives what a stack makes, and last a name that a single API has. Where none of them
//! does, the API of the file is a new one.

use std::collections::BTreeMap;

use super::around::Around;
use super::draft::{ApiDraft, Selected};
use super::kind::FileKind;
use super::laid::{Identity, ToldBy};
use super::options::Options;
use super::reading::Reading;
use super::tree::Unknown;
use crate::inventory::{Api, Inventory, listed, quoted};

/// The tag with the name of the stack that made an API.
///
/// Source: [resource tags](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html).
const STACK_NAME: &str = "aws:cloudformation:stack-name";

/// The tag with the logical id that an API has in its stack.
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// As many ids are named.
const NAMED: usize = 3;

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
        let identity = match identity(around, draft, &region, is_definition) {
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

/// Which API of the account one of a file is. `is_definition`: the file is an API definition, which any stack may have made
/// an API of.
///
/// # Errors
/// Where the file or the user names one that is not there.
fn identity(
    around: &Around,
    draft: &ApiDraft,
    region: &str,
    is_definition: bool,
) -> Result<Identity, String> {
    let known = |api: &Api, by| Identity::Known {
        id: api.id.clone(),
        by,
    };
    match around.apis.get(&draft.id) {
        Some(None) => return Ok(Identity::New { doubt: None }),
        Some(Some(id)) => return Ok(known(api(around, draft, region, id)?, ToldBy::User)),
        None => {}
    }
    if let Some(id) = &draft.given_id {
        return Ok(known(api(around, draft, region, id)?, ToldBy::Id));
    }
    if draft.is_elsewhere {
        let found = api(around, draft, region, &draft.id);
        return match found {
            Ok(api) => Ok(known(api, ToldBy::Id)),
            Err(_) => Err(format!(
                "is not in this file, and which API of the account it is cannot be told: give its id with --api {}=ID",
                shell(&draft.id)
            )),
        };
    }
    let here = around.inventory.apis.iter();
    let here = here.filter(|it| it.region == region && it.kind == draft.kind);
    let here: Vec<&Api> = here.collect();
    let tag = |api: &Api, key: &str, value: &str| api.tags.get(key).is_some_and(|it| it == value);
    if let Some(stack) = &around.stack {
        let is_own = |it: &&&Api| tag(it, STACK_NAME, stack) && tag(it, LOGICAL_ID, &draft.id);
        if let Some(api) = here.iter().find(is_own) {
            return Ok(known(api, ToldBy::Stack));
        }
    }
    let name = draft.name.as_ref();
    let is_of_another_stack = |api: &Api| {
        let is_other = |key: &str, own: &str| api.tags.get(key).is_some_and(|it| it != own);
        !is_definition
            && (is_other(LOGICAL_ID, &draft.id)
                || around
                    .stack
                    .as_ref()
                    .is_some_and(|it| is_other(STACK_NAME, it)))
    };
    let is_so = |it: &&&Api| Some(&it.name) == name && !is_of_another_stack(it);
    let called_so: Vec<&&Api> = here.iter().filter(is_so).collect();
    let doubt = match called_so.as_slice() {
        [api] => return Ok(known(api, ToldBy::Name)),
        [] => of_a_stack(around, draft, &here),
        several => {
            let ids = several.iter().map(|it| it.id.clone());
            Some(format!(
                "counts as new, and the account has {} APIs of its name ({}): say which one it is with --api {}=ID, or --api {}=new",
                several.len(),
                listed(ids, NAMED),
                shell(&draft.id),
                shell(&draft.id)
            ))
        }
    };
    Ok(Identity::New { doubt })
}

/// That stacks of the account have an API of the same logical id, where the file does not say which stack it is of.
fn of_a_stack(around: &Around, draft: &ApiDraft, here: &[&Api]) -> Option<String> {
    let own = here
        .iter()
        .filter(|it| it.tags.get(LOGICAL_ID) == Some(&draft.id));
    let stacks = own.filter_map(|it| it.tags.get(STACK_NAME).cloned());
    let stacks: Vec<String> = stacks.collect();
    let first = stacks.first().filter(|_| around.stack.is_none())?;
    Some(format!(
        "counts as new, and {} of the account made an API of this logical id: if it is that one, give --stack {}",
        match stacks.len() {
            1 => format!("stack {}", quoted(first)),
            _ => format!("the stacks {}", listed(stacks.iter().cloned(), NAMED)),
        },
        shell(first)
    ))
}

/// The API with an id.
fn api<'a>(
    around: &'a Around,
    draft: &ApiDraft,
    region: &str,
    id: &str,
) -> Result<&'a Api, String> {
    let found = around
        .inventory
        .apis
        .iter()
        .find(|it| it.region == region && it.id == id);
    match found {
        None => Err(format!(
            "has the id {}, and the inventory has no such API in {region}: collect it again, or with that Region",
            quoted(id)
        )),
        Some(api) if api.kind != draft.kind => Err(format!(
            "is of kind {}, and {} of the account is of kind {}",
            draft.kind.as_str(),
            quoted(id),
            api.kind.as_str()
        )),
        Some(api) => Ok(api),
    }
}

/// A text as a shell takes it as one word.
fn shell(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:".contains(it);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
