//! The commands of the pages for readers that read an account, run in one that has what the pages speak of.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use crate::page_commands::{Printed, furnish, in_lines, mistake};
use crate::pages::pages;
use crate::support::command::Shell;
use crate::support::package;
use crate::support::testbed::{ACCOUNT, Testbed};

/// The commands that read an account or what is remembered of one, in the order in which a reader comes to them.
const KINDS: [&str; 5] = ["scan", "collect", "history", "notify", "doctor"];

/// The accounts of the pages, which the emulator gives to the first members.
const MEMBERS: [&str; 2] = ["200000000001", "200000000002"];

/// An account with an API, the topics and buckets of the pages, and members that let somebody in; and that somebody.
fn account() -> (Testbed, Shell) {
    let mut aws = Testbed::start();
    aws.petstore();
    for topic in ["findings", "chat", "security-alerts"] {
        aws.topic(topic);
    }
    for bucket in ["a-bucket-of-the-reader", "findings"] {
        let place = json!({"LocationConstraint": "eu-west-1"});
        let params = json!({"Bucket": bucket, "CreateBucketConfiguration": place});
        aws.call("s3", "create_bucket", params);
    }
    let members = json!({"members": MEMBERS.len()});
    let made = aws.call("gatewatch", "create_organization", members);
    assert_eq!(made["members"], json!(MEMBERS));
    let parameters = json!({
        "HubRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/hub"),
        "OperatorArn": format!("arn:aws:iam::{ACCOUNT}:user/operator"),
        "ExternalId": "ID",
    });
    aws.call(
        "gatewatch",
        "deploy_member_roles",
        json!({"accounts": MEMBERS, "template": package("member-role.yaml"), "parameters": parameters}),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
    }});
    let shell = aws.user("operator", policy);
    furnish(&shell);
    let home = shell.folder().join(".aws");
    fs::create_dir(&home).unwrap();
    let keys = format!("[audit]\naws_access_key_id = {ACCOUNT}\naws_secret_access_key = fake\n");
    fs::write(home.join("credentials"), keys).unwrap();
    (aws, shell)
}

/// Each command once, with the page that it is on.
fn commands() -> Vec<(Printed, String)> {
    let mut commands = BTreeMap::new();
    for page in pages() {
        for command in in_lines(&fs::read_to_string(&page).unwrap()) {
            let kind = KINDS.iter().position(|it| *it == command.arguments[0]);
            if let Some(kind) = kind {
                let key = (kind, command.arguments.clone());
                commands
                    .entry(key)
                    .or_insert((command, page.display().to_string()));
            }
        }
    }
    commands.into_values().collect()
}

#[test]
fn every_command_that_reads_an_account_runs() {
    let (_aws, shell) = account();
    let commands = commands();
    assert!(commands.len() > 20, "{}", commands.len());
    for (command, page) in &commands {
        let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
        let run = shell.run(&arguments);
        let told = format!("{page}: {}\n{}\n{}", command.text, run.stdout, run.stderr);
        assert!(!mistake(&run.stderr, true), "{told}");
        assert!([0, 1].contains(&run.status), "{}: {told}", run.status);
        let to = arguments.iter().skip_while(|it| **it != "-o").nth(1);
        let is_written = to.is_some_and(|it| shell.folder().join(it).exists());
        assert!(
            is_written || !run.stdout.is_empty() || arguments[0] == "notify",
            "{told}"
        );
    }
}
