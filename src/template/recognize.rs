//! What a file of a folder looks like, by its text alone: most files of a folder are nothing to be checked, and are not parsed.

use super::terraform::form;

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// A template, or what Terraform prints: it is to be read.
    Known,
    /// A definition of an API with API Gateway's extensions: it is to be read, unless a template takes it in.
    Definition,
    /// An API definition without any extension of API Gateway: it may be that of anything.
    PlainDefinition,
    /// Sources of Terraform that speak of API Gateway: a plan shows what they make.
    TerraformSources,
    /// The configuration of the Serverless Framework with HTTP events: its package shows what it makes.
    ServerlessSources,
    /// Nothing that is known here.
    Other,
}

/// What a text looks like. `name`: the name of its file.
///
/// ```
/// use gatewatch::template::{Looks, looks};
///
/// assert_eq!(looks("a.yaml", "Resources: {A: {Type: 'AWS::SNS::Topic'}}"), Looks::Known);
/// assert_eq!(looks("a.yaml", "openapi: 3.0.1\npaths: {}"), Looks::PlainDefinition);
/// assert_eq!(looks("package.json", "{\"name\": \"shop\"}"), Looks::Other);
/// ```
pub fn looks(name: &str, text: &str) -> Looks {
    if name.ends_with(".tf") || name.ends_with(".tf.json") {
        let speaks = text.contains("aws_api_gateway_") || text.contains("aws_apigatewayv2_");
        return if speaks {
            Looks::TerraformSources
        } else {
            Looks::Other
        };
    }
    let is_template = text.contains("AWSTemplateFormatVersion")
        || (text.contains("Resources") && text.contains("AWS::"));
    // A template may have the name as well: it has no `service`, which the framework demands.
    if is_of_serverless(name) && (!is_template || has_key(text, "service")) {
        // Its own resources may be APIs, too, and its functions may stand in another file.
        let may_be_api = ["http", "httpApi", "websocket"]
            .into_iter()
            .any(|event| is_written_key(text, event))
            || text.contains("AWS::ApiGateway")
            || text.contains("${file(");
        return match may_be_api {
            true => Looks::ServerlessSources,
            false => Looks::Other,
        };
    }
    if is_template || is_terraform(text) {
        return Looks::Known;
    }
    if has_key(text, "openapi") || has_key(text, "swagger") {
        return match text.contains("x-amazon-apigateway-") {
            true => Looks::Definition,
            false => Looks::PlainDefinition,
        };
    }
    Looks::Other
}

fn is_of_serverless(name: &str) -> bool {
    matches!(
        name,
        "serverless.yml" | "serverless.yaml" | "serverless.json"
    )
}

/// Whether Terraform printed it, or keeps its state so.
fn is_terraform(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let is_json = text.trim_start().starts_with('{');
    is_json && (form::is_terraform(text) || form::is_another_form(text).is_some())
}

/// Whether a text has this key at the beginning of a line, where a mapping begins, or in quotes: what is only spoken of is no
/// key.
fn has_key(text: &str, key: &str) -> bool {
    let quoted = [format!("\"{key}\""), format!("'{key}'")];
    let mut lines = text.lines();
    lines.any(|line| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{']);
        line.strip_prefix(key).is_some_and(is_colon)
            || quoted.iter().any(|it| {
                let after = line.split_once(it.as_str()).map(|(_, after)| after);
                after.is_some_and(is_colon)
            })
    })
}

/// Whether a word stands anywhere in a text as a key, in quotes or without. An address is none.
fn is_written_key(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + key.len()..).unwrap_or_default();
        let after = after.strip_prefix(['"', '\'']).unwrap_or(after);
        let is_word = !before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
        is_word && is_colon(after) && !after.trim_start().starts_with("://")
    })
}

fn is_colon(after: &str) -> bool {
    after.trim_start_matches([' ', '\t']).starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_what_it_looks_like() {
        for (name, text, wanted) in [
            (
                "a.yml",
                "AWSTemplateFormatVersion: '2010-09-09'\n",
                Looks::Known,
            ),
            (
                "a.json",
                "{\"Resources\": {\"A\": {\"Type\": \"AWS::SNS::Topic\"}}}",
                Looks::Known,
            ),
            (
                "a.yaml",
                "openapi: 3.0.1\nx-amazon-apigateway-cors: {}\n",
                Looks::Definition,
            ),
            (
                "a.json",
                "{\"swagger\" : \"2.0\", \"x-amazon-apigateway-policy\": {}}",
                Looks::Definition,
            ),
            ("plan.json", "{\"format_version\": \"1.2\"}", Looks::Known),
            (
                "state.json",
                "{\"terraform_version\": \"1\", \"serial\": 1, \"lineage\": \"a\"}",
                Looks::Known,
            ),
            ("a.yaml", "kind: Deployment\n", Looks::Other),
            (
                "a.yaml",
                "description: how swagger: and openapi: are written\n",
                Looks::Other,
            ),
            ("a.json", "{\"swagger\": \"2.0\"}", Looks::PlainDefinition),
            (
                "main.tf",
                "resource \"aws_api_gateway_method\" \"a\" {}",
                Looks::TerraformSources,
            ),
            (
                "main.tf.json",
                "{\"resource\": {\"aws_apigatewayv2_api\": {}}}",
                Looks::TerraformSources,
            ),
            (
                "main.tf",
                "resource \"aws_sns_topic\" \"a\" {}",
                Looks::Other,
            ),
            (
                "serverless.yml",
                "functions: {a: {events: [{httpApi: '*'}]}}",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "functions:\n  a:\n    events:\n      - http: GET /a\n",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "service: a\nfunctions: {a: {events: [{sqs: b}], environment: {A: 'http://b', B: x-http-c}}}",
                Looks::Other,
            ),
            (
                "serverless.yml",
                "service: a\nfunctions:\n  a:\n    events:\n      -   http: GET /a\n",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "service: a\nfunctions:\n  a:\n    events:\n      - 'httpApi' : GET /a\n",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "service: a\nfunctions: {a: {events: [ { http: {path: a} } ]}}",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "service: a\nfunctions: ${file(functions.yml)}\n",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yml",
                "service: a\nresources:\n  Resources: {A: {Type: 'AWS::ApiGateway::RestApi'}}\n",
                Looks::ServerlessSources,
            ),
            (
                "serverless.yaml",
                "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'AWS::Serverless::Api'}}\n",
                Looks::Known,
            ),
            ("a.yaml", "openapi : 3.0.1\n", Looks::PlainDefinition),
            (
                "a.yaml",
                "{openapi: 3.0.1, paths: {}}",
                Looks::PlainDefinition,
            ),
            (
                "a.yaml",
                "  openapi: 3.0.1\n  paths: {}\n",
                Looks::PlainDefinition,
            ),
        ] {
            assert_eq!(looks(name, text), wanted, "{name}: {text}");
        }
    }
}
