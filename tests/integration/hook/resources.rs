//! Resources by themselves: those of a stack, whose references are resolved, and those of the Cloud Control API.

use serde_json::{Value, json};

use super::function::Function;
use super::{annotations, event, message, outcome};

const FAIL: (&str, &str) = ("GATEWATCH_HOOK_ON_ERROR", "FAIL");

fn resource(kind: &str, properties: Value, previous: Value) -> Value {
    let mut event = event("hook-resource.json");
    let request = &mut event["requestData"];
    request["targetName"] = json!(kind);
    request["targetType"] = json!(kind);
    request["targetModel"] =
        json!({"resourceProperties": properties, "previousResourceProperties": previous});
    event
}

fn method(authorization: &str) -> Value {
    json!({"RestApiId": "a1b2c3d4e5", "ResourceId": "x1y2z3", "HttpMethod": "GET", "AuthorizationType": authorization})
}

#[test]
fn a_method_is_judged_by_its_own_type() {
    let function = Function::start(&[FAIL]);
    for sample in ["hook-resource.json", "hook-cloud-control.json"] {
        let answer = function.answer(event(sample));
        assert_eq!(
            outcome(&answer),
            ("FAILED", "NonCompliant"),
            "{sample}: {answer}"
        );
        assert_eq!(
            annotations(&answer),
            ["open-method FAILED HIGH"],
            "{answer}"
        );
        assert!(message(&answer).chars().count() <= 1024);
    }
    let answer = function.answer(event("hook-resource.json"));
    insta::assert_snapshot!(message(&answer), @"gatewatch: this would bring 1 finding (1 high). High open-method: GET /{resource x1y2z3}, a1b2c3d4e5, eu-west-1: anyone can call this method: its authorization type is NONE. Fix: CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; SAM: Auth: {DefaultAuthorizer: AWS_IAM}; OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4.");
    let kind = "AWS::ApiGateway::Method";
    let answer = function.answer(resource(kind, method("AWS_IAM"), Value::Null));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
    // It is open already.
    let answer = function.answer(resource(kind, method("NONE"), method("NONE")));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
    assert_eq!(annotations(&answer), ["open-method FAILED HIGH"]);
    let answer = function.answer(resource(kind, method("NONE"), method("AWS_IAM")));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
}

#[test]
fn routes_and_definitions_are_judged_too_and_other_types_are_not() {
    let function = Function::start(&[FAIL]);
    let route = |authorization: &str| json!({"ApiId": "f6g7h8i9j0", "RouteKey": "GET /pets", "AuthorizationType": authorization});
    let body = |open: bool| {
        let scheme = json!({"sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}});
        let security = if open {
            json!([])
        } else {
            json!([{"sigv4": []}])
        };
        json!({"Name": "shop", "Body": {"openapi": "3.0.1", "info": {"title": "shop", "version": "1"},
            "components": {"securitySchemes": scheme}, "paths": {"/pets": {"get": {"security": security}}}}})
    };
    for (kind, open, closed) in [
        ("AWS::ApiGatewayV2::Route", route("NONE"), route("AWS_IAM")),
        ("AWS::ApiGateway::RestApi", body(true), body(false)),
    ] {
        let answer = function.answer(resource(kind, open, closed.clone()));
        assert_eq!(
            outcome(&answer),
            ("FAILED", "NonCompliant"),
            "{kind}: {answer}"
        );
        let answer = function.answer(resource(kind, closed, Value::Null));
        assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{kind}: {answer}");
    }
    let answer = function.answer(resource(
        "AWS::SQS::Queue",
        json!({"QueueName": "q"}),
        Value::Null,
    ));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
}

/// A policy file may accept the method by its path, which stands with another resource. In a stack, its template was judged;
/// the Cloud Control API has none, and what cannot be told is no pass.
#[test]
fn what_the_policy_file_says_by_names_that_are_not_told_is_not_decided() {
    let refused = ("FAILED", "NonCompliant");
    let passes = ("SUCCESS", "-");
    let undecided = ("FAILED", "InternalFailure");
    let by_path = "version: 1\nrequire: [{authorization: [AWS_IAM]}, {match: {path: '/public/*'}, authorization: [NONE]}]\n";
    for (policy, authorization, in_stack, alone) in [
        (
            "version: 1\nrequire: [{authorization: [AWS_IAM]}]\n",
            "NONE",
            refused,
            refused,
        ),
        (
            "version: 1\nrequire: [{match: {verb: POST}, authorization: [NONE]}]\n",
            "NONE",
            refused,
            refused,
        ),
        (
            "version: 1\nrequire: [{match: {verb: POST}, authorization: [NONE]}]\n",
            "AWS_IAM",
            passes,
            passes,
        ),
        (
            "version: 1\nrequire: [{match: {stage: dev}, authorization: [NONE]}]\n",
            "NONE",
            passes,
            undecided,
        ),
        (by_path, "NONE", passes, undecided),
        (by_path, "AWS_IAM", passes, undecided),
    ] {
        let function = Function::start(&[("GATEWATCH_POLICY", policy), FAIL]);
        let mut event = resource(
            "AWS::ApiGateway::Method",
            method(authorization),
            Value::Null,
        );
        let answer = function.answer(event.clone());
        assert_eq!(
            outcome(&answer),
            in_stack,
            "{policy} {authorization}: {answer}"
        );
        if alone == undecided {
            assert!(message(&answer).contains("judged with that"), "{answer}");
            assert!(!annotations(&answer).is_empty(), "{answer}");
        }
        event["stackId"] = Value::Null;
        event["requestData"]["targetType"] = json!("RESOURCE");
        let answer = function.answer(event);
        assert_eq!(
            outcome(&answer),
            alone,
            "{policy} {authorization}: {answer}"
        );
        assert!(message(&answer).chars().count() <= 1024, "{answer}");
    }
}
