//! A CloudFormation Hook: events of its four targets, judged by the Lambda, and the answers.

mod bucket;
mod change_sets;
mod emulated;
mod function;
mod hostile;
mod http;
mod resources;
mod stacks;

use std::fs;

use serde_json::{Value, json};

use crate::support::package;

/// A sample event, as AWS's guide has it.
fn event(name: &str) -> Value {
    let text = fs::read_to_string(package("events").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The event of a stack that is updated, whose templates are at a URL.
fn stack_event(url: &str) -> Value {
    let mut event = event("hook-stack.json");
    event["actionInvocationPoint"] = json!("UPDATE_PRE_PROVISION");
    event["requestData"]["payload"] = json!(url);
    event
}

/// A template with a method of each of these verbs and authorization types.
fn template(methods: &[(&str, &str)]) -> String {
    let mut text = "Resources:\n  Shop:\n    Type: AWS::ApiGateway::RestApi\n    Properties: {Name: shop}\n  \
                    Pets:\n    Type: AWS::ApiGateway::Resource\n    Properties: {RestApiId: !Ref Shop, ParentId: !GetAtt Shop.RootResourceId, PathPart: pets}\n"
        .to_owned();
    for (verb, authorization) in methods {
        text += &format!(
            "  {verb}Pets:\n    Type: AWS::ApiGateway::Method\n    Properties: {{RestApiId: !Ref Shop, ResourceId: !Ref Pets, HttpMethod: {verb}, AuthorizationType: {authorization}}}\n"
        );
    }
    text
}

/// The same with so many methods, each at a path of its own.
fn many(count: usize, authorization: &str) -> String {
    let mut text = template(&[]);
    for it in 0..count {
        text += &format!(
            "  R{it}:\n    Type: AWS::ApiGateway::Resource\n    Properties: {{RestApiId: !Ref Shop, ParentId: !GetAtt Shop.RootResourceId, PathPart: p{it}}}\n  \
             M{it}:\n    Type: AWS::ApiGateway::Method\n    Properties: {{RestApiId: !Ref Shop, ResourceId: !Ref R{it}, HttpMethod: GET, AuthorizationType: {authorization}}}\n"
        );
    }
    text
}

/// What an answer says in two words.
fn outcome(answer: &Value) -> (&str, &str) {
    let code = answer["errorCode"].as_str();
    (answer["hookStatus"].as_str().unwrap(), code.unwrap_or("-"))
}

fn message(answer: &Value) -> &str {
    answer["message"].as_str().unwrap()
}

/// The annotations: name, status and severity of each.
fn annotations(answer: &Value) -> Vec<String> {
    let all = answer["annotations"].as_array().cloned();
    let all = all.unwrap_or_default().into_iter();
    // What is taken for granted is said of nearly every template.
    let all = all.filter(|it| it["annotationName"] != "assumed");
    all.map(|it| {
        let part = |name: &str| it[name].as_str().unwrap().to_owned();
        [
            part("annotationName"),
            part("status"),
            part("severityLevel"),
        ]
        .join(" ")
    })
    .collect()
}
