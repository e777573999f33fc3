//! `api-key-only`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::AuthorizationType;

/// What API keys are for.
const USAGE_PLANS: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html";

documented! {
    /// # `api-key-only`
    ///
    /// Fires instead of [`open-method`](open-method.md) when the open method asks for an API key.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// An API key is no authentication. It tells applications apart for throttling and quotas. It is sent as it is with
    /// every request, ends up in logs and in clients, is shared by all users of a client, and does not expire.
    ///
    /// ## What it looks at
    /// The deployment that the stage serves: authorization type `NONE`, and an API key required.
    ///
    /// ## Examples
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// Transform: AWS::Serverless-2016-10-31
    /// Resources:
    ///   ListPets:
    ///     Type: AWS::Serverless::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: pets.list
    ///       CodeUri: src/
    ///       Events:
    ///         Get:
    ///           Type: Api
    ///           Properties:
    ///             Path: /pets
    ///             Method: get
    ///             Auth: {ApiKeyRequired: true}
    /// ```
    ///
    /// ### Good
    /// The key stays, for the usage plan; `AWS_IAM` decides who calls:
    ///
    /// ```yaml
    /// Transform: AWS::Serverless-2016-10-31
    /// Resources:
    ///   ListPets:
    ///     Type: AWS::Serverless::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: pets.list
    ///       CodeUri: src/
    ///       Events:
    ///         Get:
    ///           Type: Api
    ///           Properties:
    ///             Path: /pets
    ///             Method: get
    ///             Auth: {ApiKeyRequired: true, Authorizer: AWS_IAM}
    /// ```
    ///
    /// ## How to fix
    /// Set `AWS_IAM` on the method, deploy the API, and grant `execute-api:Invoke` to the group whose members call it.
    /// The key may stay.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: api-key-only
    ///     match: {path: /pets, verb: GET}
    ///     severity: high
    ///     reason: partners move from keys to signed requests until March
    ///     owner: partner-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 8.3, *Information access restriction*, and 8.5, *Secure authentication*. The
    ///   mapping is gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>
    pub struct ApiKeyOnly;
}

impl Rule for ApiKeyOnly {
    fn id(&self) -> RuleId {
        RuleId::ApiKeyOnly
    }

    fn summary(&self) -> &'static str {
        "an API key is all that a deployed method asks for"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::KeyOnly)?;
        let violation = method.violation(
            context.inventory,
            Severity::High,
            "an API key is all that this method asks for, and a key is no authentication",
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::protect(context, method).with_references([USAGE_PLANS]),
        );
        Some(
            violation
                .also([method.demanded(&AuthorizationType::None)])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}
