//! What a file of a folder looks like, by its text alone: most files of a folder are nothing to be checked, and are not parsed.

use super::escapes;
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
    let text = &*escapes::written_out(text);
    let of_terraform = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    if of_terraform.iter().any(|it| name.ends_with(it)) {
        return match speaks_of_api_gateway(text) {
            true => Looks::TerraformSources,
            false => Looks::Other,
        };
    }
    // What a program makes is not known, whatever it says of events.
    if is_serverless_program(name) {
        return Looks::ServerlessSources;
    }
    // Macros and modules may make APIs without any type of AWS beside them.
    let types = ["AWS::", "Fn::", "::MODULE"];
    let is_template = text.contains("AWSTemplateFormatVersion")
        || (text.contains("Resources") && types.iter().any(|it| text.contains(it)));
    // A template may have the name as well: it has no `service`, which the framework demands.
    if is_of_serverless(name) && (!is_template || has_key(text, "service")) {
        // Its functions may stand in another file.
        return match has_events(text) || text.contains("${file(") {
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

/// Whether a text may name templates or definitions in other files.
pub fn names_others(text: &str) -> bool {
    let text = escapes::written_out(text);
    let names = [
        "AWS::CloudFormation::Stack",
        "AWS::Serverless::Application",
        "AWS::Include",
        "DefinitionUri",
        "BodyS3Location",
    ];
    names.iter().any(|it| text.contains(it))
}

/// Whether the configuration of a service of the Serverless Framework has HTTP events itself, or makes an API otherwise.
pub fn has_http_events(text: &str) -> bool {
    has_events(&escapes::written_out(text))
}

fn has_events(text: &str) -> bool {
    let events = ["http", "httpApi", "websocket"];
    let mut events = events.into_iter();
    events.any(|event| is_written_key(text, event)) || text.contains("AWS::ApiGateway")
}

/// Whether a file of this name is the configuration of the Serverless Framework, as a program that makes it.
pub fn is_serverless_program(name: &str) -> bool {
    let extension = name.strip_prefix("serverless.");
    extension.is_some_and(|it| matches!(it, "ts" | "js" | "mjs" | "cjs"))
}

/// Whether sources of Terraform have resources of API Gateway, or a module whose name says so.
fn speaks_of_api_gateway(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = ["api_gateway", "apigateway", "api-gateway"];
    words.iter().any(|it| text.contains(it))
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
            (
                "main.tofu",
                "module \"api\" { source = \"terraform-aws-modules/apigateway-v2/aws\" }",
                Looks::TerraformSources,
            ),
            (
                "serverless.ts",
                "export default {}",
                Looks::ServerlessSources,
            ),
            (
                "a.yaml",
                "Resources: {Fn::Transform: {Name: Apis}}\n",
                Looks::Known,
            ),
            (
                "a.json",
                r#"{"\u0052esources": {"A": {"Type": "AWS\u003a:SNS::Topic"}}}"#,
                Looks::Known,
            ),
            (
                "a.json",
                r#"{"s\u0077agger": "2.0", "x-am\u0061zon-apigateway-policy": {}}"#,
                Looks::Definition,
            ),
            (
                "plan.json",
                r#"{"form\u0061t_version": "1.2"}"#,
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
