//! The remedies that several rules share: the steps of the AWS article that gatewatch grew from
//! (set AWS_IAM, deploy, grant at group level, verify).

use super::{Context, MethodView};
use crate::finding::{Remedy, command};

/// How to turn on IAM authorization for a REST API.
pub(super) const ARTICLE: &str =
    "https://repost.aws/knowledge-center/iam-authentication-api-gateway";
/// Why a change of a method does nothing until it is deployed.
pub(super) const DEPLOYING: &str =
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html";
/// Who may call a method with AWS_IAM.
pub(super) const PERMISSIONS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html";

/// The name of AWS's policy that lets its holder call every API.
const INVOKE_POLICY: &str = "AmazonAPIGatewayInvokeFullAccess";

/// Where the authorization type stands in code.
const IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; \
     SAM: Auth: {DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

/// Set AWS_IAM, deploy, grant.
pub(super) fn protect(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let Some(draft) = method.draft else {
        let gone = method.api.draft.is_some();
        return Remedy {
            summary: if gone {
                "deploy the API: its editable tree no longer has this method".to_owned()
            } else {
                "set AWS_IAM on the method, deploy the API, grant invoke to a group".to_owned()
            },
            commands: vec![deploy_command(method)],
            infrastructure_as_code: (!gone).then(|| IN_CODE.to_owned()),
            references: vec![ARTICLE, DEPLOYING],
        };
    };
    let set = command(&[
        "aws",
        "apigateway",
        "update-method",
        "--region",
        &method.api.region,
        "--rest-api-id",
        &method.api.id,
        "--resource-id",
        &draft.resource_id,
        "--http-method",
        &draft.verb,
        "--patch-operations",
        "op=replace,path=/authorizationType,value=AWS_IAM",
    ]);
    Remedy {
        summary: "set AWS_IAM on the method, deploy the API, grant invoke to a group; \
                  then an unsigned request must answer 403 and a signed one must pass"
            .to_owned(),
        commands: vec![set, deploy_command(method), grant_command(context)],
        infrastructure_as_code: Some(IN_CODE.to_owned()),
        references: vec![ARTICLE, PERMISSIONS],
    }
}

/// Deploy what the editable tree has already.
pub(super) fn deploy(method: &MethodView<'_>) -> Remedy {
    Remedy {
        summary: "deploy the API to this stage: the change was made and never deployed".to_owned(),
        commands: vec![deploy_command(method)],
        infrastructure_as_code: Some(
            "CloudFormation: a new AWS::ApiGateway::Deployment that the stage points at; \
             an existing one never changes"
                .to_owned(),
        ),
        references: vec![ARTICLE, DEPLOYING],
    }
}

/// The command that deploys the editable tree to the method's stage.
pub(super) fn deploy_command(method: &MethodView<'_>) -> String {
    command(&[
        "aws",
        "apigateway",
        "create-deployment",
        "--region",
        &method.api.region,
        "--rest-api-id",
        &method.api.id,
        "--stage-name",
        &method.stage.name,
    ])
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

/// The ARN of a managed policy that is AWS's own.
pub(super) fn aws_managed(partition: &str, name: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/{name}")
}

/// Grants invoke to the first group that the policy file names, or to one that the reader puts in.
fn grant_command(context: Context<'_>) -> String {
    let group = context.policy.groups.first();
    let group = group.map_or("GROUP_NAME", |group| group.name.as_str());
    attach_command(
        group,
        &aws_managed(&context.inventory.partition, INVOKE_POLICY),
    )
}
