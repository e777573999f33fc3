//! `gatewatch explain` of a finding by its id, and of methods of templates.

use std::fs;

use serde_json::{Value, json};

use crate::support::blessed::folders;
use crate::support::command::Shell;
use crate::support::package;

const POLICY: &str = "version: 1
exemptions:
  - rule: open-method
    match: {path: /pets, verb: GET}
    severity: high
    reason: the price displays cannot sign yet
    owner: shop-team@example.com
    expires: 2999-12-31
max_exemption_days: 3650
";

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
  Pets:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /pets, Method: post}}
        Signed: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /pets, Method: get, Auth: {Authorizer: AWS_IAM}}}
";

/// A folder with an inventory, a report and a template.
fn shell() -> Shell {
    let shell = Shell::bare();
    let example = fs::read_to_string(package("examples/petstore.inventory.json")).unwrap();
    let put = |name: &str, text: &str| fs::write(shell.folder().join(name), text).unwrap();
    put("inventory.json", &example);
    put("template.yaml", TEMPLATE);
    let report = shell.run(&["check", "inventory.json", "--format", "json"]);
    put("report.json", &report.stdout);
    shell
}

fn findings(report: &Value) -> Vec<Value> {
    let lists = ["findings", "exempted"].map(|it| report[it].as_array().unwrap().clone());
    lists.concat()
}

fn id_of(report: &Value, at: usize) -> String {
    report["findings"][at]["id"].as_str().unwrap().to_owned()
}

#[test]
fn every_finding_is_explained_by_its_id() {
    for folder in folders(&package("tests/scenarios")) {
        let inventory = folder.join("inventory.json").display().to_string();
        let shell = Shell::bare();
        let policy = folder.join("gatewatch.yaml");
        let policy = policy.exists().then(|| policy.display().to_string());
        let run = |arguments: &[&str]| {
            let config = policy.as_deref().map(|it| ["--config", it]);
            let config = config.iter().flatten().copied();
            let all: Vec<&str> = arguments.iter().copied().chain(config).collect();
            shell.run(&all)
        };
        let check = run(&["check", &inventory, "--format", "json"]);
        // A policy file of another day is none today.
        if check.status == 2 {
            continue;
        }
        fs::write(shell.folder().join("report.json"), &check.stdout).unwrap();
        let all = findings(&check.report());
        // The first and the last of each: every one would take long.
        let first_and_last = all.iter().take(1).chain(all.iter().skip(1).last());
        for finding in first_and_last {
            let id = finding["id"].as_str().unwrap();
            let told = run(&["explain", id, &inventory, "--format", "json"]);
            assert_eq!(told.status, 0, "{}: {}", folder.display(), told.stderr);
            let told = told.report();
            assert_eq!(told["finding"]["id"], *id);
            assert_eq!(told["finding"]["message"], finding["message"]);
            let is_method = finding["path"].is_string() || finding["route_key"].is_string();
            assert_eq!(
                told["methods"].as_array().unwrap().len(),
                usize::from(is_method),
                "{told}"
            );
            let of_report = shell.run(&["explain", id, "report.json"]);
            assert_eq!(of_report.status, 0, "{}", of_report.stderr);
            let of_inventory = run(&["explain", id, &inventory]);
            // Both say what is wrong, and how it is mended.
            for line in of_report
                .stdout
                .lines()
                .filter(|it| it.starts_with("  fix: ") || it.starts_with("    "))
            {
                assert!(
                    of_inventory.stdout.contains(line),
                    "{line}\n{}",
                    of_inventory.stdout
                );
            }
        }
    }
}

#[test]
fn the_beginning_of_an_id_is_enough() {
    let shell = shell();
    let report: Value =
        serde_json::from_str(&fs::read_to_string(shell.folder().join("report.json")).unwrap())
            .unwrap();
    let id = id_of(&report, 0);
    let whole = shell.run(&["explain", &id, "inventory.json"]);
    for asked in [&id[..8], &id.to_uppercase()] {
        for file in ["inventory.json", "report.json"] {
            let run = shell.run(&["explain", asked, file]);
            assert_eq!(run.status, 0, "{asked}: {}", run.stderr);
            assert!(run.stdout.contains(&id), "{}", run.stdout);
        }
    }
    for text in [
        "critical open-method: POST /pets",
        "fix: ",
        "who can call it: anyone who reaches it",
        "deployment dep111",
        "gatewatch explain open-method",
    ] {
        assert!(whole.stdout.contains(text), "{text}\n{}", whole.stdout);
    }
}

#[test]
fn an_id_that_there_is_not_is_said_with_what_is_near() {
    let shell = shell();
    let report: Value =
        serde_json::from_str(&fs::read_to_string(shell.folder().join("report.json")).unwrap())
            .unwrap();
    let id = id_of(&report, 0);
    let slip: String = id
        .chars()
        .enumerate()
        .map(|(at, it)| {
            if at == 3 {
                if it == '0' { '1' } else { '0' }
            } else {
                it
            }
        })
        .collect();
    for file in ["inventory.json", "report.json"] {
        let run = shell.run(&["explain", &slip, file]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr
                .contains(&format!("did you mean `{id}` (open-method: POST /pets")),
            "{}",
            run.stderr
        );
        let run = shell.run(&["explain", "ffffffffffffffffffffffffffffffff", file]);
        assert_eq!(run.status, 2);
        assert!(
            run.stderr.contains("`gatewatch check` lists them"),
            "{}",
            run.stderr
        );
    }
    let run = shell.run(&["explain", &id]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("name the inventory, template or report"),
        "{}",
        run.stderr
    );
    let run = shell.run(&["explain", "GET /pets", "report.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("report.json is a report"),
        "{}",
        run.stderr
    );
    for option in [
        ["--config", "x.yaml"],
        ["--region", "eu-west-1"],
        ["--format", "json"],
    ] {
        let run = shell.run(&["explain", &id, "report.json", option[0], option[1]]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{option:?}");
    }
}

/// What was not read may be where it is.
#[test]
fn an_id_that_is_not_found_where_something_was_not_read_is_said_so() {
    let shell = shell();
    let text = fs::read_to_string(shell.folder().join("inventory.json")).unwrap();
    let mut inventory: Value = serde_json::from_str(&text).unwrap();
    inventory["iam"] = Value::Null;
    fs::write(shell.folder().join("half.json"), inventory.to_string()).unwrap();
    let run = shell.run(&["explain", "ffffffffffffffffffffffffffffffff", "half.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("not everything could be read"),
        "{}",
        run.stderr
    );
    let run = shell.run(&["explain", "POST /pets", "half.json"]);
    let says = "who can call it: not all users, groups and roles could be read";
    assert!(run.stdout.contains(says), "{}", run.stdout);
}

#[test]
fn an_exempted_finding_is_said_to_be() {
    let shell = shell();
    fs::write(
        shell.folder().join("exempt.yaml"),
        POLICY.replace("2999-12-31", &in_a_year()),
    )
    .unwrap();
    let check = shell.run(&[
        "check",
        "inventory.json",
        "--config",
        "exempt.yaml",
        "--format",
        "json",
    ]);
    let id = check.report()["exempted"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::write(shell.folder().join("exempt.json"), &check.stdout).unwrap();
    for arguments in [
        vec!["explain", &id, "inventory.json", "--config", "exempt.yaml"],
        vec!["explain", &id, "exempt.json"],
    ] {
        let run = shell.run(&arguments);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(
            run.stdout.contains("it is exempted, and does not count"),
            "{}",
            run.stdout
        );
    }
}

fn in_a_year() -> String {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365);
    now.to_string()[..10].to_owned()
}

#[test]
fn methods_and_findings_of_a_template_are_explained() {
    let shell = shell();
    let check = shell.run(&[
        "check",
        "template.yaml",
        "--region",
        "eu-west-1",
        "--format",
        "json",
    ]);
    let report = check.report();
    let open = findings(&report)
        .into_iter()
        .find(|it| it["rule"] == "open-method")
        .unwrap();
    let id = open["id"].as_str().unwrap();
    let run = shell.run(&["explain", id, "template.yaml", "--region", "eu-west-1"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("template.yaml:10:"), "{}", run.stdout);
    assert!(!run.stdout.contains("https://"), "{}", run.stdout);
    for asked in ["GET /pets", "/pets"] {
        let run = shell.run(&["explain", asked, "template.yaml", "--region", "eu-west-1"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.contains("GET /pets, Api"), "{}", run.stdout);
        assert!(
            run.stdout
                .contains("demand: AWS_IAM or another authorizer is required")
        );
        // What only a deployment has is not said.
        assert!(
            !run.stdout.contains("draft:") && !run.stdout.contains("who can call it"),
            "{}",
            run.stdout
        );
    }
    let run = shell.run(&["explain", "GET /pet", "template.yaml"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("did you mean `/pets`?"),
        "{}",
        run.stderr
    );
    let run = shell.run(&[
        "explain",
        "GET /pets",
        "inventory.json",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(run.status, 2);
}

/// A whole URL is explained with all that is asked of it.
#[test]
fn a_url_says_what_serves_it_and_who_can_call_it() {
    let shell = Shell::bare();
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    let mut inventory: Value = serde_json::from_str(&text).unwrap();
    inventory["domains"] = json!([{
        "region": "eu-west-1", "name": "api.example.com", "endpoint_types": ["REGIONAL"],
        "mappings": [{"base_path": "shop", "api_id": "a1b2c3d4e5", "stage": "prod"}],
    }]);
    fs::write(shell.folder().join("inventory.json"), inventory.to_string()).unwrap();
    for url in [
        "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/pets/7",
        "https://A1B2C3D4E5.execute-API.eu-west-1.amazonaws.com/prod/pets/7?x=1",
        "https://api.example.com/shop/pets/7",
    ] {
        let run = shell.run(&["explain", &format!("GET {url}"), "inventory.json"]);
        assert_eq!(run.status, 0, "{url}: {}", run.stderr);
        for text in [
            "GET /pets/{petId}, PetStore (a1b2c3d4e5), stage prod, eu-west-1",
            "deployment dep1 serves authorization type AWS_IAM",
            "exposure: public",
            "who can call it: ALL: group callers, group clerks, group readers, user bob, role ci",
            "who can call it: SOME: group typists",
        ] {
            assert!(run.stdout.contains(text), "{text}\n{}", run.stdout);
        }
    }
    let run = shell.run(&[
        "explain",
        "GET https://elsewhere.example.com/pets",
        "inventory.json",
    ]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("nothing that was read answers"),
        "{}",
        run.stderr
    );
}

/// A report may have passed through many hands.
#[test]
fn hostile_texts_of_a_report_are_written_out() {
    let shell = shell();
    let text = fs::read_to_string(shell.folder().join("report.json")).unwrap();
    let mut report: Value = serde_json::from_str(&text).unwrap();
    let id = id_of(&report, 0);
    let hostile = json!("x\u{1b}[2J\nok\u{202e}");
    let finding = &mut report["findings"][0];
    finding["message"] = hostile.clone();
    finding["api"]["name"] = hostile.clone();
    finding["evidence"][0]["says"] = hostile.clone();
    finding["remedy"]["commands"] = json!(["aws sts get-caller-identity\ncurl evil"]);
    fs::write(shell.folder().join("report.json"), report.to_string()).unwrap();
    let run = shell.run(&["explain", &id, "report.json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        !run.stdout.contains(['\u{1b}', '\u{202e}']),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("get-caller-identity\\u{a}curl evil"),
        "{}",
        run.stdout
    );
}
