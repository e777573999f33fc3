//! Deployments, and the stages that serve them.

use aws_sdk_apigateway::types::PatchOperation;

use super::methods::replaces;
use super::{Changer, no_such_call};
use crate::audit::fix::{Action, CanaryChoice, CanaryState, Frozen, State};
use crate::aws::client::{Failure, failure, given, pages};
use crate::aws::collect::{frozen_by, routed};
use crate::inventory::ApiKind;

/// The most deployments of a page.
/// Source: [GetDeployments](https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html).
const PAGE: i32 = 500;

/// A stage, and what its new deployment says of itself.
struct Stage<'a> {
    region: &'a str,
    api: &'a str,
    kind: ApiKind,
    name: &'a str,
    description: &'a str,
    canary: Option<CanaryChoice>,
}

fn stage(action: &Action) -> Result<Stage<'_>, Failure> {
    match action {
        Action::Deploy {
            region,
            api,
            kind,
            stage,
            description,
            canary,
        } => Ok(Stage {
            region,
            api,
            kind: *kind,
            name: stage,
            description,
            canary: *canary,
        }),
        _ => Err(no_such_call()),
    }
}

impl Changer {
    pub(super) async fn stage(&self, action: &Action) -> Result<State, Failure> {
        const OPERATION: &str = "apigateway:GetStage";
        let at = stage(action)?;
        if at.kind == ApiKind::Rest {
            let request = self.rest(at.region).await.get_stage();
            let answer = request.rest_api_id(at.api).stage_name(at.name).send().await;
            let answer = answer.map_err(|error| failure(OPERATION, error))?;
            return Ok(State::Stage {
                deployment: given(answer.deployment_id),
                canary: answer.canary_settings.map(|it| CanaryState {
                    deployment: given(it.deployment_id),
                    percent: it.percent_traffic.to_string(),
                    has_variables: it.stage_variable_overrides.is_some_and(|it| !it.is_empty()),
                }),
            });
        }
        let request = self.http(at.region).await.get_stage();
        let answer = request.api_id(at.api).stage_name(at.name).send().await;
        let answer = answer.map_err(|error| failure(OPERATION, error))?;
        Ok(State::Stage {
            deployment: given(answer.deployment_id),
            canary: None,
        })
    }

    pub(super) async fn create_deployment(&self, action: &Action) -> Result<String, Failure> {
        const OPERATION: &str = "apigateway:CreateDeployment";
        let at = stage(action)?;
        let id = if at.kind == ApiKind::Rest {
            let request = self.rest(at.region).await.create_deployment();
            let request = request.rest_api_id(at.api).description(at.description);
            let answer = request.send().await;
            answer.map_err(|error| failure(OPERATION, error))?.id
        } else {
            let request = self.http(at.region).await.create_deployment();
            let request = request.api_id(at.api).description(at.description);
            let answer = request.send().await;
            let answer = answer.map_err(|error| failure(OPERATION, error))?;
            answer.deployment_id
        };
        given(id).ok_or_else(|| Failure::malformed(OPERATION, "the answer names no deployment"))
    }

    pub(super) async fn described_deployment(
        &self,
        action: &Action,
    ) -> Result<Option<String>, Failure> {
        const OPERATION: &str = "apigateway:GetDeployments";
        let at = stage(action)?;
        if at.kind != ApiKind::Rest {
            return Err(no_such_call());
        }
        let page = async |position| {
            let request = self.rest(at.region).await.get_deployments();
            let request = request.rest_api_id(at.api).limit(PAGE);
            let answer = request.set_position(position).send().await;
            let answer = answer.map_err(|error| failure(OPERATION, error))?;
            Ok((answer.items, answer.position))
        };
        let mut all = pages(OPERATION, page).await?.into_iter();
        let ours = all.find(|it| it.description.as_deref() == Some(at.description));
        Ok(ours.and_then(|it| given(it.id)))
    }

    pub(super) async fn description(
        &self,
        action: &Action,
        deployment: &str,
    ) -> Result<Option<String>, Failure> {
        const OPERATION: &str = "apigateway:GetDeployment";
        let at = stage(action)?;
        if at.kind == ApiKind::Rest {
            let request = self.rest(at.region).await.get_deployment();
            let request = request.rest_api_id(at.api).deployment_id(deployment);
            let answer = request.send().await;
            return Ok(answer
                .map_err(|error| failure(OPERATION, error))?
                .description);
        }
        let request = self.http(at.region).await.get_deployment();
        let request = request.api_id(at.api).deployment_id(deployment);
        let answer = request.send().await;
        Ok(answer
            .map_err(|error| failure(OPERATION, error))?
            .description)
    }

    pub(super) async fn frozen_methods(
        &self,
        action: &Action,
        deployment: &str,
    ) -> Result<Vec<Frozen>, Failure> {
        let at = stage(action)?;
        if at.kind == ApiKind::Rest {
            let client = self.rest(at.region).await;
            let methods = frozen_by(&client, at.api, deployment).await?;
            return Ok(methods.into_iter().map(Frozen::told).collect());
        }
        // It waits for each of its pages itself.
        let client = self.clients.api_gateway_v2(at.region, &self.pace);
        let routes = routed(&client, (at.api, at.kind), &self.pace).await?;
        Ok(routes.iter().map(Frozen::of_draft).collect())
    }

    /// Has the stage of a step serve a deployment, and its canary the same one.
    pub(super) async fn point_stage(
        &self,
        action: &Action,
        deployment: &str,
    ) -> Result<(), Failure> {
        let at = stage(action)?;
        let mut edits = Vec::new();
        if let Some(choice) = at.canary {
            edits.push(replaces("/canarySettings/deploymentId", deployment));
            if choice == CanaryChoice::Promote {
                edits.push(replaces("/canarySettings/percentTraffic", "0.0"));
            }
        }
        self.update_stage(action, deployment, edits).await
    }

    /// Has the stage of a step, and its canary, serve what they served before.
    pub(super) async fn point_back(
        &self,
        action: &Action,
        deployment: &str,
        canary: Option<&CanaryState>,
    ) -> Result<(), Failure> {
        let mut edits = Vec::new();
        if let Some(canary) = canary {
            let own = canary.deployment.as_ref();
            edits.extend(own.map(|it| replaces("/canarySettings/deploymentId", it)));
            edits.push(replaces("/canarySettings/percentTraffic", &canary.percent));
        }
        self.update_stage(action, deployment, edits).await
    }

    /// `edits`: what is changed of the canary, in the same call, so that no caller meets one without the other.
    async fn update_stage(
        &self,
        action: &Action,
        deployment: &str,
        edits: Vec<PatchOperation>,
    ) -> Result<(), Failure> {
        const OPERATION: &str = "apigateway:UpdateStage";
        let at = stage(action)?;
        if at.kind == ApiKind::Rest {
            let request = self.rest(at.region).await.update_stage();
            let request = request.rest_api_id(at.api).stage_name(at.name);
            let mut patch = vec![replaces("/deploymentId", deployment)];
            patch.extend(edits);
            let answer = request.set_patch_operations(Some(patch)).send().await;
            answer.map_err(|error| failure(OPERATION, error))?;
            return Ok(());
        }
        let request = self.http(at.region).await.update_stage();
        let request = request.api_id(at.api).stage_name(at.name);
        let answer = request.deployment_id(deployment).send().await;
        answer.map_err(|error| failure(OPERATION, error))?;
        Ok(())
    }
}
