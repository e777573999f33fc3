//! Commands to paste, and the pages that say why.

use crate::audit::finding::command;
use crate::audit::method::MethodView;
use crate::inventory::{Api, ApiKind, AuthorizationType, DraftMethod, Stage};

/// How to turn on IAM authorization for a REST API.
pub(in crate::audit) const ARTICLE: &str =
    "https://repost.aws/knowledge-center/iam-authentication-api-gateway";
/// Why a change of a method does nothing until it is deployed.
pub(in crate::audit) const DEPLOYING: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html";
/// Who may call a method with AWS_IAM.
pub(in crate::audit) const PERMISSIONS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html";
/// The ways to control who calls a method.
pub(in crate::audit) const AUTHORIZERS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html";

/// The name of AWS's policy that lets its holder call every API.
pub(in crate::audit) const INVOKE_POLICY: &str = "AmazonAPIGatewayInvokeFullAccess";

/// The command that sets a method's authorization type in the draft.
pub(in crate::audit) fn set_command(
    method: &MethodView<'_>,
    draft: &DraftMethod,
    to: &AuthorizationType,
) -> String {
    set_at(method.api, draft, to)
}

/// The same, of an API.
pub(in crate::audit) fn set_at(api: &Api, draft: &DraftMethod, to: &AuthorizationType) -> String {
    let (region, id) = (&api.region, &api.id);
    if api.kind != ApiKind::Rest {
        return command(&[
            "aws",
            "apigatewayv2",
            "update-route",
            "--region",
            region,
            "--api-id",
            id,
            "--route-id",
            &draft.resource_id,
            "--authorization-type",
            to.as_str(),
        ]);
    }
    command(&[
        "aws",
        "apigateway",
        "update-method",
        "--region",
        region,
        "--rest-api-id",
        id,
        "--resource-id",
        &draft.resource_id,
        "--http-method",
        &draft.verb,
        "--patch-operations",
        &format!("op=replace,path=/authorizationType,value={to}"),
    ])
}

/// The command that deploys the draft to the method's stage. None, where the stage does it.
pub(in crate::audit) fn deploy_command(method: &MethodView<'_>) -> Option<String> {
    let (api, stage) = (method.api, method.stage);
    (!stage.auto_deploy).then(|| deploy_to(api, stage, None))
}

/// The command that deploys the draft to a stage, with what the deployment says of itself.
pub(in crate::audit) fn deploy_to(api: &Api, stage: &Stage, description: Option<&str>) -> String {
    let (family, id) = match api.kind {
        ApiKind::Rest => ("apigateway", "--rest-api-id"),
        ApiKind::Http | ApiKind::WebSocket => ("apigatewayv2", "--api-id"),
    };
    let described = description.map(|it| ["--description", it]);
    let words = [
        "aws",
        family,
        "create-deployment",
        "--region",
        &api.region,
        id,
        &api.id,
        "--stage-name",
        &stage.name,
    ];
    let words: Vec<&str> = words
        .into_iter()
        .chain(described.into_iter().flatten())
        .collect();
    command(&words)
}

/// The command that shows the draft.
pub(in crate::audit) fn show_command(method: &MethodView<'_>) -> String {
    let (region, id) = (&method.api.region, &method.api.id);
    match method.api.kind {
        ApiKind::Rest => command(&[
            "aws",
            "apigateway",
            "get-resources",
            "--region",
            region,
            "--rest-api-id",
            id,
            "--embed",
            "methods",
        ]),
        ApiKind::Http | ApiKind::WebSocket => command(&[
            "aws",
            "apigatewayv2",
            "get-routes",
            "--region",
            region,
            "--api-id",
            id,
        ]),
    }
}

/// The command that attaches a managed policy to a group.
pub(in crate::audit) fn attach_command(group: &str, policy_arn: &str) -> String {
    command(&[
        "aws",
        "iam",
        "attach-group-policy",
        "--group-name",
        group,
        "--policy-arn",
        policy_arn,
    ])
}

/// The ARN of AWS's invoke policy.
pub(in crate::audit) fn invoke_policy_arn(partition: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/{INVOKE_POLICY}")
}
