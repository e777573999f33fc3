//! `open-to-all-vpcs`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Exposure, Remedy, RuleId, Severity, Source, Violation,
};
use crate::audit::method::MethodView;
use crate::audit::rules::{Look, Rule, Subject, documented};
use crate::inventory::AuthorizationType;

documented! {
    /// # `open-to-all-vpcs`
    ///
    /// Fires when the resource policy of a private API lets the callers of a deployed method, of the stage or of its
    /// canary, in through the VPC endpoints of every AWS account. Accepted preflights are left out.
    ///
    /// ## Severity
    /// high for `NONE`, else medium
    ///
    /// The exposure does not lower it.
    ///
    /// ## Why this is bad
    /// Anyone can create a VPC endpoint for API Gateway in an account of their own. Without a condition on the endpoint
    /// or its VPC, a private API is hardly more private than a public one.
    ///
    /// ## What it looks at
    /// The resource policy as it stands in the API's settings, as [`world-signed`](world-signed.md) does. It is asked
    /// about a caller who does not sign, and for `AWS_IAM` about one who signs with an account that has nothing to do
    /// with this one.
    ///
    /// ## Examples
    /// Both with a policy file that accepts `NONE` for this API, as the network is meant to protect it:
    ///
    /// ```yaml
    /// version: 1
    /// require:
    ///   - match: {api: Pets}
    ///     authorization: [NONE, AWS_IAM]
    /// ```
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// Resources:
    ///   Pets:
    ///     Type: AWS::ApiGateway::RestApi
    ///     Properties:
    ///       Name: Pets
    ///       EndpointConfiguration: {Types: [PRIVATE]}
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
    ///       AuthorizationType: NONE
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
    ///       EndpointConfiguration: {Types: [PRIVATE]}
    ///       Policy:
    ///         Version: "2012-10-17"
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: "*"
    ///             Action: execute-api:Invoke
    ///             Resource: execute-api:/*
    ///             Condition:
    ///               StringEquals: {"aws:SourceVpce": vpce-0a1b2c3d4e5f60718}
    ///   ListPets:
    ///     Type: AWS::ApiGateway::Method
    ///     Properties:
    ///       RestApiId: !Ref Pets
    ///       ResourceId: !GetAtt Pets.RootResourceId
    ///       HttpMethod: GET
    ///       AuthorizationType: NONE
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
    /// Add a condition on `aws:SourceVpce` or `aws:SourceVpc` that names your own endpoints or VPCs, and deploy the
    /// API. List all of them before: callers behind one that is missing are locked out.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-to-all-vpcs
    ///     match: {api: Pets}
    ///     severity: high
    ///     reason: the customers' VPC endpoints are added to the policy one by one
    ///     owner: network-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>
    pub struct OpenToAllVpcs;
}

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

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.frozen
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
    .in_terraform("Terraform: policy of the aws_api_gateway_rest_api_policy")
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html",
    ])
}
