//! HTTP and WebSocket APIs: what their stages serve, and what their routes say.
//!
//! A stage with `AutoDeploy` whose last deployment did not fail serves the routes as they are. Any other
//! stage of an HTTP API is exported, which gives the deployed routes. A WebSocket API has neither: its
//! routes are all there is, and what rests on them is inferred. What an earlier run read of a stage that
//! is as it was then is not read again.
//!
//! Source: [apigatewayv2](https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html).

use std::collections::BTreeMap;

use aws_sdk_apigatewayv2::types::{Api as SdkApi, ProtocolType, Stage as SdkStage};
use jiff::Timestamp;

use super::authorizers;
use super::control_plane::{ControlPlane, each};
use super::export;
use super::known::stand_in_id;
use super::pages::{AT_ONCE, Listed, listed};
use super::routes;
use crate::aws::client::{Failure, failure, given, pages};
use crate::inventory::{
    Api, ApiKind, DeployedMethod, Deployment, DeploymentSource, DraftMethod, Gap, GapKind, Scope,
    Stage,
};

/// The operation that tells what a stage without automatic deployment serves.
const EXPORT: &str = "apigateway:ExportApi";

/// Reads the HTTP and WebSocket APIs of a Region, those asked for only.
pub(super) async fn apis(plane: &ControlPlane<'_>, scope: &Scope) -> (Vec<Api>, Vec<Gap>) {
    let listed = listed(plane, &scope.apis, list(plane), translate);
    let Listed {
        apis,
        mut gaps,
        is_cut_off,
    } = listed.await;
    if is_cut_off {
        return plane.with_unlisted(&[ApiKind::Http, ApiKind::WebSocket], gaps);
    }
    let mut read = Vec::new();
    let reads = apis.into_iter().map(|api| one(plane, api, scope));
    each(AT_ONCE, reads, |(api, missing)| {
        plane.progress.add_read();
        read.push(api);
        gaps.extend(missing);
    })
    .await;
    (read, gaps)
}

/// Reads an API, unless an unfinished run has read it.
async fn one(plane: &ControlPlane<'_>, api: Api, scope: &Scope) -> (Api, Vec<Gap>) {
    if let Some(begun) = plane.known.begun(&api) {
        return begun;
    }
    let read = plane.in_time(read(plane, api.clone(), scope)).await;
    read.unwrap_or_else(|| plane.not_read(api))
}

async fn list(plane: &ControlPlane<'_>) -> Result<Vec<SdkApi>, Failure> {
    const OPERATION: &str = "apigateway:GetApis";
    let page = async |token| {
        plane.pace.request().await;
        let answer = plane
            .http
            .get_apis()
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.next_token))
    };
    pages(OPERATION, page).await
}

/// An API as the list shows it, its stages and routes not yet read.
fn translate(region: &str, listed: SdkApi) -> Result<Api, Failure> {
    const OPERATION: &str = "apigateway:GetApis";
    let id = given(listed.api_id)
        .ok_or_else(|| Failure::malformed(OPERATION, "the list has an API without an id"))?;
    let kind = match listed.protocol_type {
        Some(ProtocolType::Http) => ApiKind::Http,
        Some(ProtocolType::Websocket) => ApiKind::WebSocket,
        other => {
            let other = other.map_or("none".to_owned(), |other| other.as_str().to_owned());
            let message = format!("API {id} has the unknown protocol `{other}`");
            return Err(Failure::malformed(OPERATION, message));
        }
    };
    Ok(Api {
        region: region.to_owned(),
        id,
        name: listed.name.unwrap_or_default(),
        kind,
        tags: listed.tags.unwrap_or_default().into_iter().collect(),
        endpoint_types: vec!["REGIONAL".to_owned()],
        default_endpoint_disabled: listed.disable_execute_api_endpoint.unwrap_or(false),
        resource_policy: None,
        stages: None,
        cors: listed.cors_configuration.is_some(),
        authorizers: Vec::new(),
        deployments: Vec::new(),
        draft: None,
    })
}

/// Reads what the stages serve and what the routes say.
async fn read(plane: &ControlPlane<'_>, mut api: Api, scope: &Scope) -> (Api, Vec<Gap>) {
    let mut gaps = Vec::new();
    let stages = match stages(plane, &api.id).await {
        Ok(stages) => stages,
        Err(failure) => {
            gaps.push(failure.gap(GapKind::Api).at(&api));
            return (api, gaps);
        }
    };
    // An API without a stage cannot be called, so its routes are not read.
    if let Some(known) = plane.known.routes(&api.id, &stages) {
        api.draft.clone_from(&known.draft);
        api.authorizers.clone_from(&known.authorizers);
    } else if are_routes_due(&api, &stages, scope) {
        match routes::list(plane, &api).await {
            Ok(routes) => api.draft = Some(routes),
            Err(failure) => gaps.push(failure.gap(GapKind::Draft).at(&api)),
        }
        match authorizers::of_routes(plane, &api).await {
            Ok(authorizers) => api.authorizers = authorizers,
            Err(failure) => gaps.push(failure.gap(GapKind::Authorizers).at(&api)),
        }
    }
    let mut served: BTreeMap<String, Deployment> = BTreeMap::new();
    for (stage, id) in stages
        .iter()
        .filter_map(|stage| Some((stage, stage.deployment_id.as_ref()?)))
    {
        if served.contains_key(id) {
            continue;
        }
        if let Some(known) = plane.known.served(&api.id, stage) {
            served.insert(id.clone(), known.clone());
            continue;
        }
        match deployment(plane, &api, stage, id).await {
            Ok(deployment) => {
                served.insert(id.clone(), deployment);
            }
            Err(failure) => {
                gaps.push(
                    failure
                        .gap(GapKind::Stage)
                        .about(id)
                        .at_stage(&api, &stage.name),
                );
            }
        }
    }
    api.deployments = served.into_values().collect();
    api.stages = Some(stages);
    (api, gaps)
}

/// Whether the routes must be read: where stages serve them as they are, or have nothing else to show.
fn are_routes_due(api: &Api, stages: &[Stage], scope: &Scope) -> bool {
    let is_served = |stage: &Stage| stage.auto_deploy || api.kind == ApiKind::WebSocket;
    if scope.without_drafts {
        stages.iter().any(is_served)
    } else {
        !stages.is_empty()
    }
}

async fn stages(plane: &ControlPlane<'_>, api: &str) -> Result<Vec<Stage>, Failure> {
    const OPERATION: &str = "apigateway:GetStages";
    let page = async |token| {
        plane.pace.request().await;
        let request = plane.http.get_stages().api_id(api);
        let answer = request
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.next_token))
    };
    let stages = pages(OPERATION, page).await?.into_iter().map(|stage| {
        translate_stage(stage)
            .ok_or_else(|| Failure::malformed(OPERATION, "the answer names a stage without a name"))
    });
    stages.collect()
}

/// `None`: the stage has no name.
fn translate_stage(stage: SdkStage) -> Option<Stage> {
    let auto_deploy = stage.auto_deploy.unwrap_or(false);
    // "Successfully deployed stage with deployment ID '…'" is the word of a deployment that worked.
    let status = stage.last_deployment_status_message;
    let worked = status.is_none_or(|status| status.starts_with("Successfully"));
    let id = stage.deployment_id.filter(|id| !id.is_empty());
    let updated_at =
        (stage.last_updated_date).and_then(|date| Timestamp::from_second(date.secs()).ok());
    let name = given(stage.stage_name)?;
    Some(Stage {
        deployment_id: id.or_else(|| auto_deploy.then(|| stand_in_id(&name))),
        auto_deploy: auto_deploy && worked,
        auto_deploy_failed: auto_deploy && !worked,
        canary: None,
        updated_at,
        name,
        tags: stage.tags.unwrap_or_default().into_iter().collect(),
    })
}

/// What a stage serves.
async fn deployment(
    plane: &ControlPlane<'_>,
    api: &Api,
    stage: &Stage,
    id: &str,
) -> Result<Deployment, Failure> {
    let made = |source, methods| Deployment {
        id: id.to_owned(),
        created_at: None,
        source,
        methods,
    };
    if api.kind == ApiKind::WebSocket {
        return Ok(made(DeploymentSource::Summary, None));
    }
    match &api.draft {
        Some(routes) if stage.auto_deploy => {
            let methods = routes.iter().map(DraftMethod::as_deployed).collect();
            Ok(made(DeploymentSource::Routes, Some(methods)))
        }
        _ => {
            let methods = exported(plane, &api.id, &stage.name).await?;
            let has_no_routes = api.draft.as_ref().is_some_and(Vec::is_empty);
            if methods.is_empty() && !has_no_routes {
                return Err(Failure::malformed(
                    EXPORT,
                    "the export has no path: what the stage serves is not known",
                ));
            }
            Ok(made(DeploymentSource::Export, Some(methods)))
        }
    }
}

async fn exported(
    plane: &ControlPlane<'_>,
    api: &str,
    stage: &str,
) -> Result<Vec<DeployedMethod>, Failure> {
    plane.pace.request().await;
    let answer = plane
        .http
        .export_api()
        .api_id(api)
        .specification("OAS30")
        .output_type("JSON")
        // Without it, the export is the latest configuration, perhaps undeployed.
        .stage_name(stage)
        .include_extensions(true)
        .send()
        .await
        .map_err(|error| failure(EXPORT, error))?;
    let body = answer
        .body
        .map(|body| body.into_inner())
        .unwrap_or_default();
    export::methods(&body, &mut plane.texts())
        .map_err(|message| Failure::malformed(EXPORT, message))
}
