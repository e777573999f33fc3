//! The calls that change an account, for `gatewatch fix` alone, and the readings around them.
//!
//! - In: one step of a plan.
//! - Out: how what it changes is, a change that was made, or why not.
//! - Not decided here: whether, and in which order. The scheduled Lambda calls none of this.

mod deployments;
mod groups;
mod methods;

use crate::audit::fix::{Action, Frozen, State};
use crate::aws::client::{Clients, Failure, Pace};

/// Changes an account, by the calls that a plan has.
#[derive(Debug, Clone)]
pub struct Changer {
    clients: Clients,
    pace: Pace,
}

impl Changer {
    /// With these credentials. `requests_per_second`: the most that are sent to a control plane.
    pub fn new(clients: &Clients, requests_per_second: Option<f64>) -> Self {
        Changer {
            clients: clients.clone(),
            pace: Pace::new(requests_per_second),
        }
    }

    async fn rest(&self, region: &str) -> aws_sdk_apigateway::Client {
        self.pace.request().await;
        self.clients.api_gateway(region, &self.pace)
    }

    async fn http(&self, region: &str) -> aws_sdk_apigatewayv2::Client {
        self.pace.request().await;
        self.clients.api_gateway_v2(region, &self.pace)
    }

    /// How what a step changes is now.
    ///
    /// # Errors
    /// Where it cannot be read. That there is no such method or stage is one; that a group has no such policy is a state.
    pub async fn read(&self, action: &Action) -> Result<State, Failure> {
        match action {
            Action::PutGroupPolicy { group, policy, .. } => self.policy(group, policy).await,
            Action::AttachGroupPolicy { group, arn } => self.attachment(group, arn).await,
            Action::SetAuthorization { .. } => self.method(action).await,
            Action::Deploy { .. } => self.stage(action).await,
        }
    }

    /// Makes the change of a step that deploys nothing.
    ///
    /// # Errors
    /// Where the call fails. It may have taken effect all the same.
    pub async fn change(&self, action: &Action) -> Result<(), Failure> {
        match action {
            Action::PutGroupPolicy {
                group,
                policy,
                document,
            } => self.put_policy(group, policy, document).await,
            Action::AttachGroupPolicy { group, arn } => self.attach(group, arn).await,
            Action::SetAuthorization { .. } => self.set_iam(action).await,
            Action::Deploy { .. } => Err(no_such_call()),
        }
    }

    /// Makes what a step changed as it was before.
    ///
    /// # Errors
    /// Where the call fails. It may have taken effect all the same.
    pub async fn restore(&self, action: &Action, to: &State) -> Result<(), Failure> {
        match (action, to) {
            (Action::PutGroupPolicy { group, policy, .. }, State::Policy { document: None }) => {
                self.delete_policy(group, policy).await
            }
            (Action::AttachGroupPolicy { group, arn }, State::Attachment { attached: false }) => {
                self.detach(group, arn).await
            }
            (Action::SetAuthorization { .. }, State::Method { .. }) => {
                self.set_back(action, to).await
            }
            (
                Action::Deploy { .. },
                State::Stage {
                    deployment: Some(deployment),
                    canary,
                },
            ) => self.point_back(action, deployment, canary.as_ref()).await,
            _ => Err(no_such_call()),
        }
    }

    /// Makes a deployment that no stage serves, and gives its id.
    ///
    /// # Errors
    /// Where the call fails. There may be a deployment all the same, which [`made`](Self::made) finds.
    pub async fn deploy(&self, action: &Action) -> Result<String, Failure> {
        self.create_deployment(action).await
    }

    /// The deployment that was made for this step, if there is one: its description names the run.
    ///
    /// # Errors
    /// Where the deployments cannot be read.
    pub async fn made(&self, action: &Action) -> Result<Option<String>, Failure> {
        self.described_deployment(action).await
    }

    /// The methods that a deployment froze; of an HTTP API, which has no such list, those of the draft.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn frozen(&self, action: &Action, deployment: &str) -> Result<Vec<Frozen>, Failure> {
        self.frozen_methods(action, deployment).await
    }

    /// What a deployment of the API of a step says of itself.
    ///
    /// # Errors
    /// Where it cannot be read, or the API has no such deployment.
    pub async fn described(
        &self,
        action: &Action,
        deployment: &str,
    ) -> Result<Option<String>, Failure> {
        self.description(action, deployment).await
    }

    /// Has the stage of a step serve a deployment.
    ///
    /// # Errors
    /// Where the call fails. It may have taken effect all the same.
    pub async fn point(&self, action: &Action, deployment: &str) -> Result<(), Failure> {
        self.point_stage(action, deployment).await
    }
}

/// A step and a call that do not go together, which a journal that somebody changed may ask for.
fn no_such_call() -> Failure {
    Failure::malformed("gatewatch:fix", "the step has no such call")
}
