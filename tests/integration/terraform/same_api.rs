//! The same API as a Terraform plan, as a plan with a definition, as CloudFormation, SAM and OpenAPI: the same methods with
//! the same types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::plan::Plan;
use super::translated;

/// Path parts, from the root on: each path is made of the first of them.
const PARTS: [&str; 4] = ["pets", "{petId}", "photos", "{proxy+}"];

const VERBS: [&str; 4] = ["GET", "POST", "DELETE", "ANY"];

const TYPES: [&str; 2] = ["NONE", "AWS_IAM"];

/// A method: how many parts its path has, its verb and its type.
type Method = (usize, &'static str, &'static str);

fn path(depth: usize) -> String {
    format!("/{}", PARTS[..depth].join("/"))
}

fn read(text: &str) -> BTreeSet<String> {
    let read = translated(text).unwrap();
    assert_eq!(super::gaps(&read), [""; 0], "{text}");
    assert!(read.inventory.apis.len() <= 1);
    super::methods(&read.inventory)
        .into_iter()
        .map(|it| it.split_once(' ').unwrap().1.to_owned())
        .collect()
}

fn as_plan(methods: &BTreeSet<Method>) -> String {
    let mut plan = Plan::new().rest_api("api");
    for (index, part) in PARTS.iter().enumerate() {
        let parent = match index {
            0 => String::new(),
            index => format!("p{}", index - 1),
        };
        plan = plan.place("api", &format!("p{index}"), part, &parent);
    }
    for (index, (depth, verb, kind)) in methods.iter().enumerate() {
        let place = depth
            .checked_sub(1)
            .map_or(String::new(), |it| format!("p{it}"));
        plan = plan.method("api", &format!("m{index}"), &place, verb, kind);
    }
    plan.text()
}

fn definition(methods: &BTreeSet<Method>) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (depth, verb, kind) in methods {
        let key = match *verb {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            verb => verb.to_lowercase(),
        };
        let operation = match *kind {
            "AWS_IAM" => {
                json!({"security": [{"sigv4": []}], "x-amazon-apigateway-integration": {"type": "mock"}})
            }
            _ => json!({"x-amazon-apigateway-integration": {"type": "mock"}}),
        };
        paths
            .entry(path(*depth))
            .or_default()
            .insert(key, operation);
    }
    json!({
        "openapi": "3.0.1", "info": {"title": "api", "version": "1"}, "paths": paths,
        "components": {"securitySchemes": {"sigv4": {
            "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
        }}},
    })
}

fn as_plan_with_a_definition(methods: &BTreeSet<Method>) -> String {
    let body = json!(definition(methods).to_string());
    Plan::new().rest_api("api").set_last("body", body).text()
}

fn as_cloudformation(methods: &BTreeSet<Method>) -> String {
    let mut text = "Resources:\n  Api: {Type: AWS::ApiGateway::RestApi}\n".to_owned();
    for (index, part) in PARTS.iter().enumerate() {
        let parent = match index {
            0 => "!GetAtt Api.RootResourceId".to_owned(),
            index => format!("!Ref P{}", index - 1),
        };
        writeln!(
            text,
            "  P{index}: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, ParentId: {parent}, PathPart: '{part}'}}}}"
        )
        .unwrap();
    }
    for (index, (depth, verb, kind)) in methods.iter().enumerate() {
        let place = depth
            .checked_sub(1)
            .map_or("!GetAtt Api.RootResourceId".to_owned(), |it| {
                format!("!Ref P{it}")
            });
        writeln!(
            text,
            "  M{index}: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: {place}, HttpMethod: {verb}, AuthorizationType: {kind}}}}}"
        )
        .unwrap();
    }
    text
}

fn as_sam(methods: &BTreeSet<Method>) -> String {
    let mut text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n".to_owned();
    for (index, (depth, verb, kind)) in methods.iter().enumerate() {
        let auth = match *kind {
            "AWS_IAM" => ", Auth: {Authorizer: AWS_IAM}",
            _ => "",
        };
        writeln!(
            text,
            "        E{index}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: '{}', Method: {verb}{auth}}}}}",
            path(*depth)
        )
        .unwrap();
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_give_the_same_methods(
        drawn in prop::collection::btree_map((0..=PARTS.len(), 0..VERBS.len()), 0..TYPES.len(), 1..12)
    ) {
        let methods: BTreeSet<Method> = drawn
            .into_iter()
            .map(|((depth, verb), kind)| (depth, VERBS[verb], TYPES[kind]))
            .collect();
        let expected: BTreeSet<String> = methods
            .iter()
            .map(|(depth, verb, kind)| format!("{verb} {} {kind}", path(*depth)))
            .collect();
        prop_assert_eq!(read(&as_plan(&methods)), expected.clone());
        prop_assert_eq!(read(&as_plan_with_a_definition(&methods)), expected.clone());
        prop_assert_eq!(read(&as_cloudformation(&methods)), expected.clone());
        prop_assert_eq!(read(&as_sam(&methods)), expected.clone());
        prop_assert_eq!(read(&definition(&methods).to_string()), expected);
    }
}
