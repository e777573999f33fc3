//! `open-connect`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::{ApiKind, AuthorizationType};

documented! {
    /// # `open-connect`
    ///
    /// Fires when the `$connect` route of a WebSocket API has the authorization type `NONE`, and the policy file does
    /// not accept `NONE` there.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// `$connect` is the only route of a WebSocket API that asks who is calling. A client that gets past it can send
    /// messages to all other routes.
    ///
    /// ## What it looks at
    /// The routes of the API. What a stage of a WebSocket API has deployed cannot be read, so the finding is inferred.
    /// An authorization type on any other route has no effect.
    ///
    /// ## Examples
    ///
    /// ### Bad
    ///
    /// ```yaml
    /// Resources:
    ///   Chat:
    ///     Type: AWS::ApiGatewayV2::Api
    ///     Properties:
    ///       Name: Chat
    ///       ProtocolType: WEBSOCKET
    ///       RouteSelectionExpression: $request.body.action
    ///   Connect:
    ///     Type: AWS::ApiGatewayV2::Route
    ///     Properties:
    ///       ApiId: !Ref Chat
    ///       RouteKey: $connect
    ///       AuthorizationType: NONE
    ///   Live:
    ///     Type: AWS::ApiGatewayV2::Stage
    ///     Properties:
    ///       ApiId: !Ref Chat
    ///       StageName: live
    ///       AutoDeploy: true
    /// ```
    ///
    /// ### Good
    ///
    /// ```yaml
    /// Resources:
    ///   Chat:
    ///     Type: AWS::ApiGatewayV2::Api
    ///     Properties:
    ///       Name: Chat
    ///       ProtocolType: WEBSOCKET
    ///       RouteSelectionExpression: $request.body.action
    ///   Connect:
    ///     Type: AWS::ApiGatewayV2::Route
    ///     Properties:
    ///       ApiId: !Ref Chat
    ///       RouteKey: $connect
    ///       AuthorizationType: AWS_IAM
    ///   Live:
    ///     Type: AWS::ApiGatewayV2::Stage
    ///     Properties:
    ///       ApiId: !Ref Chat
    ///       StageName: live
    ///       AutoDeploy: true
    /// ```
    ///
    /// ## How to fix
    /// Set `AWS_IAM`, or a Lambda authorizer, on `$connect` and deploy the API. With `AWS_IAM` the client signs the
    /// request that opens the connection.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-connect
    ///     match: {api: Chat, path: $connect}
    ///     severity: high
    ///     reason: the support chat is for visitors who have no account
    ///     owner: support@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - Security Hub CSPM
    ///   [APIGateway.8](https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html#apigateway-8)
    ///   and the AWS Config rule
    ///   [api-gwv2-authorization-type-configured](https://docs.aws.amazon.com/config/latest/developerguide/api-gwv2-authorization-type-configured.html),
    ///   which look at every route, not at `$connect` alone.
    /// - NIST SP 800-53 Rev. 5 AC-3, CM-2 and CM-2(2), to which Security Hub CSPM maps APIGateway.8.
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, and 8.3, *Information access restriction*. The mapping is
    ///   gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html>
    pub struct OpenConnect;
}

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

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.api.kind == ApiKind::WebSocket
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
