//! An account in order.

use std::fs;

use serde_json::json;

use super::{Checkup, bucket, everything};
use crate::support::testbed::Testbed;

#[test]
fn what_is_in_order_is_green_and_what_cannot_be_told_is_not() {
    let mut aws = Testbed::start();
    aws.petstore();
    bucket(&mut aws);
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.user("scanner", everything());
    fs::write(shell.folder().join("gatewatch.yaml"), "version: 1\n").unwrap();
    let state = "s3://findings/gatewatch";
    let scan = shell.run(&["scan", "--state", state, "--publish", &topic, "-q"]);
    assert_eq!(scan.status, 1, "{}", scan.stderr);
    assert_eq!(aws.received(&queue).len(), 1);

    let asked = ["--state", state, "--publish", &topic];
    let checkup = Checkup::of(&shell, &asked);
    assert_eq!(checkup.status, 0, "{:#}", checkup.document);
    assert_eq!(checkup.document["status"], "unknown");
    assert_eq!(
        checkup.named("ok"),
        [
            "version",
            "identity",
            "regions",
            "read-rest-apis",
            "read-rest-details",
            "read-http-apis",
            "read-domain-names",
            "read-principals",
            "read-policies",
            "policy-file",
            "state-list",
            "state-read",
            "state-write",
            "state-folders",
            "ledger",
            "last-scan",
            "topic",
            "topic-publish",
        ]
    );
    assert_eq!(
        checkup.named("unknown"),
        ["read-http-details", "read-mappings", "read-routing-rules",]
    );
    // What could not be told says what tells it, and changes nothing.
    for check in checkup
        .checks()
        .iter()
        .filter(|it| it["result"] == "unknown")
    {
        let command = check["command"].as_str().unwrap();
        let reads = ["get-", "describe-", "list-", "simulate-"];
        assert!(reads.iter().any(|it| command.contains(it)), "{command}");
    }
    assert_eq!(
        checkup.document["counts"],
        json!({"ok": 18, "failed": 0, "unknown": 3})
    );
    let answers = checkup.document["answers"].to_string();
    assert!(!answers.contains("111122223333"), "{answers}");
    assert!(answers.contains("1 of 1 came with a summary"), "{answers}");

    // Nothing was sent, and nothing was written but the probes; again and again.
    assert_eq!(aws.received(&queue).len(), 0);
    let before = keys(&mut aws);
    let probes = before.iter().filter(|it| it.ends_with("/doctor"));
    let probes: Vec<&str> = probes.map(String::as_str).collect();
    let folders = ["inventory", "ledger", "parts", "reports"];
    assert_eq!(probes, folders.map(|it| format!("gatewatch/{it}/doctor")));
    assert_eq!(Checkup::of(&shell, &asked).status, 0);
    assert_eq!(keys(&mut aws), before);
    let history = shell.run(&["history", "--state", state]);
    assert_eq!(history.status, 0, "{}", history.stderr);
}

fn keys(aws: &mut Testbed) -> Vec<String> {
    let listed = aws.call("s3", "list_objects_v2", json!({"Bucket": "findings"}));
    let listed = listed["Contents"].as_array().unwrap().iter();
    listed
        .map(|it| it["Key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_directory_is_tried_and_never_made() {
    let mut aws = Testbed::start();
    aws.petstore();
    let shell = aws.shell();
    let checkup = Checkup::of(&shell, &["--state", "state"]);
    checkup.assert_failed(
        "last-scan",
        "gatewatch scan --region eu-west-1 --state state",
    );
    assert_eq!(checkup.result("state-write"), "unknown");
    assert!(!shell.folder().join("state").exists());

    // The command that is printed mends it.
    let words = shlex::split(checkup.command("last-scan")).unwrap();
    let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    assert_eq!(shell.run(&words).status, 1);
    let checkup = Checkup::of(&shell, &["--state", "state"]);
    assert_eq!(checkup.status, 0, "{:#}", checkup.document);
    for name in [
        "state-list",
        "state-read",
        "state-write",
        "state-folders",
        "ledger",
        "last-scan",
    ] {
        assert_eq!(checkup.result(name), "ok", "{name}");
    }
    let text = shell.run(&["doctor", "--state", "state"]);
    let last = text.stdout.lines().last().unwrap();
    assert_eq!(
        last,
        "nothing fails, 16 steps ok, 3 could not be told: see `unknown` above"
    );
}

#[test]
fn how_an_account_writes_any_is_told() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let method = json!({
        "restApiId": api.id, "resourceId": api.resources["/"], "httpMethod": "ANY", "authorizationType": "AWS_IAM",
    });
    aws.call("apigateway", "put_method", method);
    aws.deploy(&api, Some("prod"));
    let checkup = Checkup::of(&aws.shell(), &[]);
    let answers = checkup.document["answers"].as_array().unwrap();
    let any = answers.iter().find(|it| it["question"] == "any-in-summary");
    assert_eq!(any.unwrap()["answer"], "yes: as `ANY`");
}
