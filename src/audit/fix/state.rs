//! How what a step changes is, at one moment.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::inventory::{AuthorizationType, quoted};

/// How what a step changes is, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum State {
    /// An inline policy of a group.
    Policy {
        /// Its document. `None`: the group has no policy of this name.
        document: Option<String>,
    },
    /// A managed policy and a group.
    Attachment {
        /// Whether it is attached.
        attached: bool,
    },
    /// A method of the draft.
    Method {
        /// The authorization type. `None`: it was not told.
        authorization: Option<String>,
        /// The authorizer's id.
        authorizer: Option<String>,
        /// The OAuth scopes, which only a Cognito or JWT authorizer looks at.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scopes: Vec<String>,
    },
    /// A stage.
    Stage {
        /// The id of the deployment that it serves. `None`: it serves none.
        deployment: Option<String>,
        /// Its canary, if it has one.
        canary: Option<CanaryState>,
    },
}

/// How the canary of a stage is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryState {
    /// The id of the deployment that it serves.
    pub deployment: Option<String>,
    /// Its share of the traffic, 0 to 100 percent, as a number is written.
    pub percent: String,
    /// Whether it has stage variables of its own. What they are is nobody's business: they may hold secrets.
    #[serde(default)]
    pub has_variables: bool,
}

impl CanaryState {
    /// Whether it serves the same share of the same deployment.
    fn serves_as(&self, other: &CanaryState) -> bool {
        (&self.deployment, &self.percent) == (&other.deployment, &other.percent)
    }
}

impl State {
    /// A method of AWS_IAM.
    pub(super) fn is_iam(&self) -> bool {
        let iam = AuthorizationType::AwsIam;
        matches!(self, State::Method { authorization: Some(it), .. } if it == iam.as_str())
    }

    /// Whether it is still as it was read when the plan was made, which reads neither scopes nor a canary's variables.
    pub(super) fn is_as_planned(&self, planned: &State) -> bool {
        match (self, planned) {
            (
                State::Method {
                    authorization,
                    authorizer,
                    ..
                },
                State::Method {
                    authorization: kind,
                    authorizer: of,
                    ..
                },
            ) => (authorization, authorizer) == (kind, of) && kind.is_some(),
            (
                State::Stage { deployment, canary },
                State::Stage {
                    deployment: own,
                    canary: other,
                },
            ) => {
                let is_same_canary = match (canary, other) {
                    (None, None) => true,
                    (Some(one), Some(other)) => one.serves_as(other),
                    _ => false,
                };
                deployment == own && is_same_canary
            }
            _ => self.is(planned),
        }
    }

    /// Whether two states are the same. Documents are compared by what they say.
    pub fn is(&self, other: &State) -> bool {
        match (self, other) {
            (
                State::Policy {
                    document: Some(one),
                },
                State::Policy {
                    document: Some(other),
                },
            ) => is_same_document(one, other),
            _ => self == other,
        }
    }

    /// The state in words.
    pub fn in_words(&self) -> String {
        match self {
            State::Policy { document: None } => "there is no policy of this name".to_owned(),
            State::Policy {
                document: Some(document),
            } => format!("the policy is {document}"),
            State::Attachment { attached: true } => "the policy is attached".to_owned(),
            State::Attachment { attached: false } => "the policy is not attached".to_owned(),
            State::Method {
                authorization,
                authorizer,
                ..
            } => {
                let kind = authorization.as_deref().unwrap_or("not told");
                let by = authorizer.as_deref();
                let by =
                    by.map_or_else(String::new, |it| format!(" with authorizer {}", quoted(it)));
                format!("the authorization type is {kind}{by}")
            }
            State::Stage { deployment, canary } => {
                let deployment = deployment.as_deref().unwrap_or("none");
                let canary = canary.as_ref().map_or_else(String::new, |it| {
                    let own = it.deployment.as_deref().unwrap_or("none");
                    format!(", and its canary {own} for {}% of the traffic", it.percent)
                });
                format!("the stage serves deployment {deployment}{canary}")
            }
        }
    }
}

/// Whether two documents say the same, however they are written.
pub(super) fn is_same_document(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text);
    match (read(one), read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
