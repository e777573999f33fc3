//! `open-method`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::served::Authorization;
use crate::inventory::{ApiKind, AuthorizationType};

/// # `open-method`
///
/// Fires when a deployed method's authorization is NONE and the policy requires another type there.
///
/// ## Why this is bad
/// Whoever knows the URL can call the method. A NONE method is not even logged with a caller's name.
///
/// ## What it looks at
/// The deployment that the stage serves. Where it does not tell the type, or could not be read, the draft stands in, and
/// the finding is inferred. A method that was set to AWS_IAM and not deployed is `undeployed-fix`, one that asks for an
/// API key is `api-key-only`.
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

    fn summary(&self) -> &'static str {
        "anyone can call a deployed method that must be authorized"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::Plain)?;
        if method.api.kind == ApiKind::WebSocket {
            return None;
        }
        // Where the type was inferred, the first evidence says already what the draft says.
        let is_deployed = deployed.authorization.is_deployed();
        let draft = is_deployed.then(|| method.draft_evidence());
        let open_canary = method.canary.filter(|canary| method.is_open(*canary));
        let violation = method.violation(
            context.inventory,
            method.severity_of(deployed),
            message(method, deployed.authorization),
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::protect(context, method),
        );
        Some(
            violation
                .also([method.demanded(&AuthorizationType::None)])
                .also(draft)
                .also(open_canary.map(|it| method.snapshot_evidence(it, Source::Canary)))
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}

fn message(method: &MethodView<'_>, authorization: Authorization<'_>) -> String {
    let callers = method.callers();
    let says = if method.is_in_a_file {
        "its authorization type is NONE"
    } else if authorization.is_deployed() {
        "its deployed authorization type is NONE"
    } else {
        "its draft says NONE, and its deployment does not tell"
    };
    format!("{callers} can call this method: {says}")
}
