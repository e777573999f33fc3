//! The stages of a REST API.

use aws_sdk_apigateway::types::Stage as SdkStage;

use super::control_plane::ControlPlane;
use super::pages::given;
use crate::aws::client::{Failure, failure};
use crate::inventory::{Canary, Stage};

const OPERATION: &str = "apigateway:GetStages";

/// Reads the stages. `GetStages` is not paginated.
pub(super) async fn list(plane: &ControlPlane<'_>, api: &str) -> Result<Vec<Stage>, Failure> {
    plane.pace.request().await;
    let answer = plane.rest.get_stages().rest_api_id(api).send().await;
    let answer = answer.map_err(|error| failure(OPERATION, error))?;
    let listed = answer.item.unwrap_or_default().into_iter();
    listed
        .map(|stage| {
            translate_stage(stage).ok_or_else(|| {
                Failure::malformed(OPERATION, "the answer names a stage without a name")
            })
        })
        .collect()
}

/// `None`: the stage has no name.
fn translate_stage(stage: SdkStage) -> Option<Stage> {
    let canary = stage.canary_settings.and_then(|canary| {
        Some(Canary {
            deployment_id: canary.deployment_id?,
            percent_traffic: canary.percent_traffic,
        })
    });
    Some(Stage {
        name: given(stage.stage_name)?,
        deployment_id: given(stage.deployment_id),
        canary,
        auto_deploy: false,
        auto_deploy_failed: false,
        updated_at: None,
        tags: stage.tags.unwrap_or_default().into_iter().collect(),
    })
}
