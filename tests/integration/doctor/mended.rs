//! Ways in which a set-up is broken: each is found, and the command that is printed with it, run against the emulator, mends
//! it.
//!
//! | what is broken | step | the command |
//! |---|---|---|
//! | a read of IAM is not allowed | `read-principals`, `read-policies` | `iam put-user-policy` ([`super::broken`]) |
//! | `apigateway:GET` is not allowed | `read-rest-apis` | the same |
//! | the state may not be read, or not be written | `state-read`, `state-write` | the same |
//! | nobody may see who is subscribed | `topic` | the same |
//! | the Regions may not be listed, and all are asked for | `regions` | the same |
//! | the role of the function lacks its state | `state-read` | `iam put-role-policy` ([`super::lambda`]) |
//! | reports may not be written | `state-folders` | `iam put-user-policy` |
//! | nothing may be published | `topic-publish` | `iam put-user-policy` |
//! | the key of the topic may not be used | `topic-key` | `iam put-user-policy` |
//! | a Region is not enabled | `regions` | `account enable-region` |
//! | there is no bucket | `state-list` | `s3api create-bucket` |
//! | there is no topic | `topic` | `sns create-topic` |
//! | nobody is subscribed | `topic` | `sns subscribe` |
//! | there is no policy file | `policy-file` | `s3api put-object` |
//! | nothing was ever read | `last-scan` | `gatewatch scan` |
//! | the schedule is disabled | `stack-schedule` | `scheduler update-schedule` |
//! | an alarm tells nobody | `stack-alarms` | `cloudwatch enable-alarm-actions` |
//! | a rule is disabled | `stack-rules` | `events enable-rule` |
//! | a rule has no target | `stack-rules` | `events put-targets` |
//! | IAM's events are not brought | `stack-iam-events` | `cloudformation deploy` |
//! | the rule that brings them is disabled | `stack-iam-events` | `events enable-rule` |
//! | the trail is stopped | `stack-trail` | `cloudtrail start-logging` |
//! | the trail logs reads alone | `stack-trail` | `cloudtrail put-event-selectors` |
//! | the key of the topic is disabled | `topic-key` | `kms enable-key` |
//! | the key lets no alarm use it | `topic-key-policy` | `kms put-key-policy` |
//! | the function is never to run | `stack-concurrency` | `lambda delete-function-concurrency` |
//! | the function has too little time | `stack-function` | `lambda update-function-configuration` |
//! | AWS Config may not be answered | `config-rule` | `iam put-role-policy` ([`super::lambda`]) |
//! | there is no such event bus | `event-bus` | `events create-event-bus` ([`super::lambda`]) |

use std::fs;

use serde_json::{Value, json};

use super::ways::WAYS;
use super::{Checkup, OF_A_STACK, all_but, encrypted, everything, mend, of_stack};
use crate::lambda::{STACK, Stack, deploy};
use crate::support::command::Shell;
use crate::support::testbed::{REGION, Testbed};

#[test]
fn what_is_not_there_is_made() {
    let mut aws = Testbed::start();
    aws.petstore();
    let shell = aws.user("scanner", everything());
    fs::write(shell.folder().join("gatewatch.yaml"), "version: 1\n").unwrap();
    let (state, topic) = (
        "s3://findings/gatewatch",
        "arn:aws:sns:eu-west-1:111122223333:alerts",
    );
    let policy = "s3://findings/policy/gatewatch.yaml";
    let asked = ["--state", state, "--publish", topic, "--config", policy];
    let (south, both) = ("eu-south-1", ["--region", REGION, "--region", "eu-south-1"]);
    for (step, begin, asked) in [
        ("state-list", "aws s3api create-bucket", &asked[..]),
        ("policy-file", "aws s3api put-object", &asked),
        ("last-scan", "gatewatch scan", &asked),
        ("topic", "aws sns create-topic", &asked),
        ("regions", "aws account enable-region", &both),
    ] {
        let found = Checkup::of(&shell, asked);
        found.assert_failed(step, begin);
        mend(&mut aws, &shell, found.command(step));
        let mended = Checkup::of(&shell, asked);
        // A topic that is there still lacks a subscription.
        let printed = mended.command(step);
        assert!(!printed.starts_with(begin), "{:#}", mended.check(step));
        if step != "topic" {
            assert_eq!(mended.result(step), "ok", "{:#}", mended.check(step));
        }
    }
    let found = Checkup::of(&shell, &asked);
    found.assert_failed("topic", "aws sns subscribe");
    let command = found.command("topic");
    let command = command.replace("ADDRESS", "security@example.com");
    mend(&mut aws, &shell, &command);
    let mended = Checkup::of(&shell, &asked);
    assert_eq!(mended.result("topic"), "ok", "{:#}", mended.check("topic"));
    let south = Checkup::of(&shell, &["--region", south]);
    assert_eq!(south.named("failed"), Vec::<&str>::new());
}

#[test]
fn a_right_that_is_missing_is_put() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    encrypted(&mut aws, &stack.topic);
    super::bucket(&mut aws);
    let state = "s3://findings/gatewatch";
    let mut no_reports = everything();
    no_reports["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::findings/gatewatch/reports/*",
    }));
    let mut only_ledger = all_but(&["s3:PutObject"]);
    only_ledger["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::findings/gatewatch/ledger/*",
    }));
    for (number, (step, policy)) in [
        ("topic-publish", all_but(&["sns:Publish"])),
        (
            "topic-key",
            all_but(&["kms:GenerateDataKey", "kms:Decrypt"]),
        ),
        ("topic-key", all_but(&["kms:Decrypt"])),
        ("state-folders", only_ledger),
    ]
    .into_iter()
    .enumerate()
    {
        let shell = aws.user(&format!("scanner{number}"), policy);
        let asked = ["--state", state, "--publish", &stack.topic];
        let found = Checkup::of(&shell, &asked);
        found.assert_failed(step, "aws iam put-user-policy --user-name scanner");
        mend(&mut aws, &shell, found.command(step));
        let mended = Checkup::of(&shell, &asked);
        assert_eq!(mended.result(step), "ok", "{:#}", mended.check(step));
    }
    // What is denied is allowed by no other policy.
    let shell = aws.user("denied", no_reports);
    let found = Checkup::of(&shell, &["--state", state]);
    found.assert_failed("state-folders", "");
    let message = found.check("state-folders")["message"].as_str().unwrap();
    assert!(message.starts_with("`reports/`: "), "{message}");
}

/// A checkup, once what was changed of a step is no longer under way.
fn in_time(shell: &Shell, asked: &[&str], step: &str) -> Checkup {
    let mut checkup = Checkup::of(shell, asked);
    for _ in 0..20 {
        if checkup.result(step) != "unknown" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
        checkup = Checkup::of(shell, asked);
    }
    checkup
}

#[test]
fn a_stack_is_mended() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    encrypted(&mut aws, &stack.topic);
    let shell = aws.user("operator", of_stack());
    let asked = ["--stack", STACK, "--publish", &stack.topic];
    // As it is deployed by this template alone.
    let fresh = Checkup::of(&shell, &asked);
    let failed = ["stack-iam-events", "stack-trail"];
    assert_eq!(fresh.named("failed"), failed, "{:#}", fresh.document);
    fresh.assert_failed("stack-trail", "aws cloudtrail create-trail");
    let iam = "aws cloudformation deploy --region us-east-1 --stack-name gatewatch-iam-events";
    fresh.assert_failed("stack-iam-events", iam);
    mend(&mut aws, &shell, fresh.command("stack-iam-events"));
    super::settled(&mut aws);
    let run = json!({"status": "success", "requestId": "a"});
    log(&mut aws, &stack, "platform.start", run.clone());
    log(&mut aws, &stack, "platform.report", run);

    let healthy = Checkup::of(&shell, &asked);
    assert_eq!(
        healthy.named("failed"),
        Vec::<&str>::new(),
        "{:#}",
        healthy.document
    );
    for step in OF_A_STACK {
        assert_eq!(healthy.result(step), "ok", "{:#}", healthy.check(step));
    }
    let when = healthy.check("stack-schedule")["message"].as_str().unwrap();
    assert!(when.contains(" 06:00 UTC"), "{when}");

    for way in &WAYS {
        (way.breaks)(&mut aws, &stack);
        let found = Checkup::of(&shell, &asked);
        assert_eq!(found.named("failed"), [way.step], "{:#}", found.document);
        found.assert_failed(way.step, way.begins);
        mend(&mut aws, &shell, found.command(way.step));
        let mended = in_time(&shell, &asked, way.step);
        let check = mended.check(way.step);
        assert_eq!(mended.result(way.step), "ok", "{}: {check:#}", way.begins);
    }
    // Mended, and otherwise as it was.
    let schedule = aws.call("scheduler", "get_schedule", json!({"Name": STACK}));
    assert_eq!(schedule["Target"]["Input"], "{}");
    assert_eq!(schedule["FlexibleTimeWindow"]["Mode"], "FLEXIBLE");
}

/// Writes something into the function's log, as Lambda does.
fn log(aws: &mut Testbed, stack: &Stack, kind: &str, record: Value) {
    let entry = json!({"time": "2026-06-15T06:00:00Z", "type": kind, "record": record});
    let now = jiff::Timestamp::now().as_millisecond();
    let stream = json!({"logGroupName": stack.log_group, "logStreamName": kind});
    aws.call("logs", "create_log_stream", stream.clone());
    let mut event = stream;
    event["logEvents"] = json!([{"timestamp": now, "message": entry.to_string()}]);
    aws.call("logs", "put_log_events", event);
}

/// A binary for another processor fails each run with `exec format error`, and Lambda says so in the log alone.
#[test]
fn a_binary_that_cannot_be_started_is_found() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let shell = aws.user("operator", of_stack());
    let asked = ["--stack", STACK];
    // What has not run since it was changed may be one, too.
    let fresh = Checkup::of(&shell, &asked);
    assert_eq!(fresh.result("stack-start"), "unknown");
    let failed = json!({"status": "error", "errorType": "Runtime.InvalidEntrypoint"});
    log(&mut aws, &stack, "platform.initReport", failed);
    let found = Checkup::of(&shell, &asked);
    found.assert_failed("stack-start", "");
    let advice = found.check("stack-start")["advice"].as_str().unwrap();
    let both =
        ["sam build", "sam deploy"].map(|it| format!("{it} --parameter-overrides Architecture="));
    assert!(both.iter().all(|it| advice.contains(it)), "{advice}");
    // Who may not read the log is not told that all is well.
    let mut less = of_stack();
    less["Statement"]
        .as_array_mut()
        .unwrap()
        .push(json!({"Effect": "Deny", "Action": "logs:FilterLogEvents", "Resource": "*"}));
    let shell = aws.user("reader", less);
    let denied = Checkup::of(&shell, &asked);
    assert_eq!(denied.result("stack-start"), "unknown");
}

#[test]
fn what_may_not_be_asked_of_a_stack_is_never_in_order() {
    let mut aws = Testbed::start();
    deploy(&mut aws, json!({}), json!({}));
    let shell = aws.user("scanner", everything());
    let checkup = Checkup::of(&shell, &["--stack", STACK]);
    let steps = checkup.checks().iter();
    let steps = steps.filter(|it| it["name"].as_str().unwrap().starts_with("stack-"));
    let told: Vec<(&str, &Value)> = steps
        .map(|it| (it["result"].as_str().unwrap(), &it["message"]))
        .collect();
    assert_eq!(told.len(), 5, "{told:#?}");
    let actions = [
        "scheduler:GetSchedule",
        "cloudwatch:DescribeAlarms",
        "events:ListRules",
        "cloudtrail:DescribeTrails",
        // The function's name would have been its alarms', and the emulator lets everybody see the account's settings.
        "the function is not",
    ];
    for ((result, message), action) in told.iter().zip(actions) {
        assert_eq!(*result, "unknown");
        assert!(message.as_str().unwrap().contains(action), "{message}");
    }
    // Another stack, or one in another Region.
    let shell = aws.user("operator", of_stack());
    let checkup = Checkup::of(&shell, &["--stack", "another"]);
    checkup.assert_failed("stack-schedule", "aws scheduler list-schedules");
    checkup.assert_failed("stack-alarms", "aws cloudwatch describe-alarms");
    assert_eq!(checkup.result("stack-rules"), "unknown");
    assert_eq!(checkup.result("stack-concurrency"), "unknown");
}
