//! Plans that somebody damaged, or wrote to do harm: they never panic, and never hide a method that the plan leaves open.

use std::time::Instant;

use serde_json::{Value, json};

use super::plan::Plan;
use super::{gaps, report, translated};
use crate::support::package;

/// How many methods a report says to be open. `None`: the file was refused, or the report says that it is not complete.
fn open(text: &str) -> Option<usize> {
    let report = report(text).ok()?;
    let is_complete = report["coverage"]["complete"] == json!(true);
    let rules = ["open-method", "api-key-only", "open-connect"];
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|it| rules.contains(&it["rule"].as_str().unwrap()));
    is_complete.then(|| open.count())
}

/// The pointers to all values of a document.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                pointers(value, format!("{at}/{}", escaped(key)), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

/// A plan with everything in it that opens a method, and no gap.
fn base() -> Plan {
    Plan::new()
        .rest_api("shop")
        .place("shop", "pets", "pets", "")
        .place("shop", "pet", "{id}", "pets")
        .method("shop", "pet", "pet", "GET", "NONE")
        .method("shop", "root", "", "PUT", "AWS_IAM")
        .with(
            "aws_api_gateway_stage.prod",
            json!({"stage_name": "prod"}),
            &["rest_api_id", "id"],
            &[("rest_api_id", &["aws_api_gateway_rest_api.shop.id"])],
        )
        .rest_api("defined")
        .set_last(
            "body",
            json!(r#"{"swagger": "2.0", "paths": {"/a": {"get": {}}}}"#),
        )
        .v2_api("http", "HTTP")
        .route("http", "open", "POST /a", "NONE")
        .v2_api("quick", "HTTP")
        .set_last("target", json!("https://example.com"))
        .v2_api("chat", "WEBSOCKET")
        .route("chat", "message", "$default", "NONE")
}

/// What makes another plan that is just as sound: an attribute that says nothing, or another type that the provider takes.
fn is_another_plan(pointer: &str, value: &Value) -> bool {
    let says_nothing = value.is_null() || value.as_str().is_some_and(|it| it.trim().is_empty());
    let last = pointer.rsplit('/').next().unwrap();
    pointer.starts_with("/planned_values")
        && match last {
            "body" | "target" => says_nothing,
            "authorization" | "authorization_type" => {
                value.is_string() || value.is_number() || value.is_boolean()
            }
            _ => false,
        }
}

#[test]
fn one_change_of_any_part_hides_no_open_method() {
    let base = base().document().clone();
    let before = open(&base.to_string()).unwrap();
    assert_eq!(before, 5);
    let mut found = Vec::new();
    pointers(&base, String::new(), &mut found);
    let values = [
        json!(null),
        json!(true),
        json!(""),
        json!("x"),
        json!([]),
        json!({"x": "y"}),
    ];
    for pointer in found.iter().filter(|it| !it.is_empty()) {
        for value in &values {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            let after = open(&changed.to_string());
            let is_hidden = after.is_some_and(|after| after < before);
            assert!(
                !is_hidden || is_another_plan(pointer, value),
                "{pointer} = {value}"
            );
        }
        let mut changed = base.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Value::Object(entries) => drop(entries.remove(&key.replace("~1", "/"))),
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            _ => {}
        }
        let after = open(&changed.to_string());
        assert!(
            after.is_none_or(|after| after >= before),
            "{pointer} is taken away"
        );
    }
}

/// The same of a plan that Terraform made, which is large: every seventh part.
#[test]
fn a_damaged_real_plan_never_panics() {
    let text =
        std::fs::read_to_string(package("tests/templates/terraform-plan/plan.json")).unwrap();
    let base: Value = serde_json::from_str(&text).unwrap();
    let mut found = Vec::new();
    pointers(&base, String::new(), &mut found);
    for (index, pointer) in found
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.is_empty())
        .step_by(7)
    {
        let values = [json!(null), json!("x"), json!([]), json!({}), json!(1)];
        let mut changed = base.clone();
        *changed.pointer_mut(pointer).unwrap() = values[index % values.len()].clone();
        let _ = report(&changed.to_string());
    }
}

#[test]
fn names_do_nothing_to_a_terminal_and_nothing_to_other_resources() {
    let hostile = "a\u{1b}[2J\n\r\u{7}$(rm -rf /)`x`\"]. *?[0]é\u{202e}";
    let key = serde_json::to_string(hostile).unwrap();
    let plan = Plan::new()
        .rest_api("shop")
        .method("shop", &format!("m[{key}]"), "", "GET", "NONE");
    let mut plan = plan.rest_api("other");
    for resource in plan.list("/planned_values/root_module/resources") {
        if resource["name"] == "m" {
            resource["address"] = json!(format!("aws_api_gateway_method.m[\"{hostile}\"]"));
        }
    }
    for change in plan.list("/resource_changes") {
        if change["name"] == "m" {
            change["address"] = json!(format!("aws_api_gateway_method.m[\"{hostile}\"]"));
        }
    }
    let configured = plan.list("/configuration/root_module/resources");
    configured[1]["name"] = json!("m");
    let report = report(&plan.text()).unwrap();
    let resource = report["findings"][0]["location"]["resource"]
        .as_str()
        .unwrap();
    assert!(!resource.contains(char::is_control), "{resource:?}");
}

/// Modules that call each other by their outputs, and variables that stand for everything.
#[test]
fn references_in_a_circle_end() {
    let reference = |to: &[&str]| json!({"references": to});
    let inner = json!({
        "outputs": {
            "a": {"expression": reference(&["var.x", "module.inner.b", "module.inner.a"])},
            "b": {"expression": reference(&["var.y", "module.inner.a", "module.inner.b"])},
        },
        "module_calls": {"inner": {
            "expressions": {"x": reference(&["var.y", "var.x"]), "y": reference(&["var.x", "var.y"])},
            "module": {"outputs": {"a": {"expression": reference(&["var.x", "var.y"])}, "b": {"expression": reference(&["var.y"])}}},
        }},
    });
    let plan = Plan::new()
        .rest_api("one")
        .rest_api("two")
        .method("one", "get", "", "GET", "NONE")
        .refer_last("rest_api_id", &["module.inner.a", "module.inner.b"])
        .set(
            "/configuration/root_module/module_calls",
            json!({"inner": {"expressions": {"x": reference(&["module.inner.a"]), "y": reference(&["module.inner.b"])}, "module": inner}}),
        );
    assert_eq!(gaps(&translated(&plan.text()).unwrap()).len(), 1);
    let own = Plan::new()
        .rest_api("one")
        .method("one", "get", "", "GET", "NONE")
        .refer_last("rest_api_id", &["aws_api_gateway_method.get.rest_api_id"]);
    assert_eq!(gaps(&translated(&own.text()).unwrap()).len(), 1);
    let below_itself = Plan::new()
        .rest_api("one")
        .place("one", "a", "a", "b")
        .place("one", "b", "b", "a")
        .method("one", "get", "a", "GET", "NONE");
    assert_eq!(gaps(&translated(&below_itself.text()).unwrap()).len(), 1);
}

/// A plan may be large, and what takes the square of its size would not end.
#[test]
fn a_large_plan_is_read_soon_or_refused() {
    let mut resources = Vec::new();
    let mut changes = Vec::new();
    let mut add = |kind: &str, index: usize, values: Value| {
        let address = format!("{kind}.x[{index}]");
        resources.push(json!({"address": address, "mode": "managed", "type": kind, "name": "x", "index": index, "values": values}));
        changes.push(json!({"address": address, "mode": "managed", "type": kind, "name": "x",
            "change": {"actions": ["create"], "after_unknown": {"id": true, "rest_api_id": true, "resource_id": true, "parent_id": true}}}));
    };
    for index in 0..4_000 {
        add(
            "aws_api_gateway_rest_api",
            index,
            json!({"name": "x", "body": null}),
        );
        add(
            "aws_api_gateway_method",
            index,
            json!({"http_method": "GET", "authorization": "NONE"}),
        );
        add(
            "aws_instance",
            index,
            json!({"user_data": "x".repeat(1_000)}),
        );
    }
    let reference = |attribute: &str| json!({"references": [format!("aws_api_gateway_rest_api.x.{attribute}"), "aws_api_gateway_rest_api.x", "count.index"]});
    let plan = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": [
            {"mode": "managed", "type": "aws_api_gateway_method", "name": "x",
             "expressions": {"rest_api_id": reference("id"), "resource_id": reference("root_resource_id")}},
            {"mode": "managed", "type": "aws_api_gateway_rest_api", "name": "x", "expressions": {"name": {}}},
        ]}},
    });
    let begun = Instant::now();
    let read = translated(&plan.to_string()).unwrap();
    assert_eq!(read.inventory.apis.len(), 4_000);
    assert_eq!(gaps(&read).len(), 0);
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
    let large = format!(
        "{{\"format_version\": \"1.2\", \"x\": \"{}\"}}",
        "x".repeat(65 << 20)
    );
    assert!(
        translated(&large)
            .unwrap_err()
            .contains("bytes, and at most")
    );
}
