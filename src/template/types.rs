//! Which resource types can make the methods of an API, and which of them are read.

/// What a resource of one type has to do with the methods of APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearing {
    /// It makes none and changes none.
    Nothing,
    /// It is read, or known to make none beside those that are.
    Known,
    /// It is of a family that makes APIs, and not known here.
    Unknown,
}

/// Source: [API Gateway resource types](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html).
const REST: [&str; 22] = [
    "Account",
    "ApiKey",
    "Authorizer",
    "BasePathMapping",
    "BasePathMappingV2",
    "ClientCertificate",
    "Deployment",
    "DocumentationPart",
    "DocumentationVersion",
    "DomainName",
    "DomainNameAccessAssociation",
    "DomainNameV2",
    "GatewayResponse",
    "Method",
    "Model",
    "RequestValidator",
    "Resource",
    "RestApi",
    "Stage",
    "UsagePlan",
    "UsagePlanKey",
    "VpcLink",
];

/// Source: [API Gateway V2 resource types](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html).
const V2: [&str; 18] = [
    "Api",
    "ApiGatewayManagedOverrides",
    "ApiMapping",
    "Authorizer",
    "Deployment",
    "DomainName",
    "Integration",
    "IntegrationResponse",
    "Model",
    "Portal",
    "PortalProduct",
    "ProductPage",
    "ProductRestEndpointPage",
    "Route",
    "RouteResponse",
    "RoutingRule",
    "Stage",
    "VpcLink",
];

/// Source: [SAM resources](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html).
const SERVERLESS: [&str; 5] = ["Api", "Function", "HttpApi", "StateMachine", "WebSocketApi"];

/// What SAM makes no method of API Gateway from. A nested application is a template of its own.
///
/// Source: [what SAM translates](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/sdk/resource.py).
const SERVERLESS_WITHOUT_METHODS: [&str; 9] = [
    "Application",
    "CapacityProvider",
    "Connector",
    "GraphQLApi",
    "LayerVersion",
    "MicrovmImage",
    "NetworkConnector",
    "SimpleTable",
    "WebFunction",
];

/// What a resource of this type has to do with the methods of APIs. A family counts in any spelling: a
/// misspelt type is not known.
pub(super) fn bearing(kind: &str) -> Bearing {
    let is_of = |family: &str, names: &[&str]| {
        let name = kind.strip_prefix(family);
        name.is_some_and(|name| names.contains(&name))
    };
    if is_of("AWS::ApiGateway::", &REST)
        || is_of("AWS::ApiGatewayV2::", &V2)
        || is_of("AWS::Serverless::", &SERVERLESS)
    {
        return Bearing::Known;
    }
    let lower = kind.to_ascii_lowercase();
    let is_of_family =
        lower.starts_with("aws::apigateway") || lower.starts_with("aws::serverless::");
    if is_of_family && !is_of("AWS::Serverless::", &SERVERLESS_WITHOUT_METHODS) {
        Bearing::Unknown
    } else {
        Bearing::Nothing
    }
}

/// Whether a resource makes a stack of a template of its own: a nested stack or application.
pub(super) fn is_another_template(kind: &str) -> bool {
    kind == "AWS::CloudFormation::Stack" || kind == "AWS::Serverless::Application"
}

/// What else a resource makes of a template that is not in the file, in words that follow it. `None`: nothing.
///
/// Sources: [stack sets](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html),
/// [modules](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html),
/// [products](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ServiceCatalog.html).
pub(super) fn makes_what_is_elsewhere(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::CloudFormation::StackSet" => {
            "makes stacks in other accounts and Regions of a template of its own (`TemplateBody`, `TemplateURL`), which was not looked at: check it too"
        }
        "AWS::CloudFormation::ModuleVersion" | "AWS::CloudFormation::ModuleDefaultVersion" => {
            "registers a module, whose template was not looked at: check it too"
        }
        "AWS::ServiceCatalog::CloudFormationProduct"
        | "AWS::ServiceCatalog::CloudFormationProvisionedProduct" => {
            "is a product of Service Catalog, whose template was not looked at: check it too"
        }
        _ if kind.ends_with("::MODULE") => {
            "makes what a module says, which is not in the file: check the processed template too"
        }
        _ => return None,
    })
}

/// Whether the events of such a resource are methods of APIs.
pub(super) fn sends_events(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::Serverless::Function" | "AWS::Serverless::StateMachine"
    )
}
