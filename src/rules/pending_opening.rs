//! `pending-opening`

use super::{Context, MethodView, Rule, remedies};
use crate::finding::{Confidence, Finding, Remedy, RuleId, Severity, Source};
use crate::model::{AuthorizationType, DraftMethod};

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

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.deployed.filter(|deployed| !deployed.inferred)?;
        let draft = method.draft?;
        let protected = deployed
            .authorization
            .is_some_and(|authorization| *authorization != AuthorizationType::None);
        if !protected || !method.draft_is_open() {
            return None;
        }
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::Medium),
            confidence: Confidence::High,
            place: method.place(context.inventory),
            reach: method.reached_by(),
            message: "the next deployment opens this method: its editable tree says NONE"
                .to_owned(),
            evidence: vec![
                method.snapshot_evidence(deployed, Source::Deployment),
                method.draft_evidence(),
                method.demanded(&AuthorizationType::None),
            ],
            remedy: remedy(method, draft, deployed.authorization?),
        })
    }
}

/// Back to what is deployed, where that is as demanded.
fn remedy(method: &MethodView<'_>, draft: &DraftMethod, deployed: &AuthorizationType) -> Remedy {
    let iam = &AuthorizationType::AwsIam;
    let to = if method.accepts(deployed) || !method.accepts(iam) {
        deployed
    } else {
        iam
    };
    let (summary, commands) = if to == iam {
        (
            "set the method to AWS_IAM before anybody deploys".to_owned(),
            vec![remedies::set_command(method, draft, iam)],
        )
    } else {
        // The other types need the authorizer's id with them, which a deployment does not tell.
        (
            format!("give the method back its {to} authorizer before anybody deploys"),
            Vec::new(),
        )
    };
    Remedy {
        summary,
        commands,
        infrastructure_as_code: None,
        references: vec![remedies::DEPLOYING],
    }
}
