//! Accounts and organizations that resource policies let in, and that no entry of `invokers` lists.

use crate::audit::access::{CallableMethod, Holder, HolderKind, names};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Confidence, Evidence, Remedy, Severity, Violation};
use crate::audit::rules::holders;
use crate::inventory::quoted;

/// A caller of another account, and the methods that it may call and is not listed for.
type Unlisted<'u, 'a> = (&'u Holder, Vec<&'u CallableMethod<'a>>);

/// One finding for each caller: an account as a whole and each principal of it that a policy names are told apart, so that
/// whoever accepts a role does not accept the account besides.
pub(super) fn violations(
    context: Context<'_>,
    access: &AccessView<'_>,
    outside: &[Unlisted<'_, '_>],
) -> Vec<Violation> {
    let violations = outside.iter();
    violations
        .filter_map(|(holder, methods)| violation(context, access, holder, methods))
        .collect()
}

/// `None`: there is no such method.
fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    methods: &[&CallableMethod<'_>],
) -> Option<Violation> {
    let first = methods.first()?;
    let decided = access.estate.decide(holder, first);
    let violation = Violation::new(
        Severity::Medium,
        holders::place(context, holder),
        format!(
            "{} not listed, and may call {}: resource policies let {} in",
            who(holder),
            names(methods),
            match holder.resource_in_account() {
                Some(_) => "it",
                None => "callers from there",
            }
        ),
        Evidence::new(
            finding::Source::PolicyFile,
            "no entry of `invokers` that speaks of these methods lists it",
        ),
        remedy(holder),
    );
    let not_read = Evidence::new(
        finding::Source::Api,
        "admitted by the resource policy as it stands in the API's settings; the caller's own account must allow the call, \
         too, and its policies are not read",
    );
    let evidence = holders::proof(holder, first, &decided).into_iter();
    Some(
        violation
            .reaching(holders::reach(methods, decided.access.conditional))
            .preceded_by(
                evidence
                    .chain([not_read])
                    .chain(holders::inferred_of(methods))
                    .chain(holders::mixed(methods)),
            )
            .with_confidence(Confidence::Medium),
    )
}

/// The caller, as what begins a sentence about a list that it is not in.
fn who(holder: &Holder) -> String {
    match (holder.kind, holder.resource_in_account()) {
        (HolderKind::Organization, _) => format!("accounts of the {} are", unit(holder)),
        (_, Some(resource)) => format!("{} of the account is", quoted(resource)),
        (_, None) => "the account is".to_owned(),
    }
}

/// What an organization's caller is called: one with a slash in it is the path of a unit.
fn unit(holder: &Holder) -> &'static str {
    if holder.name.contains('/') {
        "organization's unit"
    } else {
        "organization"
    }
}

fn remedy(holder: &Holder) -> Remedy {
    let list = match (holder.kind, holder.resource_in_account()) {
        (HolderKind::Organization, _) => format!(
            "list the {} under `organizations` of `invokers` in the policy file",
            unit(holder)
        ),
        (_, Some(_)) => {
            "list its account under `accounts` of `invokers` in the policy file, which lists everybody of the account, or \
             accept this principal alone by an exemption with the id of this finding"
                .to_owned()
        }
        (_, None) => {
            "list the account under `accounts` of `invokers` in the policy file".to_owned()
        }
    };
    Remedy::new(format!(
        "{list}; or take it out of the API's resource policy, look at what else the draft changes, and deploy the API"
    ))
    .in_code("CloudFormation: Policy of the AWS::ApiGateway::RestApi")
    .in_terraform("Terraform: policy of the aws_api_gateway_rest_api_policy")
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",
    ])
}
