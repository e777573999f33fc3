//! Whose credentials a run uses, and that it says so first.

use std::fs;

use crate::support::command::Shell;
use crate::support::testbed::{ACCOUNT, REGION, Testbed};

/// Another account of the emulator: its keys are named after it.
const OTHER: &str = "444455556666";

/// A shell with keys of [`ACCOUNT`] in its environment, and these profiles.
fn shell(endpoint: &str, config: &str, credentials: &str) -> Shell {
    let shell = Shell::in_account(endpoint, ACCOUNT, REGION);
    let folder = shell.folder().join(".aws");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config"), config).unwrap();
    fs::write(folder.join("credentials"), credentials).unwrap();
    shell
}

/// Nobody listens there: a call would end with status 3.
const NOWHERE: &str = "http://127.0.0.1:9";

const KEYS: &str = "aws_access_key_id = 444455556666\naws_secret_access_key = fake\n";

fn collected(shell: &Shell, arguments: &[&str]) -> (String, String) {
    let run = shell.run(&[&["collect"], arguments].concat());
    let account = run.report()["account"].as_str().unwrap().to_owned();
    let first = run.stderr.lines().next().unwrap().to_owned();
    (account, first)
}

#[test]
fn the_profile_that_is_asked_for_comes_before_keys_in_the_environment() {
    let aws = Testbed::start();
    let config = format!(
        "[profile process]\ncredential_process = \
         echo '{{\"Version\":1,\"AccessKeyId\":\"{OTHER}\",\"SecretAccessKey\":\"fake\"}}'\n\
         [profile in-config]\n{KEYS}"
    );
    let shell = shell(aws.endpoint(), &config, &format!("[keys]\n{KEYS}"));
    for profile in ["keys", "process", "in-config"] {
        let (account, first) = collected(&shell, &["--profile", profile]);
        assert_eq!(account, OTHER, "{profile}");
        let expected = format!("account {OTHER} as arn:aws:iam::{OTHER}:root, profile {profile}");
        assert_eq!(first, expected);
    }
    // As with the AWS CLI, keys in the environment come before the profile that the environment names.
    let named = shell.with("AWS_PROFILE", "keys");
    let (account, first) = collected(&named, &[]);
    assert_eq!(account, ACCOUNT);
    assert_eq!(
        first,
        format!("account {ACCOUNT} as arn:aws:iam::{ACCOUNT}:root")
    );
    let run = named.run(&["scan", "--profile", "keys"]);
    let first = run.stderr.lines().next().unwrap();
    assert!(
        first.starts_with(&format!("account {OTHER} as ")),
        "{}",
        run.stderr
    );
}

#[test]
fn a_role_of_a_profile_is_assumed() {
    let mut aws = Testbed::start();
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]});
    let role =
        serde_json::json!({"RoleName": "audit", "AssumeRolePolicyDocument": trust.to_string()});
    aws.call_in(OTHER, REGION, "iam", "create_role", role);
    let config = format!(
        "[profile chained]\nrole_arn = arn:aws:iam::{OTHER}:role/audit\nsource_profile = keys\n"
    );
    let shell = shell(aws.endpoint(), &config, &format!("[keys]\n{KEYS}"));
    let run = shell.run(&["scan", "--profile", "chained"]);
    let first = run.stderr.lines().next().unwrap();
    let expected = format!("account {OTHER} as arn:aws:sts::{OTHER}:assumed-role/audit/");
    assert!(first.starts_with(&expected), "{}", run.stderr);
}

#[test]
fn a_profile_that_is_not_there_is_an_error_before_any_call() {
    let shell = shell(NOWHERE, "[profile other]\nregion = eu-west-1\n", "");
    let topic = "arn:aws:sns:eu-west-1:111122223333:topic";
    for command in [
        vec!["scan"],
        vec!["collect"],
        vec!["access"],
        vec!["scan", "--accounts", OTHER, "--role-name", "audit"],
        vec!["notify", "--test", "--publish", topic],
        vec!["history", "--state", "s3://bucket/state"],
    ] {
        let run = shell.run(&[command.as_slice(), &["--profile", "missing"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        for part in ["`missing`", "~/.aws/config", "~/.aws/credentials"] {
            assert!(run.stderr.contains(part), "{command:?}: {}", run.stderr);
        }
    }
    // One without credentials gives none, whatever else there is.
    let run = shell.run(&["scan", "--profile", "other"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("`other`"), "{}", run.stderr);
    // The files are where the environment says.
    let moved = shell.with("AWS_CONFIG_FILE", "/nowhere/config");
    let run = moved.with("AWS_PROFILE", "gone").run(&["scan"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    for part in ["`gone`", "AWS_PROFILE", "/nowhere/config"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}
