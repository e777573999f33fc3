//! All who ask what a stage serves, held against what was read and against each other.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::iam::Template;
use gatewatch::inventory::served::ServedMethods;
use gatewatch::inventory::{Api, ApiKind, AuthorizationType, DeploymentSource, Stage, Verbs};
use proptest::collection;
use proptest::prelude::*;

use super::*;
use crate::shortcuts::one_of;

/// A deployment of an API of this kind: its methods, if it has them, or nothing that was read.
fn generated(kind: &'static str) -> impl Strategy<Value = Option<(String, Option<Vec<Method>>)>> {
    let sources = match kind {
        "HTTP" => one_of(&["routes", "export"]),
        _ => one_of(&["summary"]),
    };
    let methods = prop::option::weighted(0.8, generated_methods(kind));
    prop::option::weighted(0.9, (sources, methods)).prop_map(|it| {
        let (source, methods) = it?;
        Some((source.to_owned(), methods))
    })
}

fn generated_methods(kind: &'static str) -> impl Strategy<Value = Vec<Method>> {
    let (verbs, paths) = match kind {
        "WEBSOCKET" => (&["ANY"][..], &["$connect", "$connect", "send"][..]),
        "HTTP" => (
            &["ANY", "ANY", "GET", "PUT"][..],
            &["/x", "/", "/{proxy+}", "$default"][..],
        ),
        _ => (
            &["ANY", "ANY", "GET", "PUT", "OPTIONS"][..],
            &["/x", "/x", "/"][..],
        ),
    };
    let types = one_of(&["-", "-", "NONE", "AWS_IAM", "CUSTOM"]);
    let methods = collection::vec((one_of(verbs), one_of(paths), types), 0..6);
    methods.prop_map(|methods| {
        let with_verb = |(verb, path, kind): Method| match path {
            "$default" => ("ANY", path, kind),
            _ => (verb, path, kind),
        };
        let methods = methods.into_iter().map(with_verb);
        let methods: BTreeMap<_, _> = methods.map(|it| ((it.0, it.1), it)).collect();
        methods.into_values().collect()
    })
}

fn generated_inventory() -> impl Strategy<Value = Inventory> {
    one_of(&["REST", "REST", "HTTP", "WEBSOCKET"]).prop_flat_map(|kind| {
        let parts = (
            generated(kind),
            prop::option::weighted(0.3, generated(kind)),
            prop::option::weighted(0.9, generated_methods(kind)),
        );
        parts.prop_map(move |(own, canary, drafted)| {
            let has_canary = canary.is_some() && kind == "REST";
            let canary = canary.flatten().filter(|_| has_canary);
            let read = [("d", own), ("c", canary)]
                .into_iter()
                .filter_map(|(id, it)| {
                    let (source, methods) = it?;
                    Some(deployment(kind, id, &source, methods.as_deref()))
                });
            let drafted = drafted.map_or(Value::Null, |it| draft(kind, &it));
            let mut api = api(kind, &read.collect::<Vec<_>>(), drafted);
            if has_canary {
                api["stages"][0]["canary"] = json!({"deployment_id": "c", "percent_traffic": 10.0});
            }
            inventory(api)
        })
    })
}

type Key = (String, String);

/// What a deployment says of a method, put together the plain way.
fn plainly(api: &Api, id: &str, (path, verb): &Key) -> Option<Option<AuthorizationType>> {
    let answering = |has: &dyn Fn(&str) -> bool| {
        let verbs = [verb.as_str(), "ANY"];
        verbs.into_iter().find(|it| has(it)).map(str::to_owned)
    };
    let drafted = |verb: &str| {
        let mut draft = api.draft.iter().flatten();
        draft.find(|it| it.path == *path && it.verb == verb)
    };
    let drafted_answer = |verb: &str| drafted(verb).or_else(|| drafted("ANY"));
    let deployment = api.deployment(id);
    let is_export = deployment.is_some_and(|it| it.source == DeploymentSource::Export);
    let believed = |it: &AuthorizationType| !is_export || *it == AuthorizationType::None;
    let methods = deployment
        .and_then(|it| it.methods.clone())
        .unwrap_or_default();
    if methods.is_empty() {
        let kind = drafted_answer(verb)?.authorization.clone();
        return Some(kind.filter(believed));
    }
    let has = |verb: &str| methods.iter().any(|it| it.path == *path && it.verb == verb);
    let answering = answering(&has)?;
    let method = methods
        .iter()
        .find(|it| it.path == *path && it.verb == answering)?;
    if method.authorization.is_some() {
        return Some(method.authorization.clone());
    }
    let stand_in = if is_export {
        drafted(&answering)
    } else {
        drafted_answer(&answering)
    };
    let kind = stand_in.and_then(|it| it.authorization.clone());
    Some(kind.filter(believed))
}

/// The methods of a stage's deployments, and those of the draft; which of them callers can reach.
fn all_keys(api: &Api, stage: &Stage) -> BTreeMap<Key, bool> {
    let mut keys = BTreeMap::new();
    let is_judged = |path: &str| api.kind != ApiKind::WebSocket || path == "$connect";
    let mut stands_in = false;
    for id in stage.served() {
        let methods = api.deployment(id).and_then(|it| it.methods.clone());
        let methods = methods.unwrap_or_default();
        stands_in |= methods.is_empty();
        let judged = methods.into_iter().filter(|it| is_judged(&it.path));
        keys.extend(judged.map(|it| ((it.path.into_owned(), it.verb.into_owned()), true)));
    }
    for it in api.draft.iter().flatten().filter(|it| is_judged(&it.path)) {
        let is_served = keys
            .entry((it.path.to_string(), it.verb.to_string()))
            .or_default();
        *is_served |= stands_in;
    }
    keys
}

/// Holds the served methods of the one stage, the methods that callers are asked about, what the rules count, and the
/// gaps against what was read.
fn agree(inventory: &Inventory) -> Result<(), TestCaseError> {
    let api = &inventory.apis[0];
    let stage = &api.stages.as_ref().unwrap()[0];
    let served = ServedMethods::of(api, stage);
    let key = |path: &str, verb: &str| (path.to_owned(), verb.to_owned());
    let keys: Vec<(Key, bool)> = served
        .iter()
        .map(|it| (key(it.path, it.verb), it.is_served()))
        .collect();
    let expected = all_keys(api, stage);
    // Each once, in order.
    prop_assert_eq!(&keys, &expected.clone().into_iter().collect::<Vec<_>>());

    let estate = Estate::new(inventory).unwrap();
    let callable = estate.methods().iter().map(|it| key(it.path, it.verb));
    let reachable = keys.iter().filter(|it| it.1).map(|it| it.0.clone());
    prop_assert_eq!(
        callable.collect::<Vec<_>>(),
        reachable.clone().collect::<Vec<_>>()
    );
    let evaluation = evaluated(inventory);
    prop_assert_eq!(evaluation.coverage.methods, reachable.count());

    let has_gap = |kind: GapKind, subject: &str| {
        let mut gaps = evaluation.gaps.iter();
        gaps.any(|it| it.kind == kind && it.subject.as_deref() == Some(subject))
    };
    let canary = stage.canary.as_ref().map(|it| it.deployment_id.as_str());
    for method in served.iter() {
        let name = format!("{} {}", method.verb, method.path);
        let key = key(method.path, method.verb);
        let mut known = BTreeSet::new();
        for (snapshot, id) in [
            (method.own, stage.deployment_id.as_deref()),
            (method.canary, canary),
        ] {
            let expected = id.and_then(|id| plainly(api, id, &key));
            let kind = snapshot.map(|it| it.authorization.kind().cloned());
            prop_assert_eq!(&kind, &expected, "{} of {:?}", name, id);
            known.extend(kind.clone().flatten());
            // Nothing that is not known is clean.
            if let (Some(None), Some(id), Some(snapshot)) = (kind, id, snapshot) {
                let own = format!("{} {}", snapshot.verb, method.path);
                prop_assert!(
                    has_gap(GapKind::Method, &own) || has_gap(GapKind::Stage, id),
                    "{name}"
                );
            }
        }
        let mut methods = estate.methods().iter();
        if let Some(callable) = methods.find(|it| (it.path, it.verb) == (method.path, method.verb))
        {
            let types: BTreeSet<_> = callable.authorizations.iter().cloned().collect();
            prop_assert_eq!(types, known, "{}", name);
        }
    }
    partition_the_requests(&served)
}

/// Every request for a path is left to one method of it at most, and to one where the path has an `ANY`.
fn partition_the_requests(served: &ServedMethods<'_>) -> Result<(), TestCaseError> {
    let paths: BTreeSet<&str> = served.iter().map(|it| it.path).collect();
    for path in paths.into_iter().filter(|it| it.starts_with('/')) {
        let methods: Vec<_> = served
            .iter()
            .filter(|it| it.path == path && it.is_served())
            .collect();
        let mut all = Verbs::NONE;
        for method in &methods {
            prop_assert!(all.and(method.left.verbs()).is_empty(), "{path}");
            all = all.or(method.left.verbs());
        }
        let has_any = methods.iter().any(|it| it.verb == "ANY");
        prop_assert!(!has_any || all == Verbs::ALL, "{path}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn all_who_ask_what_a_stage_serves_get_one_answer(inventory in generated_inventory()) {
        agree(&inventory)?;
    }
}

#[test]
fn the_default_route_is_left_what_no_route_takes_on_every_path() {
    let left = |routes: &[Method]| {
        let deployment = deployment("HTTP", "d", "routes", Some(routes));
        let inventory = inventory(api("HTTP", &[deployment], json!([])));
        let api = &inventory.apis[0];
        let served = ServedMethods::of(api, &api.stages.as_ref().unwrap()[0]);
        let left = served.get("ANY", "$default").unwrap().left;
        Verbs::ALL.without(left.verbs()).iter().collect::<Vec<_>>()
    };
    let default = ("ANY", "$default", "NONE");
    let (root, below) = (("GET", "/", "AWS_IAM"), ("GET", "/{proxy+}", "AWS_IAM"));
    assert_eq!(left(&[default, below]), [""; 0]);
    assert_eq!(left(&[default, root]), [""; 0]);
    assert_eq!(left(&[default, root, below]), ["GET"]);
}

/// The engine of policies knows nothing of methods, and has a list of its own.
#[test]
fn a_request_has_the_verbs_that_policies_are_asked_about() {
    assert_eq!(Verbs::ALL.iter().collect::<Vec<_>>(), Template::VERBS);
}
