//! `world-signed`

use crate::audit::context::Context;
use crate::audit::exposure::{NOT_KNOWN_TO_BE_SERVED, may_be_wider};
use crate::audit::finding::{Confidence, Evidence, Remedy, RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Snapshot};
use crate::audit::rules::{Look, Rule, Subject, documented};
use crate::inventory::AuthorizationType;

documented! {
    /// # `world-signed`
    ///
    /// Fires when a deployed method, of the stage or of its canary, has the authorization type `AWS_IAM`, and the API's
    /// resource policy lets any AWS principal in without a condition that narrows it.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// Anyone can have an AWS account. A caller from another account needs a yes from both sides, and grants their own
    /// side's themselves: `"Principal": "*"` on a signed method means everybody who signs.
    ///
    /// ## What it looks at
    /// The resource policy as it stands in the API's settings: what a deployment froze of it cannot be read. A policy
    /// that was narrowed and not deployed makes no finding any more; the ledger keeps the one that it has until the
    /// stage serves another deployment.
    ///
    /// ## Examples
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// Resources:
    ///   Pets:
    ///     Type: AWS::ApiGateway::RestApi
    ///     Properties:
    ///       Name: Pets
    ///       Policy:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: "*"
    ///             Action: execute-api:Invoke
    ///             Resource: execute-api:/*
    ///   ListPets:
    ///     Type: AWS::ApiGateway::Method
    ///     Properties:
    ///       RestApiId: !Ref Pets
    ///       ResourceId: !GetAtt Pets.RootResourceId
    ///       HttpMethod: GET
    ///       AuthorizationType: AWS_IAM
    ///       Integration: {Type: MOCK}
    ///   Deployed:
    ///     Type: AWS::ApiGateway::Deployment
    ///     DependsOn: ListPets
    ///     Properties:
    ///       RestApiId: !Ref Pets
    ///       StageName: prod
    /// ```
    ///
    /// ### Good
    ///
    /// ```yaml
    /// Resources:
    ///   Pets:
    ///     Type: AWS::ApiGateway::RestApi
    ///     Properties:
    ///       Name: Pets
    ///       Policy:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: "*"
    ///             Action: execute-api:Invoke
    ///             Resource: execute-api:/*
    ///             Condition:
    ///               StringEquals: {"aws:PrincipalOrgID": o-a1b2c3d4e5}
    ///   ListPets:
    ///     Type: AWS::ApiGateway::Method
    ///     Properties:
    ///       RestApiId: !Ref Pets
    ///       ResourceId: !GetAtt Pets.RootResourceId
    ///       HttpMethod: GET
    ///       AuthorizationType: AWS_IAM
    ///       Integration: {Type: MOCK}
    ///   Deployed:
    ///     Type: AWS::ApiGateway::Deployment
    ///     DependsOn: ListPets
    ///     Properties:
    ///       RestApiId: !Ref Pets
    ///       StageName: prod
    /// ```
    ///
    /// ## How to fix
    /// Name the principals or accounts that are meant, or add a condition on `aws:PrincipalOrgID`, and deploy the API:
    /// a resource policy, too, reaches callers with the next deployment only. Where no other account should call, the
    /// API needs no resource policy at all.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: world-signed
    ///     match: {api: Pets, path: /}
    ///     severity: high
    ///     reason: every AWS customer may read the catalog; requests are signed for the usage statistics
    ///     owner: catalog@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, and 8.3, *Information access restriction*. The mapping is
    ///   gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
    pub struct WorldSigned;
}

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

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.frozen
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        if !method.frozen || !method.admits_strangers {
            return None;
        }
        let signed = |it: &Snapshot<'_>| it.is(&AuthorizationType::AwsIam);
        let own = || Some((method.deployed.filter(signed)?, Source::Deployment, ""));
        let canary = || {
            let snapshot = method.canary.filter(signed)?;
            Some((snapshot, Source::Canary, " on the stage's canary"))
        };
        let (snapshot, source, at) = own().or_else(canary)?;
        let (exposure, widest) = (method.at_stage.exposure, method.at_stage.widest);
        let violation = Violation::new(
            widest.lowers(Severity::High),
            method.place(context.inventory),
            format!(
                "anybody with an AWS account can call this method{at}: the resource policy lets every principal in"
            ),
            method.snapshot_evidence(snapshot, source),
            remedy(),
        );
        let allows = "the resource policy allows execute-api:Invoke to everybody, without a condition that outsiders \
                      do not meet";
        let may_be_wider = may_be_wider(exposure, widest).then(|| {
            let says = method.at_stage.says.join("; ");
            Evidence::new(Source::Api, format!("{says}; {NOT_KNOWN_TO_BE_SERVED}"))
        });
        Some(
            violation
                .also([Evidence::new(Source::Api, allows)])
                .also(may_be_wider)
                .with_confidence(Confidence::Medium)
                // The resource policy lets these callers in, whatever it says to anonymous ones.
                .reached_by(method.reached_as(exposure, widest)),
        )
    }
}

fn remedy() -> Remedy {
    Remedy::new(
        "name the accounts in the resource policy's Principal, or add a condition on aws:PrincipalOrgID; look at what \
         else the draft changes, then deploy the API",
    )
    .in_code("CloudFormation: Policy of the AWS::ApiGateway::RestApi")
    .in_terraform("Terraform: policy of the aws_api_gateway_rest_api_policy")
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",
    ])
}
