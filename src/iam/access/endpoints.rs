//! The VPC endpoints and VPCs that a resource policy lets callers in from, as it names them.

use std::collections::BTreeSet;

use crate::iam::access::granting::is_about_invoke;
use crate::iam::document::{Comparison, Effect, Policy};

/// Where callers of a private API come from, by what a resource policy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint<'p> {
    /// What it is, in words, such as `VPC endpoint`.
    pub what: &'static str,
    /// Its id, or that of the account or organization whose endpoints are meant.
    pub name: &'p str,
}

/// The VPC endpoints and VPCs that an Allow asks for, or a Deny spares, each once.
///
/// Whose an endpoint or a VPC is, its id does not tell.
///
/// Source: [condition keys for API Gateway resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-condition-keys.html)
/// and [properties of the network](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties).
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::endpoints;
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
///         "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
///         "Condition": {"StringEquals": {"aws:VpceAccount": "999988887777"}}}}"#,
/// )
/// .unwrap();
/// let found: Vec<_> = endpoints(&policy).into_iter().map(|it| (it.what, it.name)).collect();
/// assert_eq!(found, [("VPC endpoints of account", "999988887777")]);
/// ```
pub fn endpoints(policy: &Policy) -> BTreeSet<Endpoint<'_>> {
    let about = policy.statements.iter().filter(|it| is_about_invoke(it));
    let conditions = about.flat_map(|statement| {
        let lets_in = statement.effect == Effect::Allow;
        let conditions = statement.conditions.iter();
        conditions.filter(move |it| it.operator.negated != lets_in)
    });
    let on_values = conditions.filter(|it| it.operator.comparison != Comparison::Null);
    let endpoints = on_values.filter_map(|it| Some((in_words(&it.key)?, it)));
    let each = endpoints.flat_map(|((what, begin), it)| {
        let values = it.values.iter().filter(move |it| it.starts_with(begin));
        values.map(move |name| Endpoint { what, name })
    });
    each.collect()
}

/// What the values of a key are, and what the ids of such begin with: others name none. `key` is in lower case.
fn in_words(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "aws:sourcevpce" => ("VPC endpoint", "vpce-"),
        "aws:sourcevpc" => ("VPC", "vpc-"),
        "aws:vpceaccount" => ("VPC endpoints of account", ""),
        "aws:vpceorgid" | "aws:vpceorgpaths" => ("VPC endpoints of organization", ""),
        _ => return None,
    })
}
