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
