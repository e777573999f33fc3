//! `pending-opening`

use super::{Context, MethodView, Rule, remedies};
use crate::finding::{Confidence, Finding, Remedy, RuleId, Severity, Source, command};
use crate::model::AuthorizationType;

/// # `pending-opening`
///
/// Fires when a deployed method is authorized, and the editable tree says NONE: the next deployment
/// opens it.
///
/// ## Why this is bad
/// A deployment freezes the whole tree. Whoever deploys an unrelated change opens this method with it,
/// and nothing in that change shows it.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
#[derive(Debug)]
pub struct PendingOpening;

impl Rule for PendingOpening {
    fn id(&self) -> RuleId {
        RuleId::PendingOpening
    }

    fn summary(&self) -> &'static str {
        "the next deployment opens a method that is authorized today"
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.deployed.filter(|deployed| !deployed.inferred)?;
        let draft = method.draft?;
        let protected = deployed
            .authorization
            .is_some_and(|authorization| *authorization != AuthorizationType::None);
        if !protected || !method.draft_is_open() {
            return None;
        }
        let restore = deployed
            .authorization
            .map_or("AWS_IAM", AuthorizationType::as_str);
        let patch = format!("op=replace,path=/authorizationType,value={restore}");
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::Medium),
            confidence: Confidence::High,
            place: method.place(context.inventory),
            message: "the next deployment opens this method: its editable tree says NONE"
                .to_owned(),
            evidence: vec![
                method.snapshot_evidence(deployed, Source::Deployment),
                method.draft_evidence(),
                method.demanded(&AuthorizationType::None),
            ],
            remedy: Remedy {
                summary: format!("set the method back to {restore} before anybody deploys"),
                commands: vec![command(&[
                    "aws",
                    "apigateway",
                    "update-method",
                    "--region",
                    &method.api.region,
                    "--rest-api-id",
                    &method.api.id,
                    "--resource-id",
                    &draft.resource_id,
                    "--http-method",
                    &draft.verb,
                    "--patch-operations",
                    &patch,
                ])],
                infrastructure_as_code: None,
                references: vec![remedies::DEPLOYING],
            },
        })
    }
}
