//! The deployed methods, as callers request them.

use std::cell::LazyCell;
use std::cmp::Ordering;

use foldhash::HashMap;

use crate::model::{Api, ApiKind, AuthorizationType, Inventory, Stage};
use crate::policy::language::Policy;
use crate::policy::{Template, resource_policy};

/// The path of a route without one, `$default`: it answers whatever no other route does.
const ANY_PATH: &str = "/{proxy+}";

/// A method that a stage serves. An account has very many.
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
    pub authorizations: Authorizations<'a>,
    /// Whether the editable tree told a type, as a deployment's summary does not.
    pub inferred: bool,
    /// The verbs that an `ANY` method answers.
    pub(super) answers: Verbs,
    /// The place of its API among the inventory's.
    pub(super) of_api: usize,
    /// Its place among the methods.
    pub(super) number: usize,
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

    /// The requests that it answers: made when they are asked about, as they take much room.
    pub fn template(&self, inventory: &Inventory) -> Template {
        self.template_at(inventory, self)
    }

    /// The same, as if it were served where another method is.
    pub(super) fn template_at(&self, inventory: &Inventory, other: &Self) -> Template {
        let place = [
            inventory.partition.as_str(),
            other.api.region.as_str(),
            inventory.account.as_str(),
        ];
        let of_stage = [other.api.id.as_str(), other.stage.name.as_str()];
        if self.api.kind == ApiKind::WebSocket {
            return Template::of_route(place, of_stage, self.path);
        }
        let path = if self.path.starts_with('/') {
            self.path
        } else {
            ANY_PATH
        };
        if self.verb != "ANY" {
            return Template::of_method(place, of_stage, &[self.verb], path);
        }
        let verbs: Vec<&str> = self.answers.iter().collect();
        Template::of_method(place, of_stage, &verbs, path)
    }
}

/// Authorization types, in order and once each.
#[derive(Debug, Default)]
pub struct Authorizations<'a> {
    first: Option<&'a AuthorizationType>,
    /// Nearly always empty, which takes no memory of its own.
    others: Vec<&'a AuthorizationType>,
}

impl<'a> Authorizations<'a> {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a AuthorizationType> {
        self.first.into_iter().chain(self.others.iter().copied())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Whether this is one of them.
    pub fn contains(&self, authorization: &AuthorizationType) -> bool {
        self.iter().any(|it| it == authorization)
    }

    /// Whether this is the only one.
    pub fn is(&self, authorization: &AuthorizationType) -> bool {
        self.others.is_empty() && self.first == Some(authorization)
    }

    fn insert(&mut self, new: &'a AuthorizationType) {
        let Some(first) = self.first else {
            self.first = Some(new);
            return;
        };
        match new.cmp(first) {
            Ordering::Equal => {}
            Ordering::Less => {
                self.first = Some(new);
                self.others.insert(0, first);
            }
            Ordering::Greater => {
                if let Err(place) = self.others.binary_search(&new) {
                    self.others.insert(place, new);
                }
            }
        }
    }
}

/// Some of the verbs that an `ANY` method can answer: a bit each, in the order of [`Template::VERBS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Verbs(u8);

impl Verbs {
    const NONE: Verbs = Verbs(0);

    /// Those of these methods.
    fn of<'m, 'a: 'm>(methods: impl IntoIterator<Item = &'m CallableMethod<'a>>) -> Self {
        let of_method = |it: &CallableMethod<'_>| {
            let mut all = Template::VERBS.into_iter();
            all.position(|verb| verb == it.verb)
        };
        let bits = methods.into_iter().filter_map(of_method);
        Verbs(bits.fold(0, |verbs, bit| verbs | (1 << bit)))
    }

    /// Those that are left for the `ANY` method of a path that has methods of these. A path with a method
    /// for each leaves it nothing: it is asked about as if there were none.
    fn left(self) -> Self {
        let all = Template::VERBS.len();
        let left = Verbs(!self.0 & !(u8::MAX << all));
        if left == Verbs::NONE {
            Verbs::NONE.left()
        } else {
            left
        }
    }

    fn iter(self) -> impl Iterator<Item = &'static str> {
        let all = Template::VERBS.into_iter().enumerate();
        all.filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, verb)| verb)
    }
}

/// What weighs on all methods of an API.
#[derive(Debug)]
pub(super) struct OfApi {
    /// The resource policy. `None`: there is none. What cannot be read says why.
    pub(super) resource_policy: Option<Result<Policy, String>>,
}

pub(super) fn of_api(api: &Api) -> OfApi {
    OfApi {
        resource_policy: api.resource_policy.as_ref().map(resource_policy),
    }
}

/// Every method of every stage, in the order of the inventory.
pub(super) fn methods(inventory: &Inventory) -> Vec<CallableMethod<'_>> {
    let mut methods = Vec::new();
    for (number, api) in inventory.apis.iter().enumerate() {
        for stage in api.stages.iter().flatten() {
            methods.append(&mut of_stage(number, api, stage));
        }
    }
    for (number, method) in methods.iter_mut().enumerate() {
        method.number = number;
    }
    methods
}

/// The methods of a stage by path and verb.
fn of_stage<'a>(of_api: usize, api: &'a Api, stage: &'a Stage) -> Vec<CallableMethod<'a>> {
    let mut served = served(api, stage);
    // What is served twice stays in the order of its deployments.
    served.sort_by_key(|it| (it.path, it.verb));
    let mut methods: Vec<CallableMethod<'a>> = Vec::with_capacity(served.len());
    for one in served {
        let same = methods.last_mut();
        match same.filter(|it| (it.path, it.verb) == (one.path, one.verb)) {
            Some(same) => {
                same.route_key = one.route_key;
                same.inferred |= one.inferred;
                if let Some(authorization) = one.authorization {
                    same.authorizations.insert(authorization);
                }
            }
            None => methods.push(CallableMethod {
                api,
                stage,
                verb: one.verb,
                path: one.path,
                route_key: one.route_key,
                authorizations: Authorizations {
                    first: one.authorization,
                    others: Vec::new(),
                },
                inferred: one.inferred,
                answers: Verbs::NONE,
                of_api,
                number: 0,
            }),
        }
    }
    // Of a WebSocket API, `$connect` alone asks who is calling.
    if api.kind == ApiKind::WebSocket {
        methods.retain(|it| it.route_key.is_none_or(|key| key == "$connect"));
    }
    let of_any_path = Verbs::of(methods.iter().filter(|it| it.path == ANY_PATH));
    for of_path in methods.chunk_by_mut(|one, other| one.path == other.path) {
        let own = Verbs::of(of_path.iter());
        for any in of_path.iter_mut().filter(|it| it.verb == "ANY") {
            let has_path = any.path.starts_with('/');
            let taken = if has_path { own } else { of_any_path };
            any.answers = taken.left();
        }
    }
    methods
}

/// A method as one deployment serves it.
struct Served<'a> {
    path: &'a str,
    verb: &'a str,
    route_key: Option<&'a str>,
    authorization: Option<&'a AuthorizationType>,
    inferred: bool,
}

/// The methods of all deployments that a stage serves.
fn served<'a>(api: &'a Api, stage: &'a Stage) -> Vec<Served<'a>> {
    let drafted = LazyCell::new(|| {
        let mut drafted: HashMap<(&str, &str), Option<&AuthorizationType>> = HashMap::default();
        for it in api.draft.iter().flatten() {
            let key = (it.path.as_str(), it.verb.as_str());
            drafted.entry(key).or_insert(it.authorization.as_ref());
        }
        drafted
    });
    let mut all = Vec::new();
    for id in stage.served() {
        let deployment = api.deployment(id);
        let source = deployment.map(|it| it.source).unwrap_or_default();
        // A type that the draft says, where the deployment tells none, is not believed of every source.
        let believed = |drafted: &&AuthorizationType| source.believes(drafted);
        match deployment.and_then(|it| it.summary()) {
            Some(methods) => all.extend(methods.iter().map(|it| {
                let (path, verb) = (it.path.as_str(), it.verb.as_str());
                let told = it.authorization.as_ref();
                Served {
                    path,
                    verb,
                    route_key: it.route_key.as_deref(),
                    authorization: told.or_else(|| (*drafted.get(&(path, verb))?).filter(believed)),
                    inferred: told.is_none(),
                }
            })),
            // The editable tree stands in for a summary that is missing.
            None => all.extend(api.draft.iter().flatten().map(|it| Served {
                path: &it.path,
                verb: &it.verb,
                route_key: it.route_key.as_deref(),
                authorization: it.authorization.as_ref().filter(believed),
                inferred: true,
            })),
        }
    }
    all
}
