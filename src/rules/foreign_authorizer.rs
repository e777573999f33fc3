//! `foreign-authorizer`

use super::{Context, MethodView, Rule, remedies};
use crate::finding::{Finding, RuleId, Severity, Source};
use crate::model::AuthorizationType;

/// # `foreign-authorizer`
///
/// Fires when a deployed method is authorized, by a type that the policy does not accept there.
///
/// ## Why this is bad
/// Another authorizer takes the decision away from IAM: group policies, Deny statements and CloudTrail
/// say nothing about its callers.
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

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        let deployed = method.deployed.filter(|_| method.frozen)?;
        let authorization = deployed.authorization?;
        if *authorization == AuthorizationType::None || method.accepts(authorization) {
            return None;
        }
        let fixed = method.draft_is_fixed();
        Some(Finding {
            rule: self.id(),
            severity: Severity::Medium,
            confidence: method.confidence(deployed),
            place: method.place(context.inventory),
            message: format!(
                "{authorization} decides who calls this method, and the policy does not accept it"
            ),
            evidence: vec![
                method.snapshot_evidence(deployed, Source::Deployment),
                method.demanded(authorization),
                method.draft_evidence(),
            ],
            remedy: if fixed {
                remedies::deploy(method)
            } else {
                remedies::protect(context, method)
            },
        })
    }
}
