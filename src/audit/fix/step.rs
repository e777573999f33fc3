//! One step of a plan.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::audit::finding::Fingerprint;
use crate::audit::fix::state::State;
use crate::inventory::{ApiKind, DeployedMethod};

/// One step of a plan: one call of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// To what, in words.
    pub what: String,
    /// How it is now.
    pub before: String,
    /// How it is then.
    pub after: String,
    /// The AWS CLI command that does it.
    pub command: String,
    /// The findings that it helps to mend.
    pub findings: Vec<Fingerprint>,
    /// How what it changes was read: where it is another way now, the step is not taken.
    pub expects: State,
    /// Of a deployment, the methods that it freezes.
    pub freezes: Vec<DeployedMethod>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// Puts an inline policy into a group that has none of this name.
    PutGroupPolicy {
        /// The group's name.
        group: String,
        /// The policy's name.
        policy: String,
        /// Its document.
        document: String,
    },
    /// Attaches a managed policy to a group.
    AttachGroupPolicy {
        /// The group's name.
        group: String,
        /// The policy's ARN.
        arn: String,
    },
    /// Sets AWS_IAM on a method of the draft.
    SetAuthorization {
        /// The Region.
        region: String,
        /// The API's id.
        api: String,
        /// The kind of the API.
        kind: ApiKind,
        /// The id of the resource, or of the route.
        resource: String,
        /// The path template; of a route without a path, its key.
        path: String,
        /// The verb, or `ANY`.
        verb: String,
    },
    /// Deploys the draft to a stage.
    Deploy {
        /// The Region.
        region: String,
        /// The API's id.
        api: String,
        /// The kind of the API.
        kind: ApiKind,
        /// The stage's name.
        stage: String,
        /// What the deployment says of itself.
        description: String,
    },
}

impl Action {
    /// The name in documents, such as `set-authorization`.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }
}
