//! Resource policies and trust policies of the kinds that are found in the field, with the right answers worked out by hand:
//! `tests/policies`.
//!
//! After the [examples](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html)
//! of API Gateway, the [data perimeters](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html)
//! of IAM, and mistakes with operators whose key is missing.

use std::fs;

use gatewatch::iam::document::Policy;
use gatewatch::iam::{Admission, Admissions, Outsider, Template, guests};
use serde_json::{Value, json};

use crate::other_accounts::{answers_of, inventory};
use crate::support::package;

const OWN: &str = "111122223333";

fn cases(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(package("tests/policies").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Whether an outsider gets in to `GET /x`.
fn admission(policy: &Policy, who: Outsider, is_private: bool) -> &'static str {
    let admissions = if is_private {
        Admissions::of_private(policy, who, OWN, "a1b2c3d4e5")
    } else {
        Admissions::new(policy, who, OWN, "a1b2c3d4e5")
    };
    let place = ["aws", "eu-west-1", OWN];
    let method = Template::of_method(place, ["a1b2c3d4e5", "prod"], &["GET"], "/x");
    match admissions.of(&method) {
        Admission::FromAnywhere => "anywhere",
        Admission::FromNetworks => "networks",
        Admission::Refused => "refused",
        Admission::Undecided => "undecided",
    }
}

#[test]
fn resource_policies_let_in_whom_they_let_in() {
    let cases = cases("resource-policies.json");
    let mut wrong = Vec::new();
    for case in &cases {
        let statements = &case["statements"];
        let inventory = inventory("aws", statements);
        let document = &inventory["apis"][0]["resource_policy"]["json"];
        let policy = Policy::from_value(document).unwrap();
        let is_private = case["private"] == true;
        let mut callers = answers_of(statements, is_private);
        callers.sort();
        let found = json!([
            callers,
            admission(&policy, Outsider::Stranger, is_private),
            admission(&policy, Outsider::Anonymous, is_private),
        ]);
        let expected = json!([case["callers"], case["stranger"], case["anonymous"]]);
        if found != expected {
            wrong.push(format!("{}: {found}, and not {expected}", case["says"]));
        }
    }
    assert!(cases.len() > 70);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn trust_policies_are_open_to_whom_they_are_open() {
    let cases = cases("trust-policies.json");
    for case in &cases {
        let document = json!({"Version": "2012-10-17", "Statement": case["statements"]});
        let trust = Policy::from_value(&document).unwrap();
        let is_open = !guests(&trust, OWN).is_empty();
        assert_eq!(is_open, case["is_open"] == true, "{}", case["says"]);
    }
    assert!(cases.len() > 30);
}
