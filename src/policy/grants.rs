//! Whether a policy document grants `execute-api:Invoke` at all.

use serde_json::Value;

use super::pattern::matches;
use super::statement::{covers_invoke, statements, texts};

/// What takes in each of these takes in every method of its partition.
const EVERY_METHOD: [&str; 3] = [
    "arn:aws:execute-api:*:*:*",
    "arn:aws-cn:execute-api:*:*:*",
    "arn:aws-us-gov:execute-api:*:*:*",
];

/// Whether some Allow statement of the document covers `execute-api:Invoke` on some method.
///
/// Conditions and Deny statements are not weighed: this says what a policy sets out to grant, not who
/// can call what in the end. A statement without a Resource (a resource policy's) counts for every API.
pub fn grants_invoke(document: &Value) -> bool {
    statements(document).any(|statement| {
        texts(statement, "Effect").eq(["Allow"])
            && covers_invoke(statement)
            && covers_a_method(statement)
    })
}

fn covers_a_method(statement: &Value) -> bool {
    if statement.get("NotResource").is_some() {
        // Only a pattern that takes in every method leaves none over.
        let every = |pattern| EVERY_METHOD.iter().any(|methods| matches(pattern, methods));
        !texts(statement, "NotResource").any(every)
    } else if statement.get("Resource").is_some() {
        texts(statement, "Resource").any(may_name_a_method)
    } else {
        true
    }
}

/// Whether a resource pattern can name a method. Wildcards are read part by part, as IAM's guide to ARNs
/// asks for: one that runs across a `:` into another service is not what its author granted. A `*` at
/// the very end takes all the parts that follow.
fn may_name_a_method(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let complete = parts.len() == 6 || pattern.ends_with('*');
    let names = |at: usize, wanted: &str| parts.get(at).is_none_or(|part| matches(part, wanted));
    complete && names(0, "arn") && names(2, "execute-api")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn grants(statement: Value) -> bool {
        grants_invoke(&json!({"Version": "2012-10-17", "Statement": statement}))
    }

    #[test]
    fn the_invoke_policy_of_the_article_grants() {
        // AmazonAPIGatewayInvokeFullAccess, v2.
        assert!(grants(json!([{
            "Effect": "Allow",
            "Action": ["execute-api:Invoke", "execute-api:ManageConnections"],
            "Resource": "arn:aws:execute-api:*:*:*"
        }])));
    }

    #[test]
    fn a_single_statement_needs_no_list_and_actions_ignore_case() {
        assert!(grants(
            json!({"Effect": "Allow", "Action": "EXECUTE-API:inv*", "Resource": "*"})
        ));
    }

    #[test]
    fn not_action_grants_what_it_does_not_name() {
        // PowerUserAccess grants Invoke this way.
        assert!(grants(
            json!({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})
        ));
        assert!(!grants(
            json!({"Effect": "Allow", "NotAction": ["execute-api:*"], "Resource": "*"})
        ));
    }

    #[test]
    fn other_actions_other_services_and_denials_do_not_grant() {
        for statement in [
            json!({"Effect": "Deny", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "apigateway:*", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/*"}),
            json!({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
            json!("nonsense"),
        ] {
            assert!(!grants(statement.clone()), "{statement}");
        }
        assert!(!grants_invoke(&json!(null)));
    }

    #[test]
    fn a_wildcard_resource_that_reaches_a_method_grants() {
        assert!(grants(
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:exec*:eu-west-1:*:abc/prod/*"})
        ));
        assert!(grants(
            json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:exec*"})
        ));
    }
}
