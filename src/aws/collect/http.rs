//! HTTP and WebSocket APIs: what their stages serve, and what their routes say.
//!
//! A stage with `AutoDeploy` whose last deployment did not fail serves the routes as they are. Any other
//! stage of an HTTP API is exported, which gives the deployed routes. A WebSocket API has neither: its
//! routes are all there is, and what rests on them is inferred. What an earlier run read of a stage that
//! is as it was then is not read again.
//!
//! Source: [apigatewayv2](https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html).

use std::collections::BTreeMap;

use aws_sdk_apigatewayv2::types::{Api as SdkApi, ProtocolType, Route, Stage as SdkStage};
use jiff::Timestamp;

use super::export;
use super::known::AUTO_DEPLOYED;
use super::pages::{AT_ONCE, Listed, given, listed, not_read_yet, pages};
use super::source::{Source, each};
use crate::aws::client::{Failure, failure};
use crate::inventory::{
    Api, ApiKind, AuthorizationType, Authorizer, DeployedMethod, Deployment, DeploymentSource,
    DraftMethod, Gap, GapKind, Reason, Scope, Stage,
};

/// The operation that tells what a stage without automatic deployment serves.
const EXPORT: &str = "apigateway:ExportApi";

/// The only route of a WebSocket API that carries authorization.
const CONNECT: &str = "$connect";

/// Reads the HTTP and WebSocket APIs of a Region, those asked for only.
pub(super) async fn apis(source: &Source<'_>, scope: &Scope) -> (Vec<Api>, Vec<Gap>) {
    let listed = listed(source, &scope.apis, list(source), translate);
    let Listed { apis, mut gaps } = listed.await;
    let mut read = Vec::new();
    let reads = apis.into_iter().map(|api| one(source, api, scope));
    each(AT_ONCE, reads, |(api, missing)| {
        source.progress.add_read();
        read.push(api);
        gaps.extend(missing);
    })
    .await;
    (read, gaps)
}

/// Reads an API, unless an unfinished run has read it.
async fn one(source: &Source<'_>, api: Api, scope: &Scope) -> (Api, Vec<Gap>) {
    if let Some(begun) = source.known.begun(&api) {
        return begun;
    }
    let read = source.in_time(read(source, api.clone(), scope)).await;
    read.unwrap_or_else(|| {
        let gap = not_read_yet(GapKind::Api).at(&api);
        (api, vec![gap])
    })
}

async fn list(source: &Source<'_>) -> Result<Vec<SdkApi>, Failure> {
    const OPERATION: &str = "apigateway:GetApis";
    let page = async |token| {
        source.pace.request().await;
        let page = source.http.get_apis().set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.next_token))
    };
    pages(OPERATION, page).await
}

/// An API as the list shows it, its stages and routes not yet read.
fn translate(region: &str, listed: SdkApi) -> Result<Api, Failure> {
    let malformed = |message: String| Failure {
        operation: "apigateway:GetApis",
        reason: Reason::Malformed,
        message,
    };
    let id = given(listed.api_id)
        .ok_or_else(|| malformed("the list has an API without an id".to_owned()))?;
    let kind = match listed.protocol_type {
        Some(ProtocolType::Http) => ApiKind::Http,
        Some(ProtocolType::Websocket) => ApiKind::WebSocket,
        other => {
            let other = other.map_or("none".to_owned(), |other| other.as_str().to_owned());
            return Err(malformed(format!(
                "API {id} has the unknown protocol `{other}`"
            )));
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
async fn read(source: &Source<'_>, mut api: Api, scope: &Scope) -> (Api, Vec<Gap>) {
    let mut gaps = Vec::new();
    let stages = match stages(source, &api.id).await {
        Ok(stages) => stages,
        Err(failure) => {
            gaps.push(failure.gap(GapKind::Api).at(&api));
            return (api, gaps);
        }
    };
    // Nobody calls an API without a stage.
    if let Some(known) = source.known.routes(&api.id, &stages) {
        api.draft.clone_from(&known.draft);
        api.authorizers.clone_from(&known.authorizers);
    } else if are_routes_due(&api, &stages, scope) {
        match routes(source, &api).await {
            Ok(routes) => api.draft = Some(routes),
            Err(failure) => gaps.push(failure.gap(GapKind::Draft).at(&api)),
        }
        let named = (api.draft.iter().flatten()).any(|route| route.authorizer_id.is_some());
        if named {
            match authorizers(source, &api.id).await {
                Ok(authorizers) => api.authorizers = authorizers,
                Err(failure) => gaps.push(failure.gap(GapKind::Authorizers).at(&api)),
            }
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
        if let Some(known) = source.known.served(&api.id, stage) {
            served.insert(id.clone(), known.clone());
            continue;
        }
        match deployment(source, &api, stage, id).await {
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

async fn stages(source: &Source<'_>, api: &str) -> Result<Vec<Stage>, Failure> {
    const OPERATION: &str = "apigateway:GetStages";
    let page = async |token| {
        source.pace.request().await;
        let request = source.http.get_stages().api_id(api);
        let page = request.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.next_token))
    };
    let stages = pages(OPERATION, page).await?.into_iter();
    let stages = stages.map(|stage| {
        translate_stage(stage).ok_or_else(|| Failure {
            operation: OPERATION,
            reason: Reason::Malformed,
            message: "the answer names a stage without a name".to_owned(),
        })
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
    let updated_at = stage.last_updated_date;
    let updated_at = updated_at.and_then(|date| Timestamp::from_second(date.secs()).ok());
    let name = given(stage.stage_name)?;
    Some(Stage {
        deployment_id: id.or_else(|| auto_deploy.then(|| format!("{AUTO_DEPLOYED}-{name}"))),
        auto_deploy: auto_deploy && worked,
        auto_deploy_failed: auto_deploy && !worked,
        canary: None,
        updated_at,
        name,
        tags: stage.tags.unwrap_or_default().into_iter().collect(),
    })
}

async fn routes(source: &Source<'_>, api: &Api) -> Result<Vec<DraftMethod>, Failure> {
    const OPERATION: &str = "apigateway:GetRoutes";
    let page = async |token| {
        source.pace.request().await;
        let request = source.http.get_routes().api_id(&api.id);
        let page = request.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.next_token))
    };
    let mut methods = Vec::new();
    let routes = pages(OPERATION, page).await?;
    let connects = routes
        .iter()
        .any(|route| route.route_key.as_deref() == Some(CONNECT));
    if api.kind == ApiKind::WebSocket && !routes.is_empty() && !connects {
        methods.push(unguarded_connect());
    }
    for route in routes {
        methods.extend(translate_route(api.kind, route).ok_or_else(|| Failure {
            operation: OPERATION,
            reason: Reason::Malformed,
            message: "the answer names a route without its key or id".to_owned(),
        })?);
    }
    methods.sort_by(|one, other| (&one.path, &one.verb).cmp(&(&other.path, &other.verb)));
    Ok(methods)
}

/// What stands for the `$connect` that a WebSocket API does not have: the route is optional, and without
/// it nobody is asked who they are.
/// Source: [managing connections](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html).
fn unguarded_connect() -> DraftMethod {
    DraftMethod {
        verb: "ANY".to_owned(),
        path: CONNECT.to_owned(),
        route_key: Some(CONNECT.to_owned()),
        // It has to be created first.
        resource_id: "ROUTE_ID".to_owned(),
        authorization: Some(AuthorizationType::None),
        api_key_required: false,
        authorizer_id: None,
        integration: None,
    }
}

/// `None`: the route has no key or no id. Empty: it is a WebSocket route that carries no authorization.
fn translate_route(kind: ApiKind, route: Route) -> Option<Vec<DraftMethod>> {
    let key = given(route.route_key)?;
    let resource_id = given(route.route_id)?;
    if kind == ApiKind::WebSocket && key != CONNECT {
        return Some(Vec::new());
    }
    let (verb, path) = export::verb_and_path(&key);
    Some(vec![DraftMethod {
        verb,
        path,
        route_key: Some(key),
        resource_id,
        authorization: route
            .authorization_type
            .map(|kind| AuthorizationType::from(kind.as_str().to_owned())),
        api_key_required: route.api_key_required.unwrap_or(false),
        authorizer_id: route.authorizer_id,
        // An HTTP API has no MOCK: where there is a target, something answers.
        integration: route.target.filter(|target| !target.is_empty()),
    }])
}

async fn authorizers(source: &Source<'_>, api: &str) -> Result<Vec<Authorizer>, Failure> {
    const OPERATION: &str = "apigateway:GetAuthorizers";
    let page = async |token| {
        source.pace.request().await;
        let request = source.http.get_authorizers().api_id(api);
        let page = request.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.next_token))
    };
    let authorizers = pages(OPERATION, page).await?.into_iter();
    let authorizers = authorizers.map(|it| {
        let kind = it.authorizer_type;
        Ok(Authorizer {
            id: given(it.authorizer_id).ok_or_else(|| Failure {
                operation: OPERATION,
                reason: Reason::Malformed,
                message: "the answer names an authorizer without an id".to_owned(),
            })?,
            name: it.name.unwrap_or_default(),
            kind: kind.map_or(String::new(), |kind| kind.as_str().to_owned()),
        })
    });
    authorizers.collect()
}

/// What a stage serves.
async fn deployment(
    source: &Source<'_>,
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
            let methods = routes.iter().map(as_deployed).collect();
            Ok(made(DeploymentSource::Routes, Some(methods)))
        }
        _ => {
            let methods = exported(source, &api.id, &stage.name).await?;
            let has_no_routes = api.draft.as_ref().is_some_and(Vec::is_empty);
            if methods.is_empty() && !has_no_routes {
                return Err(Failure {
                    operation: EXPORT,
                    reason: Reason::Malformed,
                    message: "the export has no path: what the stage serves is not known"
                        .to_owned(),
                });
            }
            Ok(made(DeploymentSource::Export, Some(methods)))
        }
    }
}

fn as_deployed(route: &DraftMethod) -> DeployedMethod {
    DeployedMethod {
        verb: route.verb.clone(),
        path: route.path.clone(),
        route_key: route.route_key.clone(),
        authorization: route.authorization.clone(),
        api_key_required: route.api_key_required,
    }
}

async fn exported(
    source: &Source<'_>,
    api: &str,
    stage: &str,
) -> Result<Vec<DeployedMethod>, Failure> {
    source.pace.request().await;
    let answer = source
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
    export::methods(&body).map_err(|message| Failure {
        operation: EXPORT,
        reason: Reason::Malformed,
        message,
    })
}
