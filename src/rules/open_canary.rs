//! `open-canary`

use super::{Context, Look, MethodView, Rule};
use crate::finding::{Finding, Remedy, RuleId, Severity, Source, command};
use crate::model::AuthorizationType;

/// # `open-canary`
///
/// Fires when the deployment of a stage's canary opens a method that the stage's own deployment
/// protects, or does not have.
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

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let canary = method.canary.filter(|_| method.frozen)?;
        let settings = method.stage.canary.as_ref()?;
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
            remedy: remedy(method),
        })
    }
}

fn remedy(method: &MethodView<'_>) -> Remedy {
    let opened = method.draft_changes.opened_without_canary();
    let summary = if opened.is_empty() {
        "end the canary, or protect the method and deploy it to the canary".to_owned()
    } else {
        format!(
            "protect the method and deploy it to the canary; the canary is not to be ended yet, as it protects \
             what the stage's own deployment leaves open: {}",
            opened.join(", ")
        )
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
        commands: opened.is_empty().then_some(end).into_iter().collect(),
        infrastructure_as_code: Some(
            "CloudFormation: CanarySetting of the AWS::ApiGateway::Stage".to_owned(),
        ),
        references: vec![
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
        ],
    }
}
