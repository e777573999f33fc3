//! `--baseline`: only what is new decides.

use std::fs;

use serde_json::Value;

use super::{OPEN, write};
use crate::support::command::Shell;

/// The same API with one method more.
fn grown() -> String {
    format!("{OPEN}            delete: {{x-amazon-apigateway-integration: {{type: mock}}}}\n")
}

#[test]
fn a_known_finding_does_not_fail_a_build_and_is_never_clean() {
    let shell = Shell::bare();
    write(&shell, "in/a.yaml", OPEN);
    let args = ["check", "in", "--format", "json"];
    let before = shell.run(&args);
    assert_eq!(before.status, 1);
    write(&shell, "base.json", &before.stdout);
    let with = |more: &[&str]| shell.run(&[&args[..], &["--baseline", "base.json"], more].concat());
    // Lines move, and it is the same finding.
    write(&shell, "in/a.yaml", format!("# A line more\n{OPEN}"));
    let run = with(&[]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let report = run.report();
    assert_eq!(report["status"], "findings");
    assert_eq!(report["counts"]["total"], 0);
    assert_eq!(
        report["known"]["findings"][0]["id"],
        before.report()["findings"][0]["id"]
    );
    assert_eq!(report["known"]["not_found"], 0);
    crate::schemas::assert_fits("report", &report);
    let table = shell
        .run(&["check", "in", "--baseline", "base.json"])
        .stdout;
    for said in [
        "known from the baseline, and not counted:",
        "no new findings, 1 known",
    ] {
        assert!(table.contains(said), "{table}");
    }
    // The report with a baseline is a baseline itself.
    write(&shell, "again.json", &run.stdout);
    assert_eq!(
        shell
            .run(&[&args[..], &["--baseline", "again.json"]].concat())
            .status,
        0
    );
    // Something new counts, and is alone in what a reviewer is shown.
    write(&shell, "in/a.yaml", grown());
    let run = with(&[
        "--also",
        "sarif=a.sarif",
        "--also",
        "github=a.txt",
        "--also",
        "junit=a.xml",
        "--also",
        "csv=a.csv",
        "--also",
        "markdown=a.md",
    ]);
    assert_eq!(run.status, 1);
    assert_eq!(run.findings(), ["open-method DELETE /pets"]);
    let read = |name: &str| fs::read_to_string(shell.folder().join(name)).unwrap();
    let github = read("a.txt");
    assert!(
        github.contains("DELETE /pets") && !github.contains("GET /pets"),
        "{github}"
    );
    let sarif: Value = serde_json::from_str(&read("a.sarif")).unwrap();
    let states = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let states: Vec<&str> = states
        .map(|it| it["baselineState"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["new", "unchanged"]);
    assert!(read("a.xml").contains("<skipped message=\"known from the baseline\"/>"));
    assert!(
        read("a.csv").lines().any(|it| it.starts_with("known,")),
        "{}",
        read("a.csv")
    );
    assert!(read("a.md").contains("### Known from the baseline"));
    // What is gone is counted, too.
    let topic = "Resources: {T: {Type: AWS::SNS::Topic}}\n";
    write(&shell, "in/a.yaml", topic);
    let report = with(&[]).report();
    assert_eq!(report["known"]["not_found"], 1);
    assert_eq!(report["status"], "no-api");
}

#[test]
fn what_is_worse_or_not_read_counts_whatever_the_baseline_says() {
    let shell = Shell::bare();
    write(
        &shell,
        "a.yaml",
        "Resources: {A: {Type: 'AWS::ApiGateway::RestApi', Properties: {Body: !ImportValue body}}}\n",
    );
    let args = ["check", "a.yaml", "--format", "json"];
    let before = shell.run(&args);
    assert_eq!(before.status, 3);
    write(&shell, "base.json", &before.stdout);
    let run = shell.run(&[&args[..], &["--baseline", "base.json"]].concat());
    assert_eq!(run.status, 3);
    // A finding that was less severe.
    write(&shell, "a.yaml", OPEN);
    let before = shell.run(&args).stdout;
    write(&shell, "base.json", before.replace("\"high\"", "\"low\""));
    let run = shell.run(&[&args[..], &["--baseline", "base.json"]].concat());
    assert_eq!(run.status, 1, "{}", run.stdout);
}

#[test]
fn a_baseline_that_cannot_be_read_is_a_mistake() {
    let shell = Shell::bare();
    write(&shell, "a.yaml", "Resources: {}\n");
    for (text, said) in [
        (None, "base.json cannot be read"),
        (Some("{"), "base.json is no baseline"),
        (Some("{\"apis\": []}"), "base.json is no baseline"),
        (Some("{\"findings\": []}"), "base.json is no baseline"),
        (Some(OPEN), "base.json is no baseline"),
    ] {
        if let Some(text) = text {
            write(&shell, "base.json", text);
        }
        let run = shell.run(&["check", "a.yaml", "--baseline", "base.json"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

/// An API with two methods, and a group that may make these calls.
fn granting(resources: &str, condition: &str) -> String {
    let method = |verb: &str| {
        format!(
            "  {verb}: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: {verb}, AuthorizationType: AWS_IAM}}}}\n"
        )
    };
    let statement = format!(
        "{{Effect: Allow, Action: 'execute-api:Invoke', Resource: {resources}{condition}}}"
    );
    format!(
        "\
Resources:
  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: shop}}}}
{}{}  Callers:
    Type: AWS::IAM::Group
    Properties:
      GroupName: callers
      Policies: [{{PolicyName: calls, PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}}}]
  User:
    Type: AWS::IAM::User
    Properties:
      UserName: bob
      Policies: [{{PolicyName: calls, PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}}}]
",
        method("GET"),
        method("POST")
    )
}

/// A finding about a grant is the same one however far the grant goes: what it lets its holder call is compared, too.
#[test]
fn a_grant_that_grew_is_not_known() {
    let shell = Shell::bare();
    write(
        &shell,
        "gatewatch.yaml",
        "version: 1\ninvokers: [{match: {api: shop}, groups: [others]}]\n",
    );
    let on = |verb: &str| format!("!Sub 'arn:aws:execute-api:*:*:${{Api}}/*/{verb}/'");
    let args = ["check", "a.yaml", "--format", "json"];
    let (get, post) = (on("GET"), on("POST"));
    let both = format!("[{get}, {post}]");
    let networks = ", Condition: {IpAddress: {'aws:SourceIp': 203.0.113.0/24}}";
    for (before, after, left) in [
        ((&get, ""), (&get, ""), &[][..]),
        ((&both, ""), (&get, ""), &[]),
        (
            (&get, ""),
            (&both, ""),
            &["direct-user-grant", "unlisted-invoker", "unlisted-invoker"],
        ),
        // Another method in the place of the first.
        (
            (&get, ""),
            (&post, ""),
            &["direct-user-grant", "unlisted-invoker", "unlisted-invoker"],
        ),
        (
            (&get, networks),
            (&get, ""),
            &["direct-user-grant", "unlisted-invoker", "unlisted-invoker"],
        ),
    ] {
        write(&shell, "a.yaml", granting(before.0, before.1));
        let saved = shell.run(&args);
        assert_eq!(saved.status, 1, "{}", saved.stdout);
        write(&shell, "base.json", &saved.stdout);
        write(&shell, "a.yaml", granting(after.0, after.1));
        let run = shell.run(&[&args[..], &["--baseline", "base.json"]].concat());
        let report = run.report();
        let findings = report["findings"].as_array().unwrap().iter();
        let mut rules: Vec<&str> = findings.map(|it| it["rule"].as_str().unwrap()).collect();
        rules.sort_unstable();
        assert_eq!(rules, left, "{before:?} {after:?}: {report:#}");
        assert_eq!(run.status, i32::from(!left.is_empty()));
        crate::schemas::assert_fits("report", &report);
        // A report that an older gatewatch wrote does not tell how far they go: what its message says is compared.
        let mut older = saved.report();
        older.as_object_mut().unwrap().remove("extents");
        write(&shell, "older.json", older.to_string());
        let run = shell.run(&[&args[..], &["--baseline", "older.json"]].concat());
        let is_same = before == after;
        assert_eq!(
            run.status == 0,
            is_same || run.findings().is_empty(),
            "{}",
            run.stdout
        );
    }
}

/// Who reaches a method is compared, too: which networks a resource policy lets in, and whether it does.
#[test]
fn a_method_that_more_reach_is_not_known() {
    let shell = Shell::bare();
    let template = |networks: &str| {
        format!(
            "\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Policy: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*', Condition: {{IpAddress: {{'aws:SourceIp': {networks}}}}}}}]}}
  Get: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: NONE}}}}
"
        )
    };
    let args = ["check", "a.yaml", "--format", "json"];
    write(&shell, "a.yaml", template("203.0.113.0/24"));
    let saved = shell.run(&args);
    assert_eq!(saved.report()["findings"][0]["exposure"], "network-limited");
    write(&shell, "base.json", &saved.stdout);
    let with = |networks: &str| {
        write(&shell, "a.yaml", template(networks));
        shell
            .run(&[&args[..], &["--baseline", "base.json"]].concat())
            .status
    };
    assert_eq!(with("203.0.113.0/24"), 0);
    assert_eq!(with("[203.0.113.0/24, 198.51.100.0/24]"), 1);
}
