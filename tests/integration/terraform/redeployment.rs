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
        found(&redeployed()),
        ["open-method DELETE /pets", "open-method PUT /pets"]
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
