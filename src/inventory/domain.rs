//! Custom domain names: the other URLs of an API.

use serde::{Deserialize, Serialize};

use crate::iam::Document;

/// A custom domain name of one Region.
///
/// Source: [DomainName](https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomDomain {
    /// The Region.
    pub region: String,
    /// The name, such as `api.example.com`.
    pub name: String,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub endpoint_types: Vec<String>,
    /// Whether callers must show a client certificate.
    #[serde(default)]
    pub mutual_tls: bool,
    /// The resource policy of a private name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<Document>,
    /// Where its requests go.
    pub mappings: Vec<DomainMapping>,
}

/// Where requests of a custom domain name go, by base path mapping, API mapping or routing rule.
///
/// Source: [BasePathMapping](https://docs.aws.amazon.com/apigateway/latest/api/API_BasePathMapping.html).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainMapping {
    /// The base path without slashes at its ends. Empty: the root.
    #[serde(default)]
    pub base_path: String,
    /// The API's id.
    pub api_id: String,
    /// The stage. `None`: the first part of the path names it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub stage: Option<String>,
}

impl CustomDomain {
    /// Whether it is reached through VPC endpoints only. One that also has another type is not, and neither is one whose
    /// type is not known.
    pub fn is_private(&self) -> bool {
        !self.endpoint_types.is_empty() && self.endpoint_types.iter().all(|it| it == "PRIVATE")
    }
}
