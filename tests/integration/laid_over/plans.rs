//! Plans of Terraform: what they take away stands in their state.

use serde_json::{Value, json};

use super::{METHODS, access, changes, example, over, said};

/// A resource by its type and name, with its values.
type Resource = (&'static str, &'static str, Value);

/// A plan from some resources to others. All is known that is in both, but for the id of a deployment that is made anew.
fn plan(before: &[Resource], after: &[Resource]) -> String {
    let written = |(kind, name, values): &Resource| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values,
               "sensitive_values": {}, "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0})
    };
    let of = |all: &[Resource], it: &Resource| {
        let found = all.iter().find(|other| (other.0, other.1) == (it.0, it.1));
        found.map(|it| it.2.clone())
    };
    let mut planned: Vec<Value> = after.iter().map(written).collect();
    let mut changes = Vec::new();
    let mut configured = Vec::new();
    for (it, planned) in after.iter().zip(&mut planned) {
        let (kind, name, values) = it;
        let was = of(before, it);
        let mut expressions: serde_json::Map<String, Value> = values
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, value)| !value.is_null() && *key != "id")
            .map(|(key, value)| (key.clone(), json!({"constant_value": value})))
            .collect();
        let is_other = was.as_ref().is_some_and(|was| was != values);
        let (actions, unknown) = match (*kind, &was) {
            (_, None) => (json!(["create"]), None),
            _ if !is_other => (json!(["no-op"]), None),
            ("aws_api_gateway_deployment", _) => (json!(["delete", "create"]), Some("id")),
            ("aws_api_gateway_stage", _) => {
                let references = json!({"references": ["aws_api_gateway_deployment.now.id", "aws_api_gateway_deployment.now"]});
                expressions.insert("deployment_id".to_owned(), references);
                (json!(["update"]), Some("deployment_id"))
            }
            _ => (json!(["update"]), None),
        };
        let mut marks = serde_json::Map::new();
        if let Some(unknown) = unknown {
            planned["values"].as_object_mut().unwrap().remove(unknown);
            marks.insert(unknown.to_owned(), json!(true));
        }
        changes.push(json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                            "change": {"actions": actions, "before": was, "after": planned["values"], "after_unknown": marks}}));
        configured.push(json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                               "provider_config_key": "aws", "expressions": expressions}));
    }
    for it in before.iter().filter(|it| of(after, it).is_none()) {
        let change =
            json!({"actions": ["delete"], "before": it.2, "after": null, "after_unknown": {}});
        changes.push(json!({"address": format!("{}.{}", it.0, it.1), "mode": "managed", "type": it.0, "name": it.1, "change": change}));
    }
    let resources: Vec<Value> = before.iter().map(written).collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": planned}},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": resources}}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": {"resources": configured},
        },
    })
    .to_string()
}

const ARN: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5";

/// The account's API with its methods, and a deployment that `trigger` makes anew.
fn api(methods: &[(&'static str, &'static str, &'static str)], trigger: &str) -> Vec<Resource> {
    let mut paths = serde_json::Map::new();
    for (verb, path, kind) in methods {
        let security = match *kind {
            "AWS_IAM" => json!([{"sigv4": []}]),
            "CUSTOM" => json!([{"tokens": []}]),
            _ => json!([]),
        };
        let at = paths.entry((*path).to_owned()).or_insert(json!({}));
        at[*verb] =
            json!({"security": security, "x-amazon-apigateway-integration": {"type": "aws_proxy"}});
    }
    let body = json!({
        "openapi": "3.0.1", "info": {"version": "1"}, "paths": paths,
        "components": {"securitySchemes": {
            "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
            "tokens": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
                       "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "x"}},
        }},
    });
    let deployment = format!("dep{}", if trigger == "1" { "1" } else { "2" });
    vec![
        (
            "aws_api_gateway_rest_api",
            "shop",
            json!({"id": "a1b2c3d4e5", "name": "PetStore", "body": body.to_string(), "put_rest_api_mode": "overwrite", "policy": null,
                   "disable_execute_api_endpoint": false, "endpoint_configuration": [{"types": ["REGIONAL"], "vpc_endpoint_ids": []}],
                   "execution_arn": ARN, "root_resource_id": "root", "tags": null, "tags_all": {}}),
        ),
        (
            "aws_api_gateway_deployment",
            "now",
            json!({"id": deployment, "rest_api_id": "a1b2c3d4e5", "triggers": {"at": trigger}}),
        ),
        (
            "aws_api_gateway_stage",
            "prod",
            json!({"id": "ags-1", "rest_api_id": "a1b2c3d4e5", "stage_name": "prod", "deployment_id": deployment,
                   "canary_settings": [], "tags": null, "tags_all": {}}),
        ),
    ]
}

fn attachment() -> Resource {
    (
        "aws_iam_group_policy_attachment",
        "callers",
        json!({"id": "callers-1", "group": "callers", "policy_arn": "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"}),
    )
}

#[test]
fn a_plan_that_changes_nothing_changes_nothing() {
    let all = [api(&METHODS, "1"), vec![attachment()]].concat();
    let run = over(&example(), "plan.json", &plan(&all, &all), &[]);
    let document = run.report();
    assert_eq!(
        document["laid_over"]["apis"][0]["told_by"], "id",
        "{document}"
    );
    assert_eq!(document["outcome"], "unchanged", "{document}");
    assert_eq!(said(&document, "stays"), [""; 0], "{document}");
}

/// What a plan takes away is lost, though nothing of it is in its planned values.
#[test]
fn what_a_plan_takes_away_goes() {
    let before = [api(&METHODS, "1"), vec![attachment()]].concat();
    let document = over(
        &example(),
        "plan.json",
        &plan(&before, &api(&METHODS, "1")),
        &[],
    )
    .report();
    assert_eq!(document["unknown"], json!([]), "{document}");
    let lost = access(&document);
    assert!(!lost.is_empty(), "{document}");
    assert!(
        lost.iter()
            .all(|it| it.starts_with("lost group callers: ALL → NONE")),
        "{lost:?}"
    );
    // The whole API.
    let document = over(
        &example(),
        "plan.json",
        &plan(&before, &[attachment()]),
        &[],
    )
    .report();
    assert!(
        changes(&document).contains(&"api-removed - -: REST API → -".to_owned()),
        "{document}"
    );
}

/// A stage that keeps its deployment serves what the account says that it serves.
#[test]
fn a_plan_without_a_new_deployment_opens_nothing_yet() {
    let opened = METHODS.map(|it| match (it.0, it.1) {
        ("post", "/pets") => (it.0, it.1, "NONE"),
        _ => it,
    });
    let before = api(&METHODS, "1");
    let later = over(
        &example(),
        "plan.json",
        &plan(&before, &api(&opened, "1")),
        &[],
    )
    .report();
    assert_eq!(changes(&later), [""; 0], "{later}");
    let pending = later["findings"].as_array().unwrap();
    assert!(
        pending
            .iter()
            .any(|it| it["rule"] == "pending-opening" && it["before"].is_null()),
        "{later}"
    );
    let now = over(
        &example(),
        "plan.json",
        &plan(&before, &api(&opened, "2")),
        &[],
    )
    .report();
    assert_eq!(
        changes(&now),
        ["opened POST /pets: AWS_IAM → NONE"],
        "{now}"
    );
    assert_eq!(
        now["changes"][0]["location"]["resource"],
        "aws_api_gateway_rest_api.shop"
    );
}

#[test]
fn a_plan_of_another_account_is_a_gap() {
    let mut all = api(&METHODS, "1");
    all[0].2["execution_arn"] = json!(ARN.replace("111122223333", "999988887777"));
    let run = over(&example(), "plan.json", &plan(&all, &all), &[]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout
            .contains("is of account 999988887777, and the inventory is of 111122223333"),
        "{}",
        run.stdout
    );
    // And so is one that knows an API which was not read.
    let mut inventory = example();
    inventory["apis"] = json!([]);
    let all = api(&METHODS, "1");
    let run = over(&inventory, "plan.json", &plan(&all, &all), &[]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout
            .contains("the inventory has no such API in eu-west-1"),
        "{}",
        run.stdout
    );
}

/// The names of a plan are laid over those of the account.
#[test]
fn a_custom_domain_name_of_a_plan_changes_where_names_lead() {
    let mapped = |stage: &str| -> Vec<Resource> {
        vec![
            (
                "aws_api_gateway_domain_name",
                "shop",
                json!({"id": "api.example.com", "domain_name": "api.example.com", "endpoint_configuration": [{"types": ["REGIONAL"]}],
                       "mutual_tls_authentication": [], "policy": ""}),
            ),
            (
                "aws_api_gateway_base_path_mapping",
                "shop",
                json!({"id": "api.example.com/", "domain_name": "api.example.com", "api_id": "a1b2c3d4e5", "stage_name": stage, "base_path": ""}),
            ),
        ]
    };
    let before = api(&METHODS, "1");
    let after = [before.clone(), mapped("prod")].concat();
    let document = over(&example(), "plan.json", &plan(&before, &after), &[]).report();
    let leads = "api.example.com (REGIONAL): / to a1b2c3d4e5 prod";
    assert_eq!(
        changes(&document),
        [format!("domain-changed - -: - → {leads}")],
        "{document}"
    );
    // And away from them.
    let mut inventory = example();
    inventory["domains"] = json!([{"region": "eu-west-1", "name": "api.example.com", "endpoint_types": ["REGIONAL"],
        "mappings": [{"base_path": "", "api_id": "a1b2c3d4e5", "stage": "prod"}]}]);
    let document = over(&inventory, "plan.json", &plan(&after, &before), &[]).report();
    assert_eq!(
        changes(&document),
        [format!("domain-changed - -: {leads} → -")],
        "{document}"
    );
    let elsewhere = [before.clone(), mapped("dev")].concat();
    let document = over(&inventory, "plan.json", &plan(&after, &elsewhere), &[]).report();
    let to_dev = "api.example.com (REGIONAL): / to a1b2c3d4e5 dev";
    assert_eq!(
        changes(&document),
        [format!("domain-changed - -: {leads} → {to_dev}")],
        "{document}"
    );
}
