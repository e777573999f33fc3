//! `open-canary`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source, command,
};
use crate::audit::method::MethodView;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::served::ServedMethod;
use crate::inventory::{AuthorizationType, Canary};

/// # `open-canary`
///
/// Fires when the deployment of a stage's canary opens a method that the stage's own deployment
/// protects, or does not have; or where it lacks a method that the stage's own deployment protects, and an open
/// route of it may answer.
///
/// ## Why this is bad
/// A canary serves live traffic. Whoever repeats the request often enough is sent to it.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html>
#[derive(Debug)]
pub struct OpenCanary;

impl Rule for OpenCanary {
    fn id(&self) -> RuleId {
        RuleId::OpenCanary
    }

    fn summary(&self) -> &'static str {
        "a canary opens a method that its stage protects"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let settings = method.stage.canary.as_ref()?;
        if let Some(route) = method.is_left_open_by_the_canary() {
            return Some(left_open(context, method, route, settings));
        }
        let canary = method.canary.filter(|_| method.frozen)?;
        // Where the stage is as open as its canary, that is the finding.
        let as_open_without = method.deployed.is_some_and(|deployed| {
            let asks_for_more = deployed.api_key_required && !canary.api_key_required;
            method.is_open(deployed) && !asks_for_more
        });
        if !method.is_open(canary) || as_open_without {
            return None;
        }
        let mut evidence = vec![method.snapshot_evidence(canary, Source::Canary)];
        if let Some(deployed) = method.deployed {
            evidence.push(method.snapshot_evidence(deployed, Source::Deployment));
        }
        evidence.push(method.demanded(&AuthorizationType::None));
        evidence.extend(method.reach.evidence());
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::High),
            confidence: method.confidence(canary),
            place: method.place(context.inventory),
            reach: method.reached_by(),
            message: format!(
                "the canary opens this method to {} % of the stage's requests",
                settings.percent_traffic
            ),
            evidence,
            remedy: remedy(context, method),
        })
    }
}

/// The canary does not have the method, and an open one of it may answer.
fn left_open(
    context: Context<'_>,
    method: &MethodView<'_>,
    route: ServedMethod<'_>,
    settings: &Canary,
) -> Finding {
    let name = format!("{} {}", route.verb, route.path);
    let lacks =
        format!("the canary's deployment does not have this method, and {name} of it has NONE");
    let mut evidence = vec![Evidence {
        reference: Some(settings.deployment_id.clone()),
        ..Evidence::new(Source::Canary, lacks)
    }];
    if let Some(deployed) = method.deployed {
        evidence.push(method.snapshot_evidence(deployed, Source::Deployment));
    }
    evidence.push(method.demanded(&AuthorizationType::None));
    evidence.extend(method.reach.evidence());
    Finding {
        rule: RuleId::OpenCanary,
        severity: method.severity(Severity::High),
        confidence: Confidence::Medium,
        place: method.place(context.inventory),
        reach: method.reached_by(),
        message: format!(
            "the canary lacks this method, and may leave {} % of its requests to an open route",
            settings.percent_traffic
        ),
        evidence,
        remedy: remedy(context, method),
    }
}

fn remedy(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let ended = context.changes.end_canary(method);
    let summary = match &ended {
        Ok(said) => format!(
            "end the canary, or protect the method and deploy it to the canary; {said}; its integrations and stage \
             variables go with it"
        ),
        Err(why) => format!(
            "protect the method and deploy it to the canary; the canary is not to be ended yet: {why}"
        ),
    };
    let end = command(&[
        "aws",
        "apigateway",
        "update-stage",
        "--region",
        &method.api.region,
        "--rest-api-id",
        &method.api.id,
        "--stage-name",
        &method.stage.name,
        "--patch-operations",
        "op=remove,path=/canarySettings",
    ]);
    Remedy {
        summary,
        commands: ended.is_ok().then_some(end).into_iter().collect(),
        infrastructure_as_code: Some(
            "CloudFormation: CanarySetting of the AWS::ApiGateway::Stage".to_owned(),
        ),
        references: vec![
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
        ],
    }
}
