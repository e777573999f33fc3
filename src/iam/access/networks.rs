//! Conditions on networks, and on the ARNs of sessions, that no request to an API can meet, by what they are compared with.
//!
//! They are mistakes of whoever wrote the policy: nobody is let in, or nobody kept out, whom the statement was written
//! for. What a policy comes to is decided elsewhere, and does not depend on what is found here.
//!
//! Sources: [condition keys for API Gateway resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-condition-keys.html)
//! and [private APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).

use std::net::IpAddr;

use crate::iam::access::granting::is_about_invoke;
use crate::iam::access::vantage::SOURCE_IP;
use crate::iam::document::values::address::{INTERNAL, is_internal, range};
use crate::iam::document::{
    Comparison, Condition, Effect, Policy, Qualifier, Statement, is_session,
};

/// A statement whose condition on networks does something else than it was written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistaken {
    /// The place of the statement, from 0.
    pub statement: usize,
    /// What the statement does then, such as `lets nobody in`.
    pub does: &'static str,
    /// Why, in words.
    pub why: String,
}

/// The statements of a resource policy with a condition on networks that no request meets. `is_private`: whether requests
/// come through VPC endpoints; else they come from the internet.
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::mistaken_networks;
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
///         "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
///         "Condition": {"StringEquals": {"aws:SourceVpce": "vpc-0a1b2c3d"}}}}"#,
/// )
/// .unwrap();
/// let mistaken = mistaken_networks(&policy, true);
/// assert_eq!(mistaken[0].does, "lets nobody in");
/// assert_eq!(
///     mistaken[0].why,
///     "`aws:SourceVpce` is the id of a VPC endpoint, and `vpc-0a1b2c3d` is that of a VPC, which `aws:SourceVpc` has",
/// );
/// ```
pub fn mistaken_networks(policy: &Policy, is_private: bool) -> Vec<Mistaken> {
    let statements = policy.statements.iter().enumerate();
    let about = statements.filter(|(_, it)| is_about_invoke(it));
    let mistaken = about.filter_map(|(place, statement)| {
        let mut conditions = statement.conditions.iter();
        conditions.find_map(|it| {
            Some(Mistaken {
                statement: place,
                does: does(statement, it)?,
                why: why(it, is_private)?,
            })
        })
    });
    mistaken.collect()
}

/// What a statement does if no request has one of the values of this condition. `None`: what it was written for, or it
/// cannot be told.
fn does(statement: &Statement, condition: &Condition) -> Option<&'static str> {
    let operator = condition.operator;
    // These also hold where the request does not have the key.
    if operator.qualifier == Some(Qualifier::ForAllValues) {
        return None;
    }
    match (statement.effect, operator.negated) {
        (_, false) if operator.if_exists => None,
        (Effect::Allow, false) => Some("lets nobody in"),
        (Effect::Deny, false) => Some("denies nobody"),
        (Effect::Deny, true) if operator.qualifier.is_none() && statement.conditions.len() == 1 => {
            Some("denies every request that it speaks of")
        }
        _ => None,
    }
}

/// Why no request has any of the values of a condition. `None`: some may.
fn why(condition: &Condition, is_private: bool) -> Option<String> {
    match condition.key.as_str() {
        "aws:principalarn" => of_sessions(condition),
        SOURCE_IP => of_source_ip(condition, is_private),
        key @ ("aws:sourcevpce" | "aws:sourcevpc" | "aws:vpcsourceip") => {
            of_vpc(condition, key, is_private)
        }
        _ => None,
    }
}

fn of_source_ip(condition: &Condition, is_private: bool) -> Option<String> {
    if condition.operator.comparison != Comparison::IpAddress || condition.values.is_empty() {
        return None;
    }
    let mut values = condition.values.iter();
    if is_private {
        let is_public = values.all(|it| lies_apart(it));
        return is_public.then(|| {
            "requests to a private API come through VPC endpoints, and none has a public `aws:SourceIp`: \
             `aws:VpcSourceIp` has the address of the caller"
                .to_owned()
        });
    }
    let is_of_no_caller = values.all(|it| is_internal(it));
    is_of_no_caller.then(|| {
        "no request from the internet has a private address as its `aws:SourceIp`".to_owned()
    })
}

fn of_sessions(condition: &Condition) -> Option<String> {
    let part_by_part = match condition.operator.comparison {
        Comparison::StringLike => false,
        Comparison::ArnLike | Comparison::StringEquals | Comparison::StringEqualsIgnoreCase => true,
        _ => return None,
    };
    let first = condition.values.first()?;
    let mut values = condition.values.iter();
    values.all(|it| is_session(it, part_by_part)).then(|| {
        format!("`aws:PrincipalArn` of a session is the ARN of its role, and `{first}` is that of a session")
    })
}

fn of_vpc(condition: &Condition, key: &str, is_private: bool) -> Option<String> {
    let is_text = matches!(
        condition.operator.comparison,
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike
    );
    let is_address = condition.operator.comparison == Comparison::IpAddress;
    if !is_text && !is_address {
        return None;
    }
    let name = match key {
        "aws:sourcevpce" => "aws:SourceVpce",
        "aws:sourcevpc" => "aws:SourceVpc",
        _ => "aws:VpcSourceIp",
    };
    if !is_private {
        return Some(format!(
            "the API is not private, and no request from the internet has `{name}`"
        ));
    }
    let (wrong, what, is, has) = match key {
        "aws:sourcevpce" => ("vpc-", "a VPC endpoint", "a VPC", "aws:SourceVpc"),
        "aws:sourcevpc" => ("vpce-", "a VPC", "a VPC endpoint", "aws:SourceVpce"),
        _ => return None,
    };
    let first = condition.values.first()?;
    let all_wrong = condition.values.iter().all(|it| it.starts_with(wrong));
    all_wrong.then(|| {
        format!("`{name}` is the id of {what}, and `{first}` is that of {is}, which `{has}` has")
    })
}

/// Whether a range has no address of a network that is not on the internet.
fn lies_apart(value: &str) -> bool {
    let Some(own) = range(value) else {
        return false;
    };
    let meets = |other: (IpAddr, IpAddr)| match (own, other) {
        ((IpAddr::V4(first), IpAddr::V4(last)), (IpAddr::V4(begin), IpAddr::V4(end))) => {
            first <= end && begin <= last
        }
        ((IpAddr::V6(first), IpAddr::V6(last)), (IpAddr::V6(begin), IpAddr::V6(end))) => {
            first <= end && begin <= last
        }
        _ => false,
    };
    !INTERNAL.iter().filter_map(|it| range(it)).any(meets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn does(effect: &str, condition: &Value, is_private: bool) -> Option<&'static str> {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Principal": "*",
            "Action": "execute-api:Invoke", "Resource": "execute-api:/*", "Condition": condition}});
        let policy = Policy::from_value(&policy).unwrap();
        let mistaken = mistaken_networks(&policy, is_private);
        mistaken.first().map(|it| it.does)
    }

    #[test]
    fn a_network_of_nobody_lets_nobody_in() {
        const PUBLIC: bool = false;
        const PRIVATE: bool = true;
        for (condition, is_private, is_mistaken) in [
            (
                json!({"StringEquals": {"aws:SourceVpce": "vpc-1"}}),
                PRIVATE,
                true,
            ),
            (
                json!({"StringLike": {"aws:SourceVpce": ["vpc-1", "vpc-2*"]}}),
                PRIVATE,
                true,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpce": ["vpc-1", "vpce-2"]}}),
                PRIVATE,
                false,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
                PRIVATE,
                false,
            ),
            (
                json!({"StringEquals": {"aws:sourceVpc": "vpce-1"}}),
                PRIVATE,
                true,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
                PRIVATE,
                false,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
                PUBLIC,
                true,
            ),
            (
                json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
                PUBLIC,
                false,
            ),
            (json!({"Null": {"aws:SourceVpce": "true"}}), PUBLIC, false),
            (
                json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
                PUBLIC,
                true,
            ),
            (
                json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
                PRIVATE,
                false,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "172.31.0.1", "192.168.0.0/24"]}}),
                PUBLIC,
                true,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["100.64.0.0/12", "fd00::/8"]}}),
                PUBLIC,
                true,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}}),
                PUBLIC,
                false,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "8.0.0.0/6"}}),
                PUBLIC,
                false,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                PRIVATE,
                true,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
                PRIVATE,
                false,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
                PRIVATE,
                false,
            ),
            (
                json!({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}),
                PUBLIC,
                false,
            ),
        ] {
            let expected = is_mistaken.then_some("lets nobody in");
            assert_eq!(
                does("Allow", &condition, is_private),
                expected,
                "{condition}"
            );
        }
    }

    #[test]
    fn the_arn_of_a_session_is_that_of_no_principal() {
        let session = "arn:aws:sts::111122223333:assumed-role/ci/*";
        let role = "arn:aws:iam::111122223333:role/ci";
        let of = |effect: &str, operator: &str, values: &[&str]| {
            does(
                effect,
                &json!({operator: {"aws:PrincipalArn": values}}),
                false,
            )
        };
        for operator in ["ArnLike", "ArnEquals", "StringLike", "StringEquals"] {
            assert_eq!(
                of("Allow", operator, &[session]),
                Some("lets nobody in"),
                "{operator}"
            );
            assert_eq!(of("Allow", operator, &[session, role]), None, "{operator}");
            assert_eq!(
                of("Deny", operator, &[session]),
                Some("denies nobody"),
                "{operator}"
            );
        }
        let every = Some("denies every request that it speaks of");
        assert_eq!(of("Deny", "ArnNotLike", &[session]), every);
        assert_eq!(of("Deny", "ArnNotLikeIfExists", &[session]), every);
        // A federated user has such an ARN.
        assert_eq!(
            of(
                "Allow",
                "ArnLike",
                &["arn:aws:sts::111122223333:federated-user/ann"]
            ),
            None
        );
        assert_eq!(
            of("Allow", "ArnLike", &["arn:aws:sts::111122223333:*"]),
            None
        );
    }

    #[test]
    fn a_deny_of_all_but_nobody_denies_everybody_and_one_of_nobody_none() {
        let every = Some("denies every request that it speaks of");
        let not = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}});
        assert_eq!(does("Deny", &not, false), every);
        assert_eq!(does("Deny", &not, true), None);
        let private = json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
        assert_eq!(does("Deny", &private, false), every);
        let both = json!({"StringNotEquals": {"aws:SourceVpc": "vpce-1"}, "Bool": {"aws:SecureTransport": "false"}});
        assert_eq!(does("Deny", &both, true), None);
        let of_nobody = json!({"StringEquals": {"aws:SourceVpce": "vpc-1"}});
        assert_eq!(does("Deny", &of_nobody, true), Some("denies nobody"));
        // It says what it does: everybody gets in.
        assert_eq!(does("Allow", &not, false), None);
    }
}
