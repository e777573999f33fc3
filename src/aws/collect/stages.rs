//! The stages of a REST API, and the canaries in front of them.

use aws_sdk_apigateway::types::Stage as SdkStage;

use super::control_plane::ControlPlane;
use crate::aws::client::{Failure, failure, given};
use crate::inventory::{Canary, Stage};

const OPERATION: &str = "apigateway:GetStages";

/// A stage as an answer shows it.
#[derive(Debug, PartialEq)]
pub(super) struct ListedStage {
    pub(super) stage: Stage,
    /// Whether callers get a canary whose deployment the answer does not name.
    pub(super) has_nameless_canary: bool,
}

/// Reads the stages. `GetStages` is not paginated.
pub(super) async fn list(plane: &ControlPlane<'_>, api: &str) -> Result<Vec<ListedStage>, Failure> {
    plane.pace.request().await;
    let answer = plane
        .rest
        .get_stages()
        .rest_api_id(api)
        .send()
        .await
        .map_err(|error| failure(OPERATION, error))?;
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
fn translate_stage(stage: SdkStage) -> Option<ListedStage> {
    let mut has_nameless_canary = false;
    let canary = stage.canary_settings.and_then(|canary| {
        let id = given(canary.deployment_id);
        has_nameless_canary = id.is_none() && canary.percent_traffic > 0.0;
        Some(Canary {
            deployment_id: id?,
            percent_traffic: canary.percent_traffic,
        })
    });
    let stage = Stage {
        name: given(stage.stage_name)?,
        deployment_id: given(stage.deployment_id),
        canary,
        auto_deploy: false,
        auto_deploy_failed: false,
        updated_at: None,
        tags: stage.tags.unwrap_or_default().into_iter().collect(),
    };
    Some(ListedStage {
        stage,
        has_nameless_canary,
    })
}

/// Why it is not known what a stage serves to those who get its canary.
pub(super) fn nameless_canary() -> Failure {
    Failure::malformed(OPERATION, "the answer has a canary without its deployment")
}

/// Why it is not known what a stage serves that comes without a deployment. Every stage of a REST API has one: it cannot be
/// created without, and a deployment that a stage points at cannot be deleted.
///
/// Source: [CreateStage](https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html).
pub(super) fn without_deployment() -> Failure {
    Failure::malformed(OPERATION, "the answer has a stage without its deployment")
}

#[cfg(test)]
mod tests {
    use aws_sdk_apigateway::types::CanarySettings;

    use super::*;

    #[test]
    fn a_canary_without_its_deployment_is_no_stage_without_a_canary() {
        let listed = |id: Option<&str>, percent| {
            let canary = CanarySettings::builder()
                .percent_traffic(percent)
                .set_deployment_id(id.map(str::to_owned));
            let stage = SdkStage::builder()
                .stage_name("prod")
                .canary_settings(canary.build());
            translate_stage(stage.build()).unwrap()
        };
        let whole = listed(Some("a1"), 10.0);
        assert!(whole.stage.canary.is_some() && !whole.has_nameless_canary);
        for id in [None, Some("")] {
            assert!(listed(id, 10.0).has_nameless_canary, "{id:?}");
            // Nobody gets it.
            assert!(!listed(id, 0.0).has_nameless_canary, "{id:?}");
        }
        assert_eq!(translate_stage(SdkStage::builder().build()), None);
    }
}
