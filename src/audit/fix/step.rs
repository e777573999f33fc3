//! One step of a plan.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::audit::finding::Fingerprint;
use crate::audit::fix::frozen::Frozen;
use crate::audit::fix::selection::CanaryChoice;
use crate::audit::fix::state::State;
use crate::inventory::{ApiKind, quoted};

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
    pub freezes: Vec<Frozen>,
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
        /// What becomes of the stage's canary. `None`: it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        canary: Option<CanaryChoice>,
    },
}

impl Action {
    /// The name in documents, such as `set-authorization`.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }

    /// What is done, and to what: `deploy the draft of API a1b2c3d4e5 to stage prod, eu-west-1`. It is made of the action's
    /// own data, so that nobody can put other words before whoever is asked.
    pub fn in_words(&self) -> String {
        match self {
            Action::PutGroupPolicy { group, .. } => {
                format!("put an inline policy into group {}", quoted(group))
            }
            Action::AttachGroupPolicy { group, .. } => {
                format!("attach a policy to group {}", quoted(group))
            }
            Action::SetAuthorization { .. } => {
                format!("set the authorization type of {}", self.method_in_words())
            }
            Action::Deploy {
                region,
                api,
                stage,
                canary,
                ..
            } => {
                let canary = match canary {
                    None => "",
                    Some(CanaryChoice::Keep) => ", and to its canary, which is kept",
                    Some(CanaryChoice::Promote) => ", and take the traffic from its canary",
                };
                format!("deploy the draft of API {api} to stage {stage}, {region}{canary}")
            }
        }
    }

    /// The method that it sets, and where: `GET /pets in the draft of API a1b2c3d4e5, eu-west-1`. Empty: it sets none.
    pub fn method_in_words(&self) -> String {
        match self {
            Action::SetAuthorization {
                region,
                api,
                path,
                verb,
                ..
            } => format!(
                "{} in the draft of API {api}, {region}",
                method_name(verb, path)
            ),
            _ => String::new(),
        }
    }

    /// The Region and the id of the API that it changes. `None`: it changes a group.
    pub fn api(&self) -> Option<(&str, &str)> {
        match self {
            Action::SetAuthorization { region, api, .. } | Action::Deploy { region, api, .. } => {
                Some((region, api))
            }
            Action::PutGroupPolicy { .. } | Action::AttachGroupPolicy { .. } => None,
        }
    }

    /// Whether another action does the same. What a deployment says of itself is no part of what it does.
    pub fn does_the_same(&self, other: &Action) -> bool {
        let plain = |action: &Action| {
            let mut action = action.clone();
            if let Action::Deploy { description, .. } = &mut action {
                description.clear();
            }
            action
        };
        plain(self) == plain(other)
    }
}

/// A method by its verb and path; a route without a path by its key.
pub(super) fn method_name(verb: &str, path: &str) -> String {
    match path.starts_with('/') {
        true => format!("{verb} {path}"),
        false => path.to_owned(),
    }
}
