//! The keys that the parts of a template may have: those that are read here, and those that have no part in who may call
//! what. Those of a resource's properties are in `resource_keys`.
//!
//! Sources: [template sections](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html) and
//! [resource attributes](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html)
//! of CloudFormation, and [SAM's schema](https://github.com/aws/serverless-application-model/tree/develop/samtranslator/internal/schema_source).

/// The sections of a template.
pub(super) const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// The attributes of a resource.
pub(super) const ATTRIBUTES: &[&str] = &[
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// The sections of `Globals`.
pub(super) const GLOBALS: &[&str] = &[
    "Api",
    "CapacityProvider",
    "Function",
    "HttpApi",
    "LayerVersion",
    "MicrovmImage",
    "NetworkConnector",
    "SimpleTable",
    "StateMachine",
    "WebSocketApi",
];

/// The keys of an event, and its types.
pub(super) const EVENT: &[&str] = &["Properties", "Type"];
pub(super) const EVENT_TYPES: &[&str] = &[
    "AlexaSkill",
    "Api",
    "CloudWatchEvent",
    "CloudWatchLogs",
    "Cognito",
    "DocumentDB",
    "DynamoDB",
    "EventBridgeRule",
    "HttpApi",
    "IoTRule",
    "Kinesis",
    "MQ",
    "MSK",
    "S3",
    "SNS",
    "SQS",
    "Schedule",
    "ScheduleV2",
    "SelfManagedKafka",
];

/// The properties of an event that is a method.
pub(super) const API_EVENT: &[&str] = &[
    "Auth",
    "Method",
    "Path",
    "RequestModel",
    "RequestParameters",
    "ResponseTransferMode",
    "RestApiId",
    "Stage",
    "TimeoutInMillis",
    "UnescapeMappingTemplate",
];
pub(super) const HTTP_API_EVENT: &[&str] = &[
    "ApiId",
    "Auth",
    "Method",
    "Path",
    "PayloadFormatVersion",
    "RouteSettings",
    "Stage",
    "TimeoutInMillis",
];

/// What `Auth` of such an event has.
pub(super) const EVENT_AUTH: &[&str] = &[
    "ApiKeyRequired",
    "AuthorizationScopes",
    "Authorizer",
    "InvokeRole",
    "OverrideApiAuth",
    "ResourcePolicy",
];

/// What `Auth` of an API has.
pub(super) const API_AUTH: &[&str] = &[
    "AddApiKeyRequiredToCorsPreflight",
    "AddDefaultAuthorizerToCorsPreflight",
    "ApiKeyRequired",
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "ResourcePolicy",
    "UsagePlan",
];
pub(super) const HTTP_API_AUTH: &[&str] =
    &["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"];

/// What a document of OpenAPI 3 or Swagger 2 has at its top.
///
/// Sources: [OpenAPI 3.0](https://spec.openapis.org/oas/v3.0.3#openapi-object),
/// [Swagger 2.0](https://swagger.io/specification/v2/#swagger-object).
pub(super) const DEFINITION: &[&str] = &[
    "basePath",
    "components",
    "consumes",
    "definitions",
    "externalDocs",
    "host",
    "info",
    "openapi",
    "parameters",
    "paths",
    "produces",
    "responses",
    "schemes",
    "security",
    "securityDefinitions",
    "servers",
    "swagger",
    "tags",
];
