//! `gatewatch check --with`: what templates and plans change of an account.

mod account;
mod plans;
mod templates;

use std::fs;

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::package;

/// The account of the examples.
fn example() -> Value {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The same with tags that say which stack made its API.
fn of_stack(stack: &str, id: &str) -> Value {
    let mut inventory = example();
    inventory["apis"][0]["tags"] = json!({
        "aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": id,
    });
    inventory
}

/// The methods of the account's API, each with its type.
const METHODS: [(&str, &str, &str); 7] = [
    ("get", "/pets", "AWS_IAM"),
    ("post", "/pets", "AWS_IAM"),
    ("get", "/pets/{petId}", "AWS_IAM"),
    ("delete", "/pets/{petId}", "AWS_IAM"),
    (
        "x-amazon-apigateway-any-method",
        "/admin/{proxy+}",
        "AWS_IAM",
    ),
    ("get", "/health", "NONE"),
    ("get", "/me", "CUSTOM"),
];

/// A template of the account's API as it is, named or not, with further resources as lines of YAML.
fn template(name: Option<&str>, more: &str) -> String {
    template_of(name, &METHODS, more)
}

fn template_of(name: Option<&str>, methods: &[(&str, &str, &str)], more: &str) -> String {
    let mut paths = serde_json::Map::new();
    for (verb, path, kind) in methods {
        let security = match *kind {
            "AWS_IAM" => json!([{"sigv4": []}]),
            "CUSTOM" => json!([{"tokens": []}]),
            _ => json!([]),
        };
        let at = paths.entry((*path).to_owned()).or_insert(json!({}));
        at[*verb] =
            json!({"security": security, "x-amazon-apigateway-integration": {"type": "aws_proxy"}});
    }
    let body = json!({
        "openapi": "3.0.1", "info": {"version": "1"}, "paths": paths,
        "components": {"securitySchemes": {
            "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
            "tokens": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
                       "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "x"}},
        }},
    });
    let name = name.map_or(String::new(), |it| format!("Name: {it}, "));
    format!(
        "Resources:\n  Api: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{{name}EndpointConfiguration: {{Types: [REGIONAL]}}, Body: {body}}}}}\n  \
         Prod: {{Type: 'AWS::ApiGateway::Stage', Properties: {{RestApiId: !Ref Api, StageName: prod}}}}\n{more}"
    )
}

/// Lays a file over an account.
fn over(inventory: &Value, file: &str, text: &str, arguments: &[&str]) -> Run {
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &inventory.to_string());
    put(file, text);
    let mut all = vec![
        "check",
        file,
        "--with",
        "inventory.json",
        "--format",
        "json",
    ];
    all.extend(arguments);
    let run = shell.run(&all);
    if run.status != 2 {
        crate::schemas::assert_fits("diff", &run.report());
    }
    run
}

/// The changes as `KIND VERB PATH: BEFORE → AFTER`.
fn changes(document: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let all = document["changes"].as_array().unwrap().iter();
    let line = |it: &Value| {
        let (kind, before, after) = (text(&it["kind"]), text(&it["before"]), text(&it["after"]));
        format!(
            "{kind} {} {}: {before} → {after}",
            text(&it["verb"]),
            text(&it["path"])
        )
    };
    all.map(line).collect()
}

/// Who gained and lost access, as `DIRECTION KIND NAME: BEFORE → AFTER: METHODS`.
fn access(document: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let all = document["access"].as_array().unwrap().iter();
    let line = |it: &Value| {
        let methods: Vec<String> = it["methods"].as_array().unwrap().iter().map(text).collect();
        format!(
            "{} {} {}: {} → {}: {}",
            text(&it["direction"]),
            text(&it["kind"]),
            text(&it["name"]),
            text(&it["before"]),
            text(&it["after"]),
            methods.join(", ")
        )
    };
    all.map(line).collect()
}

/// The rules of the findings that come, go or change.
fn rules(document: &Value) -> Vec<String> {
    let all = document["findings"].as_array().unwrap().iter();
    let mark = |it: &Value| match (it["before"].is_null(), it["after"].is_null()) {
        (true, _) => "+",
        (_, true) => "-",
        _ => "~",
    };
    all.map(|it| format!("{}{}", mark(it), it["rule"].as_str().unwrap()))
        .collect()
}

fn said(document: &Value, list: &str) -> Vec<String> {
    let all = document["laid_over"][list].as_array().unwrap().iter();
    all.map(|it| it["says"].as_str().unwrap().to_owned())
        .collect()
}
