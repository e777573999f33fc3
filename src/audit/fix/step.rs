//! One step of a plan.

use strum::IntoStaticStr;

use crate::audit::finding::Fingerprint;

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
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
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
        /// The stage's name.
        stage: String,
    },
}

impl Action {
    /// The name in documents, such as `set-authorization`.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }
}
