//! REST APIs: what their stages serve, and what their editable trees say.
//!
//! One API costs one `GetStages`, one `GetDeployment` for each distinct deployment that a stage or its
//! canary serves, and one `GetResources` for 500 resources of the editable tree.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{MethodSnapshot, Resource, RestApi};
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::{Clients, Failure, failure, is_wanted};
use crate::model::{
    Api, ApiKind, AuthorizationType, Canary, DeployedMethod, Deployment, DraftMethod, Gap, GapKind,
    Reason, Stage,
};
use crate::policy::parse_resource_policy;

/// The most entries of a page.
/// Source: [GetRestApis](https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html) and
/// [GetResources](https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html).
const PAGE: i32 = 500;

/// APIs read at once. The control plane gives 10 requests a second to everybody together.
const AT_ONCE: usize = 4;

/// Reads the REST APIs of a Region, those asked for only.
pub(super) async fn apis(
    clients: &Clients,
    region: &str,
    wanted: &[String],
) -> (Vec<Api>, Vec<Gap>) {
    let client = clients.api_gateway(region);
    let listed = match list(&client).await {
        Ok(listed) => listed,
        Err(failure) => {
            let gap = Gap {
                region: Some(region.to_owned()),
                ..failure.gap(GapKind::Region)
            };
            return (Vec::new(), vec![gap]);
        }
    };
    let mut apis = Vec::new();
    let mut gaps = Vec::new();
    let mut reads = Vec::new();
    for listed in listed {
        match translate(region, listed) {
            Some(api) if is_wanted(wanted, &api.id, &api.name) => reads.push(read(&client, api)),
            Some(_) => {}
            None => gaps.push(nameless(region)),
        }
    }
    let mut reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
    while let Some((api, missing)) = reads.next().await {
        apis.push(api);
        gaps.extend(missing);
    }
    (apis, gaps)
}

async fn list(client: &Client) -> Result<Vec<RestApi>, Failure> {
    let mut pages = client.get_rest_apis().limit(PAGE).into_paginator().send();
    let mut apis = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("apigateway:GetRestApis", error))?;
        apis.extend(page.items.unwrap_or_default());
    }
    Ok(apis)
}

/// What is left of an API that the list names without an id.
fn nameless(region: &str) -> Gap {
    let failure = Failure {
        operation: "apigateway:GetRestApis",
        reason: Reason::Malformed,
        message: "the list has an API without an id".to_owned(),
    };
    Gap {
        region: Some(region.to_owned()),
        ..failure.gap(GapKind::Region)
    }
}

/// An API as the list shows it, its stages and draft not yet read. `None`: the list gives no id.
fn translate(region: &str, listed: RestApi) -> Option<Api> {
    let types = listed.endpoint_configuration.and_then(|it| it.types);
    let types = types.unwrap_or_default();
    Some(Api {
        region: region.to_owned(),
        id: listed.id?,
        name: listed.name.unwrap_or_default(),
        kind: ApiKind::Rest,
        tags: listed.tags.unwrap_or_default().into_iter().collect(),
        endpoint_types: types.iter().map(|it| it.as_str().to_owned()).collect(),
        default_endpoint_disabled: listed.disable_execute_api_endpoint,
        resource_policy: (listed.policy.as_deref())
            .filter(|policy| !policy.is_empty())
            .map(parse_resource_policy),
        stages: None,
        deployments: Vec::new(),
        draft: None,
    })
}

/// Reads what the stages serve and what the editable tree says.
async fn read(client: &Client, mut api: Api) -> (Api, Vec<Gap>) {
    let mut gaps = Vec::new();
    let at = |api: &Api, gap: Gap| Gap {
        region: Some(api.region.clone()),
        api: Some(api.id.clone()),
        ..gap
    };
    let stages = match stages(client, &api.id).await {
        Ok(stages) => stages,
        Err(failure) => {
            gaps.push(at(&api, failure.gap(GapKind::Api)));
            return (api, gaps);
        }
    };
    let served = stages.iter().flat_map(|stage| {
        let canary = stage.canary.iter().map(|canary| &canary.deployment_id);
        stage.deployment_id.iter().chain(canary)
    });
    let served: BTreeSet<String> = served.cloned().collect();
    for id in served {
        match deployment(client, &api.id, &id).await {
            Ok(deployment) => api.deployments.push(deployment),
            Err(failure) => {
                for stage in stages.iter().filter(|stage| serves(stage, &id)) {
                    gaps.push(Gap {
                        stage: Some(stage.name.clone()),
                        subject: Some(id.clone()),
                        ..at(&api, failure.clone().gap(GapKind::Stage))
                    });
                }
            }
        }
    }
    // An API that is not deployed cannot be called: its draft is compared with nothing.
    if !stages.is_empty() {
        match draft(client, &api.id).await {
            Ok(draft) => api.draft = Some(draft),
            Err(failure) => gaps.push(at(&api, failure.gap(GapKind::Draft))),
        }
    }
    api.stages = Some(stages);
    (api, gaps)
}

fn serves(stage: &Stage, deployment: &str) -> bool {
    let canary = stage
        .canary
        .as_ref()
        .map(|canary| canary.deployment_id.as_str());
    stage.deployment_id.as_deref() == Some(deployment) || canary == Some(deployment)
}

/// `GetStages` is not paginated.
async fn stages(client: &Client, api: &str) -> Result<Vec<Stage>, Failure> {
    const OPERATION: &str = "apigateway:GetStages";
    let answer = client.get_stages().rest_api_id(api).send().await;
    let answer = answer.map_err(|error| failure(OPERATION, error))?;
    let listed = answer.item.unwrap_or_default().into_iter();
    listed
        .map(|stage| {
            let canary = stage.canary_settings.and_then(|canary| {
                Some(Canary {
                    deployment_id: canary.deployment_id?,
                    percent_traffic: canary.percent_traffic,
                })
            });
            Ok(Stage {
                name: stage.stage_name.ok_or_else(|| Failure {
                    operation: OPERATION,
                    reason: Reason::Malformed,
                    message: "the answer names a stage without a name".to_owned(),
                })?,
                deployment_id: stage.deployment_id.filter(|id| !id.is_empty()),
                canary,
                tags: stage.tags.unwrap_or_default().into_iter().collect(),
            })
        })
        .collect()
}

async fn deployment(client: &Client, api: &str, id: &str) -> Result<Deployment, Failure> {
    let answer = client
        .get_deployment()
        .rest_api_id(api)
        .deployment_id(id)
        // Without it, the answer has no summary.
        .embed("apisummary")
        .send()
        .await
        .map_err(|error| failure("apigateway:GetDeployment", error))?;
    let created_at = answer.created_date;
    let created_at = created_at.and_then(|date| Timestamp::from_second(date.secs()).ok());
    let methods = answer.api_summary.map(|summary| {
        let paths: BTreeMap<_, BTreeMap<_, _>> = summary
            .into_iter()
            .map(|(path, verbs)| (path, verbs.into_iter().collect()))
            .collect();
        let verbs = paths.into_iter().flat_map(|(path, verbs)| {
            verbs
                .into_iter()
                .map(move |(verb, method)| deployed(&path, verb, method))
        });
        verbs.collect()
    });
    Ok(Deployment {
        id: id.to_owned(),
        created_at,
        methods,
    })
}

fn deployed(path: &str, verb: String, method: MethodSnapshot) -> DeployedMethod {
    DeployedMethod {
        verb,
        path: path.to_owned(),
        authorization: method.authorization_type.map(AuthorizationType::from),
        api_key_required: method.api_key_required,
    }
}

async fn draft(client: &Client, api: &str) -> Result<Vec<DraftMethod>, Failure> {
    let mut pages = client
        .get_resources()
        .rest_api_id(api)
        .embed("methods")
        .limit(PAGE)
        .into_paginator()
        .send();
    let mut methods = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("apigateway:GetResources", error))?;
        for resource in page.items.unwrap_or_default() {
            methods.extend(drafted(resource)?);
        }
    }
    methods.sort_by(|one, other| (&one.path, &one.verb).cmp(&(&other.path, &other.verb)));
    Ok(methods)
}

fn drafted(resource: Resource) -> Result<Vec<DraftMethod>, Failure> {
    let (Some(resource_id), Some(path)) = (resource.id, resource.path) else {
        return Err(Failure {
            operation: "apigateway:GetResources",
            reason: Reason::Malformed,
            message: "the answer names a resource without an id or a path".to_owned(),
        });
    };
    let methods = resource.resource_methods.unwrap_or_default().into_iter();
    let methods = methods.map(|(verb, method)| DraftMethod {
        verb,
        path: path.clone(),
        resource_id: resource_id.clone(),
        authorization: method.authorization_type.map(AuthorizationType::from),
        api_key_required: method.api_key_required.unwrap_or(false),
        authorizer_id: method.authorizer_id,
        integration: (method.method_integration)
            .and_then(|integration| integration.r#type)
            .map(|kind| kind.as_str().to_owned()),
    });
    Ok(methods.collect())
}
