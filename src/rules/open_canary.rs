//! `open-canary`

use super::{Context, MethodView, Rule, remedies};
use crate::finding::{Finding, RuleId, Severity, Source};
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

    fn summary(&self) -> &'static str {
        "a canary opens a method that its stage protects"
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let canary = method.canary.filter(|_| method.frozen)?;
        let open_without = method
            .deployed
            .is_some_and(|deployed| method.is_open(deployed));
        if !method.is_open(canary) || open_without {
            return None;
        }
        let settings = method.stage.canary.as_ref()?;
        let mut evidence = vec![method.snapshot_evidence(canary, Source::Canary)];
        if let Some(deployed) = method.deployed {
            evidence.push(method.snapshot_evidence(deployed, Source::Deployment));
        }
        evidence.push(method.demanded(&AuthorizationType::None));
        evidence.extend(method.reach_evidence());
        let mut remedy = remedies::protect(context, method);
        remedy.summary = "end the canary, or protect the method and deploy it again".to_owned();
        remedy.commands = vec![crate::finding::command(&[
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
        ])];
        remedy.references = vec![
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
        ];
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::High),
            confidence: method.confidence(canary),
            place: method.place(context.inventory),
            message: format!(
                "the canary opens this method to {} % of the stage's requests",
                settings.percent_traffic
            ),
            evidence,
            remedy,
        })
    }
}
