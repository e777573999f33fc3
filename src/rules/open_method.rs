//! `open-method`

use super::{Context, Look, MethodView, Opening, Rule, remedies};
use crate::finding::{Exposure, Finding, RuleId, Severity, Source};
use crate::model::{ApiKind, AuthorizationType};

/// The verbs that change something.
const WRITING: [&str; 5] = ["ANY", "DELETE", "PATCH", "POST", "PUT"];

/// # `open-method`
///
/// Fires when a deployed method's authorization is NONE and the policy requires another type there.
///
/// ## Why this is bad
/// Whoever knows the URL can call the method. A NONE method is not even logged with a caller's name.
///
/// ## What it looks at
/// The deployment that the stage serves, never the editable tree: a method that was set to AWS_IAM and
/// not deployed is `undeployed-fix`, one that asks for an API key is `api-key-only`.
/// An OPTIONS method with a MOCK integration is a CORS preflight and accepted.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>
#[derive(Debug)]
pub struct OpenMethod;

impl Rule for OpenMethod {
    fn id(&self) -> RuleId {
        RuleId::OpenMethod
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.opened(Opening::Plain)?;
        if method.api.kind == ApiKind::WebSocket {
            return None;
        }
        let mut evidence = vec![
            method.snapshot_evidence(deployed, Source::Deployment),
            method.demanded(&AuthorizationType::None),
        ];
        if !deployed.inferred {
            evidence.push(method.draft_evidence());
        }
        if let Some(canary) = method.canary.filter(|canary| method.is_open(*canary)) {
            evidence.push(method.snapshot_evidence(canary, Source::Canary));
        }
        evidence.extend(method.reach.evidence());
        Some(Finding {
            rule: self.id(),
            severity: method.severity(severity(method)),
            confidence: method.confidence(deployed),
            place: method.place(context.inventory),
            reach: method.reached_by(),
            message: message(method.callers(), deployed.inferred),
            evidence,
            remedy: remedies::protect(context, method, &AuthorizationType::None),
        })
    }
}

/// Critical for a verb that changes something, where anyone on the internet reaches it, or may.
fn severity(method: &MethodView<'_>) -> Severity {
    let anyone = matches!(method.reach.widest, Exposure::Public | Exposure::Unknown);
    if WRITING.contains(&method.verb) && anyone {
        Severity::Critical
    } else {
        Severity::High
    }
}

fn message(callers: &str, inferred: bool) -> String {
    let says = if inferred {
        "its editable tree, for want of the deployment, says NONE"
    } else {
        "its deployed authorization type is NONE"
    };
    format!("{callers} can call this method: {says}")
}
