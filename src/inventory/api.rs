//! One API: what its stages serve, and what its draft says.
//!
//! A field that may be null must still be written (`deserialize_with`): one that is forgotten in a file
//! made by hand is a mistake, not a "nothing there".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::lists::just_as_large;
use super::{AuthorizationType, Text};
use crate::iam::Document;

/// The kind of an API.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[strum(serialize_all = "UPPERCASE")]
pub enum ApiKind {
    /// A REST API (`apigateway`).
    #[serde(rename = "REST")]
    Rest,
    /// An HTTP API (`apigatewayv2`).
    #[serde(rename = "HTTP")]
    Http,
    /// A WebSocket API (`apigatewayv2`).
    #[serde(rename = "WEBSOCKET")]
    WebSocket,
}

impl ApiKind {
    /// The kind as AWS writes it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One API of one Region.
///
/// Source: [RestApi](https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The Region, such as `eu-west-1`.
    pub region: String,
    /// The id that AWS gave it, such as `a1b2c3d4e5`: unique within the Region, never changes.
    pub id: String,
    /// The name its owner gave it: neither unique nor permanent.
    pub name: String,
    /// REST, HTTP or WebSocket.
    pub kind: ApiKind,
    /// The API's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// `EDGE`, `REGIONAL` or `PRIVATE`, as the API lists them. None for an API that is not in the template which has its
    /// methods.
    pub endpoint_types: Vec<String>,
    /// `disableExecuteApiEndpoint`: whether the default endpoint is switched off.
    pub default_endpoint_disabled: bool,
    /// The API's resource policy. `None`: it has none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub resource_policy: Option<Document>,
    /// The stages. `None`: they could not be read.
    #[serde(deserialize_with = "Option::deserialize")]
    pub stages: Option<Vec<Stage>>,
    /// Whether the service answers CORS preflights itself (`CorsConfiguration` of an HTTP API).
    #[serde(default, skip_serializing_if = "is_false")]
    pub cors: bool,
    /// The authorizers that methods of the draft name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorizers: Vec<Authorizer>,
    /// Every deployment that a stage serves, once each. One that is missing could not be read.
    pub deployments: Vec<Deployment>,
    /// The draft: what the next deployment would freeze. `None`: it could not be read.
    #[serde(deserialize_with = "just_as_large")]
    pub draft: Option<Vec<DraftMethod>>,
}

impl Api {
    /// The deployment with this id, where it was read.
    pub fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.id == id)
    }

    /// Whether the only endpoint is a private one (reached through VPC endpoints).
    pub fn is_private(&self) -> bool {
        !self.endpoint_types.is_empty()
            && self
                .endpoint_types
                .iter()
                .all(|endpoint| endpoint == "PRIVATE")
    }
}

/// A stage: a name in the URL that points at a deployment.
///
/// A stage's variables are never kept: they can hold secrets.
///
/// Source: [Stage](https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The stage's name, the first part of the path of its URL.
    pub name: String,
    /// The deployment it serves. `None`: it serves none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub deployment_id: Option<String>,
    /// Whether a change of a route is deployed at once (HTTP APIs).
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_deploy: bool,
    /// Whether a change of a route is deployed at once, and the last time failed: what the stage serves is older
    /// than the routes, and the next change deploys all of them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_deploy_failed: bool,
    /// The canary, if one takes a share of the stage's traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Canary>,
    /// When the stage was last changed (HTTP and WebSocket APIs). `None`: the answer did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// The stage's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Stage {
    /// Whether an edit of the draft is deployed to the stage without anybody's deployment.
    pub fn takes_edits_at_once(&self) -> bool {
        self.auto_deploy || self.auto_deploy_failed
    }

    /// The ids of the deployments that callers of the stage get: its own, and the canary's.
    pub fn served(&self) -> impl Iterator<Item = &str> {
        let canary = self.canary.iter().map(|canary| &canary.deployment_id);
        self.deployment_id.iter().chain(canary).map(String::as_str)
    }
}

/// A canary release: a second deployment that takes a share of a stage's live traffic.
///
/// Source: [CanarySettings](https://docs.aws.amazon.com/apigateway/latest/api/API_CanarySettings.html).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// The deployment it serves.
    pub deployment_id: String,
    /// Its share of the traffic, 0 to 100 percent.
    pub percent_traffic: f64,
}

/// Two canaries are the same when they serve the same share of the same deployment.
/// A share that is no number is not met: AWS gives 0 to 100.
impl Eq for Canary {}

/// A deployment: the immutable snapshot of an API that callers of a stage get.
///
/// Source: [Deployment](https://docs.aws.amazon.com/apigateway/latest/api/API_Deployment.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The deployment's id, unique within its API.
    pub id: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Where its methods were read.
    #[serde(default, skip_serializing_if = "DeploymentSource::is_summary")]
    pub source: DeploymentSource,
    /// The methods it froze. `None`: the answer held no summary, or the service has none.
    #[serde(deserialize_with = "just_as_large")]
    pub methods: Option<Vec<DeployedMethod>>,
}

impl Deployment {
    /// The frozen methods. `None`: the summary is missing, or names no method, which API Gateway does
    /// not deploy.
    ///
    /// Source: [CreateDeployment](https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html)
    /// answers "The REST API doesn't contain any methods" for such an API.
    pub fn summary(&self) -> Option<&[DeployedMethod]> {
        self.methods
            .as_deref()
            .filter(|methods| !methods.is_empty())
    }
}

/// Where a deployment's methods were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentSource {
    /// The summary that a REST API's deployment froze (`apiSummary`).
    #[default]
    Summary,
    /// The routes of an HTTP API whose stage deploys them at once, and says that the last time worked.
    Routes,
    /// The export of an HTTP API's stage.
    Export,
}

impl DeploymentSource {
    fn is_summary(&self) -> bool {
        *self == DeploymentSource::Summary
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// What decides on a method's callers, where IAM does not.
///
/// Source: [Authorizer](https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorizer {
    /// Its id, which the draft's methods name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type as AWS writes it: `TOKEN`, `REQUEST`, `COGNITO_USER_POOLS` or `JWT`.
    pub kind: String,
}

/// A method as a deployment froze it.
///
/// Source: [MethodSnapshot](https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSnapshot.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeployedMethod {
    /// The HTTP verb, or `ANY`.
    pub verb: Text,
    /// The resource's path template, such as `/pets/{petId}`; of a route without a path, its key.
    pub path: Text,
    /// The key of an HTTP or WebSocket API's route, such as `GET /pets`, `$default` or `$connect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_key: Option<Text>,
    /// The authorization type. `None`: the summary did not say, which is never NONE.
    #[serde(deserialize_with = "Option::deserialize")]
    pub authorization: Option<AuthorizationType>,
    /// Whether a request needs an API key (which is no authentication).
    pub api_key_required: bool,
    /// The integration's type, such as `MOCK`, where a Terraform plan tells what a deployment froze. `None`: the reading did
    /// not say, as no answer of API Gateway does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Text>,
}

/// A method of the draft.
///
/// Source: [Method](https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftMethod {
    /// The HTTP verb, or `ANY`.
    pub verb: Text,
    /// The resource's path template; of a route without a path, its key.
    pub path: Text,
    /// The key of an HTTP or WebSocket API's route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_key: Option<Text>,
    /// The id of the resource or route, which the commands that edit the method need.
    pub resource_id: Text,
    /// The authorization type. `None`: the answer did not say, which is never NONE.
    #[serde(deserialize_with = "Option::deserialize")]
    pub authorization: Option<AuthorizationType>,
    /// Whether a request needs an API key.
    pub api_key_required: bool,
    /// The authorizer's id, for CUSTOM and COGNITO_USER_POOLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<Text>,
    /// The integration's type, such as `MOCK` or `AWS_PROXY`. `None`: the answer did not say.
    #[serde(deserialize_with = "Option::deserialize")]
    pub integration: Option<Text>,
}

impl DraftMethod {
    /// The method as a deployment freezes it, which does not tell its integration.
    pub fn as_deployed(&self) -> DeployedMethod {
        DeployedMethod {
            verb: self.verb.clone(),
            path: self.path.clone(),
            route_key: self.route_key.clone(),
            authorization: self.authorization.clone(),
            api_key_required: self.api_key_required,
            integration: None,
        }
    }

    /// The key of a route, or the verb and the path.
    pub fn name(&self) -> String {
        match &self.route_key {
            Some(key) => key.clone().into_owned(),
            None => format!("{} {}", self.verb, self.path),
        }
    }
}
