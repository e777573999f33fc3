//! A verb that API Gateway does not have yet is a method like any other.

use std::fs;

use serde_json::json;

use crate::digest::Account;
use crate::support::command::{Run, Shell};

fn checked(arguments: &[&str], kind: &str, grant: &str) -> Run {
    let account = Account::with(
        "Pets",
        &[("QUERY", "/pets", kind), ("GET", "/pets", "AWS_IAM")],
    );
    let mut inventory: serde_json::Value = serde_json::from_str(&account.inventory_on(0)).unwrap();
    let resource =
        format!("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/{grant}/pets");
    inventory["iam"]["roles"] = json!([{
        "name": "ci", "arn": "arn:aws:iam::111122223333:role/ci", "attached": [],
        "inline": [{"name": "own", "document": {"json": {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}}}}]}]);
    let shell = Shell::bare();
    fs::write(shell.folder().join("inventory.json"), inventory.to_string()).unwrap();
    shell.run(arguments)
}

#[test]
fn an_open_method_of_an_unknown_verb_is_found() {
    let run = checked(
        &["check", "inventory.json", "--format", "json"],
        "NONE",
        "GET",
    );
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.findings()
            .contains(&"open-method QUERY /pets".to_owned())
    );
}

#[test]
fn who_can_call_it_is_asked_about_its_own_verb() {
    for (grant, verdict) in [("QUERY", "ALL"), ("GET", "NONE"), ("*", "ALL")] {
        let access = [
            "access",
            "inventory.json",
            "--who-can",
            "QUERY /pets",
            "--format",
            "json",
            "--principals",
            "all",
        ];
        let run = checked(&access, "AWS_IAM", grant);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let report = run.report();
        let callers = report["methods"][0]["callers"].as_array().unwrap().iter();
        let verdicts: Vec<_> = callers.map(|it| it["verdict"].as_str().unwrap()).collect();
        let expected = if verdict == "NONE" {
            vec![]
        } else {
            vec![verdict]
        };
        let told: Vec<_> = verdicts.into_iter().filter(|it| *it != "NONE").collect();
        assert_eq!(told, expected, "{grant}: {report:#}");
    }
}
