//! `world-signed`

use crate::audit::context::Context;
use crate::audit::exposure::{NOT_KNOWN_TO_BE_SERVED, may_be_wider};
use crate::audit::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::audit::method::{MethodView, Snapshot};
use crate::audit::rules::{Look, Rule};
use crate::inventory::AuthorizationType;

/// # `world-signed`
///
/// Fires when a deployed method asks for AWS_IAM, be it on the stage's canary alone, and the API's resource policy lets any AWS principal
/// in without a condition that narrows it.
///
/// ## Why this is bad
/// Anybody has an AWS account. A caller from another account needs a yes from both sides, and gives
/// their own side's themselves: `Principal: "*"` on a signed method means everybody who signs.
///
/// ## What it looks at
/// The resource policy as it stands in the API's settings: what a deployment froze of it cannot be read. A policy that
/// was narrowed and not deployed makes no finding any more; the ledger keeps the one that it has until the stage serves
/// another deployment.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
#[derive(Debug)]
pub struct WorldSigned;

impl Rule for WorldSigned {
    fn id(&self) -> RuleId {
        RuleId::WorldSigned
    }

    fn summary(&self) -> &'static str {
        "a resource policy lets every AWS principal call a method that asks for a signature"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed]
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Finding> {
        if !method.frozen || !method.admits_strangers {
            return None;
        }
        let signed = |it: &Snapshot<'_>| it.is(&AuthorizationType::AwsIam);
        let own = method.deployed.filter(signed);
        let own = own.map(|it| (it, Source::Deployment, ""));
        let canary = method.canary.filter(signed);
        let canary = canary.map(|it| (it, Source::Canary, " on the stage's canary"));
        let (snapshot, source, at) = own.or(canary)?;
        let mut evidence = vec![
            method.snapshot_evidence(snapshot, source),
            Evidence::new(
                Source::Api,
                "the resource policy allows execute-api:Invoke to everybody, without a condition \
                 that outsiders do not meet",
            ),
        ];
        if may_be_wider(method.at_stage.exposure, method.at_stage.widest) {
            let says = method.at_stage.says.join("; ");
            let says = format!("{says}; {NOT_KNOWN_TO_BE_SERVED}");
            evidence.push(Evidence::new(Source::Api, says));
        }
        Some(Finding {
            rule: self.id(),
            severity: method.at_stage.widest.lowers(Severity::High),
            confidence: Confidence::Medium,
            place: method.place(context.inventory),
            // The resource policy lets these callers in, whatever it says to anonymous ones.
            reach: method.reached_as(method.at_stage.exposure, method.at_stage.widest),
            message: format!(
                "anybody with an AWS account can call this method{at}: the resource policy lets every principal in"
            ),
            evidence,
            remedy: Remedy {
                summary:
                    "name the accounts in the resource policy's Principal, or add a condition \
                          on aws:PrincipalOrgID; look at what else the draft changes, then deploy the API"
                        .to_owned(),
                commands: Vec::new(),
                infrastructure_as_code: Some(
                    "CloudFormation: Policy of the AWS::ApiGateway::RestApi".to_owned(),
                ),
                references: vec![
                    "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",
                ],
            },
        })
    }
}
