//! OpenAPI 3 and Swagger 2 with API Gateway's extensions: the paths of a document as methods.
//!
//! Source: [OpenAPI extensions for API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html).

use super::draft::{ApiDraft, MethodDraft};
use super::keys::DEFINITION;
use super::security::Schemes;
use super::tree::{Entry, Told, Tree, Unknown};
use super::unknown_keys::{hint, misspelt_keys};
use crate::inventory::ApiKind;

/// How a document names the method of every verb.
pub(super) const ANY: &str = "x-amazon-apigateway-any-method";

/// The key of an operation's integration.
pub(super) const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// Where a definition has the API's resource policy.
pub(super) const POLICY: &str = "x-amazon-apigateway-policy";

/// How a document names the route `$default`: with a slash as in the developer guide, or without one as
/// SAM writes it.
///
/// Sources: [OpenAPI for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html)
/// and [SAM](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/open_api/open_api.py).
const DEFAULT: [&str; 2] = ["/$default", "$default"];

/// What may stand beside the operations of a path, and makes no method.
///
/// Source: [Path Item Object](https://spec.openapis.org/oas/v3.0.3#path-item-object).
const BESIDE_OPERATIONS: [&str; 4] = ["description", "parameters", "servers", "summary"];

/// The operations of a path, by key and verb. (`trace` is none of API Gateway's.)
const OPERATIONS: [(&str, &str); 8] = [
    (ANY, "ANY"),
    ("delete", "DELETE"),
    ("get", "GET"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
];

/// What kind of API a document is for, where nothing but the document tells. REST, unless it has what
/// only HTTP APIs have.
pub(super) fn kind(document: &Tree) -> ApiKind {
    if document.get("swagger").is_some() {
        return ApiKind::Rest;
    }
    let http = document.get("x-amazon-apigateway-cors").is_some()
        || mentions_http(document.get("paths"))
        || mentions_jwt(document);
    if http { ApiKind::Http } else { ApiKind::Rest }
}

fn mentions_http(paths: Option<&Tree>) -> bool {
    let paths = paths.map_or(Ok(&[][..]), Tree::entries).unwrap_or_default();
    paths.iter().any(|path| {
        let operations = path.value.entries().unwrap_or_default();
        DEFAULT.contains(&path.key.as_str())
            || operations.iter().any(|operation| {
                let integration = operation.value.get(INTEGRATION);
                integration.is_some_and(|it| it.get("payloadFormatVersion").is_some())
            })
    })
}

fn mentions_jwt(document: &Tree) -> bool {
    let schemes = document
        .get("components")
        .and_then(|components| components.get("securitySchemes"));
    let schemes = schemes.map_or(Ok(&[][..]), Tree::entries);
    schemes.unwrap_or_default().iter().any(|scheme| {
        let authorizer = scheme.value.get("x-amazon-apigateway-authorizer");
        let kind = authorizer.and_then(|it| it.text_of("type").ok().flatten());
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("jwt"))
    })
}

/// Adds what a document says to an API. `named` are authorizers that the document need not define.
pub(super) fn add(api: &mut ApiDraft, document: &Tree, named: Schemes) {
    if let Err(unknown) = document.entries() {
        return api.misses_methods(unknown);
    }
    // A key that AWS does not know is passed over there: one that is almost known is not meant to be.
    for unknown in misspelt_keys(
        "a definition",
        document.entries().unwrap_or_default(),
        DEFINITION,
    ) {
        api.misses_methods(unknown);
    }
    if let Some(info) = document.get("info")
        && api.name.is_none()
    {
        api.named(info.text_of("title"));
    }
    api.guarded(document.get(POLICY));
    api.answers_preflights(document.get("x-amazon-apigateway-cors"));
    endpoint(api, document);
    let schemes = named.with_document(document, api.kind);
    api.defined_at = Some(document.at);
    let Some(paths) = api.told(document.entries_of("paths")) else {
        return;
    };
    for path in paths {
        if !is_extension(&path.key) {
            add_path(api, path, &schemes);
        }
    }
}

/// Adds the operations of one path. What is not understood may be a method, so it is a gap.
fn add_path(api: &mut ApiDraft, path: &Entry, schemes: &Schemes) {
    let is_default = api.kind == ApiKind::Http && DEFAULT.contains(&path.key.as_str());
    let operations = operations(path, is_default);
    for operation in api.told(operations).unwrap_or_default() {
        let method = method(path, operation, schemes);
        let Some(Some(method)) = api.told(method) else {
            continue;
        };
        match api.kind {
            ApiKind::Rest => api.add(method),
            ApiKind::Http if is_default => api.add_route("$default", method),
            ApiKind::Http | ApiKind::WebSocket => {
                let key = format!("{} {}", method.verb, path.key);
                api.add_route(&key, method);
            }
        }
    }
}

/// What stands below a path. `is_default`: the path is the route `$default` of an HTTP API.
fn operations(path: &Entry, is_default: bool) -> Told<&[Entry]> {
    let gap = |why: String| Unknown { why, at: path.at };
    if !path.key.starts_with('/') && !is_default {
        return Err(gap(format!(
            "`{}` is not understood as a path: it must begin with `/`, or be `$default` in the \
             definition of an HTTP API",
            path.key
        )));
    }
    let refers = |it: &Entry| it.key == "$ref" && !it.value.is_null();
    if path.value.entries().is_ok_and(|it| it.iter().any(refers)) {
        return Err(path.value.unknown(format!(
            "refers to another document: what is on path `{}` is not here",
            path.key
        )));
    }
    if path.value.is_null() {
        return Err(gap(format!(
            "path `{}` is empty: which methods it has is not said",
            path.key
        )));
    }
    path.value.entries().map_err(|unknown| Unknown {
        why: format!("path `{}` {}", path.key, unknown.why),
        at: unknown.at,
    })
}

/// The method that an operation makes. `None`: what stands there makes no method.
fn method(path: &Entry, operation: &Entry, schemes: &Schemes) -> Told<Option<MethodDraft>> {
    let known = OPERATIONS
        .iter()
        .find(|(key, _)| operation.key.eq_ignore_ascii_case(key));
    let Some((_, verb)) = known else {
        if is_beside_operations(&operation.key) {
            return Ok(None);
        }
        let why = format!(
            "`{}` on path `{}` is not understood as a method: API Gateway has no such verb{}",
            operation.key,
            path.key,
            hint(&operation.key, &OPERATIONS.map(|(key, _)| key))
        );
        return Err(Unknown {
            why,
            at: operation.at,
        });
    };
    // An operation that is nothing yet says nothing of its callers either.
    operation.value.entries().map_err(|unknown| Unknown {
        why: format!("{verb} {} {}", path.key, unknown.why),
        at: unknown.at,
    })?;
    Ok(Some(MethodDraft {
        verb: (*verb).to_owned(),
        path: path.key.clone(),
        route_key: None,
        at: operation.at,
        caller: schemes.caller(&operation.value),
        integration: integration(&operation.value).ok().flatten(),
    }))
}

fn is_extension(key: &str) -> bool {
    key.get(..2).is_some_and(|it| it.eq_ignore_ascii_case("x-"))
}

/// Whether a key below a path makes no method. A misspelt name of the method of every verb may make one.
fn is_beside_operations(key: &str) -> bool {
    let any = "x-amazon-apigateway-any";
    let is_like_any = || {
        key.get(..any.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(any))
    };
    BESIDE_OPERATIONS.contains(&key) || (is_extension(key) && !is_like_any())
}

/// The settings of the default endpoint, which stand in the document or in one of its servers.
fn endpoint(api: &mut ApiDraft, document: &Tree) {
    const ENDPOINT: &str = "x-amazon-apigateway-endpoint-configuration";
    let servers = document.get("servers").map_or(Ok(&[][..]), Tree::items);
    let servers = servers.unwrap_or_default().iter();
    let settings = servers
        .filter_map(|server| server.get(ENDPOINT))
        .chain(document.get(ENDPOINT));
    for settings in settings {
        api.endpoint_disabled(settings.flag_of("disableExecuteApiEndpoint"));
    }
}

fn integration(operation: &Tree) -> Told<Option<String>> {
    let Some(integration) = operation.get(INTEGRATION) else {
        return Ok(None);
    };
    Ok(integration.text_of("type")?.map(str::to_ascii_uppercase))
}
