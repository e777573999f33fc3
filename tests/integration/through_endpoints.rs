//! Callers who come through VPC endpoints of others: who they are is said in `access` and at the method.

use serde_json::{Value, json};

use crate::other_accounts::inventory;
use crate::support::command::Shell;

fn private(condition: &Value) -> String {
    let statements = json!([{"Effect": "Allow", "Principal": "*", "Condition": condition}]);
    let mut inventory = inventory("aws", &statements);
    let api = &mut inventory["apis"][0];
    api["endpoint_types"] = json!(["PRIVATE"]);
    for methods in ["/deployments/0/methods/0", "/draft/0"] {
        api.pointer_mut(methods).unwrap()["authorization"] = "NONE".into();
    }
    inventory.to_string()
}

/// What `access` says of the callers from outside, and the evidence of the open method.
fn said(condition: &Value) -> (Vec<String>, String) {
    let inventory = private(condition);
    let run = Shell::bare().run_with_input(&["access", "-", "--format", "json"], &inventory);
    let access: Value = serde_json::from_str(&run.stdout).unwrap();
    let callers = access["methods"][0]["callers"].as_array().unwrap().iter();
    let callers = callers.map(|it| {
        let star = if it["conditional"] == true { "*" } else { "" };
        format!(
            "{} {}: {}{star}",
            it["kind"].as_str().unwrap(),
            it["name"].as_str().unwrap(),
            it["verdict"].as_str().unwrap()
        )
    });
    let callers = callers.collect();
    let report = Shell::bare()
        .run_with_input(&["check", "-", "--format", "json"], &inventory)
        .report();
    let open = report["findings"].as_array().unwrap().iter();
    let open: Vec<&Value> = open.filter(|it| it["rule"] == "open-method").collect();
    let evidence = open[0]["evidence"].as_array().unwrap().iter();
    let says = evidence.filter_map(|it| it["says"].as_str());
    let says: Vec<&str> = says.filter(|it| it.contains("resource policy")).collect();
    (callers, says.join("; "))
}

#[test]
fn whoever_owns_the_endpoints_is_a_caller_and_is_named_at_the_method() {
    let limited = "the endpoint is PRIVATE; the resource policy lets anonymous callers in from certain networks: it names the";
    for (condition, callers, endpoints) in [
        (
            json!({"StringEquals": {"aws:VpceAccount": "999988887777"}}),
            &["account 999988887777: ALL*"][..],
            "VPC endpoints of account `999988887777`",
        ),
        (
            json!({"StringEquals": {"aws:VpceOrgID": "o-a1b2c3d4e5"}}),
            &["organization o-a1b2c3d4e5: ALL*"],
            "VPC endpoints of organization `o-a1b2c3d4e5`",
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:VpceOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}),
            &["organization o-a1b2c3d4e5/r-ab12/ou-ab12-11111111: ALL*"],
            "VPC endpoints of organization `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
        ),
        // Whose an endpoint or a VPC is, its id does not tell.
        (
            json!({"StringEquals": {"aws:SourceVpce": ["vpce-0b", "vpce-0a"]}}),
            &[],
            "VPC endpoint `vpce-0a`, the VPC endpoint `vpce-0b`",
        ),
        (
            json!({"StringEquals": {"aws:SourceVpc": "vpc-0a"}}),
            &[],
            "VPC `vpc-0a`",
        ),
        (
            json!({"StringEquals": {"aws:VpceAccount": "111122223333"}}),
            &[],
            "VPC endpoints of account `111122223333`",
        ),
    ] {
        let (found, says) = said(&condition);
        assert_eq!(found, callers, "{condition}");
        assert_eq!(says, format!("{limited} {endpoints}"), "{condition}");
    }
}

#[test]
fn a_public_api_has_no_callers_through_endpoints() {
    let statements = json!([{"Effect": "Allow", "Principal": "*",
        "Condition": {"StringEquals": {"aws:VpceAccount": "999988887777"}}}]);
    assert_eq!(
        crate::other_accounts::answers(&statements),
        ["account 999988887777: NONE NONE"]
    );
}
