//! All methods of a stage.

use super::path::{Found, OnPath, Which};
use super::{Answers, Known, ServedDeployment, ServedMethod};
use crate::inventory::verbs::{ANY, Verbs};
use crate::inventory::{Api, ApiKind, Stage};

/// The only route of a WebSocket API that asks who is calling.
///
/// Source: [access to WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html).
const CONNECT: &str = "$connect";

/// The paths that every path is one of.
const EVERY_PATH: [&str; 2] = ["/", "/{proxy+}"];

/// The methods that a stage serves, and those that its next deployment would add.
///
/// ```
/// use gatewatch::inventory::served::ServedMethods;
/// use gatewatch::inventory::{Api, AuthorizationType};
///
/// let api: Api = serde_json::from_str(
///     r#"{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
///         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
///         "stages": [{"name": "prod", "deployment_id": "dep123"}],
///         "deployments": [{"id": "dep123", "created_at": null, "methods": [
///             {"verb": "ANY", "path": "/pets", "authorization": "NONE", "api_key_required": false},
///             {"verb": "GET", "path": "/pets", "authorization": "AWS_IAM", "api_key_required": false}]}],
///         "draft": []}"#,
/// )
/// .unwrap();
/// let stage = &api.stages.as_ref().unwrap()[0];
/// let served = ServedMethods::of(&api, stage);
/// let any = served.get("ANY", "/pets").unwrap();
/// assert!(any.own.unwrap().is(&AuthorizationType::None));
/// // GET has a method of its own.
/// let left: Vec<&str> = any.left.verbs().iter().collect();
/// assert_eq!(left, ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
/// ```
#[derive(Debug, Clone)]
pub struct ServedMethods<'a> {
    /// The stage's own deployment. `None`: it has none.
    pub own: Option<ServedDeployment<'a>>,
    /// The canary's deployment. `None`: there is no canary.
    pub canary: Option<ServedDeployment<'a>>,
    /// Each method once, by path and verb.
    methods: Vec<ServedMethod<'a>>,
}

impl<'a> ServedMethods<'a> {
    /// The methods of a stage of an API.
    ///
    /// Every method of its deployments and of the draft is there once. Of a WebSocket API that is `$connect` alone: the
    /// other routes ask nobody who they are, and authorize nothing.
    pub fn of(api: &'a Api, stage: &'a Stage) -> Self {
        let [own, canary] = ServedDeployment::of_stage(api, stage);
        let drafted = api.draft.iter().flatten().map(Found::Drafted);
        let mut found: Vec<Found<'a>> = deployed(Which::Own, own)
            .chain(deployed(Which::Canary, canary))
            .chain(drafted)
            .collect();
        found.retain(|it| authorizes(api.kind, it.route_key()));
        // What is found more than once stays in the order of the deployments, the draft last.
        found.sort_by_key(|it| it.key());
        let by_path = found.chunk_by(|one, other| one.key().0 == other.key().0);
        let methods = by_path.flat_map(|found| {
            let on_path = OnPath {
                kind: api.kind,
                found,
                own,
                canary,
            };
            on_path.methods()
        });
        let mut served = ServedMethods {
            own,
            canary,
            methods: methods.collect(),
        };
        if api.kind == ApiKind::Http {
            served.leave_to_default();
        }
        served
    }

    /// Each method once, by path and verb.
    pub fn iter(&self) -> impl Iterator<Item = &ServedMethod<'a>> {
        self.methods.iter()
    }

    /// The method of exactly this verb and path.
    pub fn get(&self, verb: &str, path: &str) -> Option<&ServedMethod<'a>> {
        let place = self
            .methods
            .binary_search_by_key(&(path, verb), |it| (it.path, it.verb));
        place.ok().and_then(|place| self.methods.get(place))
    }

    /// The deployments that callers of the stage get: its own, and its canary's.
    pub fn deployments(&self) -> impl Iterator<Item = ServedDeployment<'a>> + use<'a> {
        self.own.into_iter().chain(self.canary)
    }

    /// Whether every deployment that the stage serves could be read.
    pub fn is_read(&self) -> bool {
        let mut deployments = self.deployments();
        deployments.all(|it| it.read().is_some())
    }

    /// Leaves to a route without a path, `$default`, the verbs that no other route takes on every path.
    fn leave_to_default(&mut self) {
        let [root, below] = EVERY_PATH.map(|path| {
            let on_path = self.iter().filter(|it| it.path == path && it.is_served());
            on_path.fold(Verbs::NONE, |all, it| all.or(Verbs::one(it.verb)))
        });
        let methods = self.methods.iter_mut();
        for default in methods.filter(|it| it.verb == ANY && !it.path.starts_with('/')) {
            default.left = Answers::Verbs(Verbs::ALL.without(root.and(below)));
        }
    }
}

/// Whether a method of an API authorizes its callers: of a WebSocket API that is `$connect` alone.
pub(in crate::inventory) fn authorizes(kind: ApiKind, route_key: Option<&str>) -> bool {
    kind != ApiKind::WebSocket || route_key.is_none_or(|key| key == CONNECT)
}

/// The methods that were read of a deployment.
fn deployed<'a>(
    which: Which,
    deployment: Option<ServedDeployment<'a>>,
) -> impl Iterator<Item = Found<'a>> {
    let summary = deployment.and_then(|it| match it.known {
        Known::Whole(deployment) => deployment.summary(),
        Known::WithoutMethods(_) | Known::Nothing => None,
    });
    let methods = summary.into_iter().flatten();
    methods.map(move |it| Found::Deployed(which, it))
}
