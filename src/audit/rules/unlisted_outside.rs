//! Accounts and organizations that resource policies let in, and that no entry of `invokers` lists.

use crate::audit::access::{CallableMethod, Holder, HolderKind, names};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Confidence, Evidence, Place, Remedy, Severity, Violation};
use crate::audit::rules::holders;

/// A caller of another account, and the methods that it may call and is not listed for.
type Unlisted<'u, 'a> = (&'u Holder, Vec<&'u CallableMethod<'a>>);

/// One finding for each account or organization, whichever of its principals are let in. Those of one account come one
/// after another.
pub(super) fn violations(
    context: Context<'_>,
    access: &AccessView<'_>,
    outside: &[Unlisted<'_, '_>],
) -> Vec<Violation> {
    let of_one =
        outside.chunk_by(|(one, _), (other, _)| one.kind == other.kind && one.name == other.name);
    of_one
        .filter_map(|it| violation(context, access, it))
        .collect()
}

/// `None`: there is no such method.
fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    callers: &[Unlisted<'_, '_>],
) -> Option<Violation> {
    let mut methods: Vec<&CallableMethod<'_>> =
        callers.iter().flat_map(|(_, it)| it).copied().collect();
    methods.sort_by_key(|it| (it.number(), it.verb));
    methods.dedup_by(|one, other| is_same(one, other));
    let (first, _) = callers.first()?;
    if methods.is_empty() {
        return None;
    }
    let mut proof = Vec::new();
    let mut proven: Vec<&CallableMethod<'_>> = Vec::new();
    for (holder, own) in callers {
        // Of each what it may call and those before it may not.
        let mut others = own
            .iter()
            .filter(|it| !proven.iter().any(|known| is_same(known, it)));
        if let Some(method) = others.next() {
            let decided = access.estate.decide(holder, method);
            proof.extend(holders::proof(holder, method, &decided));
        }
        proven.extend(own);
    }
    let (key, who) = match first.kind {
        HolderKind::Organization => ("organizations", "accounts of the organization are"),
        _ => ("accounts", "the account is"),
    };
    let kind = first.kind.as_str();
    let remedy = Remedy::new(format!(
        "list the {kind} under `{key}` of `invokers` in the policy file; or take it out of the API's resource policy, \
         look at what else the draft changes, and deploy the API"
    ))
    .in_code("CloudFormation: Policy of the AWS::ApiGateway::RestApi")
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",
    ]);
    let violation = Violation::new(
        Severity::Medium,
        place(context, first),
        format!(
            "{who} not listed, and may call {}: resource policies let callers from there in",
            names(&methods)
        ),
        Evidence::new(
            finding::Source::PolicyFile,
            "no entry of `invokers` that speaks of these methods lists it",
        ),
        remedy,
    );
    let not_read = Evidence::new(
        finding::Source::Api,
        "admitted by the resource policy as it stands in the API's settings; the caller's own account must allow the call, \
         too, and its policies are not read",
    );
    Some(
        violation
            .preceded_by(
                proof
                    .into_iter()
                    .chain([not_read])
                    .chain(holders::inferred_of(&methods))
                    .chain(holders::mixed(&methods)),
            )
            .with_confidence(Confidence::Medium),
    )
}

fn is_same(one: &CallableMethod<'_>, other: &CallableMethod<'_>) -> bool {
    one.number() == other.number() && one.verb == other.verb
}

/// The place of a finding about an account or an organization, whichever of its principals the first is.
fn place(context: Context<'_>, first: &Holder) -> Place {
    let mut place = holders::place(context, first);
    if let (HolderKind::Account, Some(principal)) = (first.kind, &mut place.principal) {
        let partition = &context.inventory.partition;
        principal.known_arn = Some(format!("arn:{partition}:iam::{}:root", first.name));
    }
    place
}
