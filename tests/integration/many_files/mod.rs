//! `gatewatch check` of several files and of folders: one report, and nothing passed over in silence.

mod baseline;
mod cdk;
mod ci;
mod comments;
mod folders;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::command::{Run, Shell};

/// A template with one open method.
pub(crate) const OPEN: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pets:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        openapi: 3.0.1
        info: {title: Pets, version: '1'}
        paths:
          /pets:
            get: {x-amazon-apigateway-integration: {type: mock}}
";

/// A definition with one open method.
pub(super) const DEFINITION: &str = "\
openapi: 3.0.1
info: {title: Shop, version: '1'}
paths:
  /shop:
    get: {x-amazon-apigateway-integration: {type: mock}}
";

/// Writes a file, and the folders that it is in.
pub(super) fn write(shell: &Shell, name: &str, text: impl AsRef<[u8]>) {
    let path = shell.folder().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(super) fn json(shell: &Shell, paths: &[&str]) -> Run {
    shell.run(&[&["check", "--format", "json"], paths].concat())
}

/// The findings as `FILE:LINE RULE`, those of what was not read left out.
pub(super) fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|it| it["rule"] != "unread-api");
    let findings = findings.map(|it| {
        let (at, rule) = (&it["location"], it["rule"].as_str().unwrap());
        format!("{}:{} {rule}", at["file"].as_str().unwrap(), at["line"])
    });
    findings.collect()
}

pub(super) fn gaps(report: &Value) -> Vec<String> {
    let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
    let gaps = gaps.map(|it| it["message"].as_str().unwrap().to_owned());
    gaps.collect()
}

/// The files of a report with their kinds.
pub(super) fn checked(report: &Value) -> Vec<String> {
    let files = report["files"]["checked"].as_array().unwrap().iter();
    let files = files.map(|it| {
        let kind = it["kind"].as_str().unwrap_or("not read");
        format!("{} {kind}", it["file"].as_str().unwrap())
    });
    files.collect()
}

#[test]
fn several_files_make_one_report() {
    let shell = Shell::bare();
    write(&shell, "a.yaml", OPEN);
    write(&shell, "b.yaml", OPEN);
    write(
        &shell,
        "closed.yaml",
        "Resources: {T: {Type: AWS::SNS::Topic}}\n",
    );
    let run = json(&shell, &["a.yaml", "./b.yaml", "closed.yaml"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let report = run.report();
    assert_eq!(
        found(&report),
        ["a.yaml:12 open-method", "b.yaml:12 open-method"]
    );
    assert_eq!(report["counts"]["total"], 2);
    assert_eq!(report["coverage"]["apis"], 2);
    assert_eq!(
        checked(&report),
        ["a.yaml sam", "b.yaml sam", "closed.yaml cloudformation"]
    );
    crate::schemas::assert_fits("report", &report);
    // The same API in two files is two findings, each with an id that is that of the file alone, too.
    let id = |report: &Value, at: usize| report["findings"][at]["id"].clone();
    assert_ne!(id(&report, 0), id(&report, 1));
    let alone = json(&shell, &["b.yaml"]).report();
    assert_eq!(id(&alone, 0), id(&report, 1));
    // Each is a group of its own, and every format names its file.
    let table = shell.run(&["check", "a.yaml", "b.yaml"]).stdout;
    assert!(
        table.contains("Pets (Pets), us-east-1, b.yaml: 1 high"),
        "{table}"
    );
    assert!(
        table.contains("2 files (2 SAM templates), 2 APIs"),
        "{table}"
    );
    let github = shell.run(&["check", "a.yaml", "b.yaml", "--format", "github"]);
    for file in ["a.yaml", "b.yaml"] {
        let annotation = format!("::error file={file},line=12");
        assert!(github.stdout.contains(&annotation), "{}", github.stdout);
    }
    // What is named twice is read once.
    let twice = json(&shell, &["a.yaml", "./a.yaml", "b.yaml"]).report();
    assert_eq!(twice["counts"]["total"], 2);
}

#[test]
fn a_file_that_is_named_must_be_one_that_can_be_checked() {
    let shell = Shell::bare();
    write(&shell, "a.yaml", OPEN);
    write(&shell, "bad.yaml", "Resources: {A: [\n");
    write(&shell, "other.yaml", "a: 1\n");
    write(&shell, "inventory.json", "{\"schema_version\": 1}");
    let run = json(&shell, &["a.yaml", "bad.yaml", "other.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for said in [
        "bad.yaml cannot be checked: 1 mistake(s)",
        "other.yaml cannot be checked",
    ] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    for (paths, said) in [
        (["a.yaml", "none.yaml"], "none.yaml cannot be read"),
        (
            ["a.yaml", "inventory.json"],
            "inventory.json is an inventory",
        ),
        (["a.yaml", "-"], "`-` is standard input"),
    ] {
        let run = json(&shell, &paths);
        assert_eq!(run.status, 2, "{paths:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    // A report never takes the place of what is read.
    let run = json(&shell, &["a.yaml", "other.yaml", "-o", "other.yaml"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("other.yaml is read"), "{}", run.stderr);
}

#[test]
fn a_parameter_is_for_the_files_that_have_it() {
    let shell = Shell::bare();
    let typed = "\
Parameters: {Type: {Type: String, Default: AWS_IAM}}
Resources:
  A: {Type: AWS::ApiGateway::RestApi}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: !Ref Type}}
";
    write(&shell, "typed.yaml", typed);
    write(&shell, "a.yaml", OPEN);
    let given = |parameter: &str| json(&shell, &["a.yaml", "typed.yaml", "--parameter", parameter]);
    assert_eq!(found(&given("Type=NONE").report()).len(), 2);
    assert_eq!(found(&given("Type=AWS_IAM").report()).len(), 1);
    let run = given("Typ=NONE");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("none of the files has a parameter"),
        "{}",
        run.stderr
    );
}

/// An exemption of the policy file is one for all files: what it meets in none of them is counted once.
#[test]
fn exemptions_of_the_policy_file_are_counted_over_all_files() {
    let shell = Shell::bare();
    for name in ["a.yaml", "b.yaml"] {
        write(&shell, name, OPEN);
    }
    let policy = |path: &str, expires: &str| {
        format!(
            "version: 1\nmax_exemption_days: 3650\nexemptions:\n  - {{rule: open-method, match: {{path: {path}}}, reason: r, owner: o, severity: high, expires: {expires}}}\n"
        )
    };
    write(&shell, "gatewatch.yaml", policy("/pets", "2032-01-01"));
    let report = json(&shell, &["a.yaml", "b.yaml"]).report();
    assert_eq!(report["counts"]["exempted"], 2);
    assert_eq!(report["exemptions"][0]["covers"], 2);
    write(&shell, "gatewatch.yaml", policy("/pets", "2026-01-01"));
    let report = json(&shell, &["a.yaml", "b.yaml"]).report();
    let expired = report["findings"].as_array().unwrap().iter();
    let expired: Vec<&Value> = expired
        .filter(|it| it["rule"] == "expired-exemption")
        .collect();
    assert_eq!(expired.len(), 1);
    let message = expired[0]["message"].as_str().unwrap();
    assert!(
        message.contains("the 2 findings that it was for"),
        "{message}"
    );
}

fn link(shell: &Shell, target: &Path, name: &str) {
    std::os::unix::fs::symlink(target, shell.folder().join(name)).unwrap();
}

#[test]
fn the_principals_of_all_files_are_counted() {
    let shell = Shell::bare();
    let group = |name: &str| {
        format!(
            "Resources: {{{name}: {{Type: AWS::IAM::Group, Properties: {{GroupName: {name}}}}}}}\n"
        )
    };
    write(&shell, "a.yaml", group("readers"));
    write(&shell, "b.yaml", group("writers"));
    write(&shell, "c.yaml", OPEN);
    let report = json(&shell, &["."]).report();
    assert_eq!(report["coverage"]["groups"], 2);
    let not_looked_at = report["coverage"]["not_looked_at"].to_string();
    assert!(
        not_looked_at.contains("that are not in the file"),
        "{not_looked_at}"
    );
}
