//! Whether a request is one that AWS could get. One that is not is denied by every policy, so that a test of "nobody may"
//! would pass on a slip of the pen.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::input;
use crate::iam::document::{ACTIONS, Arn, Comparison, Condition, Policy, is_account_id, wanted};
use crate::iam::{Caller, Template};

type Checked<T> = Result<T, String>;

/// The service whose methods are called.
const EXECUTE_API: &str = "execute-api";

/// An ARN whose parts can be those of a request: names in their alphabet, and twelve digits for an account.
fn sound_arn(text: &str) -> Option<Arn<'_>> {
    let is_name = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    let is_sound = |it: &Arn<'_>| {
        let names = [it.partition, it.service, it.region];
        it.partition.starts_with("aws")
            && names.into_iter().all(is_name)
            && !it.service.is_empty()
            && (it.account.is_empty() || is_account_id(it.account))
            && !it.resource.is_empty()
    };
    Arn::read(text).filter(is_sound)
}

fn has_wildcards(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Who asks.
pub(super) fn principal(text: &str) -> Checked<Caller> {
    let is_one = text == "anonymous" || sound_arn(text).is_some_and(|it| is_principal(&it));
    let caller = Caller::read(text).filter(|_| is_one && !has_wildcards(text));
    caller.ok_or_else(|| {
        format!(
            "request.principal: `{text}` is neither an ARN with an account, such as \
             arn:aws:iam::111122223333:user/alice, nor `anonymous`"
        )
    })
}

/// Refuses session policies of whoever makes no session: AWS would weigh none, and the answer would be another.
///
/// Source: [session policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session).
pub(super) fn has_session(principal: &str) -> Checked<()> {
    let kinds = ["role/", "assumed-role/", "federated-user/"];
    let is_session = |it: Arn<'_>| kinds.iter().any(|kind| it.resource.starts_with(kind));
    if Arn::read(principal).is_some_and(is_session) {
        return Ok(());
    }
    Err(format!(
        "sessionPolicies: `{principal}` is no role, no session of one and no federated user, which alone have them"
    ))
}

/// Source: [IAM ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns): those of
/// users, roles, sessions and an account's root. A group makes no requests.
fn is_principal(arn: &Arn<'_>) -> bool {
    let (kind, names) = match arn.resource.split_once('/') {
        Some((kind, names)) => (kind, names.split('/').collect()),
        None => (arn.resource, Vec::new()),
    };
    let is_named = names.iter().all(|it| !it.is_empty());
    let is_kind = match (arn.service, kind) {
        ("iam", "root") => names.is_empty(),
        ("iam", "user" | "role") => !names.is_empty(),
        ("sts", "assumed-role") => names.len() == 2,
        ("sts", "federated-user") => names.len() == 1,
        _ => false,
    };
    is_kind && is_named && arn.region.is_empty() && !arn.account.is_empty()
}

/// What is asked for: an action in full, of those that its service has.
pub(super) fn action(text: &str) -> Checked<()> {
    // A text without a colon has no service, which is no word.
    let (service, action) = text.split_once(':').unwrap_or(("", text));
    let is_word = |text: &str, also: &[u8]| {
        let mut bytes = text.bytes();
        !text.is_empty() && bytes.all(|it| it.is_ascii_alphanumeric() || also.contains(&it))
    };
    if !is_word(service, b"-") || !is_word(action, b"") {
        return Err(format!(
            "request.action: `{text}` is no action: one looks like execute-api:Invoke, without wildcards"
        ));
    }
    if is_of_api(text) && !ACTIONS.iter().any(|it| it.eq_ignore_ascii_case(text)) {
        let known = ACTIONS.iter().filter_map(|it| it.split(':').nth(1));
        return Err(format!(
            "request.action: there is no `{text}`: {EXECUTE_API} has {}",
            known.collect::<Vec<_>>().join(", ")
        ));
    }
    Ok(())
}

fn is_of_api(action: &str) -> bool {
    let service = action.split(':').next();
    service.is_some_and(|it| it.eq_ignore_ascii_case(EXECUTE_API))
}

/// The resource of one request as it is asked for, and its account. A `*` of its own is written `${*}`, as in a policy.
pub(super) fn resource(text: &str, action: &str) -> Checked<(String, Option<String>)> {
    let error = |why: &str| Err(format!("request.resource: `{text}` {why}"));
    let Some(plain) = unescaped(text) else {
        return error(
            "is a pattern: name one request, or all of a method by `template`; a `*` or `?` that is part of the path is \
             written ${*} or ${?}",
        );
    };
    let Some(arn) = sound_arn(&plain) else {
        return error(
            "is no ARN: one looks like arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/pets/42",
        );
    };
    let of_api = is_of_api(action);
    if of_api != (arn.service == EXECUTE_API) {
        return error(&format!("is of another service than the action {action}"));
    }
    if of_api && let Some(why) = wrong_request(&arn, &Template::VERBS) {
        return error(&why);
    }
    let account = (!arn.account.is_empty()).then(|| arn.account.to_owned());
    Ok((plain, account))
}

/// A text without its escapes. `None`: it is a pattern.
fn unescaped(text: &str) -> Option<String> {
    let escapes = [("${*}", "*"), ("${?}", "?"), ("${$}", "$")];
    let mut without = Cow::Borrowed(text);
    let mut plain = text.to_owned();
    if text.contains('$') {
        for (escape, meant) in escapes {
            without = without.replace(escape, "").into();
            plain = plain.replace(escape, meant);
        }
    }
    (!has_wildcards(&without)).then_some(plain)
}

/// The template of a method's requests, and its account.
pub(super) fn template(text: &str, action: &str) -> Checked<(Template, String)> {
    let error = |why: &str| Err(format!("request.template: `{text}` {why}"));
    let template = Template::read(text).map_err(|error| format!("request.template: {error}"))?;
    if has_wildcards(text) {
        return error("has wildcards: path parameters are written {petId} or {proxy+}");
    }
    let Some(arn) = sound_arn(text).filter(|it| it.service == EXECUTE_API) else {
        return error(
            "is no ARN of a method: they look like \
             arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/pets/{petId}",
        );
    };
    if !is_of_api(action) {
        return error(&format!("is of another service than the action {action}"));
    }
    let mut verbs = Template::VERBS.to_vec();
    verbs.push("ANY");
    if let Some(why) = wrong_request(&arn, &verbs) {
        return error(&why);
    }
    let mut path = arn.resource.splitn(4, '/');
    let of_stage = [path.next(), path.next(), path.next()];
    let braces = |text: &str| text.contains(['{', '}']);
    if of_stage.into_iter().flatten().any(braces) {
        return error("has a parameter before the path");
    }
    if !path.next().is_none_or(has_sound_parameters) {
        return error(
            "has braces that are no parameter: one looks like {petId}, or {proxy+} at the end",
        );
    }
    let account = arn.account.to_owned();
    Ok((template, account))
}

/// What is wrong with the ARN of a request, or of a method, of an API.
fn wrong_request(arn: &Arn<'_>, verbs: &[&str]) -> Option<String> {
    if arn.region.is_empty() || arn.account.is_empty() {
        return Some("names no Region or no account".to_owned());
    }
    let parts: Vec<&str> = arn.resource.splitn(4, '/').collect();
    let is_verb = |text: &str| verbs.iter().any(|it| it.eq_ignore_ascii_case(text));
    match parts.as_slice() {
        [api, stage, rest, ..] if api.is_empty() || stage.is_empty() || rest.is_empty() => {
            Some("has an empty part".to_owned())
        }
        [_, _, verb, _] if !verbs.contains(verb) => Some(format!(
            "has the verb `{verb}`: known here are {}",
            verbs.join(", ")
        )),
        [_, _, verb] if is_verb(verb) => {
            Some(format!("has no path: that of the root is `{verb}/`"))
        }
        [_, _, _] | [_, _, _, _] => None,
        _ => Some("names no method: the ARN ends in API/STAGE/VERB/PATH, or in API/STAGE/ROUTE of a WebSocket API".to_owned()),
    }
}

/// Whether every brace is part of a parameter: `{name}`, or `{name+}` as the last segment.
fn has_sound_parameters(path: &str) -> bool {
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else {
            return false;
        };
        let (plain, is_greedy) = match name.strip_suffix('+') {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let is_last = behind.is_empty() && (before.is_empty() || before.ends_with('/'));
        if plain.is_empty()
            || plain.contains(['{', '/', '+'])
            || before.contains('}')
            || (is_greedy && !is_last)
        {
            return false;
        }
        rest = behind;
    }
    !rest.contains('}')
}

/// The account that the API is in.
pub(super) fn resource_account(named: Option<&str>, of_arn: Option<String>) -> Checked<String> {
    match (named, of_arn) {
        (Some(named), _) if is_account_id(named) => Ok(named.to_owned()),
        (Some(named), _) => Err(format!(
            "request.resourceAccount: `{named}` is no account id: they have twelve digits"
        )),
        (None, Some(account)) => Ok(account),
        (None, None) => Err(
            "request.resourceAccount: it is wanted, as the ARN of the resource names no account"
                .to_owned(),
        ),
    }
}

/// Refuses a value of a condition key that an operator of these policies cannot compare with.
pub(super) fn comparable<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    keys: &BTreeMap<String, Value>,
) -> Checked<()> {
    let statements = policies.flat_map(|it| &it.statements);
    for condition in statements.flat_map(|it| &it.conditions) {
        // `Null` compares with no value of the request.
        if condition.operator.comparison == Comparison::Null {
            continue;
        }
        let asked = keys.iter().find(|(key, _)| is_key(key, &condition.key));
        let Some((key, values)) = asked else { continue };
        for value in input::values(key, values)? {
            if let Some(wanted) = not_comparable(condition, &value) {
                return Err(format!(
                    "request.context.{key}: `{value}` is not {wanted}, which a condition compares it with"
                ));
            }
        }
    }
    Ok(())
}

/// Whether a key is written like a condition's, which is in lower case.
fn is_key(key: &str, lower: &str) -> bool {
    key.eq_ignore_ascii_case(lower) || (!key.is_ascii() && key.to_lowercase() == lower)
}

fn not_comparable(condition: &Condition, value: &str) -> Option<&'static str> {
    match condition.operator.comparison {
        Comparison::ArnLike if sound_arn(value).is_none() => Some("an ARN"),
        comparison => wanted(comparison, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_whole() {
        for path in ["", "a", "{a}", "a/{b}/c", "{a}.{b}", "a/{b+}", "{a}/{b+}"] {
            assert!(has_sound_parameters(path), "{path}");
        }
        for path in [
            "{a", "a}", "{}", "{+}", "{a}}", "{{a}}", "{a/b}", "{a+}/b", "x{a+}", "{a++}", "}{",
        ] {
            assert!(!has_sound_parameters(path), "{path}");
        }
    }
}
