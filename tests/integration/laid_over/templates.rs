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

/// A method that is there, and of which the template does not tell how it is authorized, is not gone.
#[test]
fn a_method_whose_type_cannot_be_told_is_unknown_and_not_gone() {
    let mut methods = METHODS.to_vec();
    methods.retain(|it| it.0 != "delete");
    // The first one, `GET /pets`, names a scheme that is not there.
    let text = template_of(Some("PetStore"), &methods, "").replacen("sigv4", "nowhere", 1);
    let run = over(&example(), "template.yaml", &text, &[]);
    let document = run.report();
    assert_eq!(run.status, 3, "{document}");
    assert_eq!(
        changes(&document),
        ["method-removed DELETE /pets/{petId}: AWS_IAM → -"]
    );
    let unknown = document["unknown"].as_array().unwrap().iter();
    let mut unknown = unknown.map(|it| it["what"].as_str().unwrap());
    assert!(
        unknown.any(|it| it.starts_with("GET /pets, PetStore")),
        "{document}"
    );
}

/// Where none of an API's methods can be told, all that it served is unknown; where there is none, nothing is deployed.
#[test]
fn an_api_without_a_method_that_can_be_told() {
    let text = |method: &str| {
        format!(
            "\
Resources:
  Api: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{Name: PetStore, EndpointConfiguration: {{Types: [REGIONAL]}}}}}}
  Prod: {{Type: 'AWS::ApiGateway::Stage', Properties: {{RestApiId: !Ref Api, StageName: prod}}}}
  Pets: {{Type: 'AWS::ApiGateway::Resource', Properties: {{RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: pets}}}}
{method}"
        )
    };
    let untold = "  Get: {Type: 'AWS::ApiGateway::Method', Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pets, HttpMethod: GET, AuthorizationType: !ImportValue type}}\n";
    let run = over(&example(), "template.yaml", &text(untold), &[]);
    let document = run.report();
    assert_eq!(run.status, 3, "{document}");
    let changes = changes(&document);
    assert!(
        changes.contains(&"method-removed POST /pets: AWS_IAM → -".to_owned()),
        "{changes:?}"
    );
    assert!(
        !changes.iter().any(|it| it.contains(" GET /pets:")),
        "{changes:?}"
    );
    let run = over(&example(), "template.yaml", &text(""), &[]);
    let stays = said(&run.report(), "stays");
    assert!(
        stays.iter().any(|it| it.contains("has no method of it")),
        "{stays:?}"
    );
}

/// A name that a template makes lead to an API whose default endpoint is off makes it as public as before.
#[test]
fn a_custom_domain_name_in_a_template_hides_nothing() {
    let methods = [("get", "/health", "NONE")];
    let text = template_of(Some("PetStore"), &methods, "").replace(
        "Name: PetStore",
        "Name: PetStore, DisableExecuteApiEndpoint: true",
    );
    let severity = |text: &str| {
        let run = over(&example(), "template.yaml", text, &[]);
        let document = run.report();
        let findings = document["findings"].as_array().unwrap().iter();
        let standing = document["laid_over"]["standing"].as_array().unwrap().iter();
        let mut open = findings
            .chain(standing)
            .filter(|it| it["rule"] == "open-method");
        (
            run.status,
            open.next().unwrap()["after"]["severity"].clone(),
        )
    };
    let alone = severity(&text);
    let mapping = "  Map: {Type: 'AWS::ApiGateway::BasePathMapping', Properties: {DomainName: api.example.com, RestApiId: !Ref Api, Stage: prod}}\n";
    let mapped = severity(&format!("{text}{mapping}"));
    // What waits for a deployment lowers nothing in an account.
    assert_eq!(alone, (1, json!("high")));
    assert_eq!(mapped, (3, json!("high")));
}

/// An assembly of the CDK says which stack and which account each template is for.
#[test]
fn an_assembly_names_its_stacks() {
    let shell = crate::support::command::Shell::bare();
    let put = |name: &str, text: &str| std::fs::write(shell.folder().join(name), text).unwrap();
    std::fs::create_dir(shell.folder().join("cdk.out")).unwrap();
    put("inventory.json", &of_stack("shop-prod", "Api").to_string());
    put("cdk.out/Shop.template.json", &template(None, ""));
    let manifest = |environment: &str, name: &str| {
        json!({"version": "36.0.0", "artifacts": {"Shop": {
            "type": "aws:cloudformation:stack", "environment": environment,
            "properties": {"templateFile": "Shop.template.json", "stackName": name}}}})
        .to_string()
    };
    for (environment, name, told_by, status) in [
        (
            "aws://111122223333/eu-west-1",
            "shop-prod",
            json!("stack"),
            1,
        ),
        (
            "aws://unknown-account/unknown-region",
            "shop-prod",
            json!("stack"),
            1,
        ),
        ("aws://111122223333/eu-west-1", "shop-dev", Value::Null, 1),
        // In a Region that was not read, nothing is known of today.
        (
            "aws://111122223333/eu-central-1",
            "shop-prod",
            Value::Null,
            3,
        ),
        ("aws://999988887777/eu-west-1", "shop-prod", Value::Null, 3),
    ] {
        put("cdk.out/manifest.json", &manifest(environment, name));
        let run = shell.run(&[
            "check",
            "cdk.out",
            "--with",
            "inventory.json",
            "--format",
            "json",
        ]);
        let document = run.report();
        assert_eq!(run.status, status, "{environment} {name}: {document}");
        assert_eq!(
            told_by_of(&document),
            told_by,
            "{environment} {name}: {document}"
        );
    }
}

fn told_by_of(document: &Value) -> Value {
    document["laid_over"]["apis"][0]["told_by"].clone()
}

/// Methods that another template of the same call adds to an API are there, too.
#[test]
fn several_templates_of_one_api_are_laid_over_it_together() {
    let shell = crate::support::command::Shell::bare();
    let put = |name: &str, text: &str| std::fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example().to_string());
    let (health, others): (Vec<_>, Vec<_>) = METHODS.into_iter().partition(|it| it.1 == "/health");
    assert_eq!(health.len(), 1);
    put("api.yaml", &template_of(Some("PetStore"), &others, ""));
    put(
        "health.yaml",
        "Resources:\n  Health: {Type: 'AWS::ApiGateway::Method', Properties: {RestApiId: !ImportValue shop, ResourceId: r5, HttpMethod: GET, AuthorizationType: NONE}}\n",
    );
    let hint = "!ImportValue shop=a1b2c3d4e5";
    let run = shell.run(&[
        "check",
        "health.yaml",
        "api.yaml",
        "--with",
        "inventory.json",
        "--api",
        hint,
        "--format",
        "json",
    ]);
    let document = run.report();
    assert_eq!(changes(&document), [""; 0], "{document}");
    assert_eq!(document["outcome"], "unchanged", "{document}");
    // Alone, the API of the one template lacks what the other one adds.
    let run = shell.run(&[
        "check",
        "api.yaml",
        "--with",
        "inventory.json",
        "--format",
        "json",
    ]);
    assert_eq!(
        changes(&run.report()),
        ["method-removed GET /health: NONE → -"]
    );
    // Two that are taken for the same one cannot both be.
    put("twin.yaml", &template_of(Some("PetStore"), &others, ""));
    let run = shell.run(&[
        "check",
        "api.yaml",
        "twin.yaml",
        "--with",
        "inventory.json",
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout.contains("are both taken for this API"),
        "{}",
        run.stdout
    );
}
