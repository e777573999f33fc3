//! `AWS::ApiGateway::*`: REST APIs, their resources and methods.

use std::collections::BTreeMap;

use super::draft::{ApiDraft, Caller, MethodDraft, authorization};
use super::openapi;
use super::reading::{Reading, Resource};
use super::security::Schemes;
use super::tree::{Kind, Told, Tree, Unknown};
use crate::inventory::{ApiKind, Authorizer};

/// Resources below resources: API Gateway takes no path with more parts than this.
const DEPTH: usize = 64;

/// Reads the APIs.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource]) {
    for resource in of_kind(resources, "AWS::ApiGateway::RestApi") {
        let properties = &resource.properties;
        let mut api = ApiDraft::new(&resource.id, ApiKind::Rest, resource.at);
        api.named(properties.text_of("Name"));
        api.tagged(properties.get("Tags"));
        api.endpoint_disabled(properties.flag_of("DisableExecuteApiEndpoint"));
        api.reached_by(endpoint_types(properties));
        let file = (resource.definition.clone()).and_then(|it| api.told(it));
        let bodies = [properties.get("Body"), file.as_ref()];
        for body in bodies.into_iter().flatten() {
            openapi::add(&mut api, body, Schemes::default());
        }
        api.guarded(properties.get("Policy"));
        for (key, what, is_read) in [
            (
                "BodyS3Location",
                "in a bucket",
                resource.definition.is_some(),
            ),
            ("CloneFrom", "another API", false),
        ] {
            if let Some(elsewhere) = properties.get(key).filter(|_| !is_read) {
                api.misses_methods(elsewhere.unknown(format!(
                    "keeps methods elsewhere (`{key}`, {what}): check that definition too"
                )));
            }
        }
        reading.apis.insert(resource.id.clone(), api);
    }
}

fn endpoint_types(properties: &Tree) -> Told<Vec<String>> {
    let Some(configuration) = properties.get("EndpointConfiguration") else {
        return Ok(Vec::new());
    };
    texts(configuration.items_of("Types")?)
}

fn texts(items: &[Tree]) -> Told<Vec<String>> {
    let items = items.iter();
    items.map(|item| Ok(item.text()?.to_owned())).collect()
}

/// Reads what belongs to the APIs: stages, authorizers, methods.
pub(super) fn methods(reading: &mut Reading, resources: &[Resource]) {
    for resource in resources {
        let properties = &resource.properties;
        match resource.kind.as_str() {
            "AWS::ApiGateway::Stage" | "AWS::ApiGateway::Deployment" => {
                // A stage of an API that is not here has no methods here either.
                if let Some(api) = known(reading, properties.get("RestApiId")) {
                    api.staged(properties.text_of("StageName"), properties.get("Tags"));
                }
            }
            "AWS::ApiGateway::Authorizer" => {
                if let Some(api) = known(reading, properties.get("RestApiId"))
                    && let Ok(Some(kind)) = properties.text_of("Type")
                {
                    let name = properties.text_of("Name").ok().flatten();
                    api.authorizers.push(Authorizer {
                        id: resource.id.clone(),
                        name: name.unwrap_or(&resource.id).to_owned(),
                        kind: kind.to_owned(),
                    });
                }
            }
            _ => {}
        }
    }
    let parents: BTreeMap<&str, &Resource> = of_kind(resources, "AWS::ApiGateway::Resource")
        .map(|resource| (resource.id.as_str(), resource))
        .collect();
    for resource in of_kind(resources, "AWS::ApiGateway::Method") {
        let Some(api) = reading.api_of(resource, "RestApiId") else {
            continue;
        };
        match method(api, resource, &parents) {
            Ok(method) => api.add(method),
            Err(unknown) => api.misses_methods(Unknown {
                why: format!("method `{}` {}", resource.id, unknown.why),
                at: unknown.at,
            }),
        }
    }
}

/// The API that a property names, where it is here.
pub(super) fn known<'r>(
    reading: &'r mut Reading,
    named: Option<&Tree>,
) -> Option<&'r mut ApiDraft> {
    match named.map(|named| &named.kind) {
        Some(Kind::Resource { id, .. }) => reading.apis.get_mut(id),
        _ => None,
    }
}

pub(super) fn of_kind<'r>(
    resources: &'r [Resource],
    kind: &'r str,
) -> impl Iterator<Item = &'r Resource> {
    resources
        .iter()
        .filter(move |resource| resource.kind == kind)
}

fn method(
    api: &ApiDraft,
    resource: &Resource,
    parents: &BTreeMap<&str, &Resource>,
) -> Told<MethodDraft> {
    let properties = &resource.properties;
    let missing = |key: &str| Unknown {
        why: format!("has no `{key}`"),
        at: resource.at,
    };
    let verb = properties
        .text_of("HttpMethod")?
        .ok_or_else(|| missing("HttpMethod"))?;
    let below = properties
        .get("ResourceId")
        .ok_or_else(|| missing("ResourceId"))?;
    Ok(MethodDraft {
        verb: verb.to_owned(),
        path: path(&api.id, below, parents)?,
        route_key: None,
        at: resource.at,
        caller: caller(resource),
        integration: properties
            .get("Integration")
            .and_then(|integration| integration.text_of("Type").ok().flatten())
            .map(str::to_ascii_uppercase),
    })
}

/// "AuthorizationType: The method's authorization type. This parameter is required."
fn caller(resource: &Resource) -> Told<Caller> {
    let properties = &resource.properties;
    let Some(kind) = properties.text_of("AuthorizationType")? else {
        return Err(Unknown {
            why:
                "has no `AuthorizationType`, and what stands in for it is not documented: write it"
                    .to_owned(),
            at: resource.at,
        });
    };
    Ok(Caller {
        api_key_required: properties.flag_of("ApiKeyRequired")?,
        authorizer_id: reference(properties.get("AuthorizerId")),
        ..Caller::new(authorization(kind))
    })
}

/// What a property names: a resource of the template, or a text.
pub(super) fn reference(named: Option<&Tree>) -> Option<String> {
    match &named?.kind {
        Kind::Resource { id, .. } => Some(id.clone()),
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The path of a resource, from the root down.
fn path(api: &str, below: &Tree, resources: &BTreeMap<&str, &Resource>) -> Told<String> {
    let mut parts = Vec::new();
    let mut at = below;
    while parts.len() <= DEPTH {
        match &at.kind {
            Kind::Resource {
                id,
                attribute: Some(attribute),
            } if id == api && attribute == "RootResourceId" => {
                parts.reverse();
                return Ok(format!("/{}", parts.join("/")));
            }
            Kind::Resource { id, .. } => {
                let Some(resource) = resources.get(id.as_str()) else {
                    return Err(at.unknown(format!(
                        "lies below `{id}`, which is no resource of this API in the template"
                    )));
                };
                let properties = &resource.properties;
                let missing = |key: &str| Unknown {
                    why: format!("lies below `{id}`, which has no `{key}`"),
                    at: resource.at,
                };
                let part = properties
                    .text_of("PathPart")?
                    .ok_or_else(|| missing("PathPart"))?;
                parts.push(part);
                at = properties
                    .get("ParentId")
                    .ok_or_else(|| missing("ParentId"))?;
            }
            _ => {
                let why = match at.text() {
                    Ok(id) => format!("lies below resource `{id}`, which is not in this template"),
                    Err(unknown) => format!("lies below a resource whose id {}", unknown.why),
                };
                return Err(at.unknown(why));
            }
        }
    }
    Err(below.unknown("lies below itself"))
}
