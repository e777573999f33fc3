//! Principals that a resource policy lets in and that nobody can be asked about.

use crate::iam::access::granting::is_about_invoke;
use crate::iam::document::{Comparison, Condition, Effect, Named, Policy, is_unique_id};

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
    let mut allows = policy.statements.iter().filter(|it| is_about_invoke(it));
    let lets_anybody_in = allows.any(|it| it.effect == Effect::Allow);
    about
        .filter(move |_| lets_anybody_in)
        .flat_map(|(statement, it)| {
            let is_allow = it.effect == Effect::Allow;
            // Whom an Allow names, and whom a Deny spares.
            let principals = it
                .principals
                .iter()
                .filter(move |it| it.negated != is_allow);
            let named = principals.flat_map(|it| &it.named).filter_map(in_words);
            let conditions = it.conditions.iter();
            let told = conditions.flat_map(move |it| in_condition(it, is_allow));
            named.chain(told).map(move |(what, name)| NotAsked {
                statement,
                what,
                name,
            })
        })
}

/// Whom a condition lets in by what tells neither an account nor an organization: one that an Allow asks for, or that a
/// Deny spares.
///
/// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
fn in_condition(condition: &Condition, is_allow: bool) -> Vec<(&'static str, &str)> {
    let operator = &condition.operator;
    if operator.comparison == Comparison::Null {
        return Vec::new();
    }
    let key = condition.key.as_str();
    if key == "aws:principalisawsservice" {
        let mut values = condition.values.iter();
        let wanted = if is_allow { "true" } else { "false" };
        let is_met = values.any(|it| it.eq_ignore_ascii_case(wanted));
        return is_met
            .then_some(("callers that are AWS services, by", key))
            .into_iter()
            .collect();
    }
    if operator.negated == is_allow {
        return Vec::new();
    }
    let what = match key {
        "aws:userid" => "unique id",
        "aws:principalservicename" | "aws:principalservicenameslist" => "service",
        "aws:vpceaccount" => "callers through VPC endpoints of account",
        "aws:vpceorgid" | "aws:vpceorgpaths" => "callers through VPC endpoints of organization",
        _ => return Vec::new(),
    };
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
        Named::Aws(text) if is_unique_id(text) => ("unique id", text),
        Named::Aws(_) => return None,
    })
}
