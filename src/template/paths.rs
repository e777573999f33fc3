//! The paths of a REST API's methods, from the resources that they lie below.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::ApiDraft;
use super::reading::{Reading, Resource, of_kind};
use super::tree::{Kind, Told, Tree, Unknown};

/// Resources below resources: API Gateway takes no path with more parts than this.
const DEPTH: usize = 64;

const RESOURCE: &str = "AWS::ApiGateway::Resource";

/// The resources of a template that paths are made of.
pub(super) struct Paths<'r> {
    resources: BTreeMap<&'r str, &'r Resource>,
    /// The resources that have nothing to do with API Gateway.
    others: BTreeSet<String>,
}

/// Where a path goes on.
enum Above<'t> {
    /// Nowhere: at the API's root.
    Root,
    /// Below a resource of the file.
    Resource(&'t Resource),
    /// Below one that is not in the file, by what names it.
    Elsewhere(String),
}

impl<'r> Paths<'r> {
    pub(super) fn new(reading: &Reading, resources: &'r [Resource]) -> Self {
        let others = reading.named.keys().filter(|id| reading.is_of_no_api(id));
        Paths {
            resources: of_kind(resources, RESOURCE)
                .map(|resource| (resource.id.as_str(), resource))
                .collect(),
            others: others.cloned().collect(),
        }
    }

    /// The path of a method. Below a resource that is not in the file it begins with that one's id in braces, or with
    /// how the file names it: `/{resource !ImportValue root}/orders`.
    pub(super) fn of(&self, api: &mut ApiDraft, method: &'r Resource) -> Told<String> {
        let mut parts = Vec::new();
        let (mut below, mut key) = (method, "ResourceId");
        while parts.len() <= DEPTH {
            match self.above(api, below, key)? {
                Above::Root => return Ok(joined(parts)),
                Above::Elsewhere(parent) => {
                    parts.push(format!("{{resource {parent}}}"));
                    api.unknown_parents.entry(parent).or_insert(method.at);
                    return Ok(joined(parts));
                }
                Above::Resource(resource) => {
                    let part = resource.properties.text_of("PathPart")?;
                    let part = part.ok_or_else(|| missing(resource, "PathPart"))?;
                    parts.push(part.to_owned());
                    (below, key) = (resource, "ParentId");
                }
            }
        }
        Err(Unknown {
            why: "lies below itself".to_owned(),
            at: method.at,
        })
    }

    /// What a resource lies below.
    fn above(&self, api: &ApiDraft, below: &'r Resource, key: &'static str) -> Told<Above<'r>> {
        let named = below.properties.get(key);
        let named = named.ok_or_else(|| missing(below, key))?;
        match &named.kind {
            Kind::Resource {
                id,
                attribute: Some(attribute),
            } if *id == api.id && attribute == "RootResourceId" => Ok(Above::Root),
            Kind::Resource { id, .. } if !self.others.contains(id) => {
                match self.resources.get(id.as_str()) {
                    Some(resource) => Ok(Above::Resource(resource)),
                    None => Err(named.unknown(format!(
                        "lies below `{id}`, which is no resource of this API in the file"
                    ))),
                }
            }
            _ => self.elsewhere(api, below, key, named),
        }
    }

    /// Of an API that is in the file, a resource that is not stays unknown: what the resource policy says of a method, and
    /// which verbs are left to its `ANY`, hangs on its path.
    fn elsewhere(
        &self,
        api: &ApiDraft,
        below: &Resource,
        key: &'static str,
        named: &Tree,
    ) -> Told<Above<'r>> {
        match below.identity(key, named) {
            Some(id) if api.is_elsewhere && !self.resources.contains_key(id.as_str()) => {
                Ok(Above::Elsewhere(id))
            }
            _ => Err(named.unknown(match named.text() {
                Ok(id) => format!("lies below resource `{id}`, which is not in this file"),
                Err(unknown) => format!("lies below a resource whose id {}", unknown.why),
            })),
        }
    }
}

/// A path from its parts, of which the last comes first.
fn joined(mut parts: Vec<String>) -> String {
    parts.reverse();
    format!("/{}", parts.join("/"))
}

fn missing(resource: &Resource, key: &str) -> Unknown {
    let why = match resource.kind.as_str() {
        RESOURCE => format!("lies below `{}`, which has no `{key}`", resource.id),
        _ => format!("has no `{key}`"),
    };
    Unknown {
        why,
        at: resource.at,
    }
}
