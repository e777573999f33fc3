//! What the rules about groups, users and roles share.

use crate::audit::access::{
    CallableMethod, Decided, Holder, HolderKind, NearMiss, PolicySource, names,
};
use crate::audit::context::Context;
use crate::audit::exposure::{Reach, StageReach};
use crate::audit::finding::{self, Evidence, Exposure, Place, Principal, PrincipalKind};
use crate::audit::method::{AtStage, MethodAt, drafted_in_words};
use crate::iam::document::{Patterns, Statement};
use crate::inventory::{AuthorizationType, Verbs};
use crate::policy_file::Selector;

/// How far somebody reaches who may call these methods. `conditional`: under conditions alone.
pub(super) fn reach<'m>(
    methods: &'m [&'m CallableMethod<'_>],
    conditional: bool,
) -> impl Iterator<Item = String> + 'm {
    let methods = methods.iter().map(|it| {
        let (api, stage) = (it.api, &it.stage.name);
        format!("{} {}/{}/{}", it.name(), api.region, api.id, stage)
    });
    // What loses its conditions goes further.
    methods.chain((!conditional).then(|| "without a condition".to_owned()))
}

/// How far a statement that allows something goes: each call on each resource, under its conditions.
pub(super) fn reach_of(statement: &Statement) -> Vec<String> {
    let patterns = |it: &Patterns| match it.negated {
        // What is left out of all is one thing, whatever the patterns.
        true => vec![format!("all but {:?}", it.patterns)],
        false => it.patterns.clone(),
    };
    let resources = match &statement.resources {
        Some(resources) => patterns(resources),
        None => vec!["everything".to_owned()],
    };
    let actions = patterns(&statement.actions);
    let conditions = format!("{:?}", statement.conditions);
    let mut each = Vec::new();
    for action in &actions {
        let on = resources.iter();
        each.extend(on.map(|it| format!("{action} on {it} where {conditions}")));
    }
    each
}

/// Whether AWS_IAM is all that the method asks for: no deployment of the stage is known to ask for something else.
pub(super) fn asks_iam_alone(method: &CallableMethod<'_>) -> bool {
    method.authorizations.is(&AuthorizationType::AwsIam)
}

/// That a type of a method was inferred from the draft, as evidence. `None`: its deployments tell what is known.
pub(super) fn inferred(method: &CallableMethod<'_>) -> Option<Evidence> {
    let from = method.inferred_from?;
    let drafted = drafted_in_words(method.verb, Some(from));
    let kind = from.authorization.as_ref()?;
    Some(Evidence::new(
        finding::Source::Inferred,
        format!("the deployment does not tell the authorization type; {drafted} says {kind}"),
    ))
}

/// The methods that are only inferred to ask for AWS_IAM, as evidence: the first by name, and how many more there are.
pub(super) fn inferred_of(unlisted: &[&CallableMethod<'_>]) -> Option<Evidence> {
    let some = unlisted.iter().copied().filter(|it| it.is_inferred());
    let some: Vec<&CallableMethod<'_>> = some.collect();
    let says = match some.as_slice() {
        [] => return None,
        [one] => inferred(one)?.says,
        _ => "their deployments do not tell the authorization types; the draft says AWS_IAM".into(),
    };
    let names = names(&some);
    Some(Evidence::new(
        finding::Source::Inferred,
        format!("{names}: {says}"),
    ))
}

/// The first method that only one of its stage's two deployments serves with AWS_IAM, as evidence.
pub(super) fn mixed(unlisted: &[&CallableMethod<'_>]) -> Option<Evidence> {
    let (method, other) = unlisted.iter().find_map(|method| {
        let mut types = method.authorizations.iter();
        let other = types.find(|kind| **kind != AuthorizationType::AwsIam)?;
        Some((method, other))
    })?;
    Some(Evidence::new(
        finding::Source::Canary,
        format!(
            "{}: of the stage's deployment and its canary's, one serves AWS_IAM and the other {other}",
            method.name()
        ),
    ))
}

/// The place of a finding about a holder.
pub(super) fn place(context: Context<'_>, holder: &Holder) -> Place {
    let principal = Principal {
        kind: match holder.kind {
            HolderKind::Group => PrincipalKind::Group,
            HolderKind::User => PrincipalKind::User,
            HolderKind::Role => PrincipalKind::Role,
            HolderKind::Account => PrincipalKind::Account,
            HolderKind::Organization => PrincipalKind::Organization,
        },
        // Somebody of an account is not the account: what is accepted of the one is not accepted of the other.
        name: holder.full_name(),
        known_arn: Some(holder.arn.clone()),
    };
    Place::of_principal(&context.inventory.account, principal)
}

/// The place of a finding about a group by its name. `arn`: `None`, where the group does not exist.
pub(super) fn group_place(context: Context<'_>, name: &str, arn: Option<&str>) -> Place {
    let principal = Principal {
        kind: PrincipalKind::Group,
        name: name.to_owned(),
        known_arn: arn.map(str::to_owned),
    };
    Place::of_principal(&context.inventory.account, principal)
}

/// Every exposure that a method may have, the one that the API's settings say first.
pub(super) fn exposures(context: Context<'_>, method: &CallableMethod<'_>) -> Vec<Exposure> {
    let (api, stage, inventory) = (method.api, method.stage, context.inventory);
    let at_stage = StageReach::new(inventory, context.names, api, stage);
    let name = || method.name();
    let reach = Reach::new(api, &at_stage, name, || method.template(inventory));
    reach.exposures().collect()
}

/// The exposures that a selector is asked with: every one that the method may have, where the selector asks for any.
fn asked_with(
    context: Context<'_>,
    selector: &Selector,
    method: &CallableMethod<'_>,
) -> Vec<Option<Exposure>> {
    if selector.exposure.is_empty() {
        return vec![None];
    }
    exposures(context, method).into_iter().map(Some).collect()
}

/// Whether a selector speaks of a method of its stage, or of some of its requests, with any exposure that the method may
/// have.
pub(super) fn selects(
    context: Context<'_>,
    at_stage: AtStage<'_>,
    method: &CallableMethod<'_>,
) -> bool {
    let mut exposures = asked_with(context, at_stage.selector, method).into_iter();
    exposures.any(|it| at_stage.selects(MethodAt::from(method), it))
}

/// The verbs of a method's requests that a selector of its stage speaks of, with any exposure that the method may have. One that
/// speaks of `ANY` itself speaks of all of them.
pub(super) fn selected(
    context: Context<'_>,
    at_stage: AtStage<'_>,
    method: &CallableMethod<'_>,
) -> Verbs {
    let exposures = asked_with(context, at_stage.selector, method);
    let whole = MethodAt::from(method);
    let with_verb = |verb: &&'static str| {
        let part = MethodAt { verb, ..whole };
        let mut exposures = exposures.iter();
        exposures.any(|it| at_stage.selects_part(whole, part, *it))
    };
    let verbs = method.verbs().iter().filter(with_verb);
    verbs.fold(Verbs::NONE, |all, verb| all.or(Verbs::one(verb)))
}

/// The statements that decide, and an example of each side, as evidence.
pub(super) fn proof(
    holder: &Holder,
    method: &CallableMethod<'_>,
    decided: &Decided,
) -> Vec<Evidence> {
    let about = method.name();
    // Nothing of another account is read: what decides is the API's.
    let source = if holder.kind.is_outside() {
        finding::Source::Api
    } else {
        finding::Source::Iam
    };
    let says = |says: String| Evidence::new(source, says).with_reference(&holder.arn);
    let statements = decided.reasons.iter();
    let statements = statements.map(|it| says(format!("{about}: {}", it.with_effect())));
    let access = &decided.access;
    let allowed = (access.allowed.iter()).map(|arn| says(format!("allowed: {arn}")));
    let denied = (access.denied.iter()).map(|arn| says(format!("refused: {arn}")));
    statements.chain(allowed).chain(denied).collect()
}

/// A grant that was meant for a method and misses it, as evidence.
pub(super) fn near_miss(holder: &Holder, near: &NearMiss, method: &str) -> Evidence {
    let says = format!(
        "{method}: {} misses it: {}",
        near.grant_in_words(),
        near.in_words()
    );
    Evidence::new(finding::Source::Iam, says).with_reference(&holder.arn)
}

/// The names of the policies that grants stand in, once each.
pub(super) fn policies<'h>(
    grants: impl Iterator<Item = (&'h PolicySource, usize, &'h Statement)>,
) -> Vec<&'h PolicySource> {
    let mut policies: Vec<&PolicySource> = Vec::new();
    for (source, _, _) in grants {
        if !policies.contains(&source) {
            policies.push(source);
        }
    }
    policies
}
