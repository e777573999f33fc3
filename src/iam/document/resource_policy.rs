//! What keeps a policy that is attached to a resource from being understood: an API's, or the trust policy of a role.
//!
//! Stricter than for an identity policy: one that is not understood must not look as if it refused everybody.

use serde_json::{Map, Value};

use super::{Arn, Named, Policy, is_account_id};

/// The first thing that is not understood. `document` is a JSON object.
pub(in crate::iam) fn problem(document: &Value) -> Option<&'static str> {
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) if list.is_empty() => return Some("it has no statement"),
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => return Some("it has no statement"),
    };
    statements.iter().find_map(|statement| match statement {
        Value::Object(statement) => of_statement(statement),
        _ => Some("a statement is no object"),
    })
}

/// The first principal of a form that IAM does not take, such as an ARN with a wildcard, in words: whom it means is not
/// known.
///
/// Source: [AWS account and IAM principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
pub(in crate::iam) fn principal_problem(policy: &Policy) -> Option<String> {
    policy
        .statements
        .iter()
        .enumerate()
        .find_map(|(place, it)| {
            let mut named = it.principals.iter().flat_map(|it| &it.named);
            let unknown = named.find_map(|it| match it {
                Named::Aws(text) if !names_one(text) && !is_unique_id(text) => Some(text),
                _ => None,
            })?;
            let statement = policy.place(place);
            Some(format!(
                "the principal `{unknown}` of `{statement}` has a form that IAM does not take"
            ))
        })
}

/// Whether a text names an account, or something in one.
fn names_one(text: &str) -> bool {
    let is_in_account = || Arn::read(text).is_some_and(|it| is_account_id(it.account));
    is_account_id(text) || is_in_account() && !text.contains(['*', '?', '$'])
}

/// Whether a principal is told by its unique id: what AWS makes of the ARN of one that was deleted.
pub(in crate::iam) fn is_unique_id(text: &str) -> bool {
    !is_account_id(text) && text.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// Whether a statement names a resource. `document` is a JSON object.
pub(in crate::iam) fn names_a_resource(document: &Value) -> bool {
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    let mut statements = statements.iter();
    statements.any(|it| it.get("Resource").is_some() || it.get("NotResource").is_some())
}

fn of_statement(statement: &Map<String, Value>) -> Option<&'static str> {
    let has = |element: &str| statement.contains_key(element);
    if !matches!(
        statement.get("Effect").and_then(Value::as_str),
        Some("Allow" | "Deny")
    ) {
        return Some("a statement's Effect is neither Allow nor Deny");
    }
    if has("Action") == has("NotAction") {
        return Some("a statement needs either Action or NotAction");
    }
    if has("Principal") == has("NotPrincipal") {
        return Some("a statement needs either Principal or NotPrincipal");
    }
    let principal = statement.get("Principal").or(statement.get("NotPrincipal"));
    if !principal.is_some_and(is_principal) {
        return Some("a statement's Principal is of an unknown form");
    }
    let texts = ["Action", "NotAction", "Resource", "NotResource"];
    if texts
        .iter()
        .filter_map(|element| statement.get(*element))
        .any(|it| !is_texts(it))
    {
        return Some("an Action or Resource is no text");
    }
    match statement.get("Condition") {
        None => None,
        Some(Value::Object(operators)) if operators.values().all(Value::is_object) => None,
        Some(_) => Some("a statement's Condition is of an unknown form"),
    }
}

fn is_principal(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Object(kinds) => kinds.iter().all(|(kind, values)| {
            matches!(
                kind.as_str(),
                "AWS" | "Service" | "Federated" | "CanonicalUser"
            ) && is_texts(values)
        }),
        _ => false,
    }
}

fn is_texts(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(list) => list.iter().all(Value::is_string),
        _ => false,
    }
}
