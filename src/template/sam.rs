//! The Serverless Application Model: APIs whose methods are the events of functions.
//!
//! Source: [SAM resources](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html)
//! and, where they are silent, [what SAM does](https://github.com/aws/serverless-application-model).

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{ApiDraft, Caller, MethodDraft};
use super::globals;
use super::openapi;
use super::reading::{Reading, Resource};
use super::sam_auth::Auth;
use super::tree::{Entry, Kind, Spot, Told, Tree, Unknown};
use super::websocket;
use crate::inventory::ApiKind;

/// The API of `Api` events that name none, and the stage that SAM gives it.
const IMPLICIT_REST: (&str, &str) = ("ServerlessRestApi", "Prod");

/// The API of `HttpApi` events that name none. `$default` is the stage of every `HttpApi` that names none.
const IMPLICIT_HTTP: (&str, &str) = ("ServerlessHttpApi", "$default");

/// How SAM makes one API.
struct Made {
    auth: Auth,
    /// Whether events become its methods.
    by_events: bool,
    /// Whether it answers CORS preflights with methods of its own.
    cors: bool,
    at: Spot,
}

/// Reads the APIs and the events of functions and state machines.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource], globals: Option<&Tree>) {
    let mut made = BTreeMap::new();
    websocket::apis(reading, resources, globals);
    for resource in resources {
        let kind = match resource.kind.as_str() {
            "AWS::Serverless::Api" => ApiKind::Rest,
            "AWS::Serverless::HttpApi" => ApiKind::Http,
            _ => continue,
        };
        let properties = globals::with(globals, kind, &resource.properties);
        let (api, how) = explicit(&resource.id, kind, resource.at, &properties);
        reading.apis.insert(resource.id.clone(), api);
        made.insert(resource.id.clone(), how);
    }
    for resource in resources {
        if matches!(
            resource.kind.as_str(),
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine"
        ) {
            events(reading, &mut made, resource, globals);
        }
    }
    for (id, made) in &made {
        if let Some(api) = reading.apis.get_mut(id) {
            preflights(api, made);
        }
    }
}

/// An API that a resource describes, or, for the implicit one, `Globals` alone.
fn explicit(id: &str, kind: ApiKind, at: Spot, properties: &Tree) -> (ApiDraft, Made) {
    let mut api = ApiDraft::new(id, kind, at);
    let nothing = Tree::nothing(at);
    let properties = match properties.entries() {
        Ok(_) => properties,
        Err(unknown) => {
            api.misses_methods(unknown);
            &nothing
        }
    };
    let auth = Auth::read(&mut api, properties.get("Auth"));
    api.named(properties.text_of("Name"));
    api.tagged(properties.get("Tags"));
    api.endpoint_disabled(properties.flag_of("DisableExecuteApiEndpoint"));
    if kind == ApiKind::Rest {
        api.reached_by(endpoint_type(properties));
    }
    match (properties.get("StageName"), kind) {
        (Some(stage), _) => api.staged(stage.text().map(Some), None),
        (None, ApiKind::Http) => api.staged(Ok(Some(IMPLICIT_HTTP.1)), None),
        (None, ApiKind::Rest | ApiKind::WebSocket) => {}
    }
    add_definition(&mut api, &auth, properties);
    // A `Policy` stands for nothing but what it says; SAM's lists of it are in its `Auth`.
    api.guarded(properties.get("Policy"));
    let cors = match kind {
        ApiKind::Rest => properties.get("Cors").is_some(),
        ApiKind::Http | ApiKind::WebSocket => {
            api.answers_preflights(properties.get("CorsConfiguration"));
            false
        }
    };
    let made = Made {
        by_events: is_made_by_events(&mut api, properties),
        auth,
        cors,
        at,
    };
    (api, made)
}

/// Adds what the API's own definition says, or a gap where the definition is a file of its own.
fn add_definition(api: &mut ApiDraft, auth: &Auth, properties: &Tree) {
    if let Some(body) = properties.get("DefinitionBody") {
        openapi::add(api, body, auth.schemes(api.kind));
        for method in &mut api.methods {
            let preflight = method.verb == "OPTIONS";
            auth.operation(&mut method.caller, preflight, method.at);
        }
    }
    if let Some(elsewhere) = properties.get("DefinitionUri") {
        api.misses_methods(elsewhere.unknown(
            "keeps methods in a file of its own (`DefinitionUri`): check that definition too",
        ));
    }
}

/// Whether events become methods of an API.
fn is_made_by_events(api: &mut ApiDraft, properties: &Tree) -> bool {
    let merged = api
        .told(properties.flag_of("MergeDefinitions"))
        .unwrap_or(true);
    let is_defined =
        properties.get("DefinitionBody").is_some() || properties.get("DefinitionUri").is_some();
    // An HTTP API's events beside its own definition: SAM's docs do not say, so they count.
    merged || api.kind == ApiKind::Http || !is_defined
}

/// SAM takes a text, or a mapping with a `Type`.
fn endpoint_type(properties: &Tree) -> Result<Vec<String>, Unknown> {
    let Some(configuration) = properties.get("EndpointConfiguration") else {
        return Ok(Vec::new());
    };
    let kind = match configuration.kind {
        Kind::Map(_) => configuration.text_of("Type")?,
        _ => Some(configuration.text()?),
    };
    Ok(kind.map(str::to_owned).into_iter().collect())
}

/// Adds the methods of the events of a function or a state machine.
fn events(
    reading: &mut Reading,
    made: &mut BTreeMap<String, Made>,
    resource: &Resource,
    globals: Option<&Tree>,
) {
    let events = match resource.properties.entries_of("Events") {
        Ok(events) => events,
        Err(unknown) => {
            reading.gaps.push(Unknown {
                why: format!("the events of `{}`: it {}", resource.id, unknown.why),
                at: unknown.at,
            });
            return;
        }
    };
    for event in events {
        match source(resource, event) {
            Ok(Some(source)) => add_event(reading, made, (resource, event), source, globals),
            Ok(None) => {}
            Err(unknown) => reading.gaps.push(unknown),
        }
    }
}

/// Where events of one type come from.
#[derive(Clone, Copy)]
struct EventSource {
    kind: ApiKind,
    /// The property of an event that names its API.
    key: &'static str,
    /// The API of an event that names none, and its stage.
    implicit: (&'static str, &'static str),
}

/// Where an event comes from. `None`: from no API.
fn source(resource: &Resource, event: &Entry) -> Told<Option<EventSource>> {
    let kind = event.value.text_of("Type").map_err(|unknown| Unknown {
        why: format!(
            "the type of event `{}` of `{}` {}",
            event.key, resource.id, unknown.why
        ),
        at: unknown.at,
    })?;
    match kind {
        Some("Api") => Ok(Some(EventSource {
            kind: ApiKind::Rest,
            key: "RestApiId",
            implicit: IMPLICIT_REST,
        })),
        Some("HttpApi") => Ok(Some(EventSource {
            kind: ApiKind::Http,
            key: "ApiId",
            implicit: IMPLICIT_HTTP,
        })),
        Some(_) => Ok(None),
        // It may come from an API.
        None => Err(Unknown {
            why: format!("event `{}` of `{}` has no `Type`", event.key, resource.id),
            at: event.at,
        }),
    }
}

/// Adds the method of an event to its API, which it makes where nothing else does.
fn add_event(
    reading: &mut Reading,
    made: &mut BTreeMap<String, Made>,
    (resource, event): (&Resource, &Entry),
    source: EventSource,
    globals: Option<&Tree>,
) {
    let nothing = Tree::nothing(event.at);
    let properties = event.value.get("Properties").unwrap_or(&nothing);
    let (implicit, stage) = source.implicit;
    let id = match properties.get(source.key).map(|named| &named.kind) {
        None => implicit,
        Some(Kind::Resource { id, .. }) | Some(Kind::Text(id)) => id.as_str(),
        // It cannot be told, and is no API of this template.
        Some(_) => "",
    };
    if id == implicit && !made.contains_key(id) {
        // Only `Globals` speak of it.
        let properties = globals::with(globals, source.kind, &nothing);
        let (mut api, how) = explicit(id, source.kind, event.at, &properties);
        api.staged(Ok(Some(stage)), None);
        reading.apis.insert(id.to_owned(), api);
        made.insert(id.to_owned(), how);
    }
    match (reading.apis.get_mut(id), made.get(id)) {
        (Some(api), Some(made)) => add_method(api, made, event, properties),
        _ => reading.gaps.push(Unknown {
            why: format!(
                "event `{}` of `{}` belongs to an API that is no serverless API of this template",
                event.key, resource.id
            ),
            at: event.at,
        }),
    }
}

/// Adds the method of an event.
fn add_method(api: &mut ApiDraft, made: &Made, event: &Entry, properties: &Tree) {
    if !made.by_events {
        return;
    }
    let place = properties.text_of("Path");
    let place = place.and_then(|path| Ok((path, properties.text_of("Method")?)));
    let (path, verb) = match place {
        Ok(place) => place,
        Err(unknown) => {
            return api.misses_methods(Unknown {
                why: format!("event `{}`: its path or verb {}", event.key, unknown.why),
                at: unknown.at,
            });
        }
    };
    let verb = verb.unwrap_or("ANY").to_ascii_uppercase();
    let verb = if verb == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
        "ANY".to_owned()
    } else {
        verb
    };
    let method = MethodDraft {
        verb: verb.clone(),
        // Without a path, it is the route `$default` of an HTTP API, and a gap of a REST API: see below.
        path: path.unwrap_or("").to_owned(),
        route_key: None,
        at: event.at,
        caller: made.auth.event(properties.get("Auth"), verb == "OPTIONS"),
        integration: Some("AWS_PROXY".to_owned()),
    };
    if properties
        .get("Auth")
        .is_some_and(|auth| auth.get("ResourcePolicy").is_some())
    {
        api.guarded_by_unknown(&Unknown {
            why: "is made by SAM from an event's `ResourcePolicy`, which is not read here"
                .to_owned(),
            at: event.at,
        });
    }
    match (api.kind, path) {
        (ApiKind::Rest, Some(path)) if api.has(&verb, path) => {
            // The definition beside the events says what it is already.
        }
        (ApiKind::Rest, Some(_)) => api.add(method),
        (ApiKind::Rest, None) => api.misses_methods(Unknown {
            why: format!("event `{}` has no `Path`", event.key),
            at: event.at,
        }),
        (_, None | Some("$default" | "/$default")) => api.add_route("$default", method),
        (_, Some(path)) => {
            let key = format!("{verb} {path}");
            if !api.has(&verb, path) {
                api.add_route(&key, method);
            }
        }
    }
}

/// With `Cors`, SAM adds an OPTIONS method with a MOCK integration to every path that has none.
fn preflights(api: &mut ApiDraft, made: &Made) {
    if !made.cors {
        return;
    }
    let paths: BTreeSet<String> = api.methods.iter().map(|it| it.path.clone()).collect();
    for path in paths {
        if api.has("OPTIONS", &path) {
            continue;
        }
        let mut caller = Ok(Caller::unasked());
        made.auth.apply(&mut caller, true, None);
        api.add(MethodDraft {
            verb: "OPTIONS".to_owned(),
            path,
            route_key: None,
            at: made.at,
            caller,
            integration: Some("MOCK".to_owned()),
        });
    }
}
