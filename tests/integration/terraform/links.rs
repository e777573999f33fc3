//! What belongs to what, where only references tell.

use std::fs;

use super::plan::Plan;
use super::{gaps, methods, translated};
use crate::support::package;

/// Modules in modules, odd keys, a second provider: `tests/data/terraform/` has the configuration that this plan was made of.
#[test]
fn references_lead_through_modules_keys_and_attributes() {
    let text = fs::read_to_string(package("tests/data/terraform/plan.json")).unwrap();
    let read = translated(&text).unwrap();
    let wanted = [
        r#"aws_api_gateway_rest_api.main DELETE /a/n0 AWS_IAM"#,
        r#"aws_api_gateway_rest_api.main DELETE /a/n1 AWS_IAM"#,
        r#"aws_api_gateway_rest_api.main GET /a NONE"#,
        r#"aws_api_gateway_rest_api.main GET /c NONE"#,
        r#"aws_api_gateway_rest_api.main GET /é NONE"#,
        r#"aws_api_gateway_rest_api.main POST /a AWS_IAM"#,
        r#"aws_api_gateway_rest_api.main POST /é AWS_IAM"#,
        r#"aws_api_gateway_rest_api.main PUT / NONE"#,
        r#"module.api["x.y[0]"].aws_apigatewayv2_api.this GET /outside NONE"#,
        r#"module.api["x.y[0]"].aws_apigatewayv2_api.this GET /outside-keyed NONE"#,
        r#"module.api["x.y[0]"].aws_apigatewayv2_api.this POST /0 NONE"#,
        r#"module.api["x.y[0]"].aws_apigatewayv2_api.this POST /1 AWS_IAM"#,
        r#"module.api["z"].aws_apigatewayv2_api.this GET /outside NONE"#,
        r#"module.api["z"].aws_apigatewayv2_api.this GET /outside-keyed NONE"#,
        r#"module.api["z"].aws_apigatewayv2_api.this GET /outside-literal NONE"#,
        r#"module.api["z"].aws_apigatewayv2_api.this POST /0 NONE"#,
        r#"module.api["z"].aws_apigatewayv2_api.this POST /1 AWS_IAM"#,
    ];
    assert_eq!(methods(&read.inventory), wanted);
    // Of two HTTP APIs, a local value may mean either.
    let gaps = gaps(&read);
    assert_eq!(gaps.len(), 4, "{gaps:#?}");
    assert!(
        gaps.iter().all(|it| it.contains("depends on `local.id`")),
        "{gaps:#?}"
    );
    let regions: Vec<&str> = read
        .inventory
        .apis
        .iter()
        .map(|it| it.region.as_str())
        .collect();
    assert_eq!(regions, ["eu-west-1", "eu-central-1", "eu-central-1"]);
    let assumed: Vec<&str> = read.assumed.iter().map(|it| it.says.as_str()).collect();
    assert!(
        assumed.iter().any(|it| it.contains("`local.api_id`")),
        "{assumed:#?}"
    );
    assert!(
        assumed
            .iter()
            .any(|it| it.contains("the instance of the same key")),
        "{assumed:#?}"
    );
}

/// Two APIs, and a method that names one of them by these references.
fn named_by(references: &[&str]) -> (Vec<String>, Vec<String>) {
    let plan = Plan::new()
        .rest_api("one")
        .rest_api("two")
        .method("one", "get", "", "GET", "NONE")
        .refer_last("rest_api_id", references);
    let read = translated(&plan.text()).unwrap();
    let apis = methods(&read.inventory).into_iter();
    (
        apis.map(|it| it.split(' ').next().unwrap().to_owned())
            .collect(),
        gaps(&read),
    )
}

#[test]
fn one_end_is_taken_and_two_are_a_gap() {
    let one = "aws_api_gateway_rest_api.one";
    let id = format!("{one}.id");
    for references in [
        vec![id.as_str()],
        vec![one],
        vec![
            &id,
            one,
            "var.x",
            "each.key",
            "path.module",
            "data.aws_region.current.name",
        ],
        vec![&id, "aws_iam_role.r.arn"],
        vec![&id, "aws_api_gateway_rest_api.gone[0].id"],
    ] {
        let (apis, gaps) = named_by(&references);
        assert_eq!(
            (apis, gaps.len()),
            (vec![one.to_owned()], 0),
            "{references:?}"
        );
    }
    for references in [
        vec![id.as_str(), "aws_api_gateway_rest_api.two.id"],
        vec![&id, "local.x"],
        vec![&id, "aws_ssm_parameter.x.value"],
        vec!["local.x"],
        vec!["local.x", "local.y"],
        vec![],
        vec![""],
        vec!["a[b]"],
        vec!["aws_api_gateway_rest_api.gone.id"],
        vec!["aws_api_gateway_rest_api.one.root_resource_id"],
        vec!["aws_api_gateway_rest_api.one[0].id"],
        vec!["module.gone.id"],
    ] {
        let (apis, gaps) = named_by(&references);
        assert_eq!((apis.len(), gaps.len()), (0, 1), "{references:?}: {gaps:?}");
    }
}

/// Two instances of an API, and of a method that names one of them by these references.
fn keyed_by(references: &[&str]) -> Vec<String> {
    let mut plan = Plan::new();
    for key in ["a", "b"] {
        plan = plan
            .rest_api(&format!("x[\"{key}\"]"))
            .method("x", &format!("get[\"{key}\"]"), "", "GET", "NONE")
            .refer_last("rest_api_id", references)
            .refer_last("resource_id", references);
    }
    for resource in plan.list("/configuration/root_module/resources") {
        let name = resource["name"].as_str().unwrap();
        resource["name"] = name.split('[').next().unwrap().into();
    }
    let read = translated(&plan.text()).unwrap();
    assert!(methods(&read.inventory).len() == 2 || gaps(&read).len() == 2);
    methods(&read.inventory)
}

#[test]
fn the_instance_of_the_same_key_is_taken_where_nothing_makes_another_of_it() {
    let own = [
        "aws_api_gateway_rest_api.x[\"a\"] GET / NONE",
        "aws_api_gateway_rest_api.x[\"b\"] GET / NONE",
    ];
    assert_eq!(keyed_by(&["aws_api_gateway_rest_api.x", "each.key"]), own);
    for other in ["var.keys", "local.keys"] {
        let found = keyed_by(&["aws_api_gateway_rest_api.x", other, "each.key"]);
        assert_eq!(found, [""; 0], "{other}");
    }
    assert_eq!(keyed_by(&["aws_api_gateway_rest_api.x"]), [""; 0]);
}

/// What may hold the id of an API that is not in the plan names it.
#[test]
fn an_api_may_be_elsewhere() {
    for reference in [
        "aws_ssm_parameter.api.value",
        "aws_cloudformation_stack.core.outputs",
        "terraform_data.api.output",
    ] {
        let plan = Plan::new()
            .rest_api("one")
            .route("gone", "get", "GET /a", "NONE")
            .refer_last("api_id", &[reference]);
        let read = translated(&plan.text()).unwrap();
        assert_eq!(gaps(&read), [""; 0], "{reference}");
        let methods = methods(&read.inventory);
        assert_eq!(methods.len(), 1);
        assert!(methods[0].ends_with(" GET /a NONE"), "{methods:?}");
    }
}

/// A data source tells the root of an API that is elsewhere.
#[test]
fn the_root_of_an_api_that_is_elsewhere_may_be_looked_up() {
    let data = serde_json::json!({
        "address": "data.aws_api_gateway_rest_api.shared", "mode": "data", "type": "aws_api_gateway_rest_api", "name": "shared",
        "values": {"id": "sh4red", "name": "shared", "root_resource_id": "r00t"},
    });
    let plan = Plan::new()
        .place("x", "orders", "orders", "")
        .set_last("rest_api_id", serde_json::json!("sh4red"))
        .set_last("parent_id", serde_json::json!("r00t"))
        .method("x", "get", "orders", "GET", "NONE")
        .set_last("rest_api_id", serde_json::json!("sh4red"));
    let with = plan.clone().set(
        "/prior_state",
        serde_json::json!({"values": {"root_module": {"resources": [data]}}}),
    );
    let read = translated(&with.text()).unwrap();
    assert_eq!(methods(&read.inventory), ["sh4red GET /orders NONE"]);
    assert_eq!(gaps(&read), [""; 0]);
    let read = translated(&plan.text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["sh4red GET /{resource r00t}/orders NONE"]
    );
}

/// A module may hand on what it is given, and have no resource of its own.
#[test]
fn a_module_may_hand_an_id_on() {
    let reference = |to: &str| serde_json::json!({"references": [to]});
    let plan = Plan::new()
        .rest_api("one")
        .rest_api("two")
        .method("one", "get", "", "GET", "NONE")
        .refer_last("rest_api_id", &["module.labels.api", "module.labels"])
        .set(
            "/configuration/root_module/module_calls",
            serde_json::json!({"labels": {
                "expressions": {"given": reference("aws_api_gateway_rest_api.one.id")},
                "module": {"outputs": {"api": {"expression": reference("var.given")}}},
            }}),
        );
    let read = translated(&plan.text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["aws_api_gateway_rest_api.one GET / NONE"]
    );
}
