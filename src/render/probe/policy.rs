//! The IAM policy that a probe needs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::audit::probe::Plan;

/// The policy of the role that signs: `execute-api:Invoke` on what is asked, and nothing else. `None`: nothing is signed,
/// and no permission is needed.
pub(super) fn signing_policy(plan: &Plan) -> Option<Value> {
    let signed = plan.requests.iter().filter(|it| it.signed);
    let resources: BTreeSet<String> = signed.map(|it| literally(&it.arn)).collect();
    let statement = json!({
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": resources,
    });
    (!resources.is_empty()).then(|| json!({"Version": "2012-10-17", "Statement": [statement]}))
}

/// A text as a policy has to write it, so that it means nothing but itself: a path may have a `*` of its own.
///
/// Source: [policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars).
fn literally(arn: &str) -> String {
    let mut written = String::with_capacity(arn.len());
    for letter in arn.chars() {
        match letter {
            '*' | '?' => written.extend(["${", letter.encode_utf8(&mut [0; 4]), "}"]),
            // Only before a brace does it mean something else.
            '{' if written.ends_with('$') => {
                written.pop();
                written.push_str("${$}{");
            }
            letter => written.push(letter),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::literally;

    #[test]
    fn a_path_with_a_wildcard_of_its_own_grants_nothing_else() {
        for (arn, written) in [
            ("a/prod/GET/pets/42", "a/prod/GET/pets/42"),
            ("a/$default/GET/*", "a/$default/GET/${*}"),
            ("a/prod/GET/${x}?", "a/prod/GET/${$}{x}${?}"),
        ] {
            assert_eq!(literally(arn), written);
        }
    }
}
