//! The remedies that several rules share: the steps of the AWS article that gatewatch grew from
//! (set AWS_IAM, deploy, grant at group level, verify).

use super::draft_changes::route_in_words;
use super::grant::{self, Granted};
use super::{Context, MethodView};
use crate::finding::{Remedy, command};
use crate::model::{ApiKind, AuthorizationType, DraftMethod};

/// How to turn on IAM authorization for a REST API.
pub(super) const ARTICLE: &str =
    "https://repost.aws/knowledge-center/iam-authentication-api-gateway";
/// Why a change of a method does nothing until it is deployed.
pub(super) const DEPLOYING: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html";
/// Who may call a method with AWS_IAM.
pub(super) const PERMISSIONS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html";
/// The ways to control who calls a method.
const AUTHORIZERS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html";

/// The name of AWS's policy that lets its holder call every API.
pub(super) const INVOKE_POLICY: &str = "AmazonAPIGatewayInvokeFullAccess";

/// Where the authorization type stands in code.
const IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; \
     SAM: Auth: {DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

/// Where the authorization type of a route stands in code.
const ROUTE_IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGatewayV2::Route; \
     SAM: Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

fn in_code(method: &MethodView<'_>) -> &'static str {
    match method.api.kind {
        ApiKind::Rest => IN_CODE,
        ApiKind::Http | ApiKind::WebSocket => ROUTE_IN_CODE,
    }
}

/// Make the method what the policy file demands, where it is of this type now.
pub(super) fn protect(
    context: Context<'_>,
    method: &MethodView<'_>,
    now: &AuthorizationType,
) -> Remedy {
    let accepted = method.unmet(now).and_then(|demand| demand.accepted());
    let iam = accepted.is_none_or(|types| types.contains(&AuthorizationType::AwsIam));
    if !iam {
        return other_authorizer(method, accepted.into_iter().flatten());
    }
    match (method.draft, &method.api.draft) {
        (Some(draft), _) => {
            let mut remedy = Remedy {
                summary: "set AWS_IAM on the method, deploy the API, grant invoke to a group; \
                          then an unsigned request must answer 403 and a signed one must pass"
                    .to_owned(),
                commands: vec![set_command(method, draft, &AuthorizationType::AwsIam)],
                infrastructure_as_code: Some(in_code(method).to_owned()),
                references: vec![ARTICLE, PERMISSIONS],
            };
            method.draft_changes.deploy(method, &mut remedy);
            let granted = Granted {
                api: method.api,
                stage: method.stage,
                verb: method.verb,
                path: method.path,
            };
            let exposures: Vec<_> = method.reach.exposures().collect();
            let grant = grant::to_its_group(context, granted, &exposures);
            remedy.commands.extend(grant);
            remedy
        }
        (None, Some(_)) if method.taken_over.is_some() => Remedy {
            summary: format!(
                "the draft no longer has this method, but {}, which is open, may answer in its place: protect that \
                 route in the draft, then deploy the API",
                method.taken_over.map(route_in_words).unwrap_or_default()
            ),
            commands: Vec::new(),
            infrastructure_as_code: None,
            references: vec![ARTICLE, DEPLOYING],
        },
        (None, Some(_)) => {
            let mut remedy = Remedy {
                summary: "deploy the API: its draft no longer has this method".to_owned(),
                commands: Vec::new(),
                infrastructure_as_code: None,
                references: vec![ARTICLE, DEPLOYING],
            };
            method.draft_changes.deploy(method, &mut remedy);
            remedy
        }
        // Nobody has looked at what a deployment would bring: no command that deploys it.
        (None, None) => Remedy {
            summary:
                "look at the API's draft, which could not be read here, and at what else it would \
                      change; set AWS_IAM on the method, then deploy"
                    .to_owned(),
            commands: vec![show_command(method)],
            infrastructure_as_code: Some(in_code(method).to_owned()),
            references: vec![ARTICLE, DEPLOYING],
        },
    }
}

/// An authorizer has to be made or chosen first: there is no command that is ready to paste.
fn other_authorizer<'a>(
    method: &MethodView<'_>,
    accepted: impl Iterator<Item = &'a AuthorizationType>,
) -> Remedy {
    let accepted: Vec<&str> = accepted.map(AuthorizationType::as_str).collect();
    Remedy {
        summary: format!(
            "give the method an authorizer of type {}, look at what else the draft changes, then deploy the API \
             to stage {}",
            accepted.join(" or "),
            method.stage.name
        ),
        commands: Vec::new(),
        infrastructure_as_code: None,
        references: vec![AUTHORIZERS, DEPLOYING],
    }
}

/// Deploy what the draft has already.
pub(super) fn deploy(method: &MethodView<'_>) -> Remedy {
    let mut remedy = Remedy {
        summary: "deploy the API to this stage: the change was made and never deployed".to_owned(),
        commands: Vec::new(),
        infrastructure_as_code: Some(
            "CloudFormation: a new deployment resource that the stage points at; \
             an existing one never changes"
                .to_owned(),
        ),
        references: vec![ARTICLE, DEPLOYING],
    };
    method.draft_changes.deploy(method, &mut remedy);
    remedy
}

/// The command that sets a method's authorization type in the editable tree.
pub(super) fn set_command(
    method: &MethodView<'_>,
    draft: &DraftMethod,
    to: &AuthorizationType,
) -> String {
    let (region, id) = (&method.api.region, &method.api.id);
    if method.api.kind != ApiKind::Rest {
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

/// The command that deploys the editable tree to the method's stage. None, where the stage does it.
pub(super) fn deploy_command(method: &MethodView<'_>) -> Option<String> {
    if method.stage.auto_deploy {
        return None;
    }
    let (family, id) = match method.api.kind {
        ApiKind::Rest => ("apigateway", "--rest-api-id"),
        ApiKind::Http | ApiKind::WebSocket => ("apigatewayv2", "--api-id"),
    };
    Some(command(&[
        "aws",
        family,
        "create-deployment",
        "--region",
        &method.api.region,
        id,
        &method.api.id,
        "--stage-name",
        &method.stage.name,
    ]))
}

/// The command that shows the editable tree.
fn show_command(method: &MethodView<'_>) -> String {
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
pub(super) fn attach_command(group: &str, policy_arn: &str) -> String {
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
pub(super) fn invoke_policy_arn(partition: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/{INVOKE_POLICY}")
}
