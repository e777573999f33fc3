//! `uncallable-method`

use crate::audit::access::CallableMethod;
use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Place, Remedy, RuleId, Severity, Source, Violation,
};
use crate::audit::method::MethodAt;
use crate::audit::remedy::{commands, grant};
use crate::audit::rules::holders::{self, asks_iam_alone};
use crate::audit::rules::{Look, Rule};

/// # `uncallable-method`
///
/// Fires when a deployed method asks for AWS_IAM, no group, user or role of the account may call it, and
/// its API has no resource policy that could let somebody in.
///
/// ## Why this is bad
/// Nobody but the account's root user can call it. Either it is not used, and should go, or a grant is
/// missing and the next outage is waiting for a quick way out: NONE.
///
/// ## What it looks at
/// Every group, user and role, with conditions taken in their favor. An API with a resource policy is
/// left out: principals of other accounts may call it.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
#[derive(Debug)]
pub struct UncallableMethod;

impl Rule for UncallableMethod {
    fn id(&self) -> RuleId {
        RuleId::UncallableMethod
    }

    fn summary(&self) -> &'static str {
        "a method asks for AWS_IAM, and nobody of the account may call it"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals]
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Violation> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        // Whoever was not read may be able to call it.
        if ["group", "user", "role"]
            .into_iter()
            .any(|it| context.hides_some(it))
        {
            return Vec::new();
        }
        let methods = access.estate.methods().iter();
        let is_asked_about =
            |it: &&CallableMethod<'_>| asks_iam_alone(it) && it.api.resource_policy.is_none();
        let asked: Vec<&CallableMethod<'_>> = methods.filter(is_asked_about).collect();
        let uncallable = access.estate.uncallable(&asked).into_iter();
        uncallable.map(|it| violation(context, it)).collect()
    }
}

fn violation(context: Context<'_>, method: &CallableMethod<'_>) -> Violation {
    let mut remedy =
        Remedy::new("grant invoke to the group whose members should call it, or delete the method")
            .with_references([commands::ARTICLE, commands::PERMISSIONS]);
    let exposures = holders::exposures(context, method);
    grant::add(
        &mut remedy,
        grant::to_its_group(context, MethodAt::from(method), &exposures),
    );
    let deployed = || {
        Evidence::new(
            Source::Deployment,
            "the deployed authorization type is AWS_IAM",
        )
    };
    let holders = context.access.map_or(0, |it| it.estate.holders().len());
    let nobody = format!(
        "none of the account's groups, users and roles ({holders}) is allowed any of its requests"
    );
    let violation = Violation::new(
        Severity::Low,
        Place::of_stage(&context.inventory.account, method.api, &method.stage.name).at_method(
            method.verb,
            method.path,
            method.route_key,
        ),
        "nobody may call this method: it asks for AWS_IAM, and no policy of the account allows it",
        holders::inferred(method).unwrap_or_else(deployed),
        remedy,
    );
    violation
        .also([
            Evidence::new(Source::Iam, nobody),
            Evidence::new(Source::Api, "the API has no resource policy"),
        ])
        .with_confidence(if method.is_inferred() {
            Confidence::Medium
        } else {
            Confidence::High
        })
}
