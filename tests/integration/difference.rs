//! `gatewatch diff`: what changed between two readings, and what cannot be told.

use std::fs;

use serde_json::{Value, json};

use crate::support::blessed::folders;
use crate::support::command::{Run, Shell};
use crate::support::package;

fn example() -> Value {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn diff_in(before: &Value, after: &Value, format: &str) -> Run {
    let shell = Shell::bare();
    fs::write(shell.folder().join("a.json"), before.to_string()).unwrap();
    fs::write(shell.folder().join("b.json"), after.to_string()).unwrap();
    shell.run(&["diff", "a.json", "b.json", "--format", format])
}

fn diff(before: &Value, after: &Value) -> (i32, Value) {
    let run = diff_in(before, after, "json");
    (run.status, run.report())
}

/// The changes as `KIND VERB PATH: BEFORE → AFTER`.
fn changes(document: &Value) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let all = document["changes"].as_array().unwrap().iter();
    let line = |it: &Value| {
        let method = match &it["route_key"] {
            Value::String(key) => key.clone(),
            _ => format!("{} {}", text(&it["verb"]), text(&it["path"])),
        };
        format!(
            "{} {method}: {} → {}",
            text(&it["kind"]),
            text(&it["before"]),
            text(&it["after"])
        )
    };
    all.map(line).collect()
}

/// The methods of the only deployment.
fn methods(inventory: &mut Value) -> &mut Vec<Value> {
    inventory["apis"][0]["deployments"][0]["methods"]
        .as_array_mut()
        .unwrap()
}

fn method<'a>(inventory: &'a mut Value, verb: &str, path: &str) -> &'a mut Value {
    let mut own = methods(inventory).iter_mut();
    own.find(|it| it["verb"] == verb && it["path"] == path)
        .unwrap()
}

#[test]
fn nothing_changed_between_two_readings_of_the_same() {
    let (status, document) = diff(&example(), &example());
    assert_eq!(
        (status, &document["outcome"]),
        (0, &json!("unchanged")),
        "{document}"
    );
    for list in ["changes", "access", "findings", "unknown"] {
        assert_eq!(document[list], json!([]), "{list}");
    }
    let run = diff_in(&example(), &example(), "table");
    assert!(
        run.stdout.ends_with(": nothing changed\n"),
        "{}",
        run.stdout
    );
}

/// Whatever is read, the same is unchanged, or unknown where something was not read.
#[test]
fn no_scenario_differs_from_itself() {
    for folder in folders(&package("tests/scenarios")) {
        let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
        let inventory: Value = serde_json::from_str(&text).unwrap();
        let shell = Shell::bare();
        fs::write(shell.folder().join("a.json"), inventory.to_string()).unwrap();
        let run = shell.run(&["diff", "a.json", "a.json", "--format", "json"]);
        let document = run.report();
        for list in ["changes", "access", "findings"] {
            assert_eq!(document[list], json!([]), "{}: {list}", folder.display());
        }
        let check = shell.run(&["check", "a.json", "--format", "json"]);
        let is_whole = check.report()["coverage"]["complete"] == true;
        let is_decided = document["unknown"] == json!([]);
        assert_eq!(
            run.status,
            if is_whole && is_decided { 0 } else { 3 },
            "{}",
            folder.display()
        );
        if !is_whole {
            assert_ne!(
                document["before"]["gaps"],
                json!([]),
                "{}",
                folder.display()
            );
        }
    }
}

#[test]
fn what_is_opened_closed_and_authorized_otherwise_is_said() {
    let (before, mut after) = (example(), example());
    method(&mut after, "POST", "/pets")["authorization"] = json!("NONE");
    method(&mut after, "GET", "/pets")["authorization"] = json!("CUSTOM");
    let (status, document) = diff(&before, &after);
    assert_eq!(status, 1);
    assert_eq!(
        changes(&document),
        [
            "opened POST /pets: AWS_IAM → NONE",
            "type-changed GET /pets: AWS_IAM → CUSTOM"
        ]
    );
    let (_, back) = diff(&after, &before);
    assert_eq!(
        changes(&back),
        [
            "closed POST /pets: NONE → AWS_IAM",
            "type-changed GET /pets: CUSTOM → AWS_IAM"
        ]
    );
    // Anyone may call it: nobody in particular lost anything.
    let all = document["access"].as_array().unwrap();
    let named =
        |it: &Value, method: &str| it["methods"].as_array().unwrap().contains(&json!(method));
    assert!(!all.iter().any(|it| named(it, "POST /pets")), "{document}");
    assert!(
        all.iter()
            .any(|it| named(it, "GET /pets") && it["direction"] == "lost")
    );
    let new: Vec<&Value> = document["findings"].as_array().unwrap().iter().collect();
    assert!(
        new.iter()
            .any(|it| it["rule"] == "undeployed-fix" && it["before"].is_null()),
        "{document}"
    );
}

/// A key is no authentication, and one that is dropped opens the method further.
#[test]
fn a_key_that_is_dropped_is_a_change() {
    let (mut before, mut after) = (example(), example());
    for (inventory, key) in [(&mut before, true), (&mut after, false)] {
        let method = method(inventory, "POST", "/pets");
        method["authorization"] = json!("NONE");
        method["api_key_required"] = json!(key);
    }
    let (_, document) = diff(&before, &after);
    assert_eq!(
        changes(&document),
        ["type-changed POST /pets: NONE with an API key → NONE"]
    );
}

/// Requests of a method that is gone go to a wider one.
#[test]
fn a_method_that_is_gone_opens_its_requests_to_a_wider_one() {
    let mut before = example();
    let open = json!({"verb": "ANY", "path": "/{proxy+}", "authorization": "NONE", "api_key_required": false});
    methods(&mut before).push(open);
    let mut after = before.clone();
    methods(&mut after).retain(|it| it["path"] != "/pets");
    let (status, document) = diff(&before, &after);
    assert_eq!(status, 1);
    assert_eq!(
        changes(&document),
        [
            "opened GET /pets: AWS_IAM → NONE",
            "opened POST /pets: AWS_IAM → NONE"
        ]
    );
    let (_, back) = diff(&after, &before);
    assert_eq!(
        changes(&back),
        [
            "closed GET /pets: NONE → AWS_IAM",
            "closed POST /pets: NONE → AWS_IAM"
        ]
    );
}

#[test]
fn who_gained_and_who_lost_access_is_said() {
    let (before, mut after) = (example(), example());
    let groups = after["iam"]["groups"].as_array_mut().unwrap();
    groups.retain(|it| it["name"] != "clerks");
    let users = after["iam"]["users"].as_array_mut().unwrap();
    for user in users {
        user["groups"]
            .as_array_mut()
            .unwrap()
            .retain(|it| it != "clerks");
    }
    let (status, document) = diff(&before, &after);
    assert_eq!(status, 1);
    let lost = |document: &Value, direction: &str| {
        let all = document["access"].as_array().unwrap().clone();
        all.iter()
            .filter(|it| it["name"] == "clerks" && it["direction"] == direction)
            .map(|it| {
                format!(
                    "{} → {}",
                    it["before"].as_str().unwrap(),
                    it["after"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(lost(&document, "lost"), ["ALL → NONE"], "{document}");
    let (_, back) = diff(&after, &before);
    assert_eq!(lost(&back, "gained"), ["NONE → ALL"], "{back}");
}

/// A group that its user names, and that was not read.
#[test]
fn who_may_be_there_all_the_same_lost_nothing() {
    let (before, mut after) = (example(), example());
    let groups = after["iam"]["groups"].as_array_mut().unwrap();
    groups.retain(|it| it["name"] != "clerks");
    after["gaps"] = json!([{
        "kind": "iam", "region": null, "api": null, "stage": null, "subject": "group/clerks",
        "operation": "iam:GetAccountAuthorizationDetails", "reason": "malformed", "message": "it came without a name",
    }]);
    let (status, document) = diff(&before, &after);
    assert_eq!(status, 3);
    let all = document["access"].as_array().unwrap();
    assert!(!all.iter().any(|it| it["name"] == "clerks"), "{document}");
    let unknown = document["unknown"].as_array().unwrap();
    assert!(
        unknown
            .iter()
            .any(|it| it["what"] == "what group clerks can call"),
        "{document}"
    );
    after["iam"] = Value::Null;
    let (status, document) = diff(&before, &after);
    assert_eq!((status, &document["access"]), (3, &json!([])));
}

fn gap(kind: &str, region: Value, api: Value, stage: Value) -> Value {
    json!({
        "kind": kind, "region": region, "api": api, "stage": stage, "subject": null,
        "operation": "apigateway:GetStages", "reason": "access-denied", "message": "nobody may look",
    })
}

/// Whatever was not read, nothing there is gone, closed or new.
#[test]
fn what_was_not_read_is_unknown_and_never_gone() {
    let whole = example();
    let (region, api) = (json!("eu-west-1"), whole["apis"][0]["id"].clone());
    let without = |change: &dyn Fn(&mut Value)| {
        let mut inventory = example();
        change(&mut inventory);
        inventory
    };
    let cases = [
        without(&|it| {
            it["apis"] = json!([]);
            it["gaps"] = json!([gap("region", region.clone(), Value::Null, Value::Null)]);
        }),
        without(&|it| {
            it["apis"][0]["stages"] = Value::Null;
            it["apis"][0]["deployments"] = json!([]);
        }),
        without(&|it| {
            it["apis"][0]["stages"] = json!([]);
            it["apis"][0]["deployments"] = json!([]);
            it["gaps"] = json!([gap("api", region.clone(), api.clone(), Value::Null)]);
        }),
        without(&|it| it["apis"][0]["deployments"] = json!([])),
        without(&|it| {
            it["apis"][0]["stages"] = json!([]);
            it["apis"][0]["deployments"] = json!([]);
            it["gaps"] = json!([gap("stage", region.clone(), api.clone(), json!("prod"))]);
        }),
        without(&|it| {
            it["apis"] = json!([]);
            it["scope"]["regions"] = json!(["eu-central-1"]);
        }),
        without(&|it| {
            it["apis"] = json!([]);
            it["scope"]["apis"] = json!(["another"]);
        }),
        without(&|it| {
            it["apis"][0]["deployments"][0]["methods"][0]["authorization"] = Value::Null;
            it["apis"][0]["draft"] = Value::Null;
        }),
        without(&|it| it["domains"] = Value::Null),
    ];
    for case in &cases {
        for (before, after) in [(&whole, case), (case, &whole)] {
            let (status, document) = diff(before, after);
            assert_eq!(status, 3, "{document}");
            assert_eq!(document["outcome"], "unknown");
            assert_ne!(document["unknown"], json!([]), "{document}");
            for list in ["changes", "access"] {
                assert_eq!(document[list], json!([]), "{list}: {document}");
            }
            let came = document["findings"].as_array().unwrap().iter();
            for finding in came {
                // What could not be read is a finding of its own, on the side that lacks it.
                assert_eq!(finding["rule"], "unread-api", "{document}");
            }
            let run = diff_in(before, after, "table");
            assert!(
                run.stdout
                    .contains("unknown, and not to be taken for unchanged"),
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn apis_stages_settings_and_domain_names_are_compared() {
    let (before, mut after) = (example(), example());
    after["apis"][0]["default_endpoint_disabled"] = json!(true);
    after["apis"][0]["resource_policy"] = json!({"json": {"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    }]}});
    let mut stage = after["apis"][0]["stages"][0].clone();
    stage["name"] = json!("beta");
    after["apis"][0]["stages"]
        .as_array_mut()
        .unwrap()
        .push(stage);
    let mut second = before["apis"][0].clone();
    second["id"] = json!("zzzzzzzzzz");
    second["name"] = json!("Second");
    after["apis"].as_array_mut().unwrap().push(second);
    after["domains"] = json!([{
        "region": "eu-west-1", "name": "api.example.com", "endpoint_types": ["REGIONAL"],
        "mappings": [{"base_path": "shop", "api_id": "a1b2c3d4e5", "stage": "prod"}],
    }]);
    let (status, document) = diff(&before, &after);
    assert_eq!(status, 1, "{document}");
    let kinds: Vec<String> = changes(&document);
    let has = |text: &str| {
        assert!(
            kinds.iter().any(|it| it.starts_with(text)),
            "{text}: {kinds:?}"
        )
    };
    has("stage-added");
    has("api-added");
    has("method-added GET /pets: - → AWS_IAM");
    // What is open there is opened.
    has("opened");
    has("settings-changed - -: default endpoint on → default endpoint off");
    has("settings-changed - -: no resource policy → a resource policy");
    has("domain-changed - -: - → api.example.com (REGIONAL): /shop to a1b2c3d4e5 prod");
    let (_, back) = diff(&after, &before);
    let kinds = changes(&back);
    for text in ["stage-removed", "api-removed", "method-removed"] {
        assert!(
            kinds.iter().any(|it| it.starts_with(text)),
            "{text}: {kinds:?}"
        );
    }
}

/// The reports of two inventories tell the same findings as the inventories.
#[test]
fn two_reports_tell_the_findings() {
    let (before, mut after) = (example(), example());
    method(&mut after, "POST", "/pets")["authorization"] = json!("NONE");
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    for (name, inventory) in [("a", &before), ("b", &after)] {
        put(&format!("{name}.json"), &inventory.to_string());
        let report = shell.run(&["check", &format!("{name}.json"), "--format", "json"]);
        put(&format!("{name}-report.json"), &report.stdout);
    }
    let of_inventories = shell
        .run(&["diff", "a.json", "b.json", "--format", "json"])
        .report();
    let run = shell.run(&["diff", "a-report.json", "b-report.json", "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let of_reports = run.report();
    let ids = |document: &Value| {
        let all = document["findings"].as_array().unwrap().iter();
        all.map(|it| (it["id"].clone(), it["before"].clone(), it["after"].clone()))
            .collect::<Vec<_>>()
    };
    assert!(!ids(&of_reports).is_empty());
    assert_eq!(ids(&of_reports), ids(&of_inventories));
    // A report that lacks something hides what it does not have.
    let mut cut: Value =
        serde_json::from_str(&fs::read_to_string(shell.folder().join("a-report.json")).unwrap())
            .unwrap();
    cut["coverage"]["complete"] = json!(false);
    cut["coverage"]["gaps"] = json!([gap("region", json!("eu-west-1"), Value::Null, Value::Null)]);
    put("cut.json", &cut.to_string());
    let run = shell.run(&["diff", "cut.json", "b-report.json", "--format", "json"]);
    assert_eq!((run.status, &run.report()["findings"]), (3, &json!([])));
    // They are judged already.
    let run = shell.run(&[
        "diff",
        "a-report.json",
        "b-report.json",
        "--config",
        "gatewatch.yaml",
    ]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    // One of each cannot be compared.
    let run = shell.run(&["diff", "a.json", "b-report.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("compare two of a kind"),
        "{}",
        run.stderr
    );
}

#[test]
fn both_are_judged_by_the_same_policy_file() {
    let (before, mut after) = (example(), example());
    method(&mut after, "POST", "/pets")["authorization"] = json!("NONE");
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("a.json", &before.to_string());
    put("b.json", &after.to_string());
    put(
        "open.yaml",
        "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM, CUSTOM]\n",
    );
    let run = shell.run(&[
        "diff",
        "a.json",
        "b.json",
        "--format",
        "json",
        "--config",
        "open.yaml",
    ]);
    let document = run.report();
    assert_eq!(document["findings"], json!([]), "{document}");
    // It is opened all the same.
    assert_eq!((run.status, changes(&document).len()), (1, 1));
}

#[test]
fn what_is_no_reading_is_refused() {
    let shell = Shell::bare();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("a.json", &example().to_string());
    let mut other = example();
    other["account"] = json!("999988887777");
    put("other.json", &other.to_string());
    for (text, says) in [
        ("", "neither an inventory nor a report"),
        ("[]", "neither an inventory"),
        ("{}", "neither an inventory"),
        ("{\"findings\": []}", "not the report of an account"),
        ("{\"apis\": 7}", "schema_version"),
    ] {
        put("b.json", text);
        let run = shell.run(&["diff", "a.json", "b.json"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
        assert!(
            run.stderr.contains("b.json cannot be compared") && run.stderr.contains(says),
            "{text}: {}",
            run.stderr
        );
    }
    let run = shell.run(&["diff", "a.json", "other.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("two accounts, 111122223333 and 999988887777"),
        "{}",
        run.stderr
    );
    let run = shell.run(&["diff", "-", "-"]);
    assert_eq!(run.status, 2);
}

#[test]
fn hostile_names_are_written_out() {
    let (before, mut after) = (example(), example());
    after["apis"][0]["name"] = json!("Pets\u{1b}[31m\n<b>@team</b>");
    method(&mut after, "POST", "/pets")["authorization"] = json!("NONE");
    let text = diff_in(&before, &after, "table").stdout;
    assert!(
        text.contains("\\u{1b}[31m\\u{a}") && !text.contains('\u{1b}'),
        "{text}"
    );
    let markdown = diff_in(&before, &after, "markdown").stdout;
    assert!(
        !markdown.contains("<b>") && !markdown.contains("@team") && !markdown.contains('\u{1b}'),
        "{markdown}"
    );
}
