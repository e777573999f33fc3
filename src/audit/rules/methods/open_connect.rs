//! `open-connect`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::{ApiKind, AuthorizationType};

/// # `open-connect`
///
/// Fires when the `$connect` route of a WebSocket API has authorization NONE and the policy requires
/// another type there.
///
/// ## Why this is bad
/// `$connect` is the only route of a WebSocket API that asks who is calling. Whoever gets past it sends
/// messages to all the others.
///
/// ## What it looks at
/// The API's routes: no snapshot of the deployed routes of a WebSocket API can be read, so that the
/// finding is inferred. Authorization on other routes means nothing.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html>
#[derive(Debug)]
pub struct OpenConnect;

impl Rule for OpenConnect {
    fn id(&self) -> RuleId {
        RuleId::OpenConnect
    }

    fn summary(&self) -> &'static str {
        "anyone can connect to a WebSocket API"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::Plain)?;
        if method.api.kind != ApiKind::WebSocket {
            return None;
        }
        let violation = method.violation(
            context.inventory,
            Severity::High,
            format!(
                "{} can connect, and then send messages to every route",
                method.callers()
            ),
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::protect(context, method),
        );
        Some(
            violation
                .also([method.demanded(&AuthorizationType::None)])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}
