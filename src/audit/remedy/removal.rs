//! The commands that take policies from their holder, and why there is none.
//!
//! Nobody can tell what else a policy is needed for where it reaches beyond what was read: such a policy is left to
//! the reader.

use std::borrow::Cow;

use crate::audit::access::{CallableMethod, Holder, PolicySource, names};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding;
use crate::audit::remedy::administrators;
use crate::iam::document::{ACTIONS, Effect, INVOKE, Policy, Statement};
use crate::iam::pattern::matches_ignoring_case;
use crate::iam::{Verdict, named_api};
use crate::inventory::{ANY, Api, GapKind, Verbs, quoted};

/// As many reasons are given in a summary.
const GIVEN: usize = 3;

/// What a holder may lose with a policy.
#[derive(Clone, Copy)]
pub(in crate::audit) struct MayLose<'f> {
    /// Whether it may lose a method.
    pub(in crate::audit) may: &'f dyn Fn(&CallableMethod<'_>) -> bool,
    /// What to say, before the name of a method that it may not lose.
    pub(in crate::audit) otherwise: &'static str,
}

/// The commands that take policies from their holder, and why there is none for the others.
///
/// A policy is taken away only where each of its statements allows `execute-api:Invoke` and nothing else, names APIs
/// by their ids that were read as a whole, and allows no method that the holder may not lose.
pub(in crate::audit) fn removals(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    sources: &[&PolicySource],
    may_lose: MayLose<'_>,
) -> (Vec<String>, Option<String>) {
    if administrators::is_reserved(holder) {
        let why = "only AWS may change this role: change the permission set in IAM Identity Center, or what \
                   the service is given";
        return (Vec::new(), Some(why.to_owned()));
    }
    let mut commands = Vec::new();
    let mut kept = Vec::new();
    for source in sources {
        match what_else(context, access, holder, source, may_lose) {
            None => commands.push(command(holder, source)),
            Some(why) => kept.push(format!("{}, {why}", quoted(&source.name))),
        }
    }
    let why = (!kept.is_empty()).then(|| {
        let left_out = kept.len().saturating_sub(GIVEN);
        let more = (left_out > 0).then(|| format!("{left_out} more"));
        let given: Vec<String> = kept.into_iter().take(GIVEN).chain(more).collect();
        format!(
            "no command takes away {}: change it by hand",
            given.join("; nor ")
        )
    });
    (commands, why)
}

/// What a holder would lose with a policy besides what it may lose. `None`: nothing.
fn what_else(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    source: &PolicySource,
    may_lose: MayLose<'_>,
) -> Option<String> {
    let Some(policy) = access.estate.policy(source) else {
        return Some("which could not be read".to_owned());
    };
    if !administrators::allows_calls_alone(policy) {
        return Some("which does more than allow API calls".to_owned());
    }
    if !context.inventory.scope.apis.is_empty() {
        return Some("as only some of the account's APIs were looked at".to_owned());
    }
    let methods = match named_methods(context, access, policy) {
        Ok(methods) => methods,
        Err(why) => return Some(why),
    };
    // A method that answers preflights is open to everybody: nobody needs a policy to call it.
    let is_call = |it: &&CallableMethod<'_>| it.asks_iam() || it.verb != "OPTIONS";
    let others: Vec<Cow<'_, CallableMethod<'_>>> = methods
        .into_iter()
        .filter(is_call)
        .flat_map(|it| not_to_be_lost(it, may_lose))
        .collect();
    let others: Vec<&CallableMethod<'_>> = others.iter().map(Cow::as_ref).collect();
    let sources = [source];
    let alone = access.estate.allowed_by_of_each(holder, &sources, &others);
    let mut allowed = others.iter().zip(alone);
    let (lost, _) = allowed.find(|(_, alone)| alone.verdict != Verdict::None)?;
    Some(format!("{} {}", may_lose.otherwise, names(&[lost])))
}

/// What a holder may not lose of a method: all of it, nothing, or of an `ANY` the requests with some verbs.
fn not_to_be_lost<'v, 'a>(
    method: &'v CallableMethod<'a>,
    may_lose: MayLose<'_>,
) -> Vec<Cow<'v, CallableMethod<'a>>> {
    if (may_lose.may)(method) {
        return Vec::new();
    }
    let verbs = method.verbs();
    if method.verb != ANY || verbs == Verbs::NONE {
        return vec![Cow::Borrowed(method)];
    }
    let parts = verbs.iter().map(|verb| method.with_verb(verb));
    let kept: Vec<CallableMethod<'a>> = parts.filter(|it| !(may_lose.may)(it)).collect();
    if kept.len() == verbs.iter().count() {
        return vec![Cow::Borrowed(method)];
    }
    kept.into_iter().map(Cow::Owned).collect()
}

/// The methods of the APIs that a policy names. An error says what it takes in that was not read.
fn named_methods<'v, 'a>(
    context: Context<'_>,
    access: &'v AccessView<'a>,
    policy: &Policy,
) -> Result<Vec<&'v CallableMethod<'a>>, String> {
    let mut apis: Vec<(&Api, &[CallableMethod<'a>])> = Vec::new();
    for statement in &policy.statements {
        for (api, methods) in named_by(context, access, statement)? {
            if !apis.iter().any(|(it, _)| std::ptr::eq(*it, api)) {
                apis.push((api, methods));
            }
        }
    }
    // By the inventory's order, so that the first that is lost is the same whatever the policy's.
    let mut methods: Vec<&CallableMethod<'a>> = apis.iter().flat_map(|(_, own)| *own).collect();
    methods.sort_by_key(|it| it.number());
    Ok(methods)
}

fn named_by<'v, 'a>(
    context: Context<'_>,
    access: &'v AccessView<'a>,
    statement: &Statement,
) -> Result<Vec<(&'a Api, &'v [CallableMethod<'a>])>, String> {
    if statement.effect != Effect::Allow {
        return Err("which does more than allow API calls".to_owned());
    }
    let mut actions = statement.actions.patterns.iter();
    let other = actions.find(|pattern| {
        let mut others = ACTIONS.iter().filter(|it| **it != INVOKE);
        !matches_ignoring_case(pattern, INVOKE)
            || others.any(|it| matches_ignoring_case(pattern, it))
    });
    if let Some(other) = other {
        return Err(format!(
            "which allows `{other}`, more than to invoke methods"
        ));
    }
    let Some(resources) = statement.resources.as_ref().filter(|it| !it.negated) else {
        return Err("which does not name what it allows".to_owned());
    };
    let named = resources.patterns.iter().map(|pattern| {
        let api = read_api(context, access, pattern);
        api.ok_or_else(|| {
            format!(
                "which allows {}, and not all that this takes in was read",
                quoted(pattern)
            )
        })
    });
    named.collect()
}

/// The API that a resource pattern names by its id, with its methods, where all of it was read.
fn read_api<'v, 'a>(
    context: Context<'_>,
    access: &'v AccessView<'a>,
    pattern: &str,
) -> Option<(&'a Api, &'v [CallableMethod<'a>])> {
    let inventory = context.inventory;
    let (region, account, id) = named_api(pattern)?;
    let (api, methods) = access.estate.api(region, id)?;
    let mut gaps = context.gaps.iter();
    let is_torn = gaps.any(|gap| {
        let is_here = gap.api.as_deref() == Some(id) && gap.region.as_deref() == Some(region);
        is_here && gap.kind.hides_a_place() && gap.kind != GapKind::Iam
    });
    let mut served = api.stages.as_ref()?.iter().flat_map(|it| it.served());
    let is_known = |id: &str| api.deployment(id).is_some_and(|it| it.summary().is_some());
    (account == inventory.account && !is_torn && served.all(is_known)).then_some((api, methods))
}

/// The command that takes a policy from its holder.
fn command(holder: &Holder, source: &PolicySource) -> String {
    let kind = holder.kind.as_str();
    let option = format!("--{kind}-name");
    match &source.arn {
        Some(arn) => finding::command(&[
            "aws",
            "iam",
            &format!("detach-{kind}-policy"),
            &option,
            &holder.name,
            "--policy-arn",
            arn,
        ]),
        None => finding::command(&[
            "aws",
            "iam",
            &format!("delete-{kind}-policy"),
            &option,
            &holder.name,
            "--policy-name",
            &source.name,
        ]),
    }
}
