//! `open-method`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::served::Authorization;
use crate::inventory::{ApiKind, AuthorizationType};

documented! {
    /// # `open-method`
    ///
    /// Fires when a deployed method has the authorization type `NONE`, and the policy file does not accept `NONE`
    /// there. Without a policy file, `NONE` is accepted nowhere.
    ///
    /// ## Severity
    /// critical for `POST`, `PUT`, `PATCH`, `DELETE` and `ANY` (`$default` too), else high
    ///
    /// A method that answers only `OPTIONS` is low. [Exposure](../apis.md#exposure) lowers the severity where the
    /// method is certain not to be public.
    ///
    /// ## Why this is bad
    /// Anyone who knows the URL can call the method, and the logs show an address, not a caller. The URL is no secret:
    /// it is in clients, logs and browser histories.
    ///
    /// ## What it looks at
    /// The deployment that the stage serves. Where that does not tell the type, or could not be read, the draft stands
    /// in, and the finding is inferred. A method that was set to `AWS_IAM` and not deployed is
    /// [`undeployed-fix`](undeployed-fix.md), one that asks for an API key is [`api-key-only`](api-key-only.md), and
    /// the `$connect` route of a WebSocket API is [`open-connect`](open-connect.md). An `OPTIONS` method with a `MOCK`
    /// integration is a CORS preflight and [accepted](../policy-file.md#preflight).
    ///
    /// ## Examples
    ///
    /// ### Bad
    /// SAM gives the methods of an implicit API no authorization unless it is told to:
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
    ///           Properties: {Path: /pets, Method: get}
    /// ```
    ///
    /// ### Good
    ///
    /// ```yaml
    /// Transform: AWS::Serverless-2016-10-31
    /// Globals:
    ///   Api:
    ///     Auth:
    ///       DefaultAuthorizer: AWS_IAM
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
    ///           Properties: {Path: /pets, Method: get}
    /// ```
    ///
    /// ## How to fix
    /// Set `AWS_IAM` on the method, **deploy the API**, and grant `execute-api:Invoke` to the group whose members call
    /// it. The report prints the commands, and says what else the deployment would change. Callers must then sign their
    /// requests: an unsigned one gets a 403. Where the method is meant to be public, accept `NONE` there by
    /// [`require`](../policy-file.md#require).
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-method
    ///     match: {path: /pets, verb: GET}
    ///     severity: high
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - Security Hub CSPM
    ///   [APIGateway.8](https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html#apigateway-8),
    ///   *API Gateway routes should specify an authorization type*, and the AWS Config rule
    ///   [api-gwv2-authorization-type-configured](https://docs.aws.amazon.com/config/latest/developerguide/api-gwv2-authorization-type-configured.html)
    ///   behind it: the routes of HTTP and WebSocket APIs. Neither looks at the methods of REST APIs.
    /// - NIST SP 800-53 Rev. 5 AC-3, CM-2 and CM-2(2), to which Security Hub CSPM maps APIGateway.8.
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, and 8.3, *Information access restriction*. The mapping is
    ///   gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>
    /// - <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html>
    pub struct OpenMethod;
}

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

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.api.kind != ApiKind::WebSocket
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
