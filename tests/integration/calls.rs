//! How many requests a scan makes. The control plane gives ten a second, and deployments share them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::command::Shell;
use crate::support::testbed::{Recorder, Testbed};

const REST: u64 = 10;
const HTTP: u64 = 10;

/// A mixed account, in which every tenth API has no stage, and a WebSocket API behind a Lambda authorizer.
fn account() -> Testbed {
    let mut aws = Testbed::start();
    let size = json!({"rest_apis": REST, "resources": 5, "http_apis": HTTP});
    aws.call("gatewatch", "create_mixed_account", size);
    let chat = json!({"Name": "chat", "ProtocolType": "WEBSOCKET",
        "RouteSelectionExpression": "$request.body.action"});
    let chat = aws.call("apigatewayv2", "create_api", chat)["ApiId"].clone();
    let gate = aws.call(
        "apigatewayv2",
        "create_authorizer",
        json!({"ApiId": chat, "Name": "gate", "AuthorizerType": "REQUEST", "IdentitySource": ["route.request.header.Auth"],
            "AuthorizerUri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/none/invocations"}),
    );
    let connect = json!({"ApiId": chat, "RouteKey": "$connect", "AuthorizationType": "CUSTOM",
        "AuthorizerId": gate["AuthorizerId"]});
    aws.call("apigatewayv2", "create_route", connect);
    let stage = json!({"ApiId": chat, "StageName": "live"});
    aws.call("apigatewayv2", "create_stage", stage);
    aws
}

/// The requests of one scan by operation, and all of them.
fn scan(recorder: &Recorder, shell: &Shell, more: &[&str]) -> (BTreeMap<String, u64>, u64) {
    recorder.reset();
    let run = shell.run(&[&["scan", "--state", "state", "--format", "json"], more].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let mut counts = BTreeMap::new();
    for request in recorder.requests() {
        let service = request["service"].as_str().unwrap();
        if ["apigateway", "iam", "sts"].contains(&service) {
            let operation = request["operation"].as_str().unwrap().to_owned();
            *counts.entry(operation).or_insert(0) += 1;
        }
    }
    let all = counts.values().sum();
    (counts, all)
}

#[test]
fn nothing_is_asked_for_that_is_known() {
    let aws = account();
    let recorder = aws.recorded();
    let shell = recorder.shell();
    // Three lists, IAM, whose credentials these are.
    let lists = 5;

    let (counts, all) = scan(&recorder, &shell, &[]);
    for operation in ["GetRestApis", "v2 GetApis", "GetDomainNames"] {
        assert_eq!(counts[operation], 1, "{counts:?}");
    }
    for operation in ["GetCallerIdentity", "GetAccountAuthorizationDetails"] {
        assert_eq!(counts[operation], 1, "{counts:?}");
    }
    // JWT authorizers are known by the types of their routes: only Lambda authorizers are asked for, those of every fifth
    // HTTP API and of the WebSocket API.
    assert_eq!(counts["v2 GetAuthorizers"], 3, "{counts:?}");
    let (rest, http) = (REST - 1, HTTP - 1);
    let first = lists + (1 + 3 * rest) + (1 + 2 * http) + 2 + 3;
    assert_eq!(all, first, "{counts:?}");

    let (counts, all) = scan(&recorder, &shell, &[]);
    // What the WebSocket API serves is told by its routes alone, and these name an authorizer that is known.
    assert_eq!(counts.get("v2 GetAuthorizers"), None, "{counts:?}");
    assert_eq!(all, lists + (1 + 2 * rest) + HTTP + 2, "{counts:?}");

    let (counts, all) = scan(&recorder, &shell, &["--no-draft"]);
    assert_eq!(all, lists + REST + HTTP + 2, "{counts:?}");
}

#[test]
fn an_authorizer_that_is_new_is_asked_for() {
    let mut aws = account();
    let recorder = aws.recorded();
    let shell = recorder.shell();
    scan(&recorder, &shell, &[]);
    let apis = aws.call("apigatewayv2", "get_apis", json!({}));
    let mut apis = apis["Items"].as_array().unwrap().iter();
    let chat = apis.find(|it| it["Name"] == "chat").unwrap()["ApiId"].clone();
    let second = aws.call(
        "apigatewayv2",
        "create_authorizer",
        json!({"ApiId": chat, "Name": "second", "AuthorizerType": "REQUEST", "IdentitySource": ["route.request.header.Auth"],
            "AuthorizerUri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/none/invocations"}),
    );
    let routes = aws.call("apigatewayv2", "get_routes", json!({"ApiId": chat}));
    aws.call(
        "apigatewayv2",
        "update_route",
        json!({"ApiId": chat, "RouteId": routes["Items"][0]["RouteId"], "AuthorizerId": second["AuthorizerId"]}),
    );
    let (counts, _) = scan(&recorder, &shell, &[]);
    assert_eq!(counts["v2 GetAuthorizers"], 1, "{counts:?}");
}
