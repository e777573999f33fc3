//! The reads of REST APIs.

use super::outcome::Trial;
use super::plane::{MOST, Plane};
use crate::aws::client::given;

/// As many as [`MOST`], as the API counts.
const LIMIT: i32 = 3;

pub(super) async fn try_apis(plane: &Plane<'_>) -> Trial {
    const OPERATION: &str = "apigateway:GetRestApis";
    let mut trial = Trial::default();
    plane.pace.request().await;
    let answer = plane.rest.get_rest_apis().limit(LIMIT).send().await;
    let listed = trial.note(OPERATION, Some(plane.region), answer);
    let apis = listed.and_then(|it| it.items).unwrap_or_default();
    for api in apis.into_iter().take(MOST).filter_map(|it| given(it.id)) {
        let deployment = try_stages(plane, &mut trial, &api).await;
        if let Some(deployment) = deployment {
            try_deployment(plane, &mut trial, &api, &deployment).await;
        }
        try_draft(plane, &mut trial, &api).await;
    }
    trial
}

/// Gives the id of a deployment that a stage serves.
async fn try_stages(plane: &Plane<'_>, trial: &mut Trial, api: &str) -> Option<String> {
    const OPERATION: &str = "apigateway:GetStages";
    plane.pace.request().await;
    let answer = plane.rest.get_stages().rest_api_id(api).send().await;
    let stages = trial.note(OPERATION, Some(plane.region), answer)?.item?;
    stages.into_iter().find_map(|it| given(it.deployment_id))
}

async fn try_deployment(plane: &Plane<'_>, trial: &mut Trial, api: &str, id: &str) {
    const OPERATION: &str = "apigateway:GetDeployment";
    plane.pace.request().await;
    let request = plane.rest.get_deployment().rest_api_id(api);
    let answer = request.deployment_id(id).embed("apisummary").send().await;
    let Some(answer) = trial.note(OPERATION, Some(plane.region), answer) else {
        return;
    };
    let summary = answer.api_summary.unwrap_or_default();
    trial.summaries.1 += 1;
    trial.summaries.0 += usize::from(!summary.is_empty());
    let verbs = summary.into_values().flatten().map(|(verb, _)| verb);
    trial.summary_verbs.extend(verbs);
}

async fn try_draft(plane: &Plane<'_>, trial: &mut Trial, api: &str) {
    const OPERATION: &str = "apigateway:GetResources";
    plane.pace.get_resources().await;
    let request = plane.rest.get_resources().rest_api_id(api);
    let answer = request.embed("methods").limit(25).send().await;
    let Some(answer) = trial.note(OPERATION, Some(plane.region), answer) else {
        return;
    };
    let mut resources = answer.items.unwrap_or_default().into_iter();
    let has_method = resources.any(|it| it.resource_methods.is_some_and(|them| !them.is_empty()));
    trial.drafts.1 += 1;
    trial.drafts.0 += usize::from(has_method);
}
