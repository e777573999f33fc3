//! `explain` and `access --who-can` for a request as callers write it: a path, or a whole URL.

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};

/// Two APIs behind one custom domain name, and an HTTP API with a default stage.
fn inventory() -> Value {
    let method = |verb: &str, path: &str| json!({"verb": verb, "path": path, "authorization": "AWS_IAM", "api_key_required": false});
    let api = |id: &str, name: &str, kind: &str, stages: &[&str], methods: Vec<Value>| {
        let stages: Vec<Value> = stages
            .iter()
            .map(|it| json!({"name": it, "deployment_id": "dep1"}))
            .collect();
        json!({
            "region": "eu-west-1", "id": id, "name": name, "kind": kind, "endpoint_types": ["REGIONAL"],
            "default_endpoint_disabled": false, "resource_policy": null, "stages": stages,
            "deployments": [{"id": "dep1", "created_at": "2026-06-01T08:00:00Z", "methods": methods}],
            "draft": []
        })
    };
    let pets = vec![
        method("GET", "/pets/{petId}"),
        method("GET", "/pets/mine"),
        method("GET", "/{owner}/all"),
        method("ANY", "/pets/{petId}"),
    ];
    json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
        "apis": [
            api("a1b2c3d4e5", "PetStore", "REST", &["prod", "test"], pets),
            api("b2c3d4e5f6", "Proxy", "HTTP", &["$default"], vec![method("ANY", "/{proxy+}")]),
            api("c3d4e5f6a7", "Chat", "WEBSOCKET", &["prod"], vec![json!({
                "verb": "ANY", "path": "$connect", "route_key": "$connect", "authorization": "AWS_IAM",
                "api_key_required": false
            })]),
        ],
        "domains": [{
            "region": "eu-west-1", "name": "api.example.com", "endpoint_types": ["REGIONAL"], "mappings": [
                {"base_path": "", "api_id": "b2c3d4e5f6", "stage": "$default"},
                {"base_path": "shop", "api_id": "a1b2c3d4e5", "stage": "prod"},
                {"base_path": "shop/v2", "api_id": "a1b2c3d4e5", "stage": "test"},
                {"base_path": "any", "api_id": "a1b2c3d4e5", "stage": null}
            ]
        }, {
            "region": "eu-west-1", "name": "*.example.com", "endpoint_types": ["REGIONAL"], "mappings": [
                {"base_path": "", "api_id": "a1b2c3d4e5", "stage": "prod"}
            ]
        }],
        "gaps": [],
        "iam": {"users": [], "roles": [], "policies": [], "groups": [{
            "name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "attached": [], "inline": [{
                "name": "call", "document": {"json": {"Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}}}]}]}
    })
}

fn run(arguments: &[&str]) -> Run {
    Shell::bare().run_with_input(arguments, &inventory().to_string())
}

/// The methods that `explain` and `access --who-can` find, in one line each; both find the same.
fn found(asked: &str) -> Vec<String> {
    let methods = |arguments: &[&str], name: &dyn Fn(&Value) -> String| {
        let run = run(arguments);
        assert_eq!(run.status, 0, "{asked}: {}", run.stderr);
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        let methods = json["methods"].as_array().unwrap().iter().map(name);
        methods.collect::<Vec<String>>()
    };
    let name = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        match it["route_key"].as_str() {
            Some(key @ "$connect") => format!("{key} {}", text("stage")),
            _ => format!("{} {} {}", text("verb"), text("path"), text("stage")),
        }
    };
    let of_access = methods(
        &["access", "-", "--who-can", asked, "--format", "json"],
        &name,
    );
    let explained = methods(&["explain", asked, "-", "--format", "json"], &name);
    assert_eq!(explained, of_access, "{asked}");
    of_access
}

#[test]
fn a_requested_path_finds_the_method_that_answers_it() {
    // Templates are found as ever.
    assert_eq!(
        found("GET /pets/{petId}"),
        ["GET /pets/{petId} prod", "GET /pets/{petId} test"]
    );
    assert_eq!(
        found("GET /pets/mine"),
        ["GET /pets/mine prod", "GET /pets/mine test"]
    );
    assert_eq!(
        found("GET /pets/42"),
        [
            "GET /pets/{petId} prod",
            "GET /pets/{petId} test",
            "ANY /{proxy+} $default"
        ]
    );
    assert_eq!(
        found("delete /pets/42?x=1"),
        [
            "ANY /pets/{petId} prod",
            "ANY /pets/{petId} test",
            "ANY /{proxy+} $default"
        ]
    );
}

#[test]
fn a_url_finds_the_stage_and_the_method() {
    for (asked, expected) in [
        (
            "GET https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/pets/42",
            "GET /pets/{petId} prod",
        ),
        (
            "GET https://a1b2c3d4e5-vpce-0123.execute-api.eu-west-1.amazonaws.com/test/pets/mine#x",
            "GET /pets/mine test",
        ),
        (
            "GET https://b2c3d4e5f6.execute-api.eu-west-1.amazonaws.com/pets/42",
            "ANY /{proxy+} $default",
        ),
        (
            "GET https://api.example.com/shop/pets/42",
            "GET /pets/{petId} prod",
        ),
        (
            "GET https://API.example.com:443/shop/v2/pets/42?q=/a",
            "GET /pets/{petId} test",
        ),
        (
            "GET https://api.example.com/any/test/pets/42",
            "GET /pets/{petId} test",
        ),
        // One of just this name comes before the one with a `*`.
        (
            "GET https://other.example.com/pets/42",
            "GET /pets/{petId} prod",
        ),
        (
            "wss://c3d4e5f6a7.execute-api.eu-west-1.amazonaws.com/prod",
            "$connect prod",
        ),
        // `shopping` does not begin with the base path `shop`.
        (
            "GET https://api.example.com/shopping/pets/42",
            "ANY /{proxy+} $default",
        ),
    ] {
        assert_eq!(found(asked), [expected], "{asked}");
    }
    let every_verb = found("https://api.example.com/shop/pets/42");
    assert_eq!(
        every_verb,
        ["ANY /pets/{petId} prod", "GET /pets/{petId} prod"]
    );
}

#[test]
fn a_path_that_is_another_one_once_it_is_sent_is_refused() {
    let host = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod";
    for path in ["x/../pets", "./pets", "%2e%2E/pets", "pets/.."] {
        let run = run(&["explain", &format!("GET {host}/{path}"), "-"]);
        assert_eq!(run.status, 2, "{path}: {}", run.stdout);
        assert!(run.stderr.contains("write it out"), "{}", run.stderr);
    }
}

#[test]
fn what_is_ambiguous_is_said_and_not_guessed() {
    // `/pets/all` fits `/pets/{petId}` and `/{owner}/all`.
    let ambiguous = ["explain", "GET /pets/all", "-", "--api", "PetStore"];
    for arguments in [
        &ambiguous[..],
        &[
            "access",
            "-",
            "--who-can",
            "GET /pets/all",
            "--api",
            "PetStore",
        ],
    ] {
        let run = run(arguments);
        assert_eq!(run.status, 2, "{}", run.stdout);
        for part in [
            "`GET /pets/all` fits several methods",
            "GET /pets/{petId}",
            "GET /{owner}/all",
        ] {
            assert!(run.stderr.contains(part), "{}", run.stderr);
        }
    }
    for (asked, near) in [
        (
            "GET https://api.example.org/pets",
            "did you mean the host `api.example.com`?",
        ),
        (
            "GET https://nowhere.test/pets",
            "no API and no custom domain name that was read has the host `nowhere.test`",
        ),
        (
            "wss://c3d4e5f6a7.execute-api.eu-west-1.amazonaws.com/prod/x",
            "stage prod of Chat (c3d4e5f6a7) serves nothing for `/x`",
        ),
        (
            "GET https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/pets/42",
            "did you mean the host `a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com`?",
        ),
        (
            "GET https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/dev/pets/42",
            "the path below `a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com` begins with one of `prod`, `test`",
        ),
        (
            "GET https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/pet/mine",
            "stage prod of PetStore (a1b2c3d4e5) has `/pets/mine`",
        ),
    ] {
        for command in [
            &["explain", asked, "-"][..],
            &["access", "-", "--who-can", asked],
        ] {
            let run = run(command);
            assert_eq!(run.status, 2, "{asked}: {}", run.stdout);
            let expected = format!("gatewatch: nothing that was read answers `{asked}`; {near}");
            assert!(run.stderr.contains(&expected), "{}", run.stderr);
        }
    }
}

/// Another base path of the name may lead to another API.
#[test]
fn a_domain_name_that_was_not_read_completely_leads_nowhere_for_certain() {
    let mut inventory = inventory();
    inventory["gaps"] = json!([{
        "kind": "domains", "region": "eu-west-1", "api": null, "stage": null, "subject": "api.example.com",
        "operation": "apigateway:GetApiMappings", "reason": "access-denied", "message": "AccessDeniedException"
    }]);
    let explain = |asked: &str| {
        Shell::bare().run_with_input(&["explain", asked, "-"], &inventory.to_string())
    };
    let run = explain("GET https://api.example.com/shop/pets/42");
    assert_eq!(run.status, 2, "{}", run.stdout);
    assert!(
        run.stderr.contains("was not read completely"),
        "{}",
        run.stderr
    );
    // The API's own URL does not depend on it.
    let own = explain("GET https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/pets/42");
    assert_eq!(own.status, 0, "{}", own.stderr);
}
