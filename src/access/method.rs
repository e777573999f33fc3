//! The deployed methods, as callers request them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Api, ApiKind, AuthorizationType, DeployedMethod, Inventory, Stage};
use crate::policy::Template;
use crate::policy::language::Policy;

/// A method that a stage serves.
#[derive(Debug)]
pub struct CallableMethod<'a> {
    /// The API.
    pub api: &'a Api,
    /// The stage.
    pub stage: &'a Stage,
    /// The verb, or `ANY`.
    pub verb: &'a str,
    /// The path template; of a route without a path, its key.
    pub path: &'a str,
    /// The key of an HTTP or WebSocket API's route.
    pub route_key: Option<&'a str>,
    /// Its authorization types: one, or two where a canary serves another. Empty: not known.
    pub authorizations: BTreeSet<&'a AuthorizationType>,
    /// Whether the editable tree told a type, as a deployment's summary does not.
    pub inferred: bool,
    /// The requests that it answers.
    pub template: Template,
    /// The place of its API among the inventory's.
    pub(super) of_api: usize,
}

impl CallableMethod<'_> {
    /// Whether IAM decides who can call it, or may.
    pub fn asks_iam(&self) -> bool {
        self.authorizations.is_empty() || self.authorizations.contains(&AuthorizationType::AwsIam)
    }

    /// Its verb and path, or its route's key.
    pub fn name(&self) -> String {
        match self.route_key {
            Some(key) => key.to_owned(),
            None => format!("{} {}", self.verb, self.path),
        }
    }
}

/// What weighs on all methods of an API.
#[derive(Debug)]
pub(super) struct OfApi {
    /// The resource policy. `None`: there is none. What cannot be read says why.
    pub(super) resource_policy: Option<Result<Policy, String>>,
}

pub(super) fn of_api(api: &Api) -> OfApi {
    use crate::model::Document;
    let resource_policy = api.resource_policy.as_ref().map(|document| match document {
        Document::Unparsed { error, .. } => Err(error.clone()),
        Document::Json(json) => match document.resource_policy_problem() {
            Some(problem) => Err(problem.to_owned()),
            None => Policy::from_value(json).map_err(|error| error.to_string()),
        },
    });
    OfApi { resource_policy }
}

/// Every method of every stage, in the order of the inventory.
pub(super) fn methods(inventory: &Inventory) -> Vec<CallableMethod<'_>> {
    let mut methods = Vec::new();
    for (number, api) in inventory.apis.iter().enumerate() {
        for stage in api.stages.iter().flatten() {
            of_stage(inventory, number, api, stage, &mut methods);
        }
    }
    methods
}

type Key<'a> = (&'a str, &'a str);
type Types<'a> = BTreeSet<&'a AuthorizationType>;

fn of_stage<'a>(
    inventory: &'a Inventory,
    of_api: usize,
    api: &'a Api,
    stage: &'a Stage,
    methods: &mut Vec<CallableMethod<'a>>,
) {
    let drafted = |verb: &str, path: &str| {
        let mut draft = api.draft.iter().flatten();
        let own = draft.find(|it| it.verb == verb && it.path == path)?;
        own.authorization.as_ref()
    };
    let mut inferred: BTreeSet<Key<'a>> = BTreeSet::new();
    let mut found: BTreeMap<Key<'a>, (Option<&'a str>, Types<'a>)> = BTreeMap::new();
    for id in stage.served() {
        let summary = api.deployment(id).and_then(|it| it.summary());
        match summary {
            Some(served) => {
                for method in served {
                    let DeployedMethod {
                        verb,
                        path,
                        route_key,
                        authorization,
                        ..
                    } = method;
                    let entry = found.entry((path, verb)).or_default();
                    entry.0 = route_key.as_deref();
                    let told = authorization.as_ref().or_else(|| drafted(verb, path));
                    entry.1.extend(told);
                    if authorization.is_none() {
                        inferred.insert((path, verb));
                    }
                }
            }
            // The editable tree stands in for a summary that is missing.
            None => {
                for method in api.draft.iter().flatten() {
                    let entry = found.entry((&method.path, &method.verb)).or_default();
                    entry.0 = method.route_key.as_deref();
                    entry.1.extend(&method.authorization);
                    inferred.insert((&method.path, &method.verb));
                }
            }
        }
    }
    // Of a WebSocket API, `$connect` alone asks who is calling.
    if api.kind == ApiKind::WebSocket {
        found.retain(|_, (route_key, _)| route_key.is_none_or(|key| key == "$connect"));
    }
    let keys: BTreeSet<Key<'a>> = found.keys().copied().collect();
    for ((path, verb), (route_key, authorizations)) in found {
        methods.push(CallableMethod {
            inferred: inferred.contains(&(path, verb)),
            template: template(inventory, api, stage, verb, path, &keys),
            of_api,
            api,
            stage,
            verb,
            path,
            route_key,
            authorizations,
        });
    }
}

fn template(
    inventory: &Inventory,
    api: &Api,
    stage: &Stage,
    verb: &str,
    path: &str,
    keys: &BTreeSet<Key<'_>>,
) -> Template {
    let place = [
        inventory.partition.as_str(),
        api.region.as_str(),
        inventory.account.as_str(),
    ];
    let of_stage = [api.id.as_str(), stage.name.as_str()];
    if api.kind == ApiKind::WebSocket {
        return Template::of_route(place, of_stage, path);
    }
    // The route `$default` answers whatever no other route does.
    let path = if path.starts_with('/') {
        path
    } else {
        "/{proxy+}"
    };
    if verb != "ANY" {
        return Template::of_method(place, of_stage, &[verb], path);
    }
    let all = Template::VERBS;
    let free: Vec<&str> = all
        .into_iter()
        .filter(|verb| !keys.contains(&(path, *verb)))
        .collect();
    // A path with a method for each verb leaves its `ANY` nothing to answer.
    let verbs = if free.is_empty() { &all[..] } else { &free };
    Template::of_method(place, of_stage, verbs, path)
}
