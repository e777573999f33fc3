//! `api-key-only`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
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

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::KeyOnly)?;
        let violation = method.violation(
            context.inventory,
            Severity::High,
            "an API key is all that this method asks for, and a key is no authentication",
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::protect(context, method).with_references([USAGE_PLANS]),
        );
        Some(
            violation
                .also([method.demanded(&AuthorizationType::None)])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}
