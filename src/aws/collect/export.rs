//! The export of an HTTP API's stage: OpenAPI 3 with API Gateway's extensions.
//!
//! Source: [OpenAPI for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html).

use serde_json::{Map, Value};

use crate::inventory::{AuthorizationType, DeployedMethod, Pool, VERBS};

/// How the export names the method of every verb.
const ANY: &str = "x-amazon-apigateway-any-method";

/// How an operation states its authorization type beside `security`, or in its place.
const AUTH: &str = "x-amazon-apigateway-auth";

/// How an export names the route `$default`: with a slash as in the developer guide, or without one as SAM
/// writes it.
const DEFAULT: [&str; 2] = ["/$default", "$default"];

/// What stands beside the operations of a path.
///
/// Source: [Path Item Object](https://spec.openapis.org/oas/v3.0.3#path-item-object).
const BESIDE_OPERATIONS: [&str; 4] = ["description", "parameters", "servers", "summary"];

/// Verb and path of a route key. One without a verb, such as `$default`, answers every verb on a path
/// that is called like it.
pub(super) fn verb_and_path(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or(("ANY", key))
}

/// The routes of an export, or what is wrong with it.
pub(super) fn methods(body: &[u8], texts: &mut Pool) -> Result<Vec<DeployedMethod>, String> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| format!("the export does not parse: {error}"))?;
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or("the export has no paths")?;
    let mut methods = Vec::new();
    for (path, operations) in paths {
        if path.starts_with("x-") {
            continue;
        }
        let is_default = DEFAULT.contains(&path.as_str());
        if !path.starts_with('/') && !is_default {
            return Err(format!("the export's path `{path}` is not understood"));
        }
        let operations = operations.as_object();
        let operations =
            operations.ok_or_else(|| format!("the export's path {path} is no object"))?;
        for (name, operation) in operations {
            if is_beside_operations(name) {
                continue;
            }
            let Some(verb) = verb(name) else {
                // It may be a route, so what is served is not known without it.
                return Err(format!(
                    "the export's path {path} has `{name}`, which is not understood"
                ));
            };
            let key = if is_default {
                "$default".to_owned()
            } else {
                format!("{verb} {path}")
            };
            let (verb, path) = verb_and_path(&key);
            methods.push(DeployedMethod {
                verb: texts.text(verb),
                path: texts.text(path),
                route_key: Some(texts.text(&key)),
                authorization: authorization(&document, operation),
                api_key_required: false,
                integration: None,
            });
        }
    }
    Ok(methods)
}

/// The verb that a key below a path stands for. `None`: none that is understood. One that is not among the known verbs, such
/// as `query`, is a route like any other: API Gateway may have it one day.
fn verb(name: &str) -> Option<String> {
    if name == ANY {
        return Some("ANY".to_owned());
    }
    let upper = name.to_ascii_uppercase();
    let is_known = VERBS.contains(&upper.as_str());
    let is_like_one = !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase());
    (upper != "ANY" && (is_known || is_like_one)).then_some(upper)
}

fn is_beside_operations(name: &str) -> bool {
    let is_extension = name.starts_with("x-") && !name.starts_with("x-amazon-apigateway-any");
    BESIDE_OPERATIONS.contains(&name) || is_extension
}

/// What an operation asks for, by `security`, by `x-amazon-apigateway-auth`, or by both where they agree.
/// `None`: it asks for nothing that is understood, or says nothing, which is not NONE. Whether an export
/// says of an open route `security: []`, or nothing, is not documented.
///
/// Source: [x-amazon-apigateway-auth](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html).
fn authorization(document: &Value, operation: &Value) -> Option<AuthorizationType> {
    let secured = || secured(document, operation.get("security")?);
    match (operation.get("security"), operation.get(AUTH)) {
        (None, None) => None,
        (Some(_), None) => secured(),
        (None, Some(auth)) => stated(auth),
        (Some(_), Some(auth)) => secured().filter(|it| stated(auth).as_ref() == Some(it)),
    }
}

/// The type that the extension states. "Values are case insensitive."
fn stated(auth: &Value) -> Option<AuthorizationType> {
    let kind = auth.get("type")?.as_str()?.to_ascii_uppercase();
    let kind = AuthorizationType::from(kind);
    (!matches!(kind, AuthorizationType::Other(_))).then_some(kind)
}

fn secured(document: &Value, security: &Value) -> Option<AuthorizationType> {
    // Each requirement is an alternative: one that asks for nothing opens the operation.
    let mut types = Vec::new();
    for requirement in security.as_array()? {
        let schemes: Vec<&String> = requirement.as_object()?.keys().collect();
        match schemes.as_slice() {
            [] => return Some(AuthorizationType::None),
            [scheme] => {
                let known = document.get("components")?.get("securitySchemes")?;
                types.push(scheme_type(known.get(scheme.as_str())?.as_object()?)?);
            }
            _ => return None,
        }
    }
    types.dedup();
    match types.as_slice() {
        [] => Some(AuthorizationType::None),
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn scheme_type(scheme: &Map<String, Value>) -> Option<AuthorizationType> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_ascii_lowercase);
    if text(scheme.get("x-amazon-apigateway-authtype")).as_deref() == Some("awssigv4") {
        return Some(AuthorizationType::AwsIam);
    }
    let authorizer = scheme.get("x-amazon-apigateway-authorizer")?;
    match text(authorizer.get("type")).as_deref() {
        Some("jwt") => Some(AuthorizationType::Jwt),
        Some("request") => Some(AuthorizationType::Custom),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn types(document: Value) -> Vec<(String, Option<AuthorizationType>)> {
        let methods = methods(document.to_string().as_bytes(), &mut Pool::default()).unwrap();
        let types = methods
            .into_iter()
            .map(|it| (it.route_key.unwrap().into_owned(), it.authorization));
        types.collect()
    }

    #[test]
    fn every_kind_of_security_is_told_apart() {
        let secured = |scheme: &str| json!({"security": [{scheme: []}]});
        let document = json!({
            "components": {"securitySchemes": {
                "any name": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
                "jwt": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}},
                "lambda": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "request"}},
                "strange": {"type": "http"},
            }},
            "paths": {
                "/$default": {"x-amazon-apigateway-any-method": {"isDefaultRoute": true}},
                "x-team": "shop",
                "/a": {"get": secured("any name"), "put": secured("jwt"), "parameters": []},
                "/b": {"post": secured("lambda"), ANY: {"security": []}},
                "/c": {"get": secured("strange"), "put": secured("missing")},
                "/d": {
                    "get": {"security": [{"jwt": []}, {}]},
                    "put": {"security": [{"jwt": []}, {"any name": []}]},
                    "post": {"security": [{"jwt": [], "lambda": []}]},
                },
            },
        });
        let mut types = types(document);
        types.sort();
        let expected = [
            ("$default", None),
            ("ANY /b", Some(AuthorizationType::None)),
            ("GET /a", Some(AuthorizationType::AwsIam)),
            ("GET /c", None),
            ("GET /d", Some(AuthorizationType::None)),
            ("POST /b", Some(AuthorizationType::Custom)),
            ("POST /d", None),
            ("PUT /a", Some(AuthorizationType::Jwt)),
            ("PUT /c", None),
            ("PUT /d", None),
        ];
        assert_eq!(types, expected.map(|(key, kind)| (key.to_owned(), kind)));
    }

    #[test]
    fn the_auth_extension_is_read_and_silence_is_not_none() {
        let auth = |kind: &str| json!({AUTH: {"type": kind}});
        let both =
            |kind: &str, security: Value| json!({AUTH: {"type": kind}, "security": security});
        let document = json!({
            "components": {"securitySchemes": {"iam": {"x-amazon-apigateway-authtype": "awsSigv4"}}},
            "security": [{"iam": []}],
            "paths": {
                "/silent": {"get": {}, "put": {"security": null}, "post": {"security": []}},
                "/auth": {
                    "get": auth("AWS_IAM"), "put": auth("none"), "post": auth("CUSTOM"),
                    "patch": auth("JWT"), "delete": auth("COGNITO_USER_POOLS"),
                },
                "/odd": {"get": auth("IAM"), "put": {AUTH: "AWS_IAM"}, "post": {AUTH: {}}},
                "/both": {
                    "get": both("aws_iam", json!([{"iam": []}])),
                    "put": both("NONE", json!([{"iam": []}])),
                    "post": both("AWS_IAM", json!([])),
                    "delete": both("NONE", json!([])),
                    "patch": both("AWS_IAM", json!([{"nowhere": []}])),
                },
            },
        });
        let mut types = types(document);
        types.sort();
        let expected = [
            ("DELETE /auth", Some(AuthorizationType::CognitoUserPools)),
            ("DELETE /both", Some(AuthorizationType::None)),
            ("GET /auth", Some(AuthorizationType::AwsIam)),
            ("GET /both", Some(AuthorizationType::AwsIam)),
            ("GET /odd", None),
            ("GET /silent", None),
            ("PATCH /auth", Some(AuthorizationType::Jwt)),
            ("PATCH /both", None),
            ("POST /auth", Some(AuthorizationType::Custom)),
            ("POST /both", None),
            ("POST /odd", None),
            ("POST /silent", Some(AuthorizationType::None)),
            ("PUT /auth", Some(AuthorizationType::None)),
            ("PUT /both", None),
            ("PUT /odd", None),
            ("PUT /silent", None),
        ];
        assert_eq!(types, expected.map(|(key, kind)| (key.to_owned(), kind)));
    }

    #[test]
    fn the_default_route_is_read_in_both_spellings() {
        for key in DEFAULT {
            let document = json!({"paths": {key: {ANY: {"isDefaultRoute": true, "security": []}}}});
            let expected = ("$default".to_owned(), Some(AuthorizationType::None));
            assert_eq!(types(document), [expected]);
        }
    }

    #[test]
    fn a_verb_that_is_not_known_yet_is_a_route_like_any_other() {
        let document = json!({"paths": {"/a": {
            "query": {"security": []}, "trace": {}, "deprecated": true,
        }}});
        // What says nothing of its callers, or is no operation at all, has an unknown type, and never none.
        let expected = [
            ("DEPRECATED /a", None),
            ("QUERY /a", Some(AuthorizationType::None)),
            ("TRACE /a", None),
        ];
        let mut types = types(document);
        types.sort();
        assert_eq!(types, expected.map(|(key, kind)| (key.to_owned(), kind)));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for paths in [
            json!({"pets": {"get": {}}}),
            json!({"$defualt": {ANY: {}}}),
            json!({"/a": {"$ref": "other.json"}}),
            json!({"/a": {"any": {}}}),
            json!({"/a": {"additionalOperations": {}}}),
            json!({"/a": {"x-amazon-apigateway-any": {}}}),
        ] {
            let document = json!({"paths": paths}).to_string();
            assert!(
                methods(document.as_bytes(), &mut Pool::default()).is_err(),
                "{document}"
            );
        }
        let beside = json!({"paths": {"/a": {
            "summary": "", "description": "", "parameters": [], "servers": [], "x-own": 1,
        }}});
        assert_eq!(types(beside), []);
    }

    #[test]
    fn a_huge_export_is_read_and_a_deep_one_is_an_error() {
        let operation = json!({"get": {"responses": {"200": {"description": "x".repeat(200)}}}});
        let paths = (0..5_000).map(|number| (format!("/path/{number}"), operation.clone()));
        let paths: Map<String, Value> = paths.collect();
        let document = json!({"paths": paths}).to_string();
        assert!(document.len() > 1_000_000);
        assert_eq!(
            methods(document.as_bytes(), &mut Pool::default())
                .unwrap()
                .len(),
            5_000
        );
        let deep = format!(
            "{{\"paths\": {}{}}}",
            "[".repeat(500_000),
            "]".repeat(500_000)
        );
        assert!(methods(deep.as_bytes(), &mut Pool::default()).is_err());
    }

    #[test]
    fn garbage_is_an_error() {
        for body in ["", "<html>", "[]", "{}", r#"{"paths": {"/": 1}}"#] {
            assert!(
                methods(body.as_bytes(), &mut Pool::default()).is_err(),
                "{body}"
            );
        }
    }
}
