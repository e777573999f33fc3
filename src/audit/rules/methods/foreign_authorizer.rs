//! `foreign-authorizer`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Snapshot};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::AuthorizationType;

documented! {
    /// # `foreign-authorizer`
    ///
    /// Fires when a deployed method has an authorization type other than `NONE` that the policy file does not accept
    /// there.
    ///
    /// ## Severity
    /// medium
    ///
    /// ## Why this is bad
    /// Another authorizer takes the decision away from IAM: group policies and Deny statements do not apply to its
    /// callers. A type that this version does not know is accepted nowhere. Where `NONE` is accepted there is no
    /// finding: every known type asks for more than that.
    ///
    /// ## What it looks at
    /// The deployment that the stage serves, and that of its canary.
    ///
    /// ## Examples
    /// Both with a policy file that accepts `AWS_IAM` alone:
    ///
    /// ```yaml
    /// version: 1
    /// require:
    ///   - authorization: [AWS_IAM]
    /// ```
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// Transform: AWS::Serverless-2016-10-31
    /// Resources:
    ///   Pets:
    ///     Type: AWS::Serverless::Api
    ///     Properties:
    ///       StageName: prod
    ///       Auth:
    ///         DefaultAuthorizer: Customers
    ///         Authorizers:
    ///           Customers:
    ///             UserPoolArn: arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_EXAMPLE
    ///   ListPets:
    ///     Type: AWS::Serverless::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: pets.list
    ///       CodeUri: src/
    ///       Events:
    ///         Get:
    ///           Type: Api
    ///           Properties: {RestApiId: !Ref Pets, Path: /pets, Method: get}
    /// ```
    ///
    /// ### Good
    ///
    /// ```yaml
    /// Transform: AWS::Serverless-2016-10-31
    /// Resources:
    ///   Pets:
    ///     Type: AWS::Serverless::Api
    ///     Properties:
    ///       StageName: prod
    ///       Auth:
    ///         DefaultAuthorizer: AWS_IAM
    ///   ListPets:
    ///     Type: AWS::Serverless::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: pets.list
    ///       CodeUri: src/
    ///       Events:
    ///         Get:
    ///           Type: Api
    ///           Properties: {RestApiId: !Ref Pets, Path: /pets, Method: get}
    /// ```
    ///
    /// ## How to fix
    /// Set `AWS_IAM` on the method and deploy the API; its callers must then have AWS credentials. Where the authorizer
    /// is meant, accept its type there by [`require`](../policy-file.md#require).
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: foreign-authorizer
    ///     match: {api: Pets, path: /pets}
    ///     severity: medium
    ///     reason: the customers' app moves to an identity pool with the next release
    ///     owner: app-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html>
    pub struct ForeignAuthorizer;
}

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

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.frozen
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
