//! What each resource type makes, and what of it cannot be told.

use serde_json::json;

use super::plan::Plan;
use super::{gaps, methods, report, translated};

/// A REST API with a method on a resource below another one.
fn shop() -> Plan {
    Plan::new()
        .rest_api("shop")
        .place("shop", "pets", "pets", "")
        .place("shop", "pet", "{id}", "pets")
        .method("shop", "root", "", "GET", "AWS_IAM")
        .method("shop", "pet", "pet", "ANY", "NONE")
}

#[test]
fn a_rest_api_is_put_together_by_its_references() {
    let read = translated(&shop().text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        [
            "aws_api_gateway_rest_api.shop ANY /pets/{id} NONE",
            "aws_api_gateway_rest_api.shop GET / AWS_IAM",
        ]
    );
    assert_eq!(gaps(&read), [""; 0]);
    assert_eq!(read.inventory.scope.regions, ["eu-west-1"]);
    assert_eq!(read.doubts, []);
}

#[test]
fn a_finding_names_the_address_of_its_resource() {
    let report = report(&shop().text()).unwrap();
    let location = &report["findings"][0]["location"];
    assert_eq!(location["resource"], "aws_api_gateway_method.pet");
    assert_eq!(location["file"], "plan.json");
    let summary = report["findings"][0]["remedy"]["summary"].as_str().unwrap();
    assert!(
        summary.starts_with("change it at aws_api_gateway_method.pet (plan.json:1:"),
        "{summary}"
    );
}

/// What a method asks for that is not known yet is a gap; whose id it will have is not.
#[test]
fn an_unknown_type_is_a_gap() {
    for attribute in ["authorization", "http_method", "api_key_required"] {
        let mut plan = shop();
        let change = plan.list("/resource_changes").last_mut().unwrap();
        change["change"]["after_unknown"][attribute] = json!(true);
        let resource = plan
            .list("/planned_values/root_module/resources")
            .last_mut()
            .unwrap();
        resource["values"]
            .as_object_mut()
            .unwrap()
            .remove(attribute);
        let gaps = gaps(&translated(&plan.text()).unwrap());
        assert_eq!(gaps.len(), 1, "{attribute}");
        assert!(
            gaps[0].contains("is known only after the plan is applied"),
            "{gaps:?}"
        );
        assert!(
            gaps[0].starts_with("aws_api_gateway_method.pet (plan.json:"),
            "{gaps:?}"
        );
    }
}

#[test]
fn what_is_missing_or_null_is_a_gap() {
    for attribute in ["authorization", "http_method"] {
        for value in [json!(null), json!({}), json!([])] {
            let plan = shop().set_last(attribute, value.clone());
            let gaps = gaps(&translated(&plan.text()).unwrap());
            assert_eq!(gaps.len(), 1, "{attribute} {value}");
        }
        let mut plan = shop();
        let resource = plan
            .list("/planned_values/root_module/resources")
            .last_mut()
            .unwrap();
        resource["values"]
            .as_object_mut()
            .unwrap()
            .remove(attribute);
        let gaps = gaps(&translated(&plan.text()).unwrap());
        assert_eq!(gaps.len(), 1, "{attribute}");
    }
}

#[test]
fn an_integration_belongs_to_the_method_of_its_verb_and_resource() {
    let integration = |name: &str, place: &str, verb: &str, kind: &str, plan: Plan| {
        plan.with(
            &format!("aws_api_gateway_integration.{name}"),
            json!({"http_method": verb, "type": kind}),
            &["id", "resource_id", "rest_api_id"],
            &[
                ("rest_api_id", &["aws_api_gateway_rest_api.shop.id"]),
                (
                    "resource_id",
                    &[&format!("aws_api_gateway_resource.{place}.id")],
                ),
            ],
        )
    };
    let plan = shop()
        .method("shop", "preflight", "pets", "OPTIONS", "NONE")
        .method("shop", "open", "pet", "OPTIONS", "NONE");
    let plan = integration("one", "pets", "OPTIONS", "MOCK", plan);
    let plan = integration("two", "pet", "OPTIONS", "AWS_PROXY", plan);
    let read = translated(&plan.text()).unwrap();
    let draft = read.inventory.apis[0].draft.as_ref().unwrap();
    let kind = |path: &str| {
        let method = draft
            .iter()
            .find(|it| it.verb == "OPTIONS" && it.path == path);
        method.unwrap().integration.clone().unwrap()
    };
    assert_eq!(
        (kind("/pets").as_str(), kind("/pets/{id}").as_str()),
        ("MOCK", "AWS_PROXY")
    );
}

const BODY: &str =
    r#"{"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}"#;

#[test]
fn a_definition_is_read_as_it_is_in_a_template() {
    let plan = |body: serde_json::Value| Plan::new().rest_api("shop").set_last("body", body);
    for body in [
        BODY.to_owned(),
        "swagger: '2.0'\npaths:\n  /a:\n    get: {}\n".to_owned(),
    ] {
        let read = translated(&plan(json!(body)).text()).unwrap();
        assert_eq!(
            methods(&read.inventory),
            ["aws_api_gateway_rest_api.shop GET /a NONE"]
        );
        assert_eq!(gaps(&read), [""; 0]);
    }
    for body in [
        json!("{"),
        json!("x"),
        json!(1),
        json!([]),
        json!({}),
        json!("a: &a [*a"),
        // Aliases, and a key that stands twice.
        json!("swagger: '2.0'\npaths:\n  /a: &a\n    get: {}\n  /b: *a\n"),
        json!(r#"{"swagger": "2.0", "paths": {"/a": {"get": {}}, "/a": {}}}"#),
        json!("{}"),
    ] {
        let read = translated(&plan(body.clone()).text()).unwrap();
        assert!(!gaps(&read).is_empty(), "{body}");
    }
    for body in [json!(null), json!(""), json!(" \n")] {
        let read = translated(&plan(body.clone()).text()).unwrap();
        assert_eq!(gaps(&read), [""; 0], "{body}");
    }
}

#[test]
fn a_definition_that_is_not_known_yet_is_a_gap() {
    let mut plan = Plan::new()
        .rest_api("shop")
        .refer_last("body", &["aws_lambda_function.f.arn"]);
    let change = plan.list("/resource_changes").last_mut().unwrap();
    change["change"]["after_unknown"]["body"] = json!(true);
    let resource = plan
        .list("/planned_values/root_module/resources")
        .last_mut()
        .unwrap();
    resource["values"].as_object_mut().unwrap().remove("body");
    let gaps = gaps(&translated(&plan.text()).unwrap());
    assert_eq!(gaps.len(), 1);
    assert!(
        gaps[0].ends_with("is known only after the plan is applied"),
        "{gaps:?}"
    );
}

/// A merged definition keeps the methods of the one before.
#[test]
fn what_a_merged_definition_keeps_is_a_gap_where_it_changes() {
    let plan = |actions: serde_json::Value, before: &str| {
        let plan = Plan::new().rest_api("shop").set_last("body", json!(BODY));
        let mut plan = plan.set_last("put_rest_api_mode", json!("merge"));
        let change = plan.list("/resource_changes").last_mut().unwrap();
        change["change"]["actions"] = actions;
        change["change"]["before"] = json!({"body": before});
        let mut plan: serde_json::Value = serde_json::from_str(&plan.text()).unwrap();
        plan["prior_state"] = json!({});
        let read = translated(&plan.to_string()).unwrap();
        let assumed = read.assumed.iter().any(|it| it.says.contains("`merge`"));
        (gaps(&read).len(), assumed)
    };
    assert_eq!(plan(json!(["create"]), ""), (0, false));
    assert_eq!(plan(json!(["no-op"]), BODY), (0, true));
    assert_eq!(plan(json!(["update"]), "{}"), (1, false));
    assert_eq!(plan(json!(["delete", "create"]), "{}"), (0, false));
}

/// How many gaps there are where an attribute of an API changes.
fn gaps_after(plan: Plan, before: &serde_json::Value) -> usize {
    let mut plan: serde_json::Value = serde_json::from_str(&plan.text()).unwrap();
    plan["prior_state"] = json!({});
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let change = &mut changes.last_mut().unwrap()["change"];
    change["actions"] = json!(["update"]);
    change["before"] = before.clone();
    gaps(&translated(&plan.to_string()).unwrap()).len()
}

#[test]
fn what_the_provider_leaves_where_the_plan_takes_it_away_is_a_gap() {
    let body = json!({"body": BODY});
    for gone in [json!(null), json!(""), json!(" ")] {
        let rest = Plan::new().rest_api("shop").set_last("body", gone.clone());
        assert_eq!(gaps_after(rest, &body), 1, "{gone}");
        let http = Plan::new().v2_api("shop", "HTTP").set_last("body", gone);
        assert_eq!(gaps_after(http, &body), 1);
    }
    let rest = || Plan::new().rest_api("shop").set_last("body", json!(BODY));
    assert_eq!(gaps_after(rest(), &body), 0);
    let quick = json!({"target": "https://example.com", "route_key": null});
    let http = || Plan::new().v2_api("shop", "HTTP");
    assert_eq!(gaps_after(http(), &quick), 1);
    let same = http().set_last("target", json!("https://example.com"));
    assert_eq!(gaps_after(same, &quick), 0);
}

#[test]
fn routes_of_http_apis_are_open_unless_they_say_otherwise() {
    let plan = Plan::new()
        .v2_api("http", "HTTP")
        .route("http", "default", "$default", "NONE")
        .route("http", "iam", "GET /a", "AWS_IAM")
        .route("http", "silent", "POST /a", "NONE")
        .set_last("authorization_type", json!(null));
    let read = translated(&plan.text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        [
            "aws_apigatewayv2_api.http ANY $default NONE",
            "aws_apigatewayv2_api.http GET /a AWS_IAM",
            "aws_apigatewayv2_api.http POST /a NONE",
        ]
    );
    assert_eq!(gaps(&read), [""; 0]);
}

#[test]
fn a_target_makes_an_open_route() {
    let quick = || {
        Plan::new()
            .v2_api("quick", "HTTP")
            .set_last("target", json!("https://example.com"))
    };
    let read = translated(&quick().text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["aws_apigatewayv2_api.quick ANY $default NONE"]
    );
    assert_eq!(
        read.inventory.apis[0].stages.as_ref().unwrap()[0].name,
        "$default"
    );
    let read = translated(&quick().set_last("route_key", json!("GET /a")).text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["aws_apigatewayv2_api.quick GET /a NONE"]
    );
}

#[test]
fn only_a_cors_configuration_with_something_in_it_answers_preflights() {
    for (configuration, answers) in [
        (json!([]), false),
        (json!(null), false),
        (json!([{"allow_origins": null, "max_age": null}]), false),
        (json!([{"allow_origins": ["*"], "max_age": null}]), true),
    ] {
        let plan = Plan::new()
            .v2_api("http", "HTTP")
            .set_last("cors_configuration", configuration.clone());
        let read = translated(&plan.text()).unwrap();
        assert_eq!(read.inventory.apis[0].cors, answers, "{configuration}");
    }
}

#[test]
fn a_websocket_api_without_connect_is_open() {
    let plan = Plan::new()
        .v2_api("chat", "WEBSOCKET")
        .route("chat", "message", "$default", "NONE");
    let read = translated(&plan.text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["aws_apigatewayv2_api.chat ANY $connect NONE"]
    );
    let plan = plan.route("chat", "connect", "$connect", "AWS_IAM");
    let read = translated(&plan.text()).unwrap();
    assert_eq!(
        methods(&read.inventory),
        ["aws_apigatewayv2_api.chat ANY $connect AWS_IAM"]
    );
}

#[test]
fn a_type_that_is_not_known_is_a_gap() {
    for (kind, count) in [
        ("aws_api_gateway_rest_api_put", 1),
        ("aws_apigatewayv2_something", 1),
        ("AWS_APIGATEWAYV2_ROUTE", 1),
        ("awscc_apigateway_method", 1),
        ("awscc_apigatewayv2_route", 1),
        ("aws_api_gateway_usage_plan", 0),
        ("aws_apigatewayv2_integration", 0),
        ("google_api_gateway_api", 0),
        ("aws_lambda_function", 0),
    ] {
        let plan = shop().with(&format!("{kind}.x"), json!({}), &["id"], &[]);
        assert_eq!(
            gaps(&translated(&plan.text()).unwrap()).len(),
            count,
            "{kind}"
        );
    }
}

/// A resource policy is that of its own resource; the API's own attribute shows what it was before.
#[test]
fn a_resource_policy_may_stand_in_a_resource_of_its_own() {
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5";
    let policy = |resource: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource},
            {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource,
             "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        ]})
        .to_string()
    };
    let exposure = |resource: &str| {
        let mut plan = shop();
        let api = plan
            .list("/planned_values/root_module/resources")
            .first_mut()
            .unwrap();
        api["values"]["execution_arn"] = json!(arn);
        api["values"]["policy"] = json!("{\"Statement\": []}");
        let plan = plan.with(
            "aws_api_gateway_rest_api_policy.shop",
            json!({"policy": policy(resource)}),
            &["rest_api_id"],
            &[("rest_api_id", &["aws_api_gateway_rest_api.shop.id"])],
        );
        let report = report(&plan.text()).unwrap();
        let finding = report["findings"].as_array().unwrap().iter();
        let mut finding = finding.filter(|it| it["rule"] == "open-method");
        finding.next().unwrap()["exposure"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(exposure(&format!("{arn}/*")), "network-limited");
    assert_eq!(exposure("execute-api:/*"), "network-limited");
    // That is another API.
    assert_eq!(exposure(&format!("{arn}6/*")), "unknown");
}

#[test]
fn a_resource_policy_that_is_not_known_yet_leaves_the_exposure_unknown() {
    let plan = shop().with(
        "aws_api_gateway_rest_api_policy.shop",
        json!({}),
        &["rest_api_id", "policy"],
        &[
            ("rest_api_id", &["aws_api_gateway_rest_api.shop.id"]),
            ("policy", &["aws_api_gateway_rest_api.shop.execution_arn"]),
        ],
    );
    let report = report(&plan.text()).unwrap();
    assert_eq!(report["coverage"]["complete"], false);
    let findings = report["findings"].as_array().unwrap();
    let open = findings
        .iter()
        .find(|it| it["rule"] == "open-method")
        .unwrap();
    assert_eq!(open["exposure"], "unknown");
}

/// A report would show what is marked as sensitive.
#[test]
fn what_is_sensitive_is_not_shown() {
    for (attribute, is_gap) in [("path_part", true), ("rest_api_id", false)] {
        let mut plan = shop()
            .place("shop", "secret", "hunter2", "")
            .method("shop", "x", "secret", "GET", "NONE");
        let resources = plan.list("/planned_values/root_module/resources");
        let secret = resources
            .iter_mut()
            .find(|it| it["name"] == "secret")
            .unwrap();
        secret["sensitive_values"] = json!({attribute: true});
        let report = report(&plan.text()).unwrap();
        assert_eq!(
            report.to_string().contains("hunter2"),
            !is_gap,
            "{attribute}"
        );
        assert_eq!(report["coverage"]["complete"], !is_gap);
    }
    let plan = shop().set(
        "/planned_values/root_module/resources/0/sensitive_values",
        json!({"name": true}),
    );
    let plan = plan.set(
        "/planned_values/root_module/resources/0/values/name",
        json!("hunter2"),
    );
    assert!(
        !report(&plan.text())
            .unwrap()
            .to_string()
            .contains("hunter2")
    );
}

#[test]
fn the_region_is_that_of_the_resource_or_of_its_provider() {
    let region = |plan: Plan| {
        let read = translated(&plan.text()).unwrap();
        let is_told = read.doubts.is_empty();
        (read.inventory.apis[0].region.clone(), is_told)
    };
    let told = |region: &str| (region.to_owned(), true);
    let provider = "/configuration/provider_config/aws/expressions/region";
    assert_eq!(region(shop()), told("eu-west-1"));
    let own = shop().set(
        "/planned_values/root_module/resources/0/values/region",
        json!("eu-west-3"),
    );
    assert_eq!(region(own), told("eu-west-3"));
    let arn = "arn:aws:apigateway:ap-south-1::/restapis/a1b2c3d4e5";
    let of_arn = shop().set(
        "/planned_values/root_module/resources/0/values/arn",
        json!(arn),
    );
    assert_eq!(region(of_arn), told("ap-south-1"));
    let by_variable = shop()
        .set(provider, json!({"references": ["var.region"]}))
        .set("/variables", json!({"region": {"value": "us-west-2"}}));
    assert_eq!(region(by_variable), told("us-west-2"));
    for unknown in [
        json!({"references": ["local.region"]}),
        json!({"constant_value": "here"}),
        json!(null),
    ] {
        let unknown = shop().set(provider, unknown);
        assert_eq!(region(unknown), ("us-east-1".to_owned(), false));
    }
}

#[test]
fn apis_of_two_regions_are_each_in_their_own() {
    let plan = shop()
        .v2_api("http", "HTTP")
        .set_last("region", json!("us-east-2"))
        .route("http", "open", "GET /a", "NONE");
    let read = translated(&plan.text()).unwrap();
    let mut regions = read.inventory.scope.regions.clone();
    regions.sort();
    assert_eq!(regions, ["eu-west-1", "us-east-2"]);
    assert_eq!(gaps(&read), [""; 0]);
    let china = plan
        .set_last("x", json!(1))
        .v2_api("china", "HTTP")
        .set_last("region", json!("cn-north-1"));
    assert!(gaps(&translated(&china.text()).unwrap())[0].contains("several partitions"));
}

/// An `OPTIONS` without an integration is taken for a preflight: one whose integration cannot be found is not clean.
#[test]
fn an_integration_of_an_unknown_method_is_a_gap_where_it_may_be_a_preflight() {
    let plan = |verb: &str, kind: &str| {
        let plan = shop()
            .method("shop", "options", "pets", "OPTIONS", "NONE")
            .with(
                "aws_api_gateway_integration.x",
                json!({"http_method": verb, "type": kind}),
                &["id", "resource_id", "rest_api_id"],
                &[
                    ("rest_api_id", &["aws_api_gateway_rest_api.shop.id"]),
                    ("resource_id", &["local.place"]),
                ],
            );
        gaps(&translated(&plan.text()).unwrap()).len()
    };
    assert_eq!(plan("OPTIONS", "AWS_PROXY"), 1);
    assert_eq!(plan("OPTIONS", "MOCK"), 0);
    assert_eq!(plan("GET", "AWS_PROXY"), 0);
}

/// What stands in for one API says nothing of another.
#[test]
fn an_api_without_a_region_is_in_the_one_that_stands_in() {
    let plan = Plan::new()
        .rest_api("one")
        .set_last("region", json!("eu-west-3"))
        .v2_api("two", "HTTP");
    let plan = plan.set("/configuration/provider_config", json!({}));
    let read = translated(&plan.text()).unwrap();
    let regions: Vec<&str> = read
        .inventory
        .apis
        .iter()
        .map(|it| it.region.as_str())
        .collect();
    assert_eq!(regions, ["eu-west-3", "us-east-1"]);
    assert_eq!(read.doubts.len(), 1);
}
