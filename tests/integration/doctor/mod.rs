//! `gatewatch doctor`: what is in order is said to be, each fault is found, and what is printed to mend or tell it is a call
//! of the AWS CLI.

mod broken;
mod healthy;
mod lambda;
mod members;
mod mended;
mod ways;
mod wire;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::schemas::assert_fits;
use crate::support::command::{Run, Shell};
use crate::support::package;
use crate::support::testbed::{ACCOUNT, REGION, Testbed, python};

/// The steps about a stack and its topic, all of which are in order where the stack is as it is deployed.
pub(crate) const OF_A_STACK: [&str; 13] = [
    "topic",
    "topic-key",
    "topic-key-policy",
    "topic-publish",
    "stack-schedule",
    "stack-alarms",
    "stack-rules",
    "stack-iam-events",
    "stack-trail",
    "stack-function",
    "template",
    "stack-start",
    "stack-concurrency",
];

/// A checkup.
struct Checkup {
    status: i32,
    document: Value,
}

impl Checkup {
    /// Runs one, and holds every command in it against the models of AWS's services.
    fn of(shell: &Shell, arguments: &[&str]) -> Self {
        let run = shell.run(&[&["doctor", "--format", "json"], arguments].concat());
        let checkup = Checkup::read(&run);
        checkup.has_valid_commands();
        checkup
    }

    fn read(run: &Run) -> Self {
        let document = run.report();
        assert_fits("doctor", &document);
        Checkup {
            status: run.status,
            document,
        }
    }

    fn checks(&self) -> &Vec<Value> {
        self.document["checks"].as_array().unwrap()
    }

    /// The names of the steps that came to this, in order.
    fn named(&self, result: &str) -> Vec<&str> {
        let checks = self.checks().iter().filter(|it| it["result"] == result);
        checks.map(|it| it["name"].as_str().unwrap()).collect()
    }

    /// The step of this name that is not in order, or the only one.
    fn check(&self, name: &str) -> &Value {
        let own = || self.checks().iter().filter(|it| it["name"] == name);
        let worse = own().find(|it| it["result"] != "ok");
        worse
            .or_else(|| own().next())
            .unwrap_or_else(|| panic!("{name}: {:#}", self.document))
    }

    fn result(&self, name: &str) -> &str {
        self.check(name)["result"].as_str().unwrap()
    }

    fn command(&self, name: &str) -> &str {
        self.check(name)["command"].as_str().unwrap_or_default()
    }

    /// That a step fails, and its command begins like this.
    fn assert_failed(&self, name: &str, command: &str) {
        assert_eq!(self.status, 1, "{:#}", self.document);
        assert_eq!(self.document["status"], "failed");
        assert_eq!(self.result(name), "failed", "{:#}", self.check(name));
        let printed = self.command(name);
        assert!(printed.starts_with(command), "{name}: `{printed}`");
    }

    fn has_valid_commands(&self) {
        let commands = self.checks().iter().filter(|it| it["command"].is_string());
        let commands: Vec<&Value> = commands.map(|it| &it["command"]).collect();
        assert_eq!(complaints(&json!(commands)), json!([]));
    }
}

/// What is wrong with commands of the AWS CLI.
pub(crate) fn complaints(commands: &Value) -> Value {
    told_by_models(&[], commands)
}

fn told_by_models(arguments: &[&str], commands: &Value) -> Value {
    let mut child = python()
        .arg(package("tests/testbed/commands.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write!(child.stdin.take().unwrap(), "{commands}").unwrap();
    let done = child.wait_with_output().unwrap();
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Runs a command that was printed: gatewatch's own in a shell, one of the AWS CLI as the call that it is.
fn mend(aws: &mut Testbed, shell: &Shell, command: &str) {
    let words = shlex::split(command).unwrap();
    if words[0] == "gatewatch" {
        let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let run = shell.run(&words);
        assert!(run.status < 2, "{command}: {}", run.stderr);
        return;
    }
    // The emulator reads the file from its own folder.
    let file = shell.folder().join("gatewatch.yaml");
    let body = format!("--body {}", file.display());
    let command = command.replace("--body gatewatch.yaml", &body);
    for call in told_by_models(&["--calls"], &json!([command]))
        .as_array()
        .unwrap()
    {
        let text = |name: &str| call[name].as_str();
        let region = text("region").unwrap_or(REGION);
        let (service, operation) = (text("service").unwrap(), text("operation").unwrap());
        aws.call_in(ACCOUNT, region, service, operation, call["params"].clone());
    }
}

/// Gives a topic the stack's key: the emulator passes over the one that the template names.
fn encrypted(aws: &mut Testbed, topic: &str) {
    let keys = aws.call("kms", "list_keys", json!({}));
    let key = &keys["Keys"][0]["KeyArn"];
    let params =
        json!({"TopicArn": topic, "AttributeName": "KmsMasterKeyId", "AttributeValue": key});
    aws.call("sns", "set_topic_attributes", params);
}

/// What a stack needs besides to be in order: the stack of iam-events.yaml, a trail, and alarms with data. Waits for the
/// first, where a command has deployed it.
fn settled(aws: &mut Testbed) {
    for _ in 0..100 {
        let stacks = aws.call_in(
            ACCOUNT,
            "us-east-1",
            "cloudformation",
            "describe_stacks",
            json!({}),
        );
        if stacks["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let trail = json!({"Name": "all", "S3BucketName": "trails", "IsMultiRegionTrail": true});
    aws.call(
        "s3",
        "create_bucket",
        json!({
            "Bucket": "trails", "CreateBucketConfiguration": {"LocationConstraint": REGION},
        }),
    );
    aws.call("cloudtrail", "create_trail", trail);
    aws.call("cloudtrail", "start_logging", json!({"Name": "all"}));
    let alarms = aws.call("cloudwatch", "describe_alarms", json!({}));
    for alarm in alarms["MetricAlarms"].as_array().unwrap() {
        let quiet = json!({
            "AlarmName": alarm["AlarmName"], "StateValue": "OK", "StateReason": "all is well",
        });
        aws.call("cloudwatch", "set_alarm_state", quiet);
    }
}

#[test]
fn a_command_that_is_none_is_seen() {
    let wrong = [
        "aws sns subscribe --topic-arn a",
        "aws kms describe-keys",
        "aws apigateway get-rest-apis --limit 1",
        "aws account list-regions --region-opt-status-contains SOMETIMES",
        "aws iam get-role",
    ];
    let found = complaints(&json!(wrong));
    assert_eq!(found.as_array().unwrap().len(), wrong.len(), "{found}");
}

/// Puts the policy that a command would put on a user.
fn put(aws: &mut Testbed, command: &str) {
    let words = shlex::split(command).unwrap();
    let of = |flag: &str| {
        let at = words.iter().position(|it| it == flag).unwrap();
        words[at + 1].clone()
    };
    assert_eq!(words[..3], ["aws", "iam", "put-user-policy"], "{command}");
    let params = json!({
        "UserName": of("--user-name"),
        "PolicyName": of("--policy-name"),
        "PolicyDocument": of("--policy-document"),
    });
    aws.call("iam", "put_user_policy", params);
}

/// Everything that a scan, its state and its topic need, as the guide lists it.
fn everything() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["apigateway:GET", "apigateway:ListRoutingRules"], "Resource": "*"},
        {"Effect": "Allow", "Action": [
            "account:ListRegions", "iam:GetAccountAuthorizationDetails", "iam:GetPolicy", "iam:GetPolicyVersion",
        ], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::findings"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::findings/*"},
        {"Effect": "Allow", "Action": ["sns:Publish", "sns:GetTopicAttributes"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"},
    ]})
}

/// The same, with what is asked about a stack.
fn of_stack() -> Value {
    let mut policy = everything();
    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow", "Resource": "*", "Action": [
            "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors",
            "cloudwatch:DescribeAlarms", "events:ListRules", "events:ListRuleNamesByTarget", "events:ListTargetsByRule",
            "events:DescribeRule", "lambda:GetAccountSettings", "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionConcurrency", "scheduler:GetSchedule", "kms:GetKeyPolicy", "logs:FilterLogEvents",
        ],
    }));
    policy
}

/// The same, less what a test takes away: its statements from the end.
fn all_but(actions: &[&str]) -> Value {
    let mut policy = everything();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let mut kept = match statement["Action"].take() {
            Value::Array(kept) => kept,
            one => vec![one],
        };
        kept.retain(|it| !actions.contains(&it.as_str().unwrap()));
        if kept.is_empty() {
            // Nobody has this right, so that nothing is allowed.
            kept.push(json!("none:Nothing"));
        }
        statement["Action"] = json!(kept);
    }
    policy
}

/// The bucket that the state is kept in.
fn bucket(aws: &mut Testbed) {
    let location = json!({"LocationConstraint": "eu-west-1"});
    let params = json!({"Bucket": "findings", "CreateBucketConfiguration": location});
    aws.call("s3", "create_bucket", params);
}
