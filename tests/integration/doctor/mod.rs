//! `gatewatch doctor`: what is in order is said to be, each fault is found, and what is printed to mend or tell it is a call
//! of the AWS CLI.

mod broken;
mod healthy;
mod lambda;
mod members;
mod wire;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::package;
use crate::support::testbed::{Testbed, python};

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
        Checkup {
            status: run.status,
            document: run.report(),
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
fn complaints(commands: &Value) -> Value {
    let mut child = python()
        .arg(package("tests/testbed/commands.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write!(child.stdin.take().unwrap(), "{commands}").unwrap();
    let done = child.wait_with_output().unwrap();
    serde_json::from_slice(&done.stdout).unwrap()
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
    ]})
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
