//! `AWS::ApiGateway::*`: REST APIs, their resources and methods.

use super::draft::{ApiDraft, Caller, MethodDraft, authorization};
use super::openapi;
use super::paths::Paths;
use super::reading::{Reading, Resource, of_kind};
use super::security::Schemes;
use super::tree::{Kind, Told, Tree, Unknown};
use crate::inventory::{ApiKind, Authorizer};

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
                if let Some(api) = reading.known(resource, "RestApiId") {
                    api.staged(properties.text_of("StageName"), properties.get("Tags"));
                }
            }
            "AWS::ApiGateway::Authorizer" => {
                if let Some(api) = reading.known(resource, "RestApiId")
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
    let paths = Paths::new(reading, resources);
    for resource in of_kind(resources, "AWS::ApiGateway::Method") {
        let Some(api) = reading.api_of(resource, "RestApiId") else {
            continue;
        };
        match method(api, resource, &paths) {
            Ok(method) => api.add(method),
            Err(unknown) => api.misses_methods(Unknown {
                why: format!("method `{}` {}", resource.id, unknown.why),
                at: unknown.at,
            }),
        }
    }
}

fn method(api: &mut ApiDraft, resource: &Resource, paths: &Paths<'_>) -> Told<MethodDraft> {
    let properties = &resource.properties;
    let missing = |key: &str| Unknown {
        why: format!("has no `{key}`"),
        at: resource.at,
    };
    let verb = properties
        .text_of("HttpMethod")?
        .ok_or_else(|| missing("HttpMethod"))?;
    Ok(MethodDraft {
        verb: verb.to_owned(),
        path: paths.of(api, resource)?,
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
