//! `undeployed-fix`

use super::{Context, Look, MethodView, Opening, Rule, remedies};
use crate::finding::{Finding, RuleId, Severity, Source};
use crate::model::AuthorizationType;

/// # `undeployed-fix`
///
/// Fires instead of `open-method` when the editable tree is as the policy requires, and the stage still
/// serves a deployment that is open.
///
/// ## Why this is bad
/// The console shows AWS_IAM, and callers still get NONE: an edit of a method reaches nobody before
/// *Deploy API*. Tools that read the editable tree call this method clean.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
#[derive(Debug)]
pub struct UndeployedFix;

impl Rule for UndeployedFix {
    fn id(&self) -> RuleId {
        RuleId::UndeployedFix
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Draft, Look::PolicyFile]
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.opened(Opening::Undeployed)?;
        let mut evidence = vec![
            method.snapshot_evidence(deployed, Source::Deployment),
            method.draft_evidence(),
            method.demanded(&AuthorizationType::None),
        ];
        evidence.extend(method.reach.evidence());
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::High),
            confidence: method.confidence(deployed),
            place: method.place(context.inventory),
            reach: method.reached_by(),
            message: format!(
                "{} can still call this method: it was protected, but never deployed",
                method.callers()
            ),
            evidence,
            remedy: remedies::deploy(method),
        })
    }
}
