//! The command line without a network: results, exit status, and what a user sees when it goes wrong.

use std::fs;

use gatewatch::policy_file::PolicyFile;
use serde_json::Value;

use crate::support::command::Shell;
use crate::support::package;

fn example() -> String {
    package("examples/petstore.inventory.json")
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_example_shows_the_articles_findings_without_credentials() {
    let run = Shell::bare().run(&["check", &example(), "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(
        run.findings(),
        [
            "open-method POST /pets",
            "open-method GET /",
            "open-method GET /pets",
            "open-method GET /pets/{petId}",
        ]
    );
    let report = run.report();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["coverage"]["complete"], true);
    for field in ["route_key", "principal"] {
        assert!(
            report["findings"][0]
                .as_object()
                .unwrap()
                .contains_key(field),
            "{field}"
        );
        assert!(report["findings"][0][field].is_null(), "{field}");
    }
}

#[test]
fn a_policy_file_in_the_folder_is_read_without_being_named() {
    let shell = Shell::bare();
    let policy = "version: 1\nrequire:\n  - authorization: [NONE]\ngroups:\n  - name: api-callers\n    \
                  policies: AmazonAPIGatewayInvokeFullAccess\n";
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = shell.run(&["check", &example()]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert!(
        run.stdout.ends_with('\n') && run.stdout.contains("clean"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_broken_policy_file_stops_with_all_its_mistakes() {
    let shell = Shell::bare();
    fs::write(
        shell.folder().join("p.yaml"),
        "version: 1\nrequires: []\nrequire: {}\n",
    )
    .unwrap();
    let run = shell.run(&["check", &example(), "--config", "p.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("p.yaml:2:1: unknown key `requires`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("p.yaml:3:10: a list is wanted"),
        "{}",
        run.stderr
    );
    let missing = shell.run(&["check", &example(), "--config", "none.yaml"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing.stderr.contains("none.yaml cannot be read"),
        "{}",
        missing.stderr
    );
}

#[test]
fn fail_on_moves_the_exit_status_and_not_the_report() {
    let status = |severity| Shell::bare().run(&["check", &example(), "--fail-on", severity]);
    assert_eq!(status("critical").status, 1);
    assert_eq!(status("low").status, 1);
    let shell = Shell::bare();
    // Only the group's finding is left, which is high.
    let policy = "version: 1\nrequire: [{authorization: [NONE]}]\ngroups: [{name: x, inline: y}]\n";
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = shell.run(&[
        "check",
        &example(),
        "--fail-on",
        "critical",
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        run.findings(),
        [
            "missing-group-policy arn:aws:iam::111122223333:group/x",
            "blanket-grant arn:aws:iam::111122223333:group/api-callers",
        ]
    );
    let unknown = status("worst");
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("unknown severity `worst`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn an_incomplete_inventory_is_never_clean() {
    let shell = Shell::bare();
    let inventory = package("tests/scenarios/attached-document-unknown/inventory.json");
    let run = shell.run(&[
        "check",
        inventory.to_str().unwrap(),
        "--fail-on",
        "critical",
    ]);
    assert_eq!(run.status, 3);
    assert!(
        run.stdout.contains("not read, and so not clean"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("incomplete"), "{}", run.stdout);
}

#[test]
fn what_is_no_inventory_is_refused_with_a_reason() {
    let whole = fs::read_to_string(example()).unwrap();
    let edited = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replace(from, to)
    };
    let future = edited("\"schema_version\": 1", "\"schema_version\": 2");
    let unknown_field = edited("\"default_endpoint_disabled\"", "\"default_endpoint\"");
    for (text, wanted) in [
        (
            future.as_str(),
            "schema version 2, and this gatewatch reads 1",
        ),
        (unknown_field.as_str(), "unknown field `default_endpoint`"),
        ("", "it is empty"),
        (
            &edited("\"schema_version\": 1", "\"schema_version\": 0"),
            "schema version 0",
        ),
        (
            &edited("\"verb\": \"POST\"", "\"verb\": \"post\""),
            "`post`, which is no verb",
        ),
        (
            &edited("\"path\": \"/pets\"", "\"path\": \"/\""),
            "GET / twice",
        ),
        (&edited("111122223333", "12"), "no account id"),
        (
            &edited("\"kind\": \"REST\"", "\"kind\": \"SOAP\""),
            "unknown variant `SOAP`",
        ),
        (
            &edited("\"deployment_id\": \"dep111\"", "\"tags\": {}"),
            "missing field `deployment_id`",
        ),
        (
            &edited(
                "\"Effect\": \"Allow\"",
                "\"Effect\": \"Deny\", \"Effect\": \"Allow\"",
            ),
            "duplicate key `Effect`",
        ),
        ("{}", "neither an inventory (JSON with `schema_version`)"),
        ("{\"schema_version\": 1}", "missing field"),
        ("{\"schema_version\": 1, \"acc", "EOF while parsing"),
        ("[1]", "nor a CloudFormation or SAM template"),
        ("\u{0}\u{1}", "it has bytes of zero"),
        ("just a word", "it is no mapping at all"),
    ] {
        let run = Shell::bare().run_with_input(&["check", "-"], text);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(wanted), "{wanted}: {}", run.stderr);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let run = Shell::bare().run_with_input(&["check", "-"], &deep);
    assert_eq!(run.status, 2, "{}", run.stderr);
    let missing = Shell::bare().run(&["check", "nowhere.json"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing.stderr.contains("nowhere.json cannot be read"),
        "{}",
        missing.stderr
    );
}

const TEMPLATE: &str = "\
Parameters:
  Auth: {Type: String}
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  Root:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: !Ref Auth
";

#[test]
fn a_template_is_checked_before_it_is_deployed() {
    let shell = Shell::bare();
    fs::write(shell.folder().join("t.yaml"), TEMPLATE).unwrap();
    let run = |more: &[&str]| shell.run(&[&["check", "t.yaml"], more].concat());
    let untold = run(&[]);
    assert_eq!(untold.status, 3, "{}", untold.stderr);
    assert!(
        untold
            .stdout
            .contains("t.yaml:11:26: how GET / is authorized: it depends on parameter `Auth`"),
        "{}",
        untold.stdout
    );
    assert_eq!(run(&["--parameter", "Auth=AWS_IAM"]).status, 0);
    let open = run(&["--parameter", "Auth=NONE", "--format", "json"]);
    assert_eq!(open.status, 1);
    assert_eq!(open.findings(), ["open-method GET /"]);
    let report = open.report();
    assert_eq!(
        report["findings"][0]["location"],
        serde_json::json!({"file": "t.yaml", "line": 5, "column": 3})
    );
    assert_eq!(report["coverage"]["not_looked_at"][0], "IAM");
    assert_eq!(report["scope"]["template"], "t.yaml");
    let low = run(&["--parameter", "Auth=NONE", "--fail-on", "critical"]);
    assert_eq!(low.status, 0, "{}", low.stderr);
}

#[test]
fn the_region_of_a_template_can_be_given() {
    let shell = Shell::bare();
    let policy =
        "version: 1\nrequire:\n  - match: {region: eu-west-1}\n    authorization: [NONE]\n";
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = |more: &[&str]| {
        let arguments = [&["check", "-", "--parameter", "Auth=NONE"], more].concat();
        shell.run_with_input(&arguments, TEMPLATE)
    };
    let unknown = run(&[]);
    assert_eq!(unknown.status, 3, "{}", unknown.stderr);
    assert!(
        unknown
            .stdout
            .contains("the Region is taken to be us-east-1"),
        "{}",
        unknown.stdout
    );
    assert_eq!(run(&["--region", "eu-west-1"]).status, 0);
    assert_eq!(run(&["--region", "eu-west-2"]).status, 1);
}

#[test]
fn a_mistake_in_a_template_stops_with_its_place() {
    let nested = format!("Resources:\n  A: {}1{}\n", "[".repeat(200), "]".repeat(200));
    for (text, wanted) in [
        ("Resources:\n  A: [\n", "not valid YAML"),
        ("Resources: [a]\n", "-:1:12: `Resources` must be a mapping"),
        (
            "Resources: &a {A: *a}\n",
            "-:1:19: an alias (`*name`) inside the very value that it stands for",
        ),
        (
            "Resources: {<<: [A]}\n",
            "-:1:18: a merge key (`<<`) takes a mapping, or a list of mappings",
        ),
        ("Resources: {}\n---\na: 1\n", "a second YAML document"),
        (nested.as_str(), "nested more than 100 levels deep"),
        (
            "services: {web: {image: nginx}}\n",
            "neither an inventory (JSON with `schema_version`)",
        ),
    ] {
        let run = Shell::bare().run_with_input(&["check", "-"], text);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(wanted), "{wanted}: {}", run.stderr);
    }
}

#[test]
fn what_is_for_templates_is_refused_elsewhere() {
    for (arguments, input, wanted) in [
        (
            vec!["check", "-", "--parameter", "Aut=NONE"],
            TEMPLATE.to_owned(),
            "--parameter Aut: the template has no parameter of this name",
        ),
        (
            vec!["check", "-", "--parameter", "Auth=NONE"],
            "openapi: 3.0.1\n".to_owned(),
            "an API definition has no parameters",
        ),
        (
            vec!["check", "-", "--region", "eu-west-1"],
            fs::read_to_string(example()).unwrap(),
            "is an inventory: --region, --parameter and --follow-outside are for templates",
        ),
        (
            vec!["check", "-", "--parameter", "Auth"],
            TEMPLATE.to_owned(),
            "a parameter looks like NAME=VALUE",
        ),
    ] {
        let run = Shell::bare().run_with_input(&arguments, &input);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(wanted), "{wanted}: {}", run.stderr);
    }
}

#[test]
fn our_own_template_is_read_and_has_no_api() {
    let template = package("template.yaml");
    let run = Shell::bare().run(&["check", template.to_str().unwrap()]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert!(run.stdout.contains("there is no API in"), "{}", run.stdout);
    // The outcome is never the word of a proof.
    let last = run.stdout.lines().last().unwrap();
    assert!(
        last.contains(": no API in this file (no findings)"),
        "{last}"
    );
    assert!(!run.stdout.contains("clean"), "{}", run.stdout);
}

#[test]
fn apis_without_a_method_are_never_called_clean() {
    let rest = "{Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}";
    let http = "{Type: AWS::ApiGatewayV2::Api, Properties: {Name: b, ProtocolType: HTTP}}";
    let stage = "{Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref B, StageName: $default, AutoDeploy: true}}";
    for resources in [
        format!("  A: {rest}\n"),
        format!("  B: {http}\n"),
        format!("  B: {http}\n  Stage: {stage}\n"),
        format!("  A: {rest}\n  B: {http}\n"),
    ] {
        let template = format!("Resources:\n{resources}");
        let run = Shell::bare().run_with_input(&["check", "-"], &template);
        assert_eq!(run.status, 0, "{template}{}{}", run.stdout, run.stderr);
        assert!(!run.stdout.contains("clean"), "{template}{}", run.stdout);
        let last = run.stdout.lines().last().unwrap();
        assert!(
            last.contains("no method in this file (no findings)"),
            "{last}"
        );
        let run = Shell::bare().run_with_input(&["check", "-", "--format", "json"], &template);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["status"], "no-method");
    }
}

#[test]
fn a_name_from_outside_cannot_draw_on_the_terminal() {
    let whole = fs::read_to_string(example()).unwrap();
    let hostile = whole.replace("\"kind\"", "\"\\u001b[2J\"");
    let run = Shell::bare().run_with_input(&["check", "-"], &hostile);
    assert_eq!(run.status, 2);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    let named = whole.replace("PetStore", "\\u001b[2JPet\\nStore");
    let run = Shell::bare().run_with_input(&["check", "-"], &named);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert!(
        run.stdout.contains("\\u{1b}[2JPet\\u{a}Store"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_policy_file_that_is_there_and_cannot_be_read_is_a_mistake() {
    let shell = Shell::bare();
    std::os::unix::fs::symlink("nowhere", shell.folder().join("gatewatch.yaml")).unwrap();
    let run = shell.run(&["check", &example()]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("gatewatch.yaml cannot be read"),
        "{}",
        run.stderr
    );
}

#[test]
fn without_credentials_nothing_is_clean() {
    for command in ["scan", "collect"] {
        let run = Shell::bare().run(&[command, "--region", "eu-west-1"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("no credentials"), "{}", run.stderr);
    }
}

#[test]
fn a_region_is_either_read_or_left_out() {
    let both = [
        "scan",
        "--region",
        "eu-west-1",
        "--exclude-region",
        "eu-west-1",
    ];
    let pointless = [
        "collect",
        "--region",
        "eu-west-1",
        "--exclude-region",
        "us-east-1",
    ];
    let misspelt = ["access", "--all-regions", "--exclude-region", "europe"];
    for (arguments, expected) in [
        (both, "eu-west-1 is both asked for and excluded"),
        (pointless, "--exclude-region goes with --all-regions"),
    ] {
        let run = Shell::bare().run(&arguments);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    let run = Shell::bare().run(&misspelt);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("`europe` is no Region's name"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_region_is_needed_and_must_look_like_one() {
    let none = Shell::bare().run(&["scan"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.contains("no Region"), "{}", none.stderr);
    let wrong = Shell::bare().run(&["scan", "--region", "europe"]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.stderr.contains("`europe` is no Region's name"),
        "{}",
        wrong.stderr
    );
    let from_environment = Shell::bare().with("AWS_REGION", "europe").run(&["scan"]);
    assert_eq!(from_environment.status, 2);
    assert!(
        from_environment.stderr.contains("`europe`"),
        "{}",
        from_environment.stderr
    );
}

#[test]
fn an_account_that_cannot_be_reached_is_incomplete() {
    // Nothing listens on the discard port.
    let shell = Shell::in_account("http://127.0.0.1:9", "111122223333", "eu-west-1");
    let run = shell.run(&["scan"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was checked"), "{}", run.stderr);
}

#[test]
fn a_topic_that_is_none_is_refused_before_anything_is_read() {
    let run = Shell::bare().run(&["scan", "--region", "eu-west-1", "--publish", "alerts"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("`alerts` is no topic's ARN"),
        "{}",
        run.stderr
    );
}

#[test]
fn huge_and_hostile_policies_end_in_a_gap_or_an_answer() {
    let whole = fs::read_to_string(example()).unwrap();
    let with_policy = |policy: &str| {
        let from = "\"resource_policy\": null";
        assert!(whole.contains(from));
        whole.replace(
            from,
            &format!("\"resource_policy\": {{\"json\": {policy}}}"),
        )
    };
    let statement = |resource: &str| {
        format!(
            "{{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"{resource}\"}}"
        )
    };
    let list = |resource: &str, times: usize| {
        format!(
            "{{\"Statement\": [{}]}}",
            vec![statement(resource); times].join(",")
        )
    };
    let exploding = format!("execute-api:/*{}", "*a????????????".repeat(20));
    for (policy, status) in [
        // A megabyte of statements is more than any policy holds.
        (list("*", 10_000), 3),
        // A megabyte of one pattern.
        (list(&"*a".repeat(500_000), 1), 1),
        // One that can be met in very many ways.
        (list(&exploding, 60), 1),
        (
            format!("{{\"Statement\": {}1{}}}", "[".repeat(100), "]".repeat(100)),
            3,
        ),
        ("[]".to_owned(), 3),
        ("{}".to_owned(), 3),
        (r#"{"Statement": [{"Effect": "Permit"}]}"#.to_owned(), 3),
    ] {
        let run = Shell::bare()
            .run_with_input(&["check", "-", "--format", "json"], &with_policy(&policy));
        assert_eq!(run.status, status, "{:.200}", run.stderr);
        let findings = run.findings();
        let open = findings.iter().filter(|it| it.starts_with("open-method"));
        assert_eq!(open.count(), 4, "{:.200}", run.stdout);
    }
}

#[test]
fn explain_says_which_entry_decides_and_which_lost() {
    let shell = Shell::bare();
    let policy = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n  \
                  - match: {path: /pets, verb: GET}\n    authorization: [NONE]\n";
    fs::write(shell.folder().join("p.yaml"), policy).unwrap();
    let example = example();
    let explain = |method: &str, more: &[&str]| {
        let arguments = ["explain", method, &example, "--config", "p.yaml"];
        shell.run(&[&arguments, more].concat())
    };
    let run = explain("/pets", &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    for wanted in [
        "line 4 decides (verb GET, path /pets)",
        "line 3 meets it too (all methods): line 4 names the path itself, line 3 leaves the path open",
        "line 3 decides (all methods): no other entry meets the method",
        "finding: critical open-method",
        "no rule fires",
    ] {
        assert!(run.stdout.contains(wanted), "{wanted}: {}", run.stdout);
    }
    let run = explain("post /pets", &["--api", "PetStore", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["schema_version"], 1);
    let methods = report["methods"].as_array().unwrap();
    assert_eq!(methods.len(), 1);
    assert_eq!(methods[0]["demands"][0]["entries"][0]["policy_line"], 3);
    assert_eq!(methods[0]["findings"][0]["rule"], "open-method");
}

#[test]
fn what_is_not_there_cannot_be_explained() {
    let explain = |more: &[&str]| {
        let run = Shell::bare().run(&[&["explain"], more].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        run.stderr
    };
    for (more, wanted) in [
        (
            vec!["GET /pet"],
            "no stage has a method `GET /pet`; did you mean `/pets`?",
        ),
        (vec!["PUT /pets"], "that path has GET, OPTIONS, POST"),
        (
            vec!["/pets", "--api", "Petstore"],
            "did you mean `PetStore`?",
        ),
        (vec!["/pets", "--stage", "nowhere"], "has a stage `nowhere`"),
    ] {
        let example = example();
        let said = explain(&[&more[..1], &[&example], &more[1..]].concat());
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(explain(&["/pets", "nowhere.json"]).contains("nowhere.json cannot be read"));
}

#[test]
fn an_exemption_without_an_end_in_sight_is_refused_with_its_place() {
    let shell = Shell::bare();
    let policy = "version: 1\nexemptions:\n  - rule: open-method\n    match: {path: /pets}\n    \
                  reason: r\n    owner: o\n    severity: high\n    expires: 2199-12-31\n";
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    for command in [
        vec!["check", &example()],
        vec!["explain", "/pets", &example()],
    ] {
        let run = shell.run(&command);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        let wanted = "gatewatch.yaml:8:14: 2199-12-31 lies";
        assert!(run.stderr.contains(wanted), "{}", run.stderr);
    }
}

#[test]
fn the_rules_are_listed_by_the_names_that_reports_and_policy_files_use() {
    let shell = Shell::bare();
    let (text, json) = (
        shell.run(&["rules"]),
        shell.run(&["rules", "--format", "json"]),
    );
    assert_eq!((text.status, json.status), (0, 0));
    let text = text.stdout;
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let rules = json.as_array().unwrap();
    assert_eq!(text.lines().count(), rules.len());
    for (line, rule) in text.lines().zip(rules) {
        assert_eq!(line.split(' ').next(), rule["rule"].as_str());
        assert_eq!(
            line.ends_with("No exemption covers it"),
            rule["can_be_exempted"] == false,
            "{line}"
        );
        // An exemption may name just those that say so.
        let policy = format!(
            "version: 1\nexemptions:\n  - rule: {}\n    match: {{path: /pets}}\n    reason: r\n    owner: o\n    severity: low\n    expires: 2026-07-01\n",
            rule["rule"].as_str().unwrap()
        );
        let read = PolicyFile::from_yaml_on("p.yaml", &policy, "2026-06-15".parse().unwrap());
        assert_eq!(read.is_ok(), rule["can_be_exempted"] == true, "{read:?}");
    }
}
