//! REST APIs: what their stages serve, and what their drafts say.
//!
//! One API costs one `GetStages`, one `GetDeployment` for each distinct deployment that a stage or its
//! canary serves and that no earlier run has read, and one `GetResources` for 500 resources of the editable
//! tree. The tree has the ids of its authorizers; their names, which would cost one call more, are not read.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::operation::get_deployment::GetDeploymentOutput;
use aws_sdk_apigateway::types::{MethodSnapshot, Resource, RestApi};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::control_plane::{ControlPlane, each};
use super::pages::{AT_ONCE, Listed, listed};
use super::stages;
use crate::aws::client::{Failure, failure, given, pages};
use crate::iam::parse_resource_policy;
use crate::inventory::{
    Api, ApiKind, AuthorizationType, DeployedMethod, Deployment, DeploymentSource, DraftMethod,
    Gap, GapKind, Pool, Scope, Stage, Text, without_slack,
};

/// The most entries of a page.
/// Source: [GetRestApis](https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html) and
/// [GetResources](https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html).
const PAGE: i32 = 500;

/// Editable trees read at once: their pace is a slow one.
const DRAFTS_AT_ONCE: usize = 4;

/// An API whose stages are read.
struct Begun {
    api: Api,
    gaps: Vec<Gap>,
    /// Whether its draft was asked for, and belongs to it.
    takes_draft: bool,
}

/// What there is of an API's draft, by the API's id.
type Drafts = BTreeMap<String, Result<Vec<DraftMethod>, Gap>>;

/// Reads the REST APIs of a Region, those asked for only.
///
/// The slow drafts are read beside the deployments, each from when the stages of its API are known, as their lane is the
/// one that a small account waits for. Deployments have the wider lane, so that a run that is out of time lacks drafts rather
/// than deployments.
pub(super) async fn apis(plane: &ControlPlane<'_>, scope: &Scope) -> (Vec<Api>, Vec<Gap>) {
    let listed = listed(plane, &scope.apis, list(plane), translate);
    let Listed {
        apis,
        mut gaps,
        is_cut_off,
    } = listed.await;
    if is_cut_off {
        return plane.with_unlisted(&[ApiKind::Rest], gaps);
    }
    let (to_drafts, mut drafts) = unbounded_channel();
    let mut begun = Vec::new();
    let deployed = async {
        let reads = apis
            .into_iter()
            .map(|api| begin(plane, api, scope, &to_drafts));
        each(AT_ONCE, reads, |read| begun.push(read)).await;
        drop(to_drafts);
    };
    let drafted = async {
        futures_util::stream::poll_fn(|context| drafts.poll_recv(context))
            .map(|api| async move { (api.id.clone(), drafted(plane, &api).await) })
            .buffer_unordered(DRAFTS_AT_ONCE)
            .collect::<Drafts>()
            .await
    };
    let ((), mut drafts) = futures_util::future::join(deployed, drafted).await;
    let mut apis = Vec::new();
    for read in begun {
        let mut api = read.api;
        gaps.extend(read.gaps);
        let draft = drafts.remove(&api.id).filter(|_| read.takes_draft);
        match draft.transpose() {
            Ok(draft) => api.draft = draft.or(api.draft),
            Err(gap) => gaps.push(gap),
        }
        apis.push(api);
    }
    (apis, gaps)
}

async fn list(plane: &ControlPlane<'_>) -> Result<Vec<RestApi>, Failure> {
    const OPERATION: &str = "apigateway:GetRestApis";
    let page = async |position| {
        plane.pace.request().await;
        let request = plane.rest.get_rest_apis().limit(PAGE);
        let answer = request
            .set_position(position)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.position))
    };
    pages(OPERATION, page).await
}

/// An API as the list shows it, its stages and draft not yet read.
fn translate(region: &str, listed: RestApi) -> Result<Api, Failure> {
    let id = given(listed.id).ok_or_else(|| {
        Failure::malformed(
            "apigateway:GetRestApis",
            "the list has an API without an id",
        )
    })?;
    // Without a type, the API counts as one that the internet reaches.
    let types = (listed.endpoint_configuration)
        .and_then(|it| it.types)
        .unwrap_or_default();
    Ok(Api {
        region: region.to_owned(),
        id,
        name: listed.name.unwrap_or_default(),
        kind: ApiKind::Rest,
        tags: listed.tags.unwrap_or_default().into_iter().collect(),
        endpoint_types: types.iter().map(|it| it.as_str().to_owned()).collect(),
        default_endpoint_disabled: listed.disable_execute_api_endpoint,
        resource_policy: (listed.policy.as_deref())
            .filter(|policy| !policy.is_empty())
            .map(parse_resource_policy),
        stages: None,
        cors: false,
        authorizers: Vec::new(),
        deployments: Vec::new(),
        draft: None,
    })
}

/// Reads what the stages serve, unless an unfinished run has read it, and asks for the draft.
async fn begin(
    plane: &ControlPlane<'_>,
    api: Api,
    scope: &Scope,
    to_drafts: &UnboundedSender<Api>,
) -> Begun {
    if let Some((api, gaps)) = plane.known.begun(&api) {
        plane.progress.add_read();
        return Begun {
            api,
            gaps,
            takes_draft: false,
        };
    }
    let mut takes_draft = false;
    let wants_draft = |stages: &[Stage]| {
        // An API that is not deployed cannot be called: its draft is compared with nothing.
        takes_draft = !stages.is_empty() && !scope.without_drafts;
        if takes_draft {
            // The other end is open as long as this runs.
            let _ = to_drafts.send(api.clone());
        }
    };
    let served = plane.in_time(served(plane, &api, wants_draft)).await;
    if !takes_draft {
        plane.progress.add_read();
    }
    match served {
        Some((api, gaps)) => Begun {
            api,
            gaps,
            takes_draft,
        },
        // A draft is nothing without what it is compared with: all of the API is read anew.
        None => {
            let (api, gaps) = plane.not_read(api);
            Begun {
                api,
                gaps,
                takes_draft: false,
            }
        }
    }
}

/// Reads what the stages serve. `then` is told the stages as soon as they are known.
async fn served(
    plane: &ControlPlane<'_>,
    api: &Api,
    then: impl FnOnce(&[Stage]),
) -> (Api, Vec<Gap>) {
    let mut api = api.clone();
    let mut gaps = Vec::new();
    let listed = match stages::list(plane, &api.id).await {
        Ok(stages) => stages,
        Err(failure) => {
            gaps.push(failure.gap(GapKind::Api).at(&api));
            return (api, gaps);
        }
    };
    for nameless in listed.iter().filter(|it| it.has_nameless_canary) {
        let gap = stages::nameless_canary().gap(GapKind::Stage);
        gaps.push(gap.at_stage(&api, &nameless.stage.name));
    }
    for bare in listed.iter().filter(|it| it.stage.deployment_id.is_none()) {
        let gap = stages::without_deployment().gap(GapKind::Stage);
        gaps.push(gap.at_stage(&api, &bare.stage.name));
    }
    let stages: Vec<Stage> = listed.into_iter().map(|it| it.stage).collect();
    then(&stages);
    let served: BTreeSet<String> = stages
        .iter()
        .flat_map(Stage::served)
        .map(str::to_owned)
        .collect();
    for id in served {
        if let Some(known) = plane.known.summary(&api.id, &id) {
            api.deployments.push(known.clone());
            continue;
        }
        match deployment(plane, &api.id, &id).await {
            Ok(deployment) => api.deployments.push(deployment),
            Err(failure) => {
                let gap = failure.gap(GapKind::Stage).about(&id);
                let serving = stages
                    .iter()
                    .filter(|stage| stage.served().any(|it| it == id));
                gaps.extend(serving.map(|stage| gap.clone().at_stage(&api, &stage.name)));
            }
        }
    }
    api.stages = Some(stages);
    (api, gaps)
}

/// Reads what the draft of an API says.
async fn drafted(plane: &ControlPlane<'_>, api: &Api) -> Result<Vec<DraftMethod>, Gap> {
    let read = plane.in_time(draft(plane, &api.id)).await;
    plane.progress.add_read();
    match read {
        None => Err(plane.not_read_yet(GapKind::Draft).at(api)),
        Some(read) => read.map_err(|failure| failure.gap(GapKind::Draft).at(api)),
    }
}

async fn deployment(plane: &ControlPlane<'_>, api: &str, id: &str) -> Result<Deployment, Failure> {
    plane.pace.request().await;
    let answer = read_deployment(&plane.rest, api, id).await?;
    Ok(frozen(answer, id, &mut plane.texts()))
}

/// One deployment, with the methods that it froze.
pub(super) async fn one_deployment(
    client: &Client,
    api: &str,
    id: &str,
) -> Result<Deployment, Failure> {
    let answer = read_deployment(client, api, id).await?;
    Ok(frozen(answer, id, &mut Pool::default()))
}

async fn read_deployment(
    client: &Client,
    api: &str,
    id: &str,
) -> Result<GetDeploymentOutput, Failure> {
    let answer = client
        .get_deployment()
        .rest_api_id(api)
        .deployment_id(id)
        // Without it, the answer has no summary.
        .embed("apisummary")
        .send()
        .await;
    answer.map_err(|error| failure("apigateway:GetDeployment", error))
}

fn frozen(answer: GetDeploymentOutput, id: &str, texts: &mut Pool) -> Deployment {
    let created_at =
        (answer.created_date).and_then(|date| Timestamp::from_second(date.secs()).ok());
    // An empty summary is none: API Gateway does not deploy an API without methods.
    let summary = answer.api_summary.filter(|summary| !summary.is_empty());
    let methods = summary.map(|summary| {
        let paths: BTreeMap<_, BTreeMap<_, _>> = summary
            .into_iter()
            .map(|(path, verbs)| (path, verbs.into_iter().collect()))
            .collect();
        let mut methods = Vec::new();
        for (path, verbs) in paths {
            let path = texts.text(&path);
            let verbs = verbs.into_iter();
            methods.extend(verbs.map(|(verb, method)| deployed(&path, texts.text(&verb), method)));
        }
        without_slack(methods)
    });
    Deployment {
        id: id.to_owned(),
        created_at,
        source: DeploymentSource::Summary,
        methods,
    }
}

fn deployed(path: &Text, verb: Text, method: MethodSnapshot) -> DeployedMethod {
    DeployedMethod {
        verb,
        path: path.clone(),
        route_key: None,
        authorization: authorization(method.authorization_type),
        api_key_required: method.api_key_required,
        integration: None,
    }
}

/// A missing type is unknown, and never NONE.
fn authorization(text: Option<String>) -> Option<AuthorizationType> {
    given(text).map(AuthorizationType::from)
}

async fn draft(plane: &ControlPlane<'_>, api: &str) -> Result<Vec<DraftMethod>, Failure> {
    const OPERATION: &str = "apigateway:GetResources";
    let page = async |position| {
        plane.pace.get_resources().await;
        let request = plane.rest.get_resources().rest_api_id(api);
        // Without it, the answer has no methods.
        let request = request.embed("methods").limit(PAGE);
        let answer = request
            .set_position(position)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.position))
    };
    let resources = pages(OPERATION, page).await?;
    if resources.is_empty() {
        // An API has a root resource.
        let message = "the answer names no resource: what the draft says is not known";
        return Err(Failure::malformed(OPERATION, message));
    }
    let mut methods = Vec::new();
    for resource in resources {
        methods.extend(methods_of(resource, &mut plane.texts())?);
    }
    methods.sort_by(|one, other| (&one.path, &one.verb).cmp(&(&other.path, &other.verb)));
    Ok(without_slack(methods))
}

fn methods_of(resource: Resource, texts: &mut Pool) -> Result<Vec<DraftMethod>, Failure> {
    let (Some(resource_id), Some(path)) = (given(resource.id), given(resource.path)) else {
        return Err(Failure::malformed(
            "apigateway:GetResources",
            "the answer names a resource without an id or a path",
        ));
    };
    let (resource_id, path) = (texts.text(&resource_id), texts.text(&path));
    let methods = resource
        .resource_methods
        .unwrap_or_default()
        .into_iter()
        .map(|(verb, method)| DraftMethod {
            verb: texts.text(&verb),
            path: path.clone(),
            route_key: None,
            resource_id: resource_id.clone(),
            authorization: authorization(method.authorization_type),
            api_key_required: method.api_key_required.unwrap_or(false),
            authorizer_id: method.authorizer_id.map(|id| texts.text(&id)),
            integration: (method.method_integration)
                .and_then(|integration| integration.r#type)
                .map(|kind| texts.text(kind.as_str())),
        });
    Ok(methods.collect())
}
