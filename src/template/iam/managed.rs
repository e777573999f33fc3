//! AWS's own managed policies, which files attach by their ARNs: what they say of calling APIs.
//!
//! Source: the default versions of all of them, as IAM had them in May 2026, 1,485 policies
//! ([list](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html)).

use serde_json::{Value, json};

use crate::iam::Document;
use crate::iam::document::Arn;
use crate::inventory::{AttachedPolicy, ManagedPolicy};

/// Those that say nothing of `execute-api`, with their paths, in order.
const WITHOUT_CALLS: &str = include_str!("without_calls.txt");

/// A policy that is attached by its ARN, where AWS has it and what it says of calls is known. Of one that says nothing of
/// them, the document is empty.
pub(super) fn managed(attached: &AttachedPolicy) -> Option<ManagedPolicy> {
    let arn = Arn::read(&attached.arn)?;
    if arn.service != "iam" || arn.account != "aws" {
        return None;
    }
    let name = arn.resource.strip_prefix("policy/")?;
    let (version, statements) = match with_calls(arn.partition, name) {
        Some(known) => known,
        None => {
            let mut all = WITHOUT_CALLS.lines();
            all.find(|it| *it == name)?;
            ("v1", json!([]))
        }
    };
    Some(ManagedPolicy {
        name: attached.name.clone(),
        arn: attached.arn.clone(),
        version: version.to_owned(),
        document: Document::Json(json!({"Version": "2012-10-17", "Statement": statements})),
    })
}

/// The ARN of AWS's policy of this name, wherever its path lies. `None`: none is known.
pub(super) fn named(partition: &str, name: &str) -> Option<String> {
    let of_name = |it: &&str| it.rsplit('/').next() == Some(name);
    let path = match with_calls(partition, name) {
        Some(_) => name,
        None => WITHOUT_CALLS.lines().find(of_name)?,
    };
    Some(format!("arn:{partition}:iam::aws:policy/{path}"))
}

/// Those that decide about calls, with the statements that do.
fn with_calls(partition: &str, name: &str) -> Option<(&'static str, Value)> {
    let invoke = format!("arn:{partition}:execute-api:*:*:*");
    Some(match name {
        "AdministratorAccess" => (
            "v1",
            json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
        ),
        "AmazonAPIGatewayInvokeFullAccess" => (
            "v2",
            json!([{"Effect": "Allow", "Action": ["execute-api:Invoke", "execute-api:ManageConnections"], "Resource": invoke}]),
        ),
        "PowerUserAccess" => (
            "v12",
            json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}]),
        ),
        "AWSDenyAll" => (
            "v2",
            json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]),
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(arn: &str) -> Option<Value> {
        let attached = AttachedPolicy {
            name: "x".to_owned(),
            arn: arn.to_owned(),
        };
        match managed(&attached)?.document {
            Document::Json(json) => json.get("Statement").cloned(),
            Document::Unparsed { .. } => None,
        }
    }

    #[test]
    fn what_is_known_of_awss_policies() {
        let role = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(statements(role), Some(json!([])));
        let everything = statements("arn:aws-cn:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess");
        assert_eq!(
            everything.unwrap()[0]["Resource"],
            "arn:aws-cn:execute-api:*:*:*"
        );
        // Another path is another policy, and one of the account's own is none of AWS's.
        for other in [
            "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
            "arn:aws:iam::aws:policy/ToCome",
            "arn:aws:iam::000000000000:policy/AdministratorAccess",
            "AdministratorAccess",
        ] {
            assert_eq!(statements(other), None, "{other}");
        }
    }

    #[test]
    fn none_is_on_both_lists_and_the_long_one_is_in_order() {
        let names: Vec<&str> = WITHOUT_CALLS.lines().collect();
        assert!(names.is_sorted());
        assert!(names.iter().all(|it| with_calls("aws", it).is_none()));
    }
}
