//! Custom domain names of plans: by which URLs methods will be reached.

use serde_json::{Value, json};

use super::plan::Plan;
use super::{report, translated};

/// A REST API with an open method, in the stage `prod`. Its default endpoint is on or off.
fn rest(is_off: bool) -> Plan {
    Plan::new()
        .rest_api("shop")
        .set_last("disable_execute_api_endpoint", json!(is_off))
        .method("shop", "root", "", "GET", "NONE")
        .with(
            "aws_api_gateway_stage.prod",
            json!({"stage_name": "prod", "canary_settings": []}),
            &["id", "rest_api_id", "deployment_id", "tags_all"],
            &[("rest_api_id", &["aws_api_gateway_rest_api.shop.id"])],
        )
}

fn domain(plan: Plan, more: Value) -> Plan {
    let mut known = json!({"domain_name": "api.example.com", "endpoint_configuration": [{"types": ["REGIONAL"]}],
                           "mutual_tls_authentication": [], "policy": null});
    for (key, value) in more.as_object().unwrap() {
        known[key] = value.clone();
    }
    plan.with(
        "aws_api_gateway_domain_name.shop",
        known,
        &["id", "arn"],
        &[],
    )
}

fn mapping(plan: Plan, known: Value, api: &str) -> Plan {
    plan.with(
        "aws_api_gateway_base_path_mapping.shop",
        known,
        &["id", "api_id"],
        &[("api_id", &[api])],
    )
}

const SHOP: &str = "aws_api_gateway_rest_api.shop.id";

/// The exposure and the URLs of the only finding.
fn reached(plan: &Plan) -> (String, Value) {
    let report = report(&plan.text()).unwrap();
    assert_eq!(report["coverage"]["complete"], true, "{report}");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report}");
    let exposure = findings[0]["exposure"].as_str().unwrap();
    (exposure.to_owned(), findings[0]["urls"].clone())
}

#[test]
fn a_name_leads_to_an_api_whose_default_endpoint_is_off() {
    // Another name may lead there.
    assert_eq!(reached(&rest(true)), ("unknown".to_owned(), json!([])));
    let known = json!({"domain_name": "api.example.com", "stage_name": "prod", "base_path": "v1"});
    let plan = mapping(domain(rest(true), json!({})), known.clone(), SHOP);
    let expected = ("public".to_owned(), json!(["https://api.example.com/v1"]));
    assert_eq!(reached(&plan), expected);
    // That of its default endpoint has the API's id in it, which no plan tells.
    let plan = mapping(domain(rest(false), json!({})), known.clone(), SHOP);
    assert_eq!(reached(&plan), expected);
    // Who asks for a certificate, limits what is known; what else leads there is not.
    let tls = json!({"mutual_tls_authentication": [{"truststore_uri": "s3://a/b"}]});
    let plan = mapping(domain(rest(true), tls), known, SHOP);
    let (exposure, urls) = reached(&plan);
    assert_eq!(
        (exposure.as_str(), urls),
        ("unknown", json!(["https://api.example.com/v1"]))
    );
}

#[test]
fn a_mapping_tells_its_stage_and_base_path_or_leaves_them_to_the_path() {
    for (known, url) in [
        (
            json!({"stage_name": "prod", "base_path": null}),
            "https://api.example.com",
        ),
        (
            json!({"stage_name": "prod", "base_path": "(none)"}),
            "https://api.example.com",
        ),
        (
            json!({"stage_name": "prod", "base_path": "/a/b/"}),
            "https://api.example.com/a/b",
        ),
        (
            json!({"stage_name": null, "base_path": "a"}),
            "https://api.example.com/a/prod",
        ),
    ] {
        let mut known = known;
        known["domain_name"] = json!("api.example.com");
        let plan = mapping(domain(rest(false), json!({})), known.clone(), SHOP);
        assert_eq!(reached(&plan).1, json!([url]), "{known}");
    }
    // To another stage, or another API.
    let known = json!({"domain_name": "api.example.com", "stage_name": "dev", "base_path": null});
    let plan = mapping(domain(rest(true), json!({})), known.clone(), SHOP);
    assert_eq!(reached(&plan).1, json!([]));
    let known = json!({"domain_name": "api.example.com", "stage_name": "prod", "api_id": "other"});
    let plan = domain(rest(true), json!({})).with(
        "aws_api_gateway_base_path_mapping.shop",
        known,
        &["id"],
        &[],
    );
    assert_eq!(reached(&plan).1, json!([]));
}

/// As the provider's documentation writes it: the id of a stage is its name, and is known only later.
#[test]
fn names_of_version_2_lead_by_references() {
    let plan = Plan::new()
        .v2_api("shop", "HTTP")
        .set_last("disable_execute_api_endpoint", json!(true))
        .route("shop", "orders", "GET /orders", "NONE")
        .with(
            "aws_apigatewayv2_stage.prod",
            json!({"name": "prod", "auto_deploy": true}),
            &["id", "api_id", "tags_all"],
            &[("api_id", &["aws_apigatewayv2_api.shop.id"])],
        )
        .with(
            "aws_apigatewayv2_domain_name.shop",
            json!({"domain_name": "api.example.com", "domain_name_configuration": [{"endpoint_type": "REGIONAL"}],
                   "mutual_tls_authentication": []}),
            &["id", "arn"],
            &[],
        )
        .with(
            "aws_apigatewayv2_api_mapping.shop",
            json!({"api_mapping_key": "v2"}),
            &["id", "api_id", "domain_name", "stage"],
            &[
                ("api_id", &["aws_apigatewayv2_api.shop.id", "aws_apigatewayv2_api.shop"]),
                ("domain_name", &["aws_apigatewayv2_domain_name.shop.id", "aws_apigatewayv2_domain_name.shop"]),
                ("stage", &["aws_apigatewayv2_stage.prod.id", "aws_apigatewayv2_stage.prod"]),
            ],
        );
    let expected = ("public".to_owned(), json!(["https://api.example.com/v2"]));
    assert_eq!(reached(&plan), expected);
    let read = translated(&plan.text()).unwrap();
    let domain = &read.inventory.domains.unwrap()[0];
    assert_eq!(domain.region, "eu-west-1");
    assert_eq!(domain.mappings[0].api_id, "aws_apigatewayv2_api.shop");
}

/// What leads nowhere that is known hides a URL, which is said.
#[test]
fn what_a_mapping_leads_to_and_cannot_be_told_is_said() {
    let known = json!({"domain_name": "api.example.com", "stage_name": "prod", "base_path": null});
    let plan = mapping(domain(rest(true), json!({})), known, "local.api");
    // The only API that is to be made is meant.
    assert_eq!(reached(&plan).0, "public");
    let known = json!({"domain_name": "api.example.com", "base_path": null, "api_id": "other"});
    let plan = domain(rest(true), json!({})).with(
        "aws_api_gateway_base_path_mapping.shop",
        known,
        &["id", "stage_name"],
        &[("stage_name", &["local.stage"])],
    );
    assert_eq!(reached(&plan), ("unknown".to_owned(), json!([])));
    let assumed = translated(&plan.text()).unwrap().assumed;
    let says = "a custom domain name leads to what is known only after the plan is applied";
    assert!(assumed.iter().any(|it| it.says == says), "{assumed:?}");
}
