//! `undeployed-fix`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::AuthorizationType;

/// # `undeployed-fix`
///
/// Fires instead of `open-method` when the draft is as the policy requires, and the stage still
/// serves a deployment that is open. It is as severe: an edit that nobody deployed closes nothing.
///
/// ## Why this is bad
/// The console shows AWS_IAM, and callers still get NONE: an edit of a method reaches nobody before
/// *Deploy API*. Tools that read the draft call this method clean.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
#[derive(Debug)]
pub struct UndeployedFix;

impl Rule for UndeployedFix {
    fn id(&self) -> RuleId {
        RuleId::UndeployedFix
    }

    fn summary(&self) -> &'static str {
        "a method was protected in the draft, and the stage still serves it open"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Draft, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::Undeployed)?;
        let violation = method.violation(
            context.inventory,
            method.severity_of(deployed),
            format!(
                "{} can still call this method: it was protected, but never deployed",
                method.callers()
            ),
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::deploy(context, method),
        );
        Some(
            violation
                .also([
                    method.draft_evidence(),
                    method.demanded(&AuthorizationType::None),
                ])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}
