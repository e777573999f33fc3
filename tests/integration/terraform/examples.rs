//! The example configurations of the provider's documentation, as plans, and what is said of them.
//!
//! Source: [the registry](https://registry.terraform.io/providers/hashicorp/aws/latest/docs), `aws_api_gateway_*`, `aws_apigatewayv2_*`
//! and `aws_iam_*`. A plan has in `after_unknown` what only AWS tells when the resources are made.

use serde_json::{Value, json};

use super::plan::Plan;
use super::report;

/// What a report says: the findings as `RULE METHOD-OR-PRINCIPAL`, and the gaps.
fn said(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let report = report(&plan.text()).unwrap();
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|it| {
        let place = match (&it["route_key"], &it["verb"], &it["principal"]) {
            (Value::String(key), ..) => key.clone(),
            (_, Value::String(verb), _) => format!("{verb} {}", text(&it["path"])),
            (.., Value::String(arn)) => arn.rsplit(':').next().unwrap().to_owned(),
            _ => "-".to_owned(),
        };
        format!("{} {place}", text(&it["rule"]))
    });
    let mut findings: Vec<String> = findings.collect();
    findings.sort();
    let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
    (findings, gaps.map(|it| text(&it["message"])).collect())
}

fn expect(name: &str, plan: &Plan, findings: &[&str], gap: Option<&str>) {
    let (found, gaps) = said(plan);
    assert_eq!(found, findings, "{name}: {gaps:?}");
    match gap {
        None => assert_eq!(gaps, [""; 0], "{name}"),
        Some(says) => assert!(gaps.iter().any(|it| it.contains(says)), "{name}: {gaps:?}"),
    }
}

/// Its deployment, whose triggers go by some attributes, and its stage.
fn deployed(plan: Plan, api: &str, triggers: &[&str]) -> Plan {
    let id = format!("aws_api_gateway_rest_api.{api}.id");
    plan.with(
        "aws_api_gateway_deployment.example",
        json!({"triggers": {"redeployment": "0a1b"}}),
        &["id", "rest_api_id"],
        &[("rest_api_id", &[&id]), ("triggers", triggers)],
    )
    .with(
        "aws_api_gateway_stage.example",
        json!({"stage_name": "example", "canary_settings": [], "tags": null}),
        &["id", "rest_api_id", "deployment_id", "tags_all"],
        &[
            ("rest_api_id", &[&id]),
            ("deployment_id", &["aws_api_gateway_deployment.example.id"]),
        ],
    )
}

/// What the example without a definition has in its triggers.
const MADE: [&str; 3] = [
    "aws_api_gateway_resource.example.id",
    "aws_api_gateway_method.example.id",
    "aws_api_gateway_integration.example.id",
];

const BODY: &str = r#"{"openapi":"3.0.1","info":{"title":"example","version":"1.0"},"paths":{"/path1":{"get":{"x-amazon-apigateway-integration":{"httpMethod":"GET","payloadFormatVersion":"1.0","type":"HTTP_PROXY","uri":"https://ip-ranges.amazonaws.com/ip-ranges.json"}}}}}"#;

#[test]
fn rest_apis() {
    // `aws_api_gateway_rest_api`, `_stage`, `_deployment`: OpenAPI specification.
    let plan = Plan::new()
        .rest_api("example")
        .set_last("body", json!(BODY));
    expect(
        "openapi",
        &deployed(plan, "example", &["aws_api_gateway_rest_api.example.body"]),
        &["open-method GET /path1"],
        None,
    );
    // The same, private, with a policy that is known only later.
    let plan = Plan::new()
        .rest_api("example")
        .set_last("body", json!(BODY))
        .set_last(
            "endpoint_configuration",
            json!([{"types": ["PRIVATE"], "vpc_endpoint_ids": null}]),
        )
        .refer_last("policy", &["data.aws_iam_policy_document.example.json"]);
    expect(
        "private",
        &deployed(plan, "example", &["aws_api_gateway_rest_api.example.body"]),
        &["open-method GET /path1"],
        Some("policy"),
    );
    // `aws_api_gateway_rest_api`: Terraform resources; `aws_api_gateway_integration`: MOCK.
    let mock = Plan::new()
        .rest_api("example")
        .place("example", "example", "example", "")
        .method("example", "example", "example", "GET", "NONE")
        .with(
            "aws_api_gateway_integration.example",
            json!({"http_method": "GET", "type": "MOCK"}),
            &["id", "rest_api_id", "resource_id"],
            &[
                ("rest_api_id", &["aws_api_gateway_rest_api.example.id"]),
                ("resource_id", &["aws_api_gateway_resource.example.id"]),
            ],
        );
    expect(
        "resources",
        &deployed(mock, "example", &MADE),
        &["open-method GET /example"],
        None,
    );
    // `aws_api_gateway_method`: an authorizer of Cognito.
    let cognito = Plan::new()
        .rest_api("this")
        .place("this", "this", "{proxy+}", "")
        .with(
            "aws_api_gateway_authorizer.this",
            json!({"name": "CognitoUserPoolAuthorizer", "type": "COGNITO_USER_POOLS"}),
            &["id", "rest_api_id", "provider_arns"],
            &[("rest_api_id", &["aws_api_gateway_rest_api.this.id"])],
        )
        .method("this", "any", "this", "ANY", "COGNITO_USER_POOLS")
        .refer_last("authorizer_id", &["aws_api_gateway_authorizer.this.id"]);
    expect("cognito", &cognito, &[], None);
    // `aws_api_gateway_api_key`, `_usage_plan`: a key is no authentication.
    let keyed = Plan::new()
        .rest_api("example")
        .method("example", "get", "", "GET", "NONE")
        .set_last("api_key_required", json!(true))
        .with(
            "aws_api_gateway_api_key.example",
            json!({"name": "example"}),
            &["id", "value"],
            &[],
        )
        .with(
            "aws_api_gateway_usage_plan.example",
            json!({"name": "my-usage-plan", "api_stages": [{"stage": "example"}]}),
            &["id"],
            &[],
        );
    expect("usage plan", &keyed, &["api-key-only GET /"], None);
    // `aws_api_gateway_rest_api_policy`: with the ARN of an API that is still to be made.
    let policy = Plan::new()
        .rest_api("test")
        .method("test", "get", "", "GET", "NONE")
        .with(
            "aws_api_gateway_rest_api_policy.test",
            json!({}),
            &["id", "policy", "rest_api_id"],
            &[
                ("rest_api_id", &["aws_api_gateway_rest_api.test.id"]),
                ("policy", &["data.aws_iam_policy_document.test.json"]),
            ],
        );
    expect("policy", &policy, &["open-method GET /"], Some("policy"));
    // `aws_api_gateway_gateway_response`, `_model`, `_request_validator`, `_account`, `_client_certificate`, `_vpc_link`,
    // `_documentation_part` and `_method_settings` make no method.
    let mut others = Plan::new()
        .rest_api("main")
        .method("main", "get", "", "GET", "AWS_IAM");
    for kind in [
        "gateway_response",
        "model",
        "request_validator",
        "account",
        "client_certificate",
        "vpc_link",
        "documentation_part",
        "documentation_version",
        "method_response",
        "integration_response",
        "method_settings",
        "usage_plan_key",
    ] {
        others = others.with(
            &format!("aws_api_gateway_{kind}.x"),
            json!({}),
            &["id"],
            &[],
        );
    }
    expect("others", &others, &[], None);
}

#[test]
fn http_and_websocket_apis() {
    // `aws_apigatewayv2_api`: basic HTTP API, and a quick create with a target.
    expect("http", &Plan::new().v2_api("example", "HTTP"), &[], None);
    let quick = Plan::new()
        .v2_api("example", "HTTP")
        .set_last("target", json!("https://example.com/"))
        .set_last("route_key", json!("ANY /example/{proxy+}"));
    expect(
        "quick",
        &quick,
        &["open-method ANY /example/{proxy+}"],
        None,
    );
    // `aws_apigatewayv2_route`: basic, of a WebSocket API; with an HTTP proxy integration.
    let socket = Plan::new()
        .v2_api("example", "WEBSOCKET")
        .route("example", "example", "$default", "NONE");
    expect("websocket", &socket, &["open-connect $connect"], None);
    let proxy = Plan::new()
        .v2_api("example", "HTTP")
        .with(
            "aws_apigatewayv2_integration.example",
            json!({"integration_type": "HTTP_PROXY", "integration_method": "ANY"}),
            &["id", "api_id"],
            &[("api_id", &["aws_apigatewayv2_api.example.id"])],
        )
        .route("example", "example", "ANY /example/{proxy+}", "NONE");
    expect(
        "proxy",
        &proxy,
        &["open-method ANY /example/{proxy+}"],
        None,
    );
    // `aws_apigatewayv2_authorizer`: of a WebSocket API, by a function.
    let guarded = Plan::new()
        .v2_api("example", "WEBSOCKET")
        .with(
            "aws_apigatewayv2_authorizer.example",
            json!({"authorizer_type": "REQUEST", "name": "example-authorizer", "identity_sources": ["route.request.header.Auth"]}),
            &["id", "api_id", "authorizer_uri"],
            &[("api_id", &["aws_apigatewayv2_api.example.id"])],
        )
        .route("example", "connect", "$connect", "CUSTOM")
        .refer_last("authorizer_id", &["aws_apigatewayv2_authorizer.example.id"]);
    expect("authorizer", &guarded, &[], None);
}

fn invoke() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]})
    .to_string()
}

fn describe() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Action": ["ec2:Describe*"], "Effect": "Allow", "Resource": "*"}]})
    .to_string()
}

fn with_api() -> Plan {
    Plan::new()
        .rest_api("shop")
        .method("shop", "get", "", "GET", "AWS_IAM")
}

fn named(plan: Plan, kind: &str, name: &str) -> Plan {
    let mut known = json!({"name": name, "path": "/", "permissions_boundary": null});
    if kind == "role" {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}]});
        known["assume_role_policy"] = trust.to_string().into();
    }
    plan.with(
        &format!("aws_iam_{kind}.{name}"),
        known,
        &["arn", "id", "unique_id"],
        &[],
    )
}

/// An `aws_iam_policy` that lets its holders call everything.
fn policy(plan: Plan) -> Plan {
    plan.with(
        "aws_iam_policy.policy",
        json!({"name": "test_policy", "path": "/", "policy": invoke()}),
        &["arn", "id", "policy_id"],
        &[],
    )
}

const ARN: [&str; 2] = ["aws_iam_policy.policy.arn", "aws_iam_policy.policy"];

#[test]
fn groups_users_and_roles() {
    // `aws_iam_group_policy`: what it says of other services is nobody's concern.
    let other = named(with_api(), "group", "developers").with(
        "aws_iam_group_policy.developers",
        json!({"name": "my_developer_policy", "policy": describe()}),
        &["id", "group"],
        &[("group", &["aws_iam_group.developers.name"])],
    );
    expect("group policy", &other, &[], None);
    // `aws_iam_group_policy_attachment`, `_user_policy_attachment`, `_role_policy_attachment`.
    for (kind, expected) in [
        ("group", &["blanket-grant group/test"][..]),
        (
            "user",
            &["blanket-grant user/test", "direct-user-grant user/test"],
        ),
        ("role", &["blanket-grant role/test"]),
    ] {
        let name = format!("aws_iam_{kind}.test.name");
        let plan = policy(named(with_api(), kind, "test")).with(
            &format!("aws_iam_{kind}_policy_attachment.attach"),
            json!({}),
            &["id", kind, "policy_arn"],
            &[(kind, &[&name]), ("policy_arn", &ARN)],
        );
        expect(kind, &plan, expected, None);
    }
    // `aws_iam_policy_attachment`: one of each.
    let all = ["user", "role", "group"]
        .into_iter()
        .fold(policy(with_api()), |plan, kind| named(plan, kind, kind));
    let all = all.with(
        "aws_iam_policy_attachment.attach",
        json!({"name": "test-attachment", "users": ["user"], "roles": ["role"], "groups": ["group"]}),
        &["id", "policy_arn"],
        &[("policy_arn", &ARN)],
    );
    expect(
        "attachment",
        &all,
        &[
            "blanket-grant group/group",
            "blanket-grant role/role",
            "blanket-grant user/user",
            "direct-user-grant user/user",
        ],
        None,
    );
    // `aws_iam_role`: inline policies in blocks, one of which is read from a data source that is deferred.
    let inline = named(with_api(), "role", "example")
        .set_last(
            "inline_policy",
            json!([{"name": "my_inline_policy", "policy": invoke()}]),
        )
        .refer_last("inline_policy", &[]);
    expect(
        "inline blocks",
        &inline,
        &["blanket-grant role/example"],
        None,
    );
    // `aws_iam_role`: a policy that is attached in the role itself.
    let managed = policy(with_api());
    let managed = named(managed, "role", "example").set_last(
        "managed_policy_arns",
        json!(["arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"]),
    );
    let managed = managed.refer_last("managed_policy_arns", &[]);
    expect("managed", &managed, &["blanket-grant role/example"], None);
}

/// `aws_iam_user_group_membership`: a user in several groups by two resources; `aws_iam_group_membership`.
#[test]
fn memberships() {
    let mut plan = with_api();
    for name in ["group1", "group2", "group3"] {
        plan = named(plan, "group", name);
    }
    plan = named(plan, "user", "user1");
    plan = named(plan, "user", "user2");
    for (name, groups) in [
        ("example1", vec!["group1", "group2"]),
        ("example2", vec!["group3"]),
    ] {
        plan = plan.with(
            &format!("aws_iam_user_group_membership.{name}"),
            json!({"user": "user1", "groups": groups}),
            &["id"],
            &[],
        );
    }
    plan = plan.with(
        "aws_iam_group_membership.team",
        json!({"name": "tf-testing-group-membership", "users": ["user1", "user2"], "group": "group1"}),
        &["id"],
        &[],
    );
    let read = super::translated(&plan.text()).unwrap();
    let users = read.inventory.iam.unwrap().users;
    let mut first = users[0].groups.clone();
    first.sort();
    first.dedup();
    assert_eq!(first, ["group1", "group2", "group3"]);
    assert_eq!(users[1].groups, ["group1"]);
}
