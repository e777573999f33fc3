//! `AWS::Serverless::WebSocketApi`: a WebSocket API with its routes in one resource.
//!
//! Sources: [AWS::Serverless::WebSocketApi](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html)
//! and, where it is silent, [what SAM does](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/model/api/websocket_api_generator.py).

use super::super::draft::{ApiDraft, CONNECT, Caller, MethodDraft};
use super::super::reading::{Reading, Resource};
use super::super::tree::{Entry, Told, Tree, Unknown};
use super::auth::FUNCTION;
use super::globals::Globals;
use crate::inventory::{ApiKind, AuthorizationType};

/// The stage that SAM gives an API that names none.
const STAGE: &str = "default";

/// Reads the APIs.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource], globals: &Globals<'_>) {
    for resource in resources {
        if resource.kind == "AWS::Serverless::WebSocketApi" {
            let api = api(resource, globals);
            reading.apis.insert(resource.id.clone(), api);
        }
    }
}

fn api(resource: &Resource, globals: &Globals<'_>) -> ApiDraft {
    let mut api = ApiDraft::new(&resource.id, ApiKind::WebSocket, resource.at);
    let properties = globals.with(ApiKind::WebSocket, &resource.properties);
    api.named(properties.text_of("Name"));
    api.tagged(properties.get("Tags"));
    api.endpoint_disabled(properties.flag_of("DisableExecuteApiEndpoint"));
    let stage = properties.text_of("StageName");
    api.staged(stage.map(|stage| Some(stage.unwrap_or(STAGE))), None);
    // `Globals` speak neither of routes nor of authorization.
    let properties = &resource.properties;
    let caller = caller(properties.get("Auth"));
    let routes = properties.get("Routes");
    let routes = routes.map_or(Ok(&[][..]), |it| {
        as_written(it, "Routes").and_then(Tree::entries)
    });
    let Some(routes) = api.told(routes) else {
        return api;
    };
    if routes.is_empty() {
        api.misses_methods(Unknown {
            why: format!(
                "`{}` has no `Routes`: SAM takes no WebSocket API without a route",
                resource.id
            ),
            at: resource.at,
        });
    }
    let connects = |route: &Entry| route.key == CONNECT && !route.value.is_null();
    if let (Ok(Caller { own: true, .. }) | Err(_), Some(auth)) = (&caller, properties.get("Auth"))
        && !routes.iter().any(connects)
    {
        api.misses_methods(auth.unknown(format!(
            "authorizes nobody, as `{}` has no `{CONNECT}` route: SAM takes no `Auth` without one",
            resource.id
        )));
    }
    for route in routes {
        // `AWS::NoValue` takes a route away.
        if !route.value.is_null() {
            api.add_route(&route.key, connecting(route, &caller));
        }
    }
    api
}

fn connecting(route: &Entry, caller: &Told<Caller>) -> MethodDraft {
    let caller = caller.clone().and_then(|caller| {
        let route = as_written(&route.value, &route.key)?;
        Ok(Caller {
            api_key_required: route.flag_of("ApiKeyRequired")?,
            ..caller
        })
    });
    MethodDraft {
        verb: String::new(),
        path: String::new(),
        route_key: None,
        at: route.at,
        caller,
        // A route that SAM makes calls a function.
        integration: Some("AWS_PROXY".to_owned()),
    }
}

/// A part that no function makes. SAM refuses any other: it is not deployed, and nothing is believed of it.
fn as_written<'t>(part: &'t Tree, name: &str) -> Told<&'t Tree> {
    part.as_written(|| format!("{FUNCTION} of `{name}`"))
}

/// What `$connect` asks of its callers. An `Auth` that SAM refuses is not known.
fn caller(auth: Option<&Tree>) -> Told<Caller> {
    let Some(auth) = auth else {
        return Ok(Caller::unasked());
    };
    let keys = as_written(auth, "Auth")?.entries()?;
    if keys.is_empty() {
        return Ok(Caller::unasked());
    }
    let Some(named) = auth.get("AuthType") else {
        return Err(auth.unknown("has no `AuthType`"));
    };
    let kind = as_written(named, "AuthType")?.text()?;
    match kind {
        "NONE" | "AWS_IAM" if keys.len() > 1 => Err(auth.unknown(format!(
            "has more than its `AuthType`, and SAM takes nothing else beside `{kind}`"
        ))),
        "NONE" => Ok(Caller::new(AuthorizationType::None)),
        "AWS_IAM" => Ok(Caller::new(AuthorizationType::AwsIam)),
        "CUSTOM" if auth.get("AuthArn").is_some() => Ok(Caller::new(AuthorizationType::Custom)),
        "CUSTOM" => Err(auth.unknown("has `AuthType` CUSTOM and no `AuthArn`")),
        other => Err(auth.unknown(format!(
            "has the unknown `AuthType` `{other}`: SAM takes NONE, AWS_IAM and CUSTOM"
        ))),
    }
}
