//! Remedies of an `ANY` of which the policy file judges some verbs by themselves.

use super::*;
use crate::opened::account;

/// The remedy of the only finding of a rule, of `ANY /a` as it is deployed and as the draft has it, and of a role that may
/// call what the resource names.
fn remedy(
    rule: &str,
    (deployed, drafted): (&str, &str),
    may_call: &str,
    policy: &str,
) -> (String, Vec<String>) {
    let mut account = account(&[("ANY", "/a", deployed)], may_call);
    account["apis"][0]["draft"][0]["authorization"] = serde_json::json!(drafted);
    let inventory = Inventory::from_json(&account.to_string()).unwrap();
    let policy = PolicyFile::from_yaml("gatewatch.yaml", policy).unwrap();
    let report = Report::new(&inventory, &policy, "2026-06-15".parse().unwrap());
    let mut findings = report.evaluation.findings.into_iter();
    let finding = findings.find(|it| it.rule.as_str() == rule).unwrap();
    let commands = finding.remedy.commands.into_iter();
    let commands = commands.map(|it| it.into_owned()).collect();
    (finding.remedy.summary.into_owned(), commands)
}

const LAX_BUT_FOR_GET: &str = "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM, CUSTOM]\n  - match: {path: /a, \
                               verb: GET}\n    authorization: [AWS_IAM]\n";

#[test]
fn no_command_protects_an_any_of_which_the_policy_file_accepts_other_verbs_open() {
    let (summary, commands) = remedy("open-method", ("NONE", "NONE"), "*", LAX_BUT_FOR_GET);
    assert_eq!(commands, [""; 0]);
    assert!(
        summary.contains("DELETE, HEAD, PATCH and 2 more of ANY /a (changed from NONE to AWS_IAM"),
        "{summary}"
    );
    // Where all verbs are judged alike, there is no such caller.
    let strict = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
    let (_, commands) = remedy("open-method", ("NONE", "NONE"), "*", strict);
    assert!(commands.iter().any(|it| it.contains("create-deployment")));
}

#[test]
fn a_deployment_says_what_it_changes_for_the_verbs_that_are_accepted() {
    let (summary, commands) = remedy("undeployed-fix", ("NONE", "AWS_IAM"), "*", LAX_BUT_FOR_GET);
    assert!(commands.iter().any(|it| it.contains("create-deployment")));
    let says = "changes DELETE, HEAD, PATCH and 2 more of ANY /a from NONE to AWS_IAM";
    assert!(summary.contains(says), "{summary}");
}

/// The policy allows `GET /a` alone, and only of that it is asked who may call it.
#[test]
fn a_policy_for_the_verbs_of_an_any_that_are_asked_about_is_taken_away() {
    let policy = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\ninvokers:\n  - match: {path: /a, verb: GET}\n    \
                  roles: [nobody]\n";
    let iam = ("AWS_IAM", "AWS_IAM");
    let (_, commands) = remedy("unlisted-invoker", iam, "prod/GET/a", policy);
    assert_eq!(
        commands,
        ["aws iam delete-role-policy --role-name ci --policy-name p"]
    );
    let (summary, commands) = remedy("unlisted-invoker", iam, "prod/*/a", policy);
    assert_eq!(commands, [""; 0]);
    assert!(summary.contains("which also allows DELETE /a"), "{summary}");
    assert!(!summary.contains("ANY /a"), "{summary}");
}
