//! `uncallable-method`

use crate::audit::access::CallableMethod;
use crate::audit::context::Context;
use crate::audit::finding::{
    ApiRef, Confidence, Evidence, Finding, Place, Remedy, RuleId, Severity, Source,
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

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        let methods = access.estate.methods();
        let asked =
            |it: &CallableMethod<'_>| asks_iam_alone(it) && it.api.resource_policy.is_none();
        let asked: Vec<&CallableMethod<'_>> = methods.iter().filter(|it| asked(it)).collect();
        let uncallable = access.estate.uncallable(&asked).into_iter();
        uncallable.map(|it| finding(context, it)).collect()
    }
}

fn finding(context: Context<'_>, method: &CallableMethod<'_>) -> Finding {
    let has_path = method.path.starts_with('/');
    let holders = context.access.map_or(0, |it| it.estate.holders().len());
    let mut remedy = Remedy {
        summary: "grant invoke to the group whose members should call it, or delete the method"
            .to_owned(),
        commands: Vec::new(),
        infrastructure_as_code: None,
        references: vec![commands::ARTICLE, commands::PERMISSIONS],
    };
    let exposures = holders::exposures(context, method);
    grant::add(
        &mut remedy,
        grant::to_its_group(context, MethodAt::from(method), &exposures),
    );
    Finding {
        rule: RuleId::UncallableMethod,
        severity: Severity::Low,
        confidence: if method.is_inferred() {
            Confidence::Medium
        } else {
            Confidence::High
        },
        place: Place {
            account: context.inventory.account.clone(),
            region: Some(method.api.region.clone()),
            api: Some(ApiRef::from(method.api)),
            stage: Some(method.stage.name.clone()),
            path: has_path.then(|| method.path.to_owned()),
            verb: has_path.then(|| method.verb.to_owned()),
            route_key: method.route_key.map(str::to_owned),
            ..Place::default()
        },
        reach: None,
        message: "nobody may call this method: it asks for AWS_IAM, and no policy of the account allows it"
            .to_owned(),
        evidence: vec![
            match holders::inferred(method) {
                Some(inferred) => inferred,
                None => Evidence::new(Source::Deployment, "the deployed authorization type is AWS_IAM"),
            },
            Evidence::new(
                Source::Iam,
                format!("none of the account's groups, users and roles ({holders}) is allowed any of its requests"),
            ),
            Evidence::new(Source::Api, "the API has no resource policy"),
        ],
        remedy,
    }
}
