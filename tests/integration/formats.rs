//! The formats of a report, read by programs that others wrote, and written several at once.

use std::fs;

use serde_json::Value;

use crate::many_files::OPEN;
use crate::support::command::Shell;
use crate::support::package;
use crate::support::testbed::assert_script_passes;

#[test]
fn every_format_says_what_the_json_says_and_no_name_is_more_than_a_name() {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes("tests/formats/check.py", &["--gatewatch", gatewatch]);
}

fn results(shell: &Shell, file: &str) -> Vec<Value> {
    let log = fs::read_to_string(shell.folder().join(file)).unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    log["runs"][0]["results"].as_array().unwrap().clone()
}

#[test]
fn one_run_writes_several_formats_and_a_finding_keeps_its_fingerprint_when_lines_move() {
    let shell = Shell::bare();
    let check = |text: &str| {
        fs::write(shell.folder().join("template.yaml"), text).unwrap();
        let also = ["--also", "sarif=a.sarif", "--also", "junit=a.xml"];
        let run =
            shell.run(&[&["check", "template.yaml", "--format", "github"], &also[..]].concat());
        assert_eq!(run.status, 1, "{}", run.stderr);
        (run.stdout, results(&shell, "a.sarif"))
    };
    let (annotations, before) = check(OPEN);
    assert!(
        annotations.starts_with("::error file=template.yaml,line="),
        "{annotations}"
    );
    let junit = fs::read_to_string(shell.folder().join("a.xml")).unwrap();
    assert!(junit.contains("<failure message=\"high: "), "{junit}");
    let (_, after) = check(&format!("# One line more\n{OPEN}"));
    let line = |it: &Value| {
        let region = &it["locations"][0]["physicalLocation"]["region"];
        region["startLine"].as_u64().unwrap()
    };
    assert_eq!(before.len(), 1);
    assert_eq!(line(&after[0]), line(&before[0]) + 1);
    assert_eq!(
        after[0]["partialFingerprints"],
        before[0]["partialFingerprints"]
    );
}

#[test]
fn what_cannot_be_written_fails_and_keeps_nothing_else_from_being_written() {
    let shell = Shell::bare();
    let inventory = package("examples/petstore.inventory.json");
    let run = |also: &[&str]| shell.run(&[&["check", inventory.to_str().unwrap()], also].concat());
    let failed = run(&["--also", "csv=nowhere/a.csv", "--also", "sarif=b.sarif"]);
    assert_eq!(failed.status, 3, "{}", failed.stderr);
    assert!(failed.stderr.contains("nowhere/a.csv"), "{}", failed.stderr);
    assert!(!failed.stdout.is_empty());
    assert_eq!(results(&shell, "b.sarif").len(), 4);
    for mistake in ["sarif", "sarif=", "nothing=a.b"] {
        let refused = run(&["--also", mistake]);
        assert_eq!(refused.status, 2, "{mistake}: {}", refused.stderr);
    }
}
