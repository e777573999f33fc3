//! Files of Terraform that are no plan and no state, and plans that are not whole.

use serde_json::{Value, json};

use super::plan::Plan;
use super::{gaps, methods, report, translated};

fn refused(document: &Value) -> String {
    translated(&document.to_string()).unwrap_err()
}

#[test]
fn what_is_no_plan_and_no_state_is_said() {
    for (document, says) in [
        (
            json!({"format_version": "0.2", "planned_values": {}}),
            "has the format version 0.2",
        ),
        (
            json!({"format_version": "2.0", "planned_values": {}}),
            "has the format version 2.0",
        ),
        (
            json!({"format_version": 1, "planned_values": {}}),
            "invalid type: integer `1`",
        ),
        (
            json!({"format_version": null, "planned_values": {}}),
            "neither an inventory",
        ),
        (
            json!({"format_version": "1.0", "provider_schemas": {}}),
            "has neither `planned_values` nor `values`",
        ),
        (
            json!({"format_version": "1.2", "resource_changes": []}),
            "has neither `planned_values` nor `values`",
        ),
        (
            json!({"format_version": "1.2", "planned_values": {}, "values": {}}),
            "has both",
        ),
        (
            json!({"format_version": "1.2", "values": {}, "resource_changes": []}),
            "the changes of a plan",
        ),
        (
            json!({"format_version": "1.2", "planned_values": []}),
            "invalid length 0",
        ),
        (
            json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": {}}}}),
            "expected a sequence",
        ),
        (
            json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": []}),
            "is the state as Terraform keeps it",
        ),
        (
            json!({"@level": "info", "@message": "Terraform 1.11.4"}),
            "is the log of `terraform plan -json`",
        ),
    ] {
        let said = refused(&document);
        assert!(said.contains(says), "{document}: {said}");
    }
    let deep = format!(
        "{{\"format_version\": \"1.2\", \"planned_values\": {}",
        "{\"root_module\": ".repeat(100_000)
    );
    assert!(translated(&deep).is_err());
    let cut = Plan::new().rest_api("shop").text();
    for end in [20, cut.len() / 2, cut.len() - 1] {
        assert!(
            translated(&cut[..end]).unwrap_err().contains("EOF"),
            "{end}"
        );
    }
}

#[test]
fn a_parameter_is_a_mistake() {
    let mut options = super::options();
    options.parameters.insert("a".to_owned(), "b".to_owned());
    let now = "2026-06-15T08:00:00Z".parse().unwrap();
    let text = Plan::new().text();
    let problem = gatewatch::template::read("plan.json", &text, &options, now).unwrap_err();
    assert!(
        problem.to_string().contains("the values of its variables"),
        "{problem}"
    );
}

#[test]
fn an_empty_plan_or_state_has_no_api() {
    for document in [
        json!({"format_version": "1.0"}),
        json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}),
        json!({"format_version": "1.0", "values": {"root_module": {}}}),
        json!({"format_version": "1.2", "planned_values": {"root_module": {}}}),
        json!({"complete": true, "format_version": "1.2", "planned_values": {"root_module": {"resources": []}}}),
        Plan::new().document().clone(),
    ] {
        let report = report(&document.to_string()).unwrap();
        assert_eq!(report["status"], "no-api", "{document}");
    }
}

/// What a plan leaves out may be open.
#[test]
fn a_plan_that_is_not_whole_is_a_gap() {
    let shop = || {
        Plan::new()
            .rest_api("shop")
            .method("shop", "root", "", "GET", "AWS_IAM")
    };
    let entry = |address: &str, actions: Value| {
        json!({"address": address, "mode": "managed", "type": "aws_api_gateway_method", "name": "x",
               "change": {"actions": actions, "after_unknown": {}}})
    };
    let changed = |actions: Value| {
        let mut plan = shop();
        plan.list("/resource_changes")
            .push(entry("aws_api_gateway_method.x", actions));
        plan
    };
    let mut other_type = shop();
    other_type.list("/resource_changes")[1]["type"] = json!("aws_api_gateway_resource");
    let mut no_change = shop();
    no_change.list("/resource_changes").pop();
    let mut no_marks = shop();
    no_marks.list("/resource_changes")[1]["change"]["after_unknown"] = json!(null);
    let mut twice = shop();
    let again = twice.list("/planned_values/root_module/resources")[1].clone();
    twice
        .list("/planned_values/root_module/resources")
        .push(again);
    let mut forgotten = shop();
    forgotten.list("/resource_changes")[1]["change"]["actions"] = json!(["forget"]);
    for (plan, says) in [
        (forgotten, "leaves Terraform and stays in the account"),
        (shop().set("/errored", json!(true)), "ended with an error"),
        (shop().set("/complete", json!(false)), "is not complete"),
        (
            shop().set("/deferred_changes", json!([{"reason": "x", "resource_change": entry("aws_api_gateway_method.x", json!(["create"]))}])),
            "is deferred to a later plan",
        ),
        (changed(json!(["create"])), "is not among the planned values"),
        (changed(json!(["no-op"])), "is not among the planned values"),
        (changed(json!(["forget"])), "leaves Terraform and stays in the account"),
        (changed(json!([])), "is not among the planned values"),
        (other_type, "has another type among the planned values"),
        (no_change, "is not among the changes of the plan"),
        (no_marks, "what of it is known only later cannot be told"),
        (twice, "stands here a second time"),
    ] {
        let said = gaps(&translated(&plan.text()).unwrap());
        assert!(said.iter().any(|it| it.contains(says)), "{says}: {said:?}");
    }
    // What is left of an instance that was replaced goes, and the instance stays.
    let mut deposed = shop();
    let mut left = entry("aws_api_gateway_method.root", json!(["delete"]));
    left["deposed"] = json!("a1b2c3d4");
    deposed.list("/resource_changes").push(left);
    assert_eq!(gaps(&translated(&deposed.text()).unwrap()), [""; 0]);
    let deleted = changed(json!(["delete"]));
    assert_eq!(gaps(&translated(&deleted.text()).unwrap()), [""; 0]);
    let whole = shop()
        .set("/complete", json!(true))
        .set("/errored", json!(false));
    assert_eq!(gaps(&translated(&whole.text()).unwrap()), [""; 0]);
}

#[test]
fn a_state_has_the_ids_themselves() {
    let resource = |kind: &str, name: &str, values: Value| json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values});
    let state = json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": [
        resource("aws_api_gateway_rest_api", "shop", json!({
            "id": "a1b2c3d4e5", "name": "shop", "root_resource_id": "r00t", "body": null, "policy": "",
            "arn": "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
            "execution_arn": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5",
        })),
        resource("aws_api_gateway_resource", "pets", json!({"id": "p3ts", "rest_api_id": "a1b2c3d4e5", "parent_id": "r00t", "path_part": "pets"})),
        resource("aws_api_gateway_method", "get", json!({
            "rest_api_id": "a1b2c3d4e5", "resource_id": "p3ts", "http_method": "GET", "authorization": "NONE", "api_key_required": false,
        })),
        resource("aws_api_gateway_method", "elsewhere", json!({
            "rest_api_id": "zzzzzzzzzz", "resource_id": "x", "http_method": "GET", "authorization": "NONE", "api_key_required": false,
        })),
    ]}}});
    let read = translated(&state.to_string()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        [
            "aws_api_gateway_rest_api.shop GET /pets NONE",
            "zzzzzzzzzz GET /{resource x} NONE"
        ]
    );
    assert_eq!(gaps(&read), [""; 0]);
}

/// A module between two others may have no resource, and not be in the file.
#[test]
fn a_module_stands_in_any_that_it_is_called_by() {
    let state = |inner: &str| {
        let api = json!({
            "address": "x.aws_apigatewayv2_api.a", "mode": "managed", "type": "aws_apigatewayv2_api", "name": "a",
            "values": {"id": "a1", "name": "a", "protocol_type": "HTTP", "body": null, "target": "https://example.com"},
        });
        let modules = json!([{"address": "module.a", "child_modules": [{"address": inner, "resources": [api]}]}]);
        json!({"format_version": "1.0", "values": {"root_module": {"child_modules": modules}}})
            .to_string()
    };
    for inner in ["module.a.module.b", "module.a.module.b[0].module.c[\"x\"]"] {
        assert_eq!(
            gaps(&translated(&state(inner)).unwrap()),
            [""; 0],
            "{inner}"
        );
    }
    for inner in [
        "module.b",
        "module.a",
        "",
        "module",
        "a.b",
        "module.a.module.b.x.y",
    ] {
        assert_eq!(
            gaps(&translated(&state(inner)).unwrap()).len(),
            1,
            "{inner}"
        );
    }
}
