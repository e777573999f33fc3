//! The role in the accounts of an organization.

use serde_json::json;

use super::Checkup;
use crate::support::package;
use crate::support::testbed::{ACCOUNT, Testbed};

#[test]
fn an_account_without_the_role_is_found() {
    let mut aws = Testbed::start();
    let made = aws.call(
        "gatewatch",
        "create_organization",
        json!({"members": 3, "suspended": [3]}),
    );
    let members: Vec<String> = serde_json::from_value(made["members"].clone()).unwrap();
    let parameters = json!({
        "HubRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/hub"),
        "OperatorArn": format!("arn:aws:iam::{ACCOUNT}:user/auditor"),
        "ExternalId": "fake-external-id",
    });
    let let_in = |aws: &mut Testbed, accounts: &[&String]| {
        let params = json!({
            "accounts": accounts, "template": package("member-role.yaml"), "parameters": parameters,
        });
        aws.call("gatewatch", "deploy_member_roles", params);
    };
    let_in(&mut aws, &[&members[0]]);
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["organizations:*", "sts:*", "apigateway:GET", "iam:Get*", "account:*"],
        "Resource": "*",
    }});
    let shell = aws.user("auditor", policy);
    let role = ["--role-name", "gatewatch-member"];
    let id = ["--external-id", "fake-external-id"];
    let asked = [&["--organization"][..], &role, &id].concat();
    let checkup = Checkup::of(&shell, &asked);
    checkup.assert_failed(
        "member-roles",
        "aws cloudformation create-stack-instances --region us-east-1 --stack-set-name gatewatch-member",
    );
    let check = checkup.check("member-roles");
    assert!(
        check["message"].as_str().unwrap().contains(&members[1]),
        "{check}"
    );
    assert!(checkup.command("member-roles").contains(&members[1]));
    assert!(!checkup.command("member-roles").contains(&members[0]));
    let listed = checkup.check("organization");
    assert_eq!(listed["result"], "ok");
    assert!(
        listed["message"]
            .as_str()
            .unwrap()
            .ends_with("1 account not active"),
        "{listed}"
    );

    let_in(&mut aws, &[&members[1]]);
    let checkup = Checkup::of(&shell, &asked);
    assert_eq!(
        checkup.result("member-roles"),
        "ok",
        "{:#}",
        checkup.document
    );
    // The wrong external id lets nobody in.
    let accounts = ["--accounts", &members[0]];
    let wrong = ["--external-id", "another"];
    let state = ["--state", "state"];
    let checkup = Checkup::of(&shell, &[&accounts[..], &role, &wrong, &state].concat());
    assert_eq!(checkup.named("failed"), ["member-roles"]);
    // This account is none of those that are read: when it was read says nothing.
    assert_eq!(checkup.result("last-scan"), "unknown");
    // One's own account needs no role, and says nothing about it.
    let own = ["--accounts", ACCOUNT];
    let checkup = Checkup::of(&shell, &[&own[..], &role, &state].concat());
    let message = checkup.check("member-roles")["message"].as_str().unwrap();
    assert!(message.ends_with("which needs no role"), "{message}");
    let scan = "gatewatch scan --region eu-west-1 --state state --accounts 111122223333 --role-name gatewatch-member";
    checkup.assert_failed("last-scan", scan);
}
