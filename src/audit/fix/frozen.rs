//! What a deployment freezes of one method.

use serde::{Deserialize, Serialize};

use crate::inventory::{DeployedMethod, DraftMethod, Text};

/// A method as a deployment freezes it, as far as that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// Its place, its type, and whether it asks for an API key.
    pub method: DeployedMethod,
    /// The id of a route's authorizer. Of a REST API's method it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<Text>,
    /// The integration that a route leads to. Of a REST API's method it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Text>,
}

impl Frozen {
    /// What the summary of a REST API's deployment tells of a method.
    pub fn told(method: DeployedMethod) -> Self {
        Frozen {
            method,
            authorizer: None,
            integration: None,
        }
    }

    /// What the next deployment freezes of a method of the draft, as far as it can be read afterwards.
    pub fn of_draft(draft: &DraftMethod) -> Self {
        let method = draft.as_deployed();
        match draft.route_key {
            None => Frozen::told(method),
            Some(_) => Frozen {
                method,
                authorizer: draft.authorizer_id.clone(),
                integration: draft.integration.clone(),
            },
        }
    }
}
