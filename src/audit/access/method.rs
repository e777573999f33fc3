//! The deployed methods, as callers request them.

use std::cmp::Ordering;

use crate::iam::document::Policy;
use crate::iam::{Elsewhere, Template, resource_policy, take_out_other_partitions};
use crate::inventory::served::{Answers, ServedMethod, ServedMethods};
use crate::inventory::{
    Api, AuthorizationType, DraftMethod, Inventory, Stage, Verbs, listed, quoted,
};

/// The path of a route without one, `$default`: it answers whatever no other route does.
const ANY_PATH: &str = "/{proxy+}";

/// As many methods are named in a message.
const NAMED: usize = 3;

/// A method that a stage serves. An account has very many.
#[derive(Debug, Clone)]
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
    /// Its authorization types: one, or two where a canary serves another.
    pub authorizations: Authorizations<'a>,
    /// The method of the draft that a type was inferred from. `None`: the deployments tell what is known.
    pub inferred_from: Option<&'a DraftMethod>,
    /// The requests that are asked about: of `ANY`, those that are left to it.
    pub(super) asked: Answers,
    /// The place of its API among the inventory's.
    pub(super) of_api: usize,
    /// Its place among the methods.
    pub(super) number: usize,
}

impl CallableMethod<'_> {
    /// Whether IAM decides who can call it, or may, as a type is not known.
    pub fn asks_iam(&self) -> bool {
        self.authorizations.is_any_unknown()
            || self.authorizations.contains(&AuthorizationType::AwsIam)
    }

    /// Its place among the methods of the [`Estate`](super::Estate), from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The verbs of the requests that are asked about. None, where connections are opened.
    pub fn verbs(&self) -> Verbs {
        self.asked.verbs()
    }

    /// The requests with one verb that an `ANY` answers, as a method of their own.
    #[must_use]
    pub fn with_verb(&self, verb: &'static str) -> Self {
        CallableMethod {
            verb,
            asked: Answers::Verbs(Verbs::one(verb)),
            // The key of an `ANY` route names all of them.
            route_key: None,
            ..self.clone()
        }
    }

    /// Its verb and path, or its route's key.
    pub fn name(&self) -> String {
        match self.route_key {
            Some(key) => key.to_owned(),
            None => format!("{} {}", self.verb, self.path),
        }
    }

    /// Whether a type was inferred from the draft.
    pub fn is_inferred(&self) -> bool {
        self.inferred_from.is_some()
    }

    /// The requests that it answers: made when they are asked about, as they take much room.
    pub fn template(&self, inventory: &Inventory) -> Template {
        self.template_at(inventory, self)
    }

    /// The same, as if it were served where another method is.
    pub(super) fn template_at(&self, inventory: &Inventory, other: &Self) -> Template {
        let method = (self.verb, self.path);
        requests(inventory, (other.api, other.stage), self.asked, method)
    }
}

/// The authorization types that are known of a method, in order and once each: a stage serves two deployments at most.
#[derive(Debug, Clone, Default)]
pub struct Authorizations<'a> {
    first: Option<&'a AuthorizationType>,
    second: Option<&'a AuthorizationType>,
    is_any_unknown: bool,
}

impl<'a> Authorizations<'a> {
    fn of(method: &ServedMethod<'a>) -> Self {
        let types = [method.own, method.canary].map(|it| it?.authorization.kind());
        let (first, second) = match types {
            [Some(own), Some(canary)] => match own.cmp(canary) {
                Ordering::Less => (Some(own), Some(canary)),
                Ordering::Equal => (Some(own), None),
                Ordering::Greater => (Some(canary), Some(own)),
            },
            [own, canary] => (own.or(canary), None),
        };
        let mut snapshots = method.snapshots();
        Authorizations {
            first,
            second,
            is_any_unknown: snapshots.any(|it| it.authorization.kind().is_none()),
        }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a AuthorizationType> {
        self.first.into_iter().chain(self.second)
    }

    /// Whether a deployment of the stage serves the method with a type that is not known.
    pub fn is_any_unknown(&self) -> bool {
        self.is_any_unknown
    }

    /// Whether this is one of them.
    pub fn contains(&self, authorization: &AuthorizationType) -> bool {
        self.iter().any(|it| it == authorization)
    }

    /// Whether this is the only one that is known.
    pub fn is(&self, authorization: &AuthorizationType) -> bool {
        self.second.is_none() && self.first == Some(authorization)
    }
}

/// The first methods by name, and how many more there are.
pub fn names(methods: &[&CallableMethod<'_>]) -> String {
    let named = methods.iter().map(|it| {
        let (api, stage) = (&it.api.name, &it.stage.name);
        format!("{} of {} stage {stage}", it.name(), quoted(api))
    });
    listed(named, NAMED)
}

/// What weighs on all methods of an API.
#[derive(Debug)]
pub(super) struct OfApi {
    /// The resource policy. `None`: there is none. What cannot be read says why.
    pub(super) resource_policy: Option<Result<Policy, String>>,
    /// The principals of other partitions whom the policy names. They are no part of it any more.
    pub(super) elsewhere: Vec<Elsewhere>,
}

pub(super) fn of_api(inventory: &Inventory, api: &Api) -> OfApi {
    let mut resource_policy = api.resource_policy.as_ref().map(resource_policy);
    // Where a template will be deployed is not always told.
    let is_told = inventory.scope.template.is_none();
    let elsewhere = match &mut resource_policy {
        Some(Ok(policy)) if is_told => take_out_other_partitions(policy, &inventory.partition),
        _ => Vec::new(),
    };
    OfApi {
        resource_policy,
        elsewhere,
    }
}

/// Every method of every stage, in the order of the inventory.
pub(super) fn methods(inventory: &Inventory) -> Vec<CallableMethod<'_>> {
    // A list that grows is moved when it is full, and takes twice its size then: a hundred large APIs have millions of methods.
    let mut methods = Vec::with_capacity(inventory.apis.iter().map(at_most).sum());
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

/// As many methods the stages of an API have at most, as far as their deployments were read.
fn at_most(api: &Api) -> usize {
    let stages = api.stages.iter().flatten();
    let drafted = api.draft.as_ref().map_or(0, Vec::len);
    let served = stages.flat_map(Stage::served);
    let methods = served.map(|id| {
        let read = api.deployment(id).and_then(|it| it.summary());
        read.map_or(drafted, <[_]>::len)
    });
    methods.sum()
}

/// The methods that a stage serves, by path and verb.
fn of_stage<'a>(of_api: usize, api: &'a Api, stage: &'a Stage) -> Vec<CallableMethod<'a>> {
    let all = ServedMethods::of(api, stage);
    let served = all.iter().filter(|it| it.is_served());
    let callable = served.map(|it| CallableMethod {
        api,
        stage,
        verb: it.verb,
        path: it.path,
        route_key: it.route_key,
        authorizations: Authorizations::of(it),
        inferred_from: it
            .snapshots()
            .find_map(|it| it.authorization.inferred_from()),
        asked: it.asked(),
        of_api,
        number: 0,
    });
    callable.collect()
}

/// The requests that a method of a stage, by its verb and its path, is asked about, as policies name them.
pub fn requests(
    inventory: &Inventory,
    (api, stage): (&Api, &Stage),
    asked: Answers,
    (verb, path): (&str, &str),
) -> Template {
    let place = [
        inventory.partition.as_str(),
        api.region.as_str(),
        inventory.account.as_str(),
    ];
    let of_stage = [api.id.as_str(), stage.name.as_str()];
    let verbs: Vec<&str> = match asked {
        Answers::Connections => return Template::of_route(place, of_stage, path),
        Answers::OwnVerb => vec![verb],
        Answers::Verbs(verbs) => verbs.iter().collect(),
    };
    let path = if path.starts_with('/') {
        path
    } else {
        ANY_PATH
    };
    Template::of_method(place, of_stage, &verbs, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_methods_is_made_at_once() {
        let text = include_str!("../../../examples/petstore.inventory.json");
        let mut inventory = Inventory::from_json(text).unwrap();
        let api = &mut inventory.apis[0];
        let stages = api.stages.as_mut().unwrap();
        let again = (0..10).map(|it| Stage {
            name: format!("again-{it}"),
            ..stages[0].clone()
        });
        let again: Vec<Stage> = again.collect();
        stages.extend(again);
        let most: usize = inventory.apis.iter().map(at_most).sum();
        let methods = methods(&inventory);
        assert!(methods.len() > 10);
        assert_eq!(methods.capacity(), most);
    }
}
