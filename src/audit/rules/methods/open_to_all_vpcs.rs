//! `open-to-all-vpcs`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Exposure, Remedy, RuleId, Severity, Source, Violation,
};
use crate::audit::method::MethodView;
use crate::audit::rules::{Look, Rule};
use crate::inventory::AuthorizationType;

/// # `open-to-all-vpcs`
///
/// Fires when a private API's resource policy lets the callers of a deployed method in through the VPC endpoints of
/// every AWS account. Accepted preflights are left out.
///
/// ## Why this is bad
/// Anybody can make a VPC endpoint for API Gateway in an account of their own. Without a condition on the endpoint or
/// its VPC, a private API is hardly more private than a public one.
///
/// ## What it looks at
/// The resource policy as it stands in the API's settings, as `world-signed` does. It is asked about a caller who does
/// not sign, and for AWS_IAM about one who signs with an account that has nothing to do with this one.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>
#[derive(Debug)]
pub struct OpenToAllVpcs;

impl Rule for OpenToAllVpcs {
    fn id(&self) -> RuleId {
        RuleId::OpenToAllVpcs
    }

    fn summary(&self) -> &'static str {
        "a private API's resource policy lets the VPC endpoints of every AWS account in"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside]
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let (snapshot, source) = method.every_vpc?;
        let (exposure, widest) = (method.at_stage.exposure, method.at_stage.widest);
        if !method.frozen || widest == Exposure::Closed {
            return None;
        }
        let kind = snapshot.authorization.kind();
        let severity = match kind {
            Some(kind) if *kind != AuthorizationType::None => Severity::Medium,
            _ => Severity::High,
        };
        let violation = Violation::new(
            severity,
            method.place(context.inventory),
            "callers in the VPCs of every AWS account reach this method: the resource policy of the private API does \
             not narrow from which VPC endpoints requests come",
            method.snapshot_evidence(snapshot, source),
            remedy(),
        );
        let allows = "the endpoint is PRIVATE; the resource policy allows execute-api:Invoke through VPC endpoints of \
                      other accounts, without a condition on aws:SourceVpce or aws:SourceVpc that they do not meet";
        Some(
            violation
                .also([Evidence::new(Source::Api, allows)])
                .with_confidence(Confidence::Medium)
                .reached_by(method.reached_as(exposure, widest)),
        )
    }
}

fn remedy() -> Remedy {
    Remedy::new(
        "deny in the resource policy what does not come from your own VPC endpoints (StringNotEquals on \
         aws:SourceVpce); look at what else the draft changes, then deploy the API",
    )
    .in_code("CloudFormation: Policy of the AWS::ApiGateway::RestApi")
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html",
    ])
}
