//! The IAM of plans: who is given what, by names, by ARNs and by references.

use serde_json::{Value, json};

use super::plan::Plan;
use super::{gaps, translated};

fn invoke(resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}]})
    .to_string()
}

fn iam(plan: &Plan) -> Value {
    serde_json::to_value(translated(&plan.text()).unwrap().inventory.iam).unwrap()
}

fn callers() -> Plan {
    Plan::new()
        .rest_api("shop")
        .method("shop", "root", "", "GET", "AWS_IAM")
        .with(
            "aws_iam_group.callers",
            json!({"name": "callers", "path": "/"}),
            &["arn", "id", "unique_id"],
            &[],
        )
}

#[test]
fn a_plan_without_iam_says_nothing_of_it() {
    assert_eq!(iam(&Plan::new().rest_api("shop")), Value::Null);
}

#[test]
fn policies_are_given_by_references() {
    let plan = callers()
        .with(
            "aws_iam_policy.invoke",
            json!({"name": "invoke", "path": "/", "policy": invoke("*")}),
            &["arn", "id", "policy_id"],
            &[],
        )
        .with(
            "aws_iam_group_policy_attachment.callers",
            json!({"group": "callers"}),
            &["id", "policy_arn"],
            &[
                (
                    "group",
                    &["aws_iam_group.callers.name", "aws_iam_group.callers"],
                ),
                (
                    "policy_arn",
                    &["aws_iam_policy.invoke.arn", "aws_iam_policy.invoke"],
                ),
            ],
        )
        .with(
            "aws_iam_user.ann",
            json!({"name": "ann", "path": "/", "permissions_boundary": null}),
            &["arn", "id", "unique_id"],
            &[],
        )
        .with(
            "aws_iam_group_membership.callers",
            json!({"name": "callers", "group": "callers", "users": ["ann"]}),
            &["id"],
            &[],
        );
    let iam = iam(&plan);
    let arn = "arn:aws:iam::000000000000:policy/invoke";
    assert_eq!(
        iam["groups"][0]["attached"],
        json!([{"name": "invoke", "arn": arn}])
    );
    assert_eq!(iam["policies"][0]["arn"], arn);
    assert_eq!(iam["users"][0]["groups"], json!(["callers"]));
    assert_eq!(gaps(&translated(&plan.text()).unwrap()), [""; 0]);
}

/// A policy with the ARN of an API that is still to be made is in no plan.
#[test]
fn a_policy_that_is_known_later_is_not_understood() {
    let plan = callers().with(
        "aws_iam_group_policy.invoke",
        json!({"group": "callers", "name": "invoke"}),
        &["id", "policy"],
        &[(
            "policy",
            &[
                "aws_api_gateway_rest_api.shop.execution_arn",
                "aws_api_gateway_rest_api.shop",
            ],
        )],
    );
    let error = &iam(&plan)["groups"][0]["inline"][0]["document"]["unparsed"]["error"];
    assert_eq!(*error, "it is known only after the plan is applied");
    let report = super::report(&plan.text()).unwrap();
    assert_eq!(report["status"], "incomplete", "{report}");
}

#[test]
fn an_arn_of_the_file_is_that_of_its_api_and_of_any_account_unknown() {
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5";
    let state = |resource: &str| {
        let at = |kind: &str, name: &str, values: Value| json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values});
        json!({"format_version": "1.0", "values": {"root_module": {"resources": [
            at("aws_api_gateway_rest_api", "x", json!({"id": "a1b2c3d4e5", "name": "x", "body": null, "root_resource_id": "r0", "execution_arn": arn})),
            at("aws_api_gateway_method", "x", json!({"rest_api_id": "a1b2c3d4e5", "resource_id": "r0", "http_method": "GET", "authorization": "AWS_IAM"})),
            at("aws_api_gateway_stage", "x", json!({"rest_api_id": "a1b2c3d4e5", "stage_name": "prod"})),
            at("aws_iam_group", "x", json!({"name": "callers", "path": "/"})),
            at("aws_iam_group_policy", "x", json!({"group": "callers", "name": "p", "policy": invoke(resource)})),
        ]}}})
        .to_string()
    };
    let resource_of = |text: &str| {
        let iam = translated(text).unwrap().inventory.iam;
        let iam = serde_json::to_value(iam).unwrap();
        iam["groups"][0]["inline"][0]["document"]["json"]["Statement"][0]["Resource"].clone()
    };
    assert_eq!(
        resource_of(&state(&format!("{arn}/prod/GET/*"))),
        "arn:aws:execute-api:eu-west-1:000000000000:aws_api_gateway_rest_api.x/prod/GET/*"
    );
    // Another account's and another API's are what they are.
    for other in [
        "arn:aws:execute-api:eu-west-1:999988887777:a1b2c3d4e5/*",
        "arn:aws:execute-api:eu-west-1:111122223333:zzzzzzzzzz/*",
    ] {
        let read = resource_of(&state(other));
        assert!(
            !read.to_string().contains("rest_api.x") || other.contains("9999"),
            "{read}"
        );
        assert_ne!(read, Value::Null);
    }
    // Part of an id may be anybody's.
    let text = state("arn:aws:execute-api:eu-west-1:111122223333:a1*/prod/GET/*");
    assert_eq!(resource_of(&text), Value::Null);
    assert_eq!(super::report(&text).unwrap()["status"], "incomplete");
}
