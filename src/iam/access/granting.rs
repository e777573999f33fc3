//! What a policy sets out to grant, before anything is weighed against it.

use crate::iam::document::{Effect, INVOKE, Policy, Statement};
use crate::iam::pattern::wildcards::{matches, matches_ignoring_case};

/// The Allow statements of an identity policy that name `execute-api:Invoke` and some method.
///
/// Conditions and Deny statements are not weighed: this says what the policy sets out to grant.
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::{invoke_grants, is_blanket};
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": [
///         {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
///         {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}"#,
/// )
/// .unwrap();
/// let grants: Vec<_> = invoke_grants(&policy).collect();
/// let (place, statement) = grants[0];
/// assert_eq!((grants.len(), place), (1, 1));
/// assert!(is_blanket(statement, "aws"));
/// ```
pub fn invoke_grants(policy: &Policy) -> impl Iterator<Item = (usize, &Statement)> {
    let statements = policy.statements.iter().enumerate();
    statements
        .filter(|(_, it)| it.effect == Effect::Allow && is_about_invoke(it) && is_about_methods(it))
}

/// Whether a statement lets its holder call every API of a partition, whenever and from wherever.
pub fn is_blanket(statement: &Statement, partition: &str) -> bool {
    // What takes in this takes in every method.
    let every = format!("arn:{partition}:execute-api:*:*:*");
    statement.conditions.is_empty()
        && statement.resources.as_ref().is_some_and(|resources| {
            let mut patterns = resources.patterns.iter();
            !resources.negated && patterns.any(|it| !it.contains('?') && matches(it, &every))
        })
}

/// Whether a policy denies a call to anybody, whenever and of whatever method.
pub fn denies_calls(policy: &Policy) -> bool {
    let mut statements = policy.statements.iter();
    statements.any(|it| it.effect == Effect::Deny && is_about_invoke(it))
}

/// Whether one look at an identity policy tells that it allows every request of every method of an account,
/// in whatever Region, whenever and from wherever.
///
/// Part by part, as a decision reads patterns, and only where no variable needs to be replaced.
pub fn allows_every_call(policy: &Policy, partition: &str, account: &str) -> bool {
    let mut statements = policy.statements.iter();
    statements.any(|it| {
        let resources = it.resources.iter().filter(|it| !it.negated);
        let mut patterns = resources.flat_map(|it| &it.patterns);
        it.effect == Effect::Allow
            && it.conditions.is_empty()
            && is_about_invoke(it)
            && patterns.any(|it| takes_in_everything(it, partition, account))
    })
}

fn takes_in_everything(pattern: &str, partition: &str, account: &str) -> bool {
    let is_star = |part: &str| !part.is_empty() && part.bytes().all(|it| it == b'*');
    // `None`: any.
    let head = [
        Some("arn"),
        Some(partition),
        Some("execute-api"),
        None,
        Some(account),
        None,
    ];
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let mut each = parts.iter().zip(head);
    let named = each.all(|(part, wanted)| is_star(part) || wanted.is_some_and(|it| *part == it));
    // A `*` at the end takes all the parts that follow.
    named && parts.last().is_some_and(|it| is_star(it))
}

/// The API that a resource pattern names in full: its Region, its account and its id.
///
/// `None`: the pattern has wildcards there, or names something else.
///
/// ```
/// use gatewatch::iam::named_api;
///
/// let pattern = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/*";
/// assert_eq!(named_api(pattern), Some(("eu-west-1", "111122223333", "a1b2c3d4e5")));
/// assert_eq!(named_api("arn:aws:execute-api:eu-west-1:111122223333:a1b2*/prod/*"), None);
/// ```
pub fn named_api(pattern: &str) -> Option<(&str, &str, &str)> {
    let mut parts = pattern.splitn(6, ':').skip(2);
    if parts.next()? != "execute-api" {
        return None;
    }
    let (region, account) = (parts.next()?, parts.next()?);
    let id = parts.next()?.split('/').next()?;
    let is_id = id.len() == 10
        && id
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    is_id.then_some((region, account, id))
}

pub(in crate::iam) fn is_about_invoke(statement: &Statement) -> bool {
    let mut patterns = statement.actions.patterns.iter();
    let named = patterns.any(|it| matches_ignoring_case(it, INVOKE));
    named != statement.actions.negated
}

/// Whether a resource pattern takes in every method of a partition: the one that it names, or, where it has wildcards
/// there, one that they stand for.
fn takes_in_every_method(pattern: &str) -> bool {
    let named = pattern.split(':').nth(1).unwrap_or("aws");
    // Each `*` stands for nothing, and each `?` for a letter.
    let stood_for = named.replace('*', "").replace('?', "x");
    let mut partitions = ["aws", stood_for.as_str()].into_iter();
    partitions.any(|it| matches(pattern, &format!("arn:{it}:execute-api:*:*:*")))
}

fn is_about_methods(statement: &Statement) -> bool {
    statement.resources.as_ref().is_some_and(|resources| {
        let named = |pattern: &String| {
            let parts: Vec<&str> = pattern.splitn(6, ':').collect();
            let complete = parts.len() == 6 || pattern.ends_with('*');
            let names = |at: usize, wanted| parts.get(at).is_none_or(|part| matches(part, wanted));
            complete && names(0, "arn") && names(2, "execute-api")
        };
        if resources.negated {
            // Only a pattern that takes in every method leaves none over.
            return !(resources.patterns.iter()).any(|it| takes_in_every_method(it));
        }
        resources.patterns.iter().any(named)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ACCOUNT: &str = "111122223333";

    fn policy(statements: &Value) -> Policy {
        Policy::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
    }

    fn allows(statements: &Value) -> bool {
        allows_every_call(&policy(statements), "aws", ACCOUNT)
    }

    fn of_resource(effect: &str, resource: &Value) -> Value {
        json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource})
    }

    #[test]
    fn every_way_to_name_the_call_counts() {
        for (element, actions, named) in [
            ("Action", json!("*"), true),
            ("Action", json!("execute-api:*"), true),
            ("Action", json!("execute-api:Invoke"), true),
            ("Action", json!("EXECUTE-API:inv?ke"), true),
            ("Action", json!(["s3:GetObject", "execute-api:Inv*"]), true),
            ("NotAction", json!("iam:*"), true),
            (
                "NotAction",
                json!(["iam:*", "execute-api:ManageConnections"]),
                true,
            ),
            ("Action", json!("execute-api:ManageConnections"), false),
            ("Action", json!("apigateway:*"), false),
            ("Action", json!([]), false),
            ("NotAction", json!("*"), false),
            ("NotAction", json!(["iam:*", "execute-api:*"]), false),
        ] {
            let of = |effect: &str| json!({"Effect": effect, element: actions, "Resource": "*"});
            let (allow, deny) = (of("Allow"), of("Deny"));
            assert_eq!(allows(&allow), named, "{allow}");
            assert_eq!(denies_calls(&policy(&deny)), named, "{deny}");
            assert!(!denies_calls(&policy(&allow)), "{allow}");
            assert!(!allows(&deny), "{deny}");
        }
    }

    #[test]
    fn every_way_to_name_all_methods_of_the_account_counts() {
        for resource in [
            "*",
            "**",
            "*:*",
            "arn:*",
            "arn:aws:*",
            "arn:aws:execute-api:*",
            "arn:aws:execute-api:*:*",
            "arn:aws:execute-api:*:111122223333:*",
            "arn:aws:execute-api:*:*:*",
            "arn:*:execute-api:**:*:**",
            "*:*:*:*:*:*",
        ] {
            let allow = of_resource("Allow", &json!(resource));
            assert!(allows(&allow), "{resource}");
            let one_of_two = of_resource("Allow", &json!(["arn:aws:s3:::bucket/*", resource]));
            assert!(allows(&one_of_two), "{resource}");
            let second = json!([of_resource("Allow", &json!("arn:aws:s3:::*")), allow]);
            assert!(allows(&second), "{resource}");
        }
        let in_china = policy(&of_resource(
            "Allow",
            &json!("arn:aws-cn:execute-api:*:*:*"),
        ));
        assert!(allows_every_call(&in_china, "aws-cn", ACCOUNT));
        assert!(!allows_every_call(&in_china, "aws", ACCOUNT));
    }

    #[test]
    fn what_leaves_a_method_out_or_is_not_clear_at_one_look_does_not_count() {
        for resource in [
            // Other Regions, accounts, partitions and services.
            "arn:aws:execute-api:eu-west-1:*:*",
            "arn:aws:execute-api:eu-*:*:*",
            "arn:aws:execute-api:eu-*:111122223333:*",
            "arn:aws:execute-api::111122223333:*",
            "arn:aws:execute-api:?*:*:*",
            "arn:aws:execute-api:*:444455556666:*",
            "arn:aws:execute-api:*:1*:*",
            "arn:aws-cn:execute-api:*:*:*",
            "arn:aws:s3:*",
            // Parts of an API.
            "arn:aws:execute-api:*:*:a1b2c3d4e5/*",
            "arn:aws:execute-api:*:*:*/prod/*",
            "arn:aws:execute-api:*:*:*/GET/*",
            "arn:aws:execute-api:*:*:?*",
            "arn:aws:execute-api:*:*:${aws:username}*",
            "arn:aws:execute-api:*:*:",
            // Too few parts, and no `*` at the end.
            "arn:aws:execute-api",
            "arn:aws:execute-api:*:*:*:x",
            "",
            // A `*` does not run across a colon to the parts behind it.
            "*:execute-api:*",
            "arn:*:111122223333:*",
        ] {
            let allow = of_resource("Allow", &json!(resource));
            assert!(!allows(&allow), "{resource}");
        }
        for statement in [
            of_resource("Allow", &json!([])),
            of_resource("Deny", &json!("*")),
            json!({"Effect": "Allow", "Action": "*"}),
            json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}),
            json!({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
            json!({"Effect": "Allow", "Action": "*", "Resource": "*",
                   "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            json!({"Effect": "Allow", "Action": "*", "Resource": "*",
                   "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        ] {
            assert!(!allows(&statement), "{statement}");
        }
        let no_condition =
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}});
        assert!(allows(&no_condition));
    }

    #[test]
    fn a_deny_counts_wherever_and_whenever_it_may_apply() {
        let all = of_resource("Allow", &json!("*"));
        for (deny, counts) in [
            (of_resource("Deny", &json!("*")), true),
            (
                of_resource(
                    "Deny",
                    &json!("arn:aws:execute-api:*:*:a1b2c3d4e5/prod/GET/a"),
                ),
                true,
            ),
            (
                json!({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:execute-api:*"}),
                true,
            ),
            (
                json!({"Effect": "Deny", "Action": "execute-api:*", "Resource": "*",
                       "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
                true,
            ),
            (
                json!({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}),
                true,
            ),
            (
                json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
                false,
            ),
            (
                json!({"Effect": "Deny", "Action": "execute-api:ManageConnections", "Resource": "*"}),
                false,
            ),
            (
                json!({"Effect": "Deny", "NotAction": "execute-api:*", "Resource": "*"}),
                false,
            ),
        ] {
            let both = json!([all, deny]);
            assert_eq!(denies_calls(&policy(&both)), counts, "{deny}");
            // What is allowed is another question.
            assert!(allows(&both), "{deny}");
        }
    }

    fn grants(statement: Value) -> bool {
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        let policy = Policy::from_value(&document);
        policy.is_ok_and(|policy| invoke_grants(&policy).next().is_some())
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
            json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws-cn:execute-api:*"}),
            json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws-eusc:execute-api:*"}),
            json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws-*:execute-api:*"}),
            json!("nonsense"),
        ] {
            assert!(!grants(statement.clone()), "{statement}");
        }
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
