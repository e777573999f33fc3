//! `api-key-only`

use crate::audit::context::Context;
use crate::audit::finding::{Finding, RuleId, Severity, Source};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::AuthorizationType;

/// What API keys are for.
const USAGE_PLANS: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html";

/// # `api-key-only`
///
/// Fires instead of `open-method` when the open method asks for an API key.
///
/// ## Why this is bad
/// An API key is no authentication. It identifies an application for throttling and quotas, is sent
/// as it is with every request, ends up in logs and in clients, is shared by all users of a client, and
/// does not expire.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>
#[derive(Debug)]
pub struct ApiKeyOnly;

impl Rule for ApiKeyOnly {
    fn id(&self) -> RuleId {
        RuleId::ApiKeyOnly
    }

    fn summary(&self) -> &'static str {
        "an API key is all that a deployed method asks for"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.opened(Opening::KeyOnly)?;
        let mut evidence = vec![
            method.snapshot_evidence(deployed, Source::Deployment),
            method.demanded(&AuthorizationType::None),
        ];
        evidence.extend(method.reach.evidence());
        let mut remedy = protect::protect(context, method);
        remedy.references.push(USAGE_PLANS);
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::High),
            confidence: method.confidence(deployed),
            place: method.place(context.inventory),
            reach: method.reached_by(),
            message: "an API key is all that this method asks for, and a key is no authentication"
                .to_owned(),
            evidence,
            remedy,
        })
    }
}
