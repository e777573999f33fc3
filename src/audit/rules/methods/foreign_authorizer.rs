//! `foreign-authorizer`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Snapshot};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::AuthorizationType;

/// # `foreign-authorizer`
///
/// Fires when a deployed method is authorized, by a type that the policy does not accept there.
///
/// ## Why this is bad
/// Another authorizer takes the decision away from IAM: group policies and Deny statements say nothing
/// about its callers. A type that this version does not know is accepted nowhere.
/// Where NONE is accepted there is no finding: every known type asks for more than that.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html>
#[derive(Debug)]
pub struct ForeignAuthorizer;

impl Rule for ForeignAuthorizer {
    fn id(&self) -> RuleId {
        RuleId::ForeignAuthorizer
    }

    fn summary(&self) -> &'static str {
        "a deployed method uses an authorization type that the policy does not accept"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Draft, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        if !method.frozen {
            return None;
        }
        let foreign = |snapshot: &Snapshot<'_>| {
            let kind = snapshot.authorization.kind();
            kind.is_some_and(|kind| *kind != AuthorizationType::None && !method.is_met_by(kind))
        };
        let deployed = method
            .deployed
            .filter(foreign)
            .map(|it| (it, Source::Deployment));
        let canary = method.canary.filter(foreign).map(|it| (it, Source::Canary));
        let (snapshot, source) = deployed.or(canary)?;
        let authorization = snapshot.authorization.kind()?;
        let remedy = if method.draft_is_fixed {
            protect::deploy(context, method)
        } else {
            protect::protect(context, method)
        };
        let violation = method.violation(
            context.inventory,
            Severity::Medium,
            format!(
                "`{authorization}` decides who calls this method, and the policy does not accept it"
            ),
            method.snapshot_evidence(snapshot, source),
            remedy,
        );
        Some(
            violation
                .also([method.demanded(authorization), method.draft_evidence()])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(snapshot)),
        )
    }
}
