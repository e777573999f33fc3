//! Change sets: of what is wrong with the template, that which they change.

use serde_json::{Value, json};

use super::bucket::Bucket;
use super::{annotations, event, message, outcome, template};

const FAIL: (&str, &str) = ("GATEWATCH_HOOK_ON_ERROR", "FAIL");

fn change(action: &str, id: &str, kind: &str, before: Value, after: Value) -> Value {
    let context = |it: Value| match it {
        Value::Null => Value::Null,
        properties => json!(json!({"Properties": properties}).to_string()),
    };
    json!({"action": action, "logicalResourceId": id, "resourceType": kind, "lineNumber": 1,
           "beforeContext": context(before), "afterContext": context(after)})
}

/// As CloudFormation writes it: every value a text, and what is not known yet by a marker.
fn method(verb: &str, authorization: &str) -> Value {
    json!({"RestApiId": "a1b2c3d4e5", "ResourceId": "{{changeSet:KNOWN_AFTER_APPLY}}", "HttpMethod": verb,
           "AuthorizationType": authorization, "ApiKeyRequired": "false"})
}

fn set(bucket: &Bucket, template: &str, changes: Value) -> Value {
    let payload = json!({"template": template, "changedResources": changes});
    bucket.put("set", payload.to_string().into_bytes());
    let mut event = event("hook-change-set.json");
    event["requestData"]["payload"] = json!(bucket.url("set"));
    event
}

const METHOD: &str = "AWS::ApiGateway::Method";

#[test]
fn a_change_set_is_refused_for_what_it_changes() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let both = template(&[("GET", "NONE"), ("POST", "NONE")]);
    let new = change(
        "CREATE",
        "POSTPets",
        METHOD,
        Value::Null,
        method("POST", "NONE"),
    );
    let answer = function.answer(set(&bucket, &both, json!([new])));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
    assert_eq!(
        annotations(&answer),
        ["open-method FAILED CRITICAL", "open-method FAILED HIGH"]
    );
    assert!(
        message(&answer).contains("POST /pets") && !message(&answer).contains("GET /pets"),
        "{answer}"
    );

    let queue = change(
        "CREATE",
        "Queue",
        "AWS::SQS::Queue",
        Value::Null,
        json!({"QueueName": "q"}),
    );
    let deployment = change(
        "CREATE",
        "Deployment1",
        "AWS::ApiGateway::Deployment",
        Value::Null,
        json!({"RestApiId": "a1b2c3d4e5"}),
    );
    let answer = function.answer(set(&bucket, &both, json!([queue, deployment])));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");

    let other = change(
        "UPDATE",
        "POSTPets",
        METHOD,
        method("POST", "NONE"),
        method("POST", "NONE"),
    );
    let answer = function.answer(set(&bucket, &both, json!([other])));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");

    let opened = change(
        "UPDATE",
        "POSTPets",
        METHOD,
        method("POST", "AWS_IAM"),
        method("POST", "NONE"),
    );
    let answer = function.answer(set(&bucket, &both, json!([opened])));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");

    let gone = change(
        "DELETE",
        "PUTPets",
        METHOD,
        method("PUT", "NONE"),
        Value::Null,
    );
    let answer = function.answer(set(&bucket, &both, json!([gone])));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
}

#[test]
fn a_new_stage_opens_all_that_is_deployed_to_it() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let text = template(&[("GET", "NONE")])
        + "  Prod:\n    Type: AWS::ApiGateway::Stage\n    Properties: {RestApiId: !Ref Shop, StageName: prod, DeploymentId: d}\n";
    let stage = change(
        "CREATE",
        "Prod",
        "AWS::ApiGateway::Stage",
        Value::Null,
        json!({"RestApiId": "a", "StageName": "prod"}),
    );
    let answer = function.answer(set(&bucket, &text, json!([stage])));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
}

/// The template has the default of a parameter, the change set its value.
#[test]
fn the_value_of_a_parameter_shows_in_the_changes_alone() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let text = "Parameters: {Type: {Type: String, Default: AWS_IAM}}\n".to_owned()
        + &template(&[("GET", "!Ref Type")]);
    let opened = change(
        "CREATE",
        "GETPets",
        METHOD,
        Value::Null,
        method("GET", "NONE"),
    );
    let answer = function.answer(set(&bucket, &text, json!([opened])));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
    let closed = change(
        "CREATE",
        "GETPets",
        METHOD,
        Value::Null,
        method("GET", "AWS_IAM"),
    );
    let answer = function.answer(set(&bucket, &text, json!([closed])));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
}

#[test]
fn what_is_accepted_by_its_path_is_accepted_in_a_change_set() {
    let bucket = Bucket::start();
    let policy = "version: 1\nrequire: [{match: {path: /pets}, authorization: [NONE, AWS_IAM]}]\n";
    let function = bucket.function(&[("GATEWATCH_POLICY", policy), FAIL]);
    let new = change(
        "CREATE",
        "GETPets",
        METHOD,
        Value::Null,
        method("GET", "NONE"),
    );
    let answer = function.answer(set(&bucket, &template(&[("GET", "NONE")]), json!([new])));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{answer}");
}

#[test]
fn changes_that_are_not_told_or_make_no_sense_excuse_nothing() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let open = template(&[("GET", "NONE")]);
    let answer = function.answer(set(&bucket, &open, Value::Null));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
    let mut odd = change(
        "CREATE",
        "GETPets",
        METHOD,
        Value::Null,
        method("GET", "NONE"),
    );
    odd["afterContext"] = json!("no JSON");
    let answer = function.answer(set(&bucket, &open, json!([odd])));
    assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"), "{answer}");
}
