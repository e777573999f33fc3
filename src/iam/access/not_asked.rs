//! Principals that a resource policy lets in and that nobody can be asked about.

use crate::iam::access::granting::is_about_invoke;
use crate::iam::access::other_accounts::names_somebody;
use crate::iam::document::{Comparison, Condition, Effect, Named, Policy};

/// A principal that a policy lets in and that is no caller whom this library asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAsked<'p> {
    /// The place of the statement, from 0.
    pub statement: usize,
    /// What the principal is, in words.
    pub what: &'static str,
    /// The principal as the policy names it.
    pub name: &'p str,
}

/// The principals that a resource policy lets in, and that are none of these: everybody, an account, a user, a role or a
/// session.
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::not_asked;
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
///         "Principal": {"AWS": "999988887777", "Service": "events.amazonaws.com"}}}"#,
/// )
/// .unwrap();
/// let services: Vec<_> = not_asked(&policy).map(|it| (it.what, it.name)).collect();
/// assert_eq!(services, [("service", "events.amazonaws.com")]);
/// ```
pub fn not_asked(policy: &Policy) -> impl Iterator<Item = NotAsked<'_>> {
    let statements = policy.statements.iter().enumerate();
    let about = statements.filter(|(_, it)| is_about_invoke(it));
    about.flat_map(|(statement, it)| {
        let is_allow = it.effect == Effect::Allow;
        let principals = it
            .principals
            .iter()
            .filter(move |it| is_allow && !it.negated);
        let named = principals.flat_map(|it| &it.named).filter_map(in_words);
        let conditions = it.conditions.iter();
        let told = conditions.filter(move |it| it.operator.negated != is_allow);
        let told = told.flat_map(in_condition);
        named.chain(told).map(move |(what, name)| NotAsked {
            statement,
            what,
            name,
        })
    })
}

/// Whom a condition lets in by what tells neither an account nor an organization. It is one that an Allow asks for, or that
/// a Deny spares.
fn in_condition(condition: &Condition) -> Vec<(&'static str, &str)> {
    let what = match condition.key.as_str() {
        "aws:userid" => "unique id",
        "aws:principalservicename" | "aws:principalservicenameslist" => "service",
        _ => return Vec::new(),
    };
    if condition.operator.comparison == Comparison::Null {
        return Vec::new();
    }
    let values = condition.values.iter();
    values.map(|it| (what, it.as_str())).collect()
}

/// What a principal is. `None`: a caller who is asked about.
///
/// Source: [principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
fn in_words(named: &Named) -> Option<(&'static str, &str)> {
    Some(match named {
        Named::Everybody => return None,
        Named::Service(name) => ("service", name),
        Named::CanonicalUser(name) => ("canonical user", name),
        Named::Federated(name) => ("identity provider", name),
        Named::Aws(text) if names_somebody(text) => return None,
        // What AWS makes of the ARN of a principal that was deleted.
        Named::Aws(text) if text.bytes().all(|it| it.is_ascii_alphanumeric()) => {
            ("unique id", text)
        }
        Named::Aws(text) => ("principal of a form that is not understood", text),
    })
}
