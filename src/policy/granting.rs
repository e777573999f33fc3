//! What a policy sets out to grant, before anything is weighed against it.

use super::language::{Effect, Policy, Statement};
use super::pattern::{matches, matches_ignoring_case};

/// The Allow statements of an identity policy that name `execute-api:Invoke` and some method.
///
/// Conditions and Deny statements are not weighed: this says what the policy sets out to grant.
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

fn is_about_invoke(statement: &Statement) -> bool {
    let mut patterns = statement.actions.patterns.iter();
    let named = patterns.any(|it| matches_ignoring_case(it, "execute-api:Invoke"));
    named != statement.actions.negated
}

fn is_about_methods(statement: &Statement) -> bool {
    statement.resources.as_ref().is_some_and(|resources| {
        let named = |pattern: &String| {
            let parts: Vec<&str> = pattern.splitn(6, ':').collect();
            let complete = parts.len() == 6 || pattern.ends_with('*');
            let names = |at: usize, wanted| parts.get(at).is_none_or(|part| matches(part, wanted));
            complete && names(0, "arn") && names(2, "execute-api")
        };
        resources.negated || resources.patterns.iter().any(named)
    })
}
