//! Methods that a plan changes without a new deployment.

use std::fs;

use serde_json::{Value, json};

use super::{report, translated};
use crate::support::command::findings;
use crate::support::package;

/// A plan that protects an open `GET /pets`, opens a protected `PUT`, adds an open `DELETE`, takes an open `POST` away, and keeps
/// the deployment.
fn plan() -> Value {
    let text = fs::read_to_string(package(
        "tests/templates/terraform-without-a-redeployment/plan.json",
    ));
    serde_json::from_str(&text.unwrap()).unwrap()
}

fn resource<'p>(plan: &'p mut Value, address: &str) -> &'p mut Value {
    let resources = plan["planned_values"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    resources
        .iter_mut()
        .find(|it| it["address"] == address)
        .unwrap()
}

fn change<'p>(plan: &'p mut Value, address: &str) -> &'p mut Value {
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    &mut changes
        .iter_mut()
        .find(|it| it["address"] == address)
        .unwrap()["change"]
}

fn found(plan: &Value) -> Vec<String> {
    let mut found = findings(&report(&plan.to_string()).unwrap());
    found.sort();
    found
}

const DEPLOYMENT: &str = "aws_api_gateway_deployment.shop";
const STAGE: &str = "aws_api_gateway_stage.prod";

/// The plan with a new deployment, which the stage points at.
fn redeployed() -> Value {
    let mut plan = plan();
    change(&mut plan, DEPLOYMENT)["actions"] = json!(["create", "delete"]);
    change(&mut plan, DEPLOYMENT)["after_unknown"] = json!({"id": true});
    resource(&mut plan, DEPLOYMENT)["values"]
        .as_object_mut()
        .unwrap()
        .remove("id");
    change(&mut plan, STAGE)["after_unknown"] = json!({"deployment_id": true});
    resource(&mut plan, STAGE)["values"]
        .as_object_mut()
        .unwrap()
        .remove("deployment_id");
    let methods = ["fixed", "opened", "new"].map(|it| format!("aws_api_gateway_method.{it}"));
    written(&mut plan, DEPLOYMENT)["depends_on"] = json!(methods);
    plan
}

/// What the configuration says of a resource.
fn written<'p>(plan: &'p mut Value, address: &str) -> &'p mut Value {
    let resources = plan["configuration"]["root_module"]["resources"].as_array_mut();
    let mut resources = resources.unwrap().iter_mut();
    resources.find(|it| it["address"] == address).unwrap()
}

/// The plan without the open `POST` that it takes away.
fn without_what_goes(mut plan: Value) -> Value {
    let is_gone = |it: &Value| it["change"]["actions"] == json!(["delete"]);
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let gone: Vec<Value> = changes.iter().filter(|it| is_gone(it)).cloned().collect();
    changes.retain(|it| !is_gone(it));
    assert_eq!(gone.len(), 1);
    let before = &mut plan["prior_state"]["values"]["root_module"]["resources"];
    let before = before.as_array_mut().unwrap();
    before.retain(|it| it["address"] != gone[0]["address"]);
    plan
}

#[test]
fn what_the_kept_deployment_serves_is_what_was_there_before() {
    assert_eq!(
        found(&plan()),
        [
            "open-method POST /pets",
            "pending-opening DELETE /pets",
            "pending-opening PUT /pets",
            "undeployed-fix GET /pets",
        ]
    );
    assert_eq!(
        found(&without_what_goes(redeployed())),
        ["open-method DELETE /pets", "open-method PUT /pets"]
    );
}

fn gaps_of(plan: &Value) -> Vec<String> {
    super::gaps(&translated(&plan.to_string()).unwrap())
}

/// A deployment freezes what is there when it is made.
#[test]
fn a_deployment_that_waits_for_no_method_may_miss_what_changes() {
    let mut plan = without_what_goes(redeployed());
    assert_eq!(gaps_of(&plan), [""; 0]);
    written(&mut plan, DEPLOYMENT)["depends_on"] = json!([
        "aws_api_gateway_method.opened",
        "aws_api_gateway_method.new"
    ]);
    let gaps = gaps_of(&plan);
    let wanted =
        "may be made before `aws_api_gateway_method.fixed`, and serve what was there before";
    assert!(gaps.len() == 1 && gaps[0].contains(wanted), "{gaps:?}");
    // What is reached by way of an expression is waited for as well.
    written(&mut plan, DEPLOYMENT)["expressions"]["triggers"] = json!({"references": [
        "aws_api_gateway_method.fixed.authorization", "aws_api_gateway_method.fixed"]});
    assert_eq!(gaps_of(&plan), [""; 0]);
    // The instances of a resource are waited for one by one.
    written(&mut plan, DEPLOYMENT)["expressions"]["triggers"] = json!({"references": [
        "aws_api_gateway_method.fixed[\"a\"].id", "aws_api_gateway_method.fixed[\"a\"]"]});
    assert_eq!(gaps_of(&plan).len(), 1);
    // A plan holds no local value.
    written(&mut plan, DEPLOYMENT)["expressions"]["triggers"] =
        json!({"references": ["local.hash"]});
    let gaps = gaps_of(&plan);
    assert!(gaps[0].contains("depends on `local.hash`"), "{gaps:?}");
    // Without the configuration, nothing is known to be waited for.
    plan.as_object_mut().unwrap().remove("configuration");
    assert!(!gaps_of(&plan).is_empty());
}

/// Terraform deletes a method after the deployment that was made for it, and may make the next one before.
#[test]
fn an_open_method_that_goes_may_be_deployed_once_more() {
    let gaps = gaps_of(&redeployed());
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(
        gaps[0].contains("is taken away, and serve it still"),
        "{gaps:?}"
    );
    let mut plan = redeployed();
    let before = &mut plan["prior_state"]["values"]["root_module"]["resources"];
    for method in before.as_array_mut().unwrap() {
        if method["values"]["http_method"] == "POST" {
            method["values"]["authorization"] = json!("AWS_IAM");
        }
    }
    assert_eq!(gaps_of(&plan), [""; 0]);
}

#[test]
fn a_deployment_that_cannot_be_told_need_not_have_what_changes() {
    let mut plan = without_what_goes(redeployed());
    written(&mut plan, STAGE)["expressions"]["deployment_id"] = json!({"references": ["local.id"]});
    let gaps = gaps_of(&plan);
    assert!(
        gaps.len() == 1 && gaps[0].contains("serves a deployment that cannot be told"),
        "{gaps:?}"
    );
}

/// An `OPTIONS` that calls a backend is no preflight until its MOCK is deployed.
#[test]
fn an_integration_that_is_not_deployed_makes_no_preflight() {
    let at = |kind: &str, name: &str, values: Value| json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values});
    let plan = |from: &str, to: &str| {
        let resources = |integration: &str| {
            json!({"root_module": {"resources": [
                at("aws_api_gateway_rest_api", "x", json!({"id": "a1", "name": "x", "body": null, "root_resource_id": "r0"})),
                at("aws_api_gateway_method", "x", json!({"id": "m1", "rest_api_id": "a1", "resource_id": "r0", "http_method": "OPTIONS", "authorization": "NONE"})),
                at("aws_api_gateway_integration", "x", json!({"id": "i1", "rest_api_id": "a1", "resource_id": "r0", "http_method": "OPTIONS", "type": integration})),
                at("aws_api_gateway_deployment", "x", json!({"id": "d1", "rest_api_id": "a1"})),
                at("aws_api_gateway_stage", "x", json!({"id": "s1", "rest_api_id": "a1", "stage_name": "prod", "deployment_id": "d1"})),
            ]}})
        };
        let change = |kind: &str| {
            let action = if kind.ends_with("integration") && from != to {
                "update"
            } else {
                "no-op"
            };
            json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind, "name": "x",
                   "change": {"actions": [action], "after_unknown": {}}})
        };
        let changes = ["rest_api", "method", "integration", "deployment", "stage"];
        json!({
            "format_version": "1.2",
            "planned_values": resources(to),
            "prior_state": {"format_version": "1.0", "values": resources(from)},
            "resource_changes": changes.map(|it| change(&format!("aws_api_gateway_{it}"))),
            "configuration": {"root_module": {}},
        })
    };
    assert_eq!(found(&plan("MOCK", "MOCK")), [""; 0]);
    assert_eq!(found(&plan("HTTP", "HTTP")), ["open-method OPTIONS /"]);
    assert_eq!(found(&plan("HTTP", "MOCK")), ["open-method OPTIONS /"]);
    assert_eq!(found(&plan("MOCK", "HTTP")), ["open-method OPTIONS /"]);
}

/// A resource policy counts once it is deployed.
#[test]
fn a_resource_policy_that_is_not_deployed_keeps_nobody_out() {
    let policy = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
               "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]})
        .to_string()
    };
    let api = "aws_api_gateway_rest_api.shop";
    let mut plan = without_what_goes(plan());
    plan["prior_state"]["values"] = plan["planned_values"].clone();
    let before = plan["prior_state"]["values"]["root_module"]["resources"].as_array_mut();
    let before = before.unwrap().iter_mut().find(|it| it["address"] == api);
    before.unwrap()["values"]["policy"] = json!(policy("*"));
    resource(&mut plan, api)["values"]["policy"] = json!(policy("*"));
    assert_eq!(gaps_of(&plan), [""; 0]);
    resource(&mut plan, api)["values"]["policy"] = json!(policy("arn:aws:iam::000000000000:root"));
    let gaps = gaps_of(&plan);
    assert!(
        gaps.len() == 1 && gaps[0].contains("changes its resource policy"),
        "{gaps:?}"
    );
}

#[test]
fn a_finding_says_that_no_deployment_is_made() {
    let report = report(&plan().to_string()).unwrap();
    let finding = report["findings"].as_array().unwrap().iter();
    let mut fixed = finding.filter(|it| it["rule"] == "undeployed-fix");
    let fixed = fixed.next().unwrap();
    let message = fixed["message"].as_str().unwrap();
    assert!(
        message.contains("it is protected, and no new deployment is made"),
        "{message}"
    );
    let summary = fixed["remedy"]["summary"].as_str().unwrap();
    assert!(
        summary.contains("Terraform: triggers of the aws_api_gateway_deployment"),
        "{summary}"
    );
}

/// A plan that changes no method says nothing of what was deployed before.
#[test]
fn a_deployment_that_is_kept_and_the_same_is_that_of_the_file() {
    let mut plan = plan();
    plan["prior_state"]["values"] = plan["planned_values"].clone();
    assert_eq!(
        found(&plan),
        ["open-method DELETE /pets", "open-method PUT /pets"]
    );
    // Without it nothing tells what is deployed, and may stay.
    plan.as_object_mut().unwrap().remove("prior_state");
    assert_eq!(
        found(&plan),
        [
            "open-method DELETE /pets",
            "open-method PUT /pets",
            "unread-api"
        ]
    );
}

#[test]
fn a_canary_may_keep_the_deployment_that_the_stage_gives_up() {
    let mut plan = redeployed();
    resource(&mut plan, STAGE)["values"]["canary_settings"] =
        json!([{"deployment_id": "d3ploy", "percent_traffic": 10, "use_stage_cache": false}]);
    let found = found(&plan);
    assert!(
        found.contains(&"open-canary GET /pets".to_owned()),
        "{found:?}"
    );
}

#[test]
fn what_was_before_and_cannot_be_told_is_a_gap() {
    let mut plan = plan();
    let before = plan["prior_state"]["values"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    let method = before
        .iter_mut()
        .find(|it| it["address"] == "aws_api_gateway_method.fixed")
        .unwrap();
    method["values"]["resource_id"] = json!("elsewhere");
    let gaps = super::gaps(&translated(&plan.to_string()).unwrap());
    assert_eq!(gaps.len(), 1);
    assert!(
        gaps[0].contains("what the deployment serves that the plan keeps"),
        "{gaps:?}"
    );
}

/// Routes of an HTTP API reach callers at once only where the stage deploys them so.
#[test]
fn a_stage_that_does_not_deploy_at_once_keeps_its_deployment() {
    let at = |kind: &str, values: Value| json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind, "name": "x", "values": values});
    let resources = |authorization: &str, auto: bool| {
        json!({"root_module": {"resources": [
            at("aws_apigatewayv2_api", json!({"id": "a1", "name": "x", "protocol_type": "HTTP", "body": null, "target": null})),
            at("aws_apigatewayv2_route", json!({"id": "r1", "api_id": "a1", "route_key": "GET /a", "authorization_type": authorization})),
            at("aws_apigatewayv2_deployment", json!({"id": "d1", "api_id": "a1"})),
            at("aws_apigatewayv2_stage", json!({"id": "prod", "api_id": "a1", "name": "prod", "deployment_id": "d1", "auto_deploy": auto})),
        ]}})
    };
    let change = |kind: &str, action: &str| {
        json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind, "name": "x",
               "change": {"actions": [action], "after_unknown": {}}})
    };
    let plan = |auto: bool| {
        json!({
            "format_version": "1.2",
            "planned_values": resources("AWS_IAM", auto),
            "prior_state": {"format_version": "1.0", "values": resources("NONE", auto)},
            "resource_changes": [
                change("aws_apigatewayv2_api", "no-op"), change("aws_apigatewayv2_route", "update"),
                change("aws_apigatewayv2_deployment", "no-op"), change("aws_apigatewayv2_stage", "no-op"),
            ],
            "configuration": {"root_module": {}},
        })
    };
    assert_eq!(found(&plan(true)), [""; 0]);
    assert_eq!(found(&plan(false)), ["undeployed-fix GET /a"]);
}

#[test]
fn a_canary_that_a_deployment_makes_is_a_gap() {
    let mut plan = plan();
    resource(&mut plan, DEPLOYMENT)["values"]["canary_settings"] = json!([{"percent_traffic": 5}]);
    let gaps = super::gaps(&translated(&plan.to_string()).unwrap());
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].contains("makes a canary"), "{gaps:?}");
}

#[test]
fn a_stage_whose_name_cannot_be_told_keeps_its_deployment_all_the_same() {
    let mut plan = plan();
    resource(&mut plan, STAGE)["sensitive_values"] = json!({"stage_name": true});
    let found = found(&plan);
    assert!(
        found.contains(&"undeployed-fix GET /pets".to_owned()),
        "{found:?}"
    );
}

/// Without a `$connect`, nobody who connects is asked who they are, until it is deployed.
#[test]
fn a_connect_that_is_added_and_not_deployed_leaves_the_api_open() {
    let at = |kind: &str, name: &str, values: Value| json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values});
    let before = vec![
        at(
            "aws_apigatewayv2_api",
            "x",
            json!({"id": "a1", "name": "x", "protocol_type": "WEBSOCKET", "body": null, "target": null}),
        ),
        at(
            "aws_apigatewayv2_route",
            "x",
            json!({"id": "r1", "api_id": "a1", "route_key": "$default", "authorization_type": "NONE"}),
        ),
        at(
            "aws_apigatewayv2_deployment",
            "x",
            json!({"id": "d1", "api_id": "a1"}),
        ),
        at(
            "aws_apigatewayv2_stage",
            "x",
            json!({"id": "prod", "api_id": "a1", "name": "prod", "deployment_id": "d1", "auto_deploy": false}),
        ),
    ];
    let mut after = before.clone();
    let connect = json!({"api_id": "a1", "route_key": "$connect", "authorization_type": "AWS_IAM"});
    after.push(at("aws_apigatewayv2_route", "connect", connect));
    let changes = after.iter().map(|it| {
        let action = if it["name"] == "connect" {
            "create"
        } else {
            "no-op"
        };
        json!({"address": it["address"], "mode": "managed", "type": it["type"], "name": it["name"],
               "change": {"actions": [action], "after_unknown": {}}})
    });
    let changes: Vec<Value> = changes.collect();
    let plan = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": after}},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": before}}},
        "resource_changes": changes,
        "configuration": {"root_module": {}},
    });
    let report = report(&plan.to_string()).unwrap();
    assert_eq!(report["status"], "findings", "{report}");
}
