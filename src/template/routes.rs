//! `AWS::ApiGatewayV2::*`: HTTP and WebSocket APIs and their routes.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{ApiDraft, CONNECT, Caller, MethodDraft, authorization};
use super::openapi;
use super::reading::{Owner, Reading, Resource, of_kind};
use super::rest::reference;
use super::security::Schemes;
use super::tree::{Told, Tree, Unknown};
use crate::inventory::{ApiKind, Authorizer};

/// Reads the APIs.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource]) {
    for resource in of_kind(resources, "AWS::ApiGatewayV2::Api") {
        let properties = &resource.properties;
        let body = properties.get("Body");
        let kind = match properties.text_of("ProtocolType") {
            Ok(Some("WEBSOCKET")) => ApiKind::WebSocket,
            // A definition is always one of an HTTP API, and need not say so.
            Ok(Some("HTTP")) | Ok(None) => ApiKind::Http,
            Ok(Some(other)) => {
                reading.gaps.push(Unknown {
                    why: format!("API `{}` has the unknown protocol `{other}`", resource.id),
                    at: resource.at,
                });
                continue;
            }
            Err(unknown) => {
                reading.gaps.push(Unknown {
                    why: format!("the protocol of API `{}` {}", resource.id, unknown.why),
                    at: unknown.at,
                });
                continue;
            }
        };
        let mut api = ApiDraft::new(&resource.id, kind, resource.at);
        api.named(properties.text_of("Name"));
        api.tagged(properties.get("Tags"));
        api.endpoint_disabled(properties.flag_of("DisableExecuteApiEndpoint"));
        api.answers_preflights(properties.get("CorsConfiguration"));
        let file = (resource.definition.clone()).and_then(|it| api.told(it));
        for body in [body, file.as_ref()].into_iter().flatten() {
            if kind == ApiKind::WebSocket {
                api.misses_methods(body.unknown(
                    "is a definition, which API Gateway takes for HTTP APIs alone: write the routes of a \
                     WebSocket API as `AWS::ApiGatewayV2::Route`",
                ));
            } else {
                openapi::add(&mut api, body, Schemes::default());
            }
        }
        if resource.definition.is_none()
            && let Some(elsewhere) = properties.get("BodyS3Location")
        {
            api.misses_methods(elsewhere.unknown(
                "keeps routes elsewhere (`BodyS3Location`, in a bucket): check that definition too",
            ));
        }
        if properties.get("Target").is_some() {
            quick_created(&mut api, resource);
        }
        reading.apis.insert(resource.id.clone(), api);
    }
}

/// With a `Target`, API Gateway makes a route and a stage of its own, open to everybody.
///
/// Source: `Target` of [AWS::ApiGatewayV2::Api](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html).
fn quick_created(api: &mut ApiDraft, resource: &Resource) {
    let key = resource.properties.text_of("RouteKey");
    if let Some(key) = api.told(key.map(|key| key.unwrap_or("$default").to_owned())) {
        let caller = Ok(Caller {
            note: Some("API Gateway makes this route itself, as the API has a target".to_owned()),
            ..Caller::unasked()
        });
        api.add_route(&key, route(resource, caller));
    }
    api.staged(Ok(Some("$default")), None);
}

/// Reads what belongs to the APIs: stages, authorizers, routes.
pub(super) fn routes(reading: &mut Reading, resources: &[Resource]) {
    for resource in resources {
        let properties = &resource.properties;
        match resource.kind.as_str() {
            "AWS::ApiGatewayV2::Stage" => {
                if let Some(api) = reading.known(resource, "ApiId") {
                    api.staged(properties.text_of("StageName"), properties.get("Tags"));
                }
            }
            "AWS::ApiGatewayV2::Authorizer" => {
                if let Some(api) = reading.known(resource, "ApiId")
                    && let Ok(Some(kind)) = properties.text_of("AuthorizerType")
                {
                    let name = properties.text_of("Name").ok().flatten();
                    api.authorizers.push(Authorizer {
                        id: resource.id.clone(),
                        name: name.unwrap_or(&resource.id).to_owned(),
                        kind: kind.to_owned(),
                    });
                }
            }
            "AWS::ApiGatewayV2::ApiGatewayManagedOverrides" => {
                if let Some(api) = reading.known(resource, "ApiId") {
                    api.misses_methods(Unknown {
                        why: "changes the route that API Gateway makes itself, which is not read here"
                            .to_owned(),
                        at: resource.at,
                    });
                }
            }
            "AWS::ApiGatewayV2::Route" => {
                let Some(api) = reading.api_of(resource, "ApiId") else {
                    continue;
                };
                match properties.text_of("RouteKey") {
                    Ok(Some(key)) => api.add_route(key, route(resource, caller(properties))),
                    Ok(None) => api.misses_methods(Unknown {
                        why: format!("route `{}` has no `RouteKey`", resource.id),
                        at: resource.at,
                    }),
                    Err(unknown) => api.misses_methods(Unknown {
                        why: format!("the key of route `{}` {}", resource.id, unknown.why),
                        at: unknown.at,
                    }),
                }
            }
            _ => {}
        }
    }
    connects_that_may_be_missing(reading, resources);
}

/// A `$connect` whose condition only a deployment decides, beside routes that are made without it: nobody who connects would
/// be asked who they are.
fn connects_that_may_be_missing(reading: &mut Reading, resources: &[Resource]) {
    let mut connects = Vec::new();
    // The conditions of the other routes of each API; `None` for those that are made in any case.
    let mut beside: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for route in of_kind(resources, "AWS::ApiGatewayV2::Route") {
        let Owner::Here(api) = reading.owner(route, "ApiId") else {
            continue;
        };
        let condition = reading.undecided.get(&route.id).cloned();
        if matches!(route.properties.text_of("RouteKey"), Ok(Some(CONNECT))) {
            connects.extend(condition.map(|it| (route, api, it)));
        } else {
            beside.entry(api).or_default().insert(condition);
        }
    }
    for (connect, api, condition) in connects {
        let others = beside.get(&api).into_iter().flatten();
        let mut others = others.filter(|it| it.as_ref() != Some(&condition));
        if reading.undecided.get(&api) == Some(&condition) || others.next().is_none() {
            continue;
        }
        let missing = Unknown {
            why: format!(
                "`{CONNECT}` is made only where condition `{condition}` holds, which a deployment decides: without it, nobody who \
                 connects is asked who they are"
            ),
            at: connect.at,
        };
        if let Some(api) = reading.apis.get_mut(&api)
            && api.kind == ApiKind::WebSocket
        {
            api.misses_methods(missing);
        }
    }
}

fn route(resource: &Resource, caller: Told<Caller>) -> MethodDraft {
    MethodDraft {
        verb: String::new(),
        path: String::new(),
        route_key: None,
        at: resource.at,
        caller,
        // An HTTP API has no MOCK.
        integration: None,
    }
}

/// "AuthorizationType: […] The default is NONE", says
/// [AWS::ApiGatewayV2::Route](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html)'s API.
fn caller(properties: &Tree) -> Told<Caller> {
    let kind = properties.text_of("AuthorizationType")?.unwrap_or("NONE");
    Ok(Caller {
        api_key_required: properties.flag_of("ApiKeyRequired")?,
        authorizer_id: reference(properties.get("AuthorizerId")),
        ..Caller::new(authorization(kind))
    })
}
