//! `api-key-only`

use super::{Context, MethodView, Rule, remedies};
use crate::finding::{Finding, RuleId, Severity, Source};
use crate::model::AuthorizationType;

/// # `api-key-only`
///
/// Fires instead of `open-method` when the open method asks for an API key.
///
/// ## Why this is bad
/// An API key is no authentication. It identifies an application for throttling and quotas, is sent
/// in the clear with every request, is shared by all users of a client, and does not expire.
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

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.deployed.filter(|_| method.frozen)?;
        if !method.is_open(deployed) || method.draft_is_fixed() || !deployed.api_key_required {
            return None;
        }
        let mut evidence = vec![
            method.snapshot_evidence(deployed, Source::Deployment),
            method.demanded(&AuthorizationType::None),
        ];
        evidence.extend(method.reach_evidence());
        let mut remedy = remedies::protect(context, method);
        remedy
            .references
            .push("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html");
        Some(Finding {
            rule: self.id(),
            severity: method.severity(Severity::High),
            confidence: method.confidence(deployed),
            place: method.place(context.inventory),
            message: "an API key is all that this method asks for, and a key is no authentication"
                .to_owned(),
            evidence,
            remedy,
        })
    }
}
