//! The resource types of Terraform's AWS provider that have to do with API Gateway, and how CloudFormation calls them.
//!
//! The rest of the reader knows CloudFormation's words: what Terraform says is said in them, so that each question about
//! an API is answered in one place.

use crate::template::types::Bearing;

/// How one attribute is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// As it is. Where nothing is said of it, it has its default.
    Value,
    /// As it is. A plan always says something of it.
    Always,
    /// As it is. It must be there.
    Required,
    /// As what only the block holds that stands there.
    Block,
    /// As the API that it names by its id.
    Api,
    /// As the resource of a path that it names by its id.
    Place,
    /// As the authorizer that it names by its id.
    Authorizer,
    /// As an API definition.
    Definition,
    /// As the resource policy of an API, which may have a resource of its own.
    Policy,
}

/// One type: Terraform's name, CloudFormation's, and its attributes with CloudFormation's names.
pub(super) struct Type {
    pub(super) kind: &'static str,
    pub(super) as_in_cloudformation: &'static str,
    pub(super) attributes: &'static [(&'static str, &'static str, How)],
}

use How::{Always, Api, Authorizer, Block, Definition, Place, Policy, Required, Value};

/// The types that are read.
///
/// Source: [API Gateway](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_rest_api)
/// and [version 2](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_api).
pub(super) const READ: [Type; 12] = [
    Type {
        kind: REST_API,
        as_in_cloudformation: "AWS::ApiGateway::RestApi",
        attributes: &[
            ("name", "Name", Value),
            ("body", "Body", Definition),
            ("policy", "Policy", Policy),
            (
                "disable_execute_api_endpoint",
                "DisableExecuteApiEndpoint",
                Value,
            ),
            ("endpoint_configuration", "EndpointConfiguration", Block),
        ],
    },
    Type {
        kind: PLACE,
        as_in_cloudformation: "AWS::ApiGateway::Resource",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("parent_id", "ParentId", Place),
            ("path_part", "PathPart", Required),
        ],
    },
    Type {
        kind: METHOD,
        as_in_cloudformation: "AWS::ApiGateway::Method",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("resource_id", "ResourceId", Place),
            ("http_method", "HttpMethod", Required),
            ("authorization", "AuthorizationType", Required),
            ("authorizer_id", "AuthorizerId", Authorizer),
            ("api_key_required", "ApiKeyRequired", Value),
        ],
    },
    Type {
        kind: INTEGRATION,
        as_in_cloudformation: "AWS::ApiGateway::Integration",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("resource_id", "ResourceId", Place),
            ("http_method", "HttpMethod", Required),
            ("type", "Type", Value),
        ],
    },
    Type {
        kind: "aws_api_gateway_authorizer",
        as_in_cloudformation: "AWS::ApiGateway::Authorizer",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("name", "Name", Value),
            ("type", "Type", Value),
        ],
    },
    Type {
        kind: STAGE,
        as_in_cloudformation: "AWS::ApiGateway::Stage",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("stage_name", "StageName", Required),
        ],
    },
    Type {
        kind: DEPLOYMENT,
        as_in_cloudformation: "AWS::ApiGateway::Deployment",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("stage_name", "StageName", Value),
        ],
    },
    Type {
        kind: POLICY,
        as_in_cloudformation: "AWS::ApiGateway::RestApiPolicy",
        attributes: &[
            ("rest_api_id", "RestApiId", Api),
            ("policy", "Policy", Always),
        ],
    },
    Type {
        kind: V2_API,
        as_in_cloudformation: "AWS::ApiGatewayV2::Api",
        attributes: &[
            ("name", "Name", Value),
            ("protocol_type", "ProtocolType", Required),
            ("body", "Body", Definition),
            (
                "disable_execute_api_endpoint",
                "DisableExecuteApiEndpoint",
                Value,
            ),
            ("cors_configuration", "CorsConfiguration", Block),
            ("target", "Target", Always),
            ("route_key", "RouteKey", Value),
        ],
    },
    Type {
        kind: ROUTE,
        as_in_cloudformation: "AWS::ApiGatewayV2::Route",
        attributes: &[
            ("api_id", "ApiId", Api),
            ("route_key", "RouteKey", Required),
            ("authorization_type", "AuthorizationType", Always),
            ("authorizer_id", "AuthorizerId", Authorizer),
            ("api_key_required", "ApiKeyRequired", Value),
        ],
    },
    Type {
        kind: "aws_apigatewayv2_authorizer",
        as_in_cloudformation: "AWS::ApiGatewayV2::Authorizer",
        attributes: &[
            ("api_id", "ApiId", Api),
            ("name", "Name", Value),
            ("authorizer_type", "AuthorizerType", Value),
        ],
    },
    Type {
        kind: V2_STAGE,
        as_in_cloudformation: "AWS::ApiGatewayV2::Stage",
        attributes: &[("api_id", "ApiId", Api), ("name", "StageName", Required)],
    },
];

pub(super) const REST_API: &str = "aws_api_gateway_rest_api";
pub(super) const PLACE: &str = "aws_api_gateway_resource";
pub(super) const METHOD: &str = "aws_api_gateway_method";
pub(super) const INTEGRATION: &str = "aws_api_gateway_integration";
pub(super) const STAGE: &str = "aws_api_gateway_stage";
pub(super) const DEPLOYMENT: &str = "aws_api_gateway_deployment";
pub(super) const POLICY: &str = "aws_api_gateway_rest_api_policy";
pub(super) const V2_API: &str = "aws_apigatewayv2_api";
pub(super) const ROUTE: &str = "aws_apigatewayv2_route";
pub(super) const V2_DEPLOYMENT: &str = "aws_apigatewayv2_deployment";
pub(super) const V2_STAGE: &str = "aws_apigatewayv2_stage";

/// The types of IAM that are read.
const IAM: [&str; 13] = [
    "aws_iam_group",
    "aws_iam_group_membership",
    "aws_iam_group_policy",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy",
    "aws_iam_policy_attachment",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user",
    "aws_iam_user_group_membership",
    "aws_iam_user_policy",
    "aws_iam_user_policy_attachment",
];

/// The types that make no method and change none.
const WITHOUT_METHODS: [&str; 26] = [
    "aws_api_gateway_account",
    "aws_api_gateway_api_key",
    "aws_api_gateway_base_path_mapping",
    "aws_api_gateway_client_certificate",
    "aws_api_gateway_documentation_part",
    "aws_api_gateway_documentation_version",
    "aws_api_gateway_domain_name",
    "aws_api_gateway_domain_name_access_association",
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_integration_response",
    "aws_api_gateway_method_response",
    "aws_api_gateway_method_settings",
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_api_gateway_usage_plan",
    "aws_api_gateway_usage_plan_key",
    "aws_api_gateway_vpc_link",
    "aws_apigatewayv2_api_mapping",
    "aws_apigatewayv2_deployment",
    "aws_apigatewayv2_domain_name",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_integration_response",
    "aws_apigatewayv2_model",
    "aws_apigatewayv2_route_response",
    "aws_apigatewayv2_routing_rule",
    "aws_apigatewayv2_vpc_link",
];

/// The beginnings of the types that may make methods: those of the AWS provider, and of the one that is made from
/// CloudFormation's types, which is not read.
const FAMILIES: [&str; 4] = [
    "aws_api_gateway_",
    "aws_apigatewayv2_",
    "awscc_apigateway",
    CLOUD_CONTROL,
];

/// The type that makes anything that CloudFormation has, by the name of its type.
const CLOUD_CONTROL: &str = "aws_cloudcontrolapi_resource";

/// Whether a resource of no known type makes nothing of an API, by what it says that it makes.
pub(super) fn makes_something_else(kind: &str, type_name: Option<&str>) -> bool {
    let is_of_an_api = |it: &str| {
        let lower = it.to_ascii_lowercase();
        ["aws::apigateway", "aws::serverless", "aws::cloudformation"]
            .iter()
            .any(|family| lower.starts_with(family))
    };
    kind == CLOUD_CONTROL && type_name.is_some_and(|it| !is_of_an_api(it))
}

/// The type of this name, if it is read.
pub(super) fn type_of(kind: &str) -> Option<&'static Type> {
    READ.iter().find(|it| it.kind == kind)
}

/// Whether a type is read.
pub(super) fn is_read(kind: &str) -> bool {
    type_of(kind).is_some()
}

/// What a resource of this type has to do with the methods of APIs.
pub(super) fn bearing(kind: &str) -> Bearing {
    if is_read(kind) || IAM.contains(&kind) || WITHOUT_METHODS.contains(&kind) {
        return Bearing::Known;
    }
    let lower = kind.to_ascii_lowercase();
    match FAMILIES.iter().any(|family| lower.starts_with(family)) {
        true => Bearing::Unknown,
        false => Bearing::Nothing,
    }
}

/// Whether a resource is a CloudFormation template of its own.
pub(super) fn is_a_template(kind: &str) -> bool {
    [
        "aws_cloudformation_stack",
        "aws_cloudformation_stack_set",
        "aws_serverlessapplicationrepository_cloudformation_stack",
        "aws_servicecatalog_provisioned_product",
        "awscc_cloudformation_stack",
        "awscc_cloudformation_stack_set",
    ]
    .contains(&kind)
}
