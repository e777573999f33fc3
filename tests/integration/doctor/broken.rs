//! Ways in which a set-up is broken, each of which is found.

use std::fs;

use serde_json::{Value, json};

use super::{Checkup, all_but, bucket, put};
use crate::support::command::Shell;
use crate::support::testbed::{ACCOUNT, REGION, Testbed};
use crate::waiting::answering;

const STATE: &str = "s3://findings/gatewatch";

#[test]
fn without_an_identity_nothing_else_is_green() {
    let expired = answering(
        403,
        "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
         <Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
    );
    let bare = || Shell::bare().with("AWS_REGION", REGION);
    let keyed = |endpoint: &str| Shell::in_account(endpoint, ACCOUNT, REGION);
    for (shell, command) in [
        (bare(), "aws configure"),
        (keyed(&expired), "aws sso login"),
        (
            keyed("http://127.0.0.1:9"),
            "aws sts get-caller-identity --region eu-west-1",
        ),
    ] {
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        let checkup = Checkup::of(&shell, &["--state", STATE, "--publish", topic]);
        checkup.assert_failed("identity", command);
        assert_eq!(checkup.named("failed"), ["identity"]);
        assert_eq!(checkup.named("ok"), ["version", "policy-file"]);
        assert_eq!(checkup.document["answers"], json!([]));
    }
}

#[test]
fn a_call_that_is_refused_is_mended_by_the_command() {
    let mut aws = Testbed::start();
    aws.petstore();
    bucket(&mut aws);
    let (topic, _) = aws.topic("alerts");
    for (number, (action, step)) in [
        ("iam:GetAccountAuthorizationDetails", "read-principals"),
        ("iam:GetPolicyVersion", "read-policies"),
        ("apigateway:GET", "read-rest-apis"),
        ("s3:PutObject", "state-write"),
        ("s3:GetObject", "state-read"),
        ("sns:GetTopicAttributes", "topic"),
    ]
    .into_iter()
    .enumerate()
    {
        let shell = aws.user(&format!("scanner{number}"), all_but(&[action]));
        shell.run(&["scan", "--state", STATE, "-q"]);
        let asked = ["--state", STATE, "--publish", &topic];
        let checkup = Checkup::of(&shell, &asked);
        checkup.assert_failed(step, "aws iam put-user-policy --user-name scanner");
        let command = checkup.command(step).to_owned();
        put(&mut aws, &command);
        let mended = Checkup::of(&shell, &asked);
        assert_eq!(
            mended.result(step),
            "ok",
            "{action}: {:#}",
            mended.check(step)
        );
    }
}

#[test]
fn regions_that_cannot_be_listed_fail_only_where_all_are_asked_for() {
    let mut aws = Testbed::start();
    let shell = aws.user("scanner", all_but(&["account:ListRegions"]));
    let named = Checkup::of(&shell, &[]);
    assert_eq!(named.result("regions"), "unknown");
    assert!(
        named
            .command("regions")
            .starts_with("aws account list-regions")
    );
    let all = Checkup::of(&shell, &["--all-regions"]);
    all.assert_failed("regions", "aws iam put-user-policy");
    put(&mut aws, all.command("regions"));
    let all = Checkup::of(&shell, &["--all-regions"]);
    assert_eq!(all.status, 0, "{:#}", all.document);
    let answers = all.document["answers"].to_string();
    assert!(answers.contains("(all enabled)"), "{answers}");
}

#[test]
fn a_region_that_is_not_enabled_is_found() {
    let aws = Testbed::start();
    let shell = aws.shell();
    let checkup = Checkup::of(&shell, &["--region", REGION, "--region", "eu-south-1"]);
    checkup.assert_failed(
        "regions",
        "aws account enable-region --region-name eu-south-1",
    );
    assert_eq!(checkup.check("regions")["subject"], "eu-south-1");
    // A name that nobody knows is not to be enabled.
    let checkup = Checkup::of(&shell, &["--region", "eu-wets-1"]);
    checkup.assert_failed("regions", "aws account list-regions");
    let advice = checkup.check("regions")["advice"].as_str().unwrap();
    assert!(advice.contains("eu-west-1 is"), "{advice}");
    assert_eq!(checkup.result("read-rest-apis"), "unknown");
}

#[test]
fn what_is_not_there_is_found() {
    let mut aws = Testbed::start();
    let shell = aws.shell();
    let topic = "arn:aws:sns:eu-west-1:111122223333:nowhere";
    let asked = [
        "--state",
        STATE,
        "--publish",
        topic,
        "--config",
        "s3://findings/policy/gatewatch.yaml",
    ];
    let checkup = Checkup::of(&shell, &asked);
    let make = "aws s3api create-bucket --bucket findings --region eu-west-1";
    checkup.assert_failed("state-list", make);
    checkup.assert_failed("state-read", make);
    for step in ["state-write", "ledger", "last-scan"] {
        assert_eq!(checkup.result(step), "unknown", "{step}");
    }
    checkup.assert_failed(
        "topic",
        "aws sns create-topic --region eu-west-1 --name nowhere",
    );
    checkup.assert_failed("policy-file", "aws s3api head-object --bucket findings");

    bucket(&mut aws);
    let own_key = json!({"KmsMasterKeyId": "alias/own"});
    aws.call(
        "sns",
        "create_topic",
        json!({"Name": "nowhere", "Attributes": own_key}),
    );
    let checkup = Checkup::of(&shell, &asked);
    assert_eq!(checkup.result("state-write"), "ok");
    checkup.assert_failed(
        "last-scan",
        "gatewatch scan --region eu-west-1 --state s3://findings",
    );
    checkup.assert_failed("topic", "aws sns subscribe --region eu-west-1 --topic-arn");
    checkup.assert_failed("policy-file", "aws s3api put-object --bucket findings");
    checkup.assert_failed("topic-key", "aws kms list-aliases --region eu-west-1");

    // Nobody answers there, so that the subscription waits.
    let subscription =
        json!({"TopicArn": topic, "Protocol": "https", "Endpoint": "https://127.0.0.1:9/"});
    aws.call("sns", "subscribe", subscription);
    let checkup = Checkup::of(&shell, &asked);
    checkup.assert_failed(
        "topic",
        "aws sns list-subscriptions-by-topic --region eu-west-1",
    );
}

#[test]
fn mistakes_of_the_policy_file_are_named() {
    let aws = Testbed::start();
    let shell = aws.shell();
    let path = shell.folder().join("gatewatch.yaml");
    fs::write(&path, "version: 1\nrequires: []\ngroup: []\n").unwrap();
    let checkup = Checkup::of(&shell, &[]);
    checkup.assert_failed("policy-file", "");
    let message = checkup.check("policy-file")["message"].as_str().unwrap();
    assert!(message.starts_with("2 mistakes\n"), "{message}");
    assert!(message.contains("gatewatch.yaml:2:1"), "{message}");
    let checkup = Checkup::of(&shell, &["--config", "missing.yaml"]);
    checkup.assert_failed("policy-file", "");
}

#[test]
fn a_scan_that_is_too_old_and_a_damaged_ledger_are_found() {
    let mut aws = Testbed::start();
    aws.petstore();
    let shell = aws.shell();
    let asked = ["--state", "state"];
    assert_eq!(shell.run(&["scan", "--state", "state", "-q"]).status, 1);
    let state = shell.folder().join("state");
    let kept = state.join(format!("inventory/{ACCOUNT}.json"));
    let mut inventory: Value = serde_json::from_str(&fs::read_to_string(&kept).unwrap()).unwrap();
    let narrow = Checkup::of(
        &shell,
        &[&asked[..], &["--region", REGION, "--region", "us-east-1"]].concat(),
    );
    narrow.assert_failed(
        "last-scan",
        "gatewatch scan --region eu-west-1 --region us-east-1 --state state",
    );
    let message = narrow.check("last-scan")["message"].as_str().unwrap();
    assert!(message.ends_with("it did not read us-east-1"), "{message}");

    let whole = inventory.clone();
    inventory["apis"][0]["deployments"] = json!([]);
    fs::write(&kept, inventory.to_string()).unwrap();
    let incomplete = Checkup::of(&shell, &asked);
    assert_eq!(
        incomplete.result("last-scan"),
        "unknown",
        "{:#}",
        incomplete.document
    );

    inventory = whole;
    inventory["taken_at"] = json!("2026-06-01T06:00:00Z");
    fs::write(&kept, inventory.to_string()).unwrap();
    let checkup = Checkup::of(&shell, &asked);
    checkup.assert_failed(
        "last-scan",
        "gatewatch scan --region eu-west-1 --state state",
    );
    let message = checkup.check("last-scan")["message"].as_str().unwrap();
    assert!(message.contains("more than 2 days"), "{message}");
    assert_eq!(checkup.result("ledger"), "ok");

    fs::write(state.join(format!("ledger/{ACCOUNT}/global.json")), "{").unwrap();
    let checkup = Checkup::of(&shell, &asked);
    checkup.assert_failed("ledger", "");
}

#[test]
fn a_mistake_in_the_call_is_no_step() {
    let shell = Shell::bare();
    for arguments in [
        &["doctor"][..],
        &["doctor", "--region", "the moon"],
        &["doctor", "--region", REGION, "--profile", "missing"],
        &["doctor", "--region", REGION, "--max-age-hours", "3"],
        &["doctor", "--region", REGION, "--role-name", "audit"],
    ] {
        let run = shell.run(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
    }
}
