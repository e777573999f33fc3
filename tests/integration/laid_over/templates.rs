//! CloudFormation templates: which API of the account they make, and what of it changes.

use serde_json::{Value, json};

use super::{
    METHODS, access, changes, example, of_stack, over, rules, said, template, template_of,
};

fn told_by(document: &Value) -> &Value {
    &document["laid_over"]["apis"][0]["told_by"]
}

/// What is deployed again as it is changes nothing, by whatever tells which API it is.
#[test]
fn the_same_again_changes_nothing() {
    let of_prod = of_stack("shop-prod", "Api");
    let named = template(Some("PetStore"), "");
    let unnamed = template(None, "");
    for (inventory, text, arguments, expected) in [
        (&example(), &named, &[][..], "name"),
        (&of_prod, &named, &[], "name"),
        (&of_prod, &unnamed, &["--stack", "shop-prod"], "stack"),
        (&example(), &unnamed, &["--api", "Api=a1b2c3d4e5"], "user"),
    ] {
        let run = over(inventory, "template.yaml", text, arguments);
        let document = run.report();
        assert_eq!(told_by(&document), expected, "{document}");
        assert_eq!(document["outcome"], "unchanged", "{document}");
        // An open method of the template stays one.
        assert_eq!(run.status, 1);
        let standing = &document["laid_over"]["standing"];
        assert_eq!(standing[0]["rule"], "open-method", "{document}");
        let run = over(
            inventory,
            "template.yaml",
            text,
            &[arguments, &["--fail-on", "critical"]].concat(),
        );
        assert_eq!(run.status, 0);
    }
}

/// Where nothing tells that it is one of the account, it is a new one, and never no change.
#[test]
fn an_api_that_cannot_be_told_counts_as_new() {
    let of_prod = of_stack("shop-prod", "Api");
    let of_other = of_stack("shop-dev", "Other");
    let mut two = example();
    let mut second = two["apis"][0].clone();
    second["id"] = json!("b1b2c3d4e5");
    two["apis"].as_array_mut().unwrap().push(second);
    let named = template(Some("PetStore"), "");
    let unnamed = template(None, "");
    for (inventory, text, arguments, doubt) in [
        (&example(), &unnamed, &[][..], ""),
        (&of_prod, &unnamed, &[], "give --stack shop-prod"),
        (&of_prod, &unnamed, &["--stack", "shop-dev"], ""),
        // Another stack made the one of this name.
        (&of_other, &named, &[], ""),
        (&of_prod, &named, &["--stack", "shop-dev"], ""),
        (
            &two,
            &named,
            &[],
            "2 APIs of its name (a1b2c3d4e5, b1b2c3d4e5)",
        ),
        (&example(), &named, &["--api", "Api=new"], ""),
    ] {
        let run = over(inventory, "template.yaml", text, arguments);
        let document = run.report();
        assert_eq!(run.status, 1, "{document}");
        assert_eq!(told_by(&document), &Value::Null);
        let said = document["laid_over"]["apis"][0]["doubt"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(said.is_empty(), doubt.is_empty(), "{said}");
        assert!(said.contains(doubt), "{said}");
        let changes = changes(&document);
        assert!(
            changes.iter().any(|it| it.starts_with("api-added")),
            "{changes:?}"
        );
        assert!(
            changes.contains(&"opened GET /health: - → NONE".to_owned()),
            "{changes:?}"
        );
        // That of the account stays as it is.
        assert!(
            !changes.iter().any(|it| it.contains("removed")),
            "{changes:?}"
        );
    }
}

#[test]
fn what_is_opened_closed_added_and_taken_away_is_said_with_its_place() {
    let mut methods = METHODS.to_vec();
    methods.retain(|it| it.0 != "delete");
    methods.push(("put", "/pets", "AWS_IAM"));
    for method in &mut methods {
        match (method.0, method.1) {
            ("post", "/pets") => method.2 = "NONE",
            ("get", "/health") => method.2 = "AWS_IAM",
            _ => {}
        }
    }
    let text = template_of(Some("PetStore"), &methods, "");
    let run = over(&example(), "template.yaml", &text, &[]);
    let document = run.report();
    assert_eq!(run.status, 1, "{document}");
    assert_eq!(
        changes(&document),
        [
            "opened POST /pets: AWS_IAM → NONE",
            "closed GET /health: NONE → AWS_IAM",
            "method-added PUT /pets: - → AWS_IAM",
            "method-removed DELETE /pets/{petId}: AWS_IAM → -",
        ]
    );
    assert_eq!(document["changes"][0]["location"]["file"], "template.yaml");
    assert_eq!(document["changes"][0]["location"]["line"], 2);
    // Who could call what is gone lost it.
    let access = access(&document);
    assert!(
        access.contains(&"lost group callers: ALL → NONE: DELETE /pets/{petId}".to_owned()),
        "{access:?}"
    );
    assert!(rules(&document).contains(&"+open-method".to_owned()));
    assert!(rules(&document).contains(&"-open-method".to_owned()));
    let open = document["findings"].as_array().unwrap();
    let open = open.iter().find(|it| it["before"].is_null()).unwrap();
    assert!(
        open["place"].as_str().unwrap().contains("template.yaml:2:"),
        "{open}"
    );
}

/// Another stage of the API keeps its deployment: what the next one brings there is pending.
#[test]
fn a_stage_that_the_file_does_not_name_keeps_its_deployment() {
    let mut inventory = example();
    let stages = inventory["apis"][0]["stages"].as_array_mut().unwrap();
    stages.push(json!({"name": "dev", "deployment_id": "dep1"}));
    let methods = METHODS.map(|it| match it.1 {
        "/pets" => (it.0, it.1, "NONE"),
        _ => it,
    });
    let text = template_of(Some("PetStore"), &methods, "");
    let run = over(&inventory, "template.yaml", &text, &[]);
    let document = run.report();
    let opened = document["changes"].as_array().unwrap();
    assert!(opened.iter().all(|it| it["stage"] == "prod"), "{document}");
    assert_eq!(opened.len(), 2);
    let pending = rules(&document);
    let pending = pending.iter().filter(|it| *it == "+pending-opening");
    assert_eq!(pending.count(), 2, "{document}");
    // A file without a stage is taken to reach all of them.
    let text = text.replace("AWS::ApiGateway::Stage", "AWS::ApiGateway::ApiKey");
    let run = over(&inventory, "template.yaml", &text, &[]);
    let document = run.report();
    assert_eq!(
        document["changes"].as_array().unwrap().len(),
        4,
        "{document}"
    );
    let assumed = said(&document, "assumptions");
    assert!(
        assumed
            .iter()
            .any(|it| it.contains("deployed to all that the account has")),
        "{assumed:?}"
    );
}

/// A method of an API that is elsewhere is laid over the API of the account that its id names.
#[test]
fn methods_of_a_shared_api_join_those_of_the_account() {
    let text = |id: &str| {
        format!(
            "Resources:\n  More: {{Type: 'AWS::ApiGateway::Method', Properties: {{RestApiId: {id}, ResourceId: !GetAtt Root.Id, HttpMethod: PATCH, AuthorizationType: NONE}}}}\n"
        )
        .replace("!GetAtt Root.Id", "root")
    };
    let run = over(
        &example(),
        "template.yaml",
        &text("!ImportValue shared"),
        &[],
    );
    let document = run.report();
    assert_eq!(run.status, 3, "{document}");
    assert!(
        document.to_string().contains("give its id with --api"),
        "{document}"
    );
    // Which path it has, the template does not say.
    let run = over(&example(), "template.yaml", &text("a1b2c3d4e5"), &[]);
    let document = run.report();
    assert_eq!(run.status, 3, "{document}");
    assert!(
        !changes(&document).iter().any(|it| it.contains("removed")),
        "{document}"
    );
    // The account does, where it has a method there.
    let there = text("a1b2c3d4e5").replace("root", "r2");
    let run = over(&example(), "template.yaml", &there, &[]);
    let document = run.report();
    assert_eq!(run.status, 1, "{document}");
    assert_eq!(changes(&document), ["opened PATCH /pets/{petId}: - → NONE"]);
    let http = json!({
        "region": "eu-west-1", "id": "h1b2c3d4e5", "name": "Orders", "kind": "HTTP", "endpoint_types": ["REGIONAL"],
        "default_endpoint_disabled": false, "resource_policy": null,
        "stages": [{"name": "$default", "deployment_id": "dep1", "auto_deploy": true}],
        "deployments": [{"id": "dep1", "created_at": null, "source": "routes", "methods": [
            {"verb": "GET", "path": "/orders", "route_key": "GET /orders", "authorization": "AWS_IAM", "api_key_required": false}]}],
        "draft": [{"verb": "GET", "path": "/orders", "route_key": "GET /orders", "resource_id": "r1", "authorization": "AWS_IAM",
                   "api_key_required": false, "integration": "AWS_PROXY"}],
    });
    let mut inventory = example();
    inventory["apis"].as_array_mut().unwrap().push(http);
    let route = "Resources:\n  More: {Type: 'AWS::ApiGatewayV2::Route', Properties: {ApiId: h1b2c3d4e5, RouteKey: POST /orders, AuthorizationType: NONE}}\n";
    for (text, arguments) in [
        (route.to_owned(), &[][..]),
        (
            route.replace("h1b2c3d4e5", "!ImportValue orders"),
            &["--api", "!ImportValue orders=h1b2c3d4e5"],
        ),
    ] {
        let run = over(&inventory, "template.yaml", &text, arguments);
        let document = run.report();
        assert_eq!(run.status, 1, "{document}");
        assert_eq!(changes(&document), ["opened POST /orders: - → NONE"]);
    }
}

/// What a file does not tell is unknown, whatever else changes.
#[test]
fn what_cannot_be_told_of_a_file_is_unknown() {
    let text = template(Some("PetStore"), "").replace("\"AWS_IAM\"", "x");
    let unknown = text.replace(
        "Prod:",
        "Odd: {Type: 'AWS::ApiGateway::Method', Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: !ImportValue type}}\n  Prod:",
    );
    let run = over(&example(), "template.yaml", &unknown, &[]);
    let document = run.report();
    assert_eq!(
        (run.status, &document["outcome"]),
        (3, &json!("unknown")),
        "{document}"
    );
    // So is what the account did not tell.
    let mut inventory = example();
    inventory["iam"] = Value::Null;
    let run = over(&inventory, "template.yaml", &text, &[]);
    assert_eq!(run.status, 3);
}

#[test]
fn an_exemption_in_a_template_counts() {
    let methods = METHODS.map(|it| match (it.0, it.1) {
        ("post", "/pets") => (it.0, it.1, "NONE"),
        _ => it,
    });
    let text = template_of(Some("PetStore"), &methods, "").replace(
        "  Api: ",
        "  # gatewatch: exempt open-method until DAY because a test says so\n  Api: ",
    );
    let day = jiff::Zoned::now()
        .date()
        .checked_add(jiff::Span::new().days(20))
        .unwrap();
    let text = text.replace("DAY", &day.to_string());
    let shell = crate::support::command::Shell::bare();
    let put = |name: &str, text: &str| std::fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    put("template.yaml", &text);
    let run = shell.run(&[
        "check",
        "template.yaml",
        "--with",
        "inventory.json",
        "--format",
        "json",
    ]);
    let document = run.report();
    let findings = document["findings"].as_array().unwrap();
    let after = |it: &Value| it["after"]["exempted"] == true;
    assert!(
        findings
            .iter()
            .filter(|it| it["rule"] == "open-method")
            .all(after),
        "{document}"
    );
    assert_eq!(document["laid_over"]["standing"], json!([]), "{document}");
}
