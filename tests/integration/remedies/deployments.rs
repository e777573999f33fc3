//! Commands that edit or deploy are pasted, and no other method of any stage comes to harm.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::inventory::{DeployedMethod, Deployment, DeploymentSource, Stage};

use super::*;

/// What a remedy's commands leave behind, as far as they edit or deploy APIs. `None`: they do neither.
fn pasted(inventory: &Inventory, finding: &Finding) -> Option<Inventory> {
    let mut after = inventory.clone();
    let mut is_changed = false;
    for command in &finding.remedy.commands {
        let words = shlex::split(command).unwrap();
        let id = [option(&words, "--rest-api-id"), option(&words, "--api-id")].concat();
        let region = option(&words, "--region");
        let mut apis = after.apis.iter_mut();
        let Some(api) = apis.find(|it| it.id == id && it.region == region) else {
            continue;
        };
        match words[2].as_str() {
            "update-method" => set_to_iam(api, option(&words, "--resource-id"), |verb| {
                verb == option(&words, "--http-method")
            }),
            "update-route" => set_to_iam(api, option(&words, "--route-id"), |_| true),
            "create-deployment" => deploy_to(api, option(&words, "--stage-name")),
            "update-stage" => {
                let name = option(&words, "--stage-name");
                let mut stages = api.stages.iter_mut().flatten();
                stages.find(|it| it.name == name).unwrap().canary = None;
            }
            _ => continue,
        }
        is_changed = true;
    }
    is_changed.then_some(after)
}

fn set_to_iam(api: &mut Api, id: &str, verb: impl Fn(&str) -> bool) {
    for draft in api.draft.iter_mut().flatten() {
        if draft.resource_id == id && verb(&draft.verb) {
            draft.authorization = Some(AuthorizationType::AwsIam);
        }
    }
    let at_once = api.stages.iter().flatten();
    let at_once: Vec<String> = at_once
        .filter(|it| it.takes_edits_at_once())
        .map(|it| it.name.clone())
        .collect();
    for stage in at_once {
        deploy_to(api, &stage);
    }
}

fn deploy_to(api: &mut Api, stage: &str) {
    let drafted = api.draft.iter().flatten().map(|it| DeployedMethod {
        verb: it.verb.clone(),
        path: it.path.clone(),
        route_key: it.route_key.clone(),
        authorization: it.authorization.clone(),
        api_key_required: it.api_key_required,
        integration: None,
    });
    let id = format!("pasted-{stage}");
    api.deployments.retain(|it| it.id != id);
    api.deployments.push(Deployment {
        id: id.clone(),
        created_at: None,
        source: DeploymentSource::Summary,
        methods: Some(drafted.collect()),
    });
    let mut stages = api.stages.iter_mut().flatten();
    stages.find(|it| it.name == stage).unwrap().deployment_id = Some(id);
}

/// What callers of a stage get there: the type and whether a key is asked for, of its own deployment and its
/// canary's. `None`: nothing, or it is not told.
fn answers(api: &Api, stage: &Stage, verb: &str, path: &str) -> Vec<Option<(String, bool)>> {
    let ids = stage.served();
    let answers = ids.map(|id| {
        let methods = api.deployment(id)?.methods.as_ref()?.iter();
        let mut here = methods.filter(|it| it.path == path);
        let own = here.clone().find(|it| it.verb == verb);
        let method = own.or_else(|| here.find(|it| it.verb == "ANY"))?;
        let kind = method.authorization.as_ref()?.as_str().to_owned();
        Some((kind, method.api_key_required))
    });
    answers.collect()
}

/// The verbs and paths that any deployment or draft of an API names.
fn named(api: &Api) -> BTreeSet<(String, String)> {
    let deployed = api.deployments.iter().flat_map(|it| &it.methods).flatten();
    let deployed = deployed.map(|it| (it.verb.to_string(), it.path.to_string()));
    let drafted = api.draft.iter().flatten();
    let drafted = drafted.map(|it| (it.verb.to_string(), it.path.to_string()));
    deployed.chain(drafted).collect()
}

/// The places where what is served is refused, by stage, verb and path.
fn refused(
    inventory: &Inventory,
    policy: &PolicyFile,
) -> BTreeSet<(String, String, String, String)> {
    let report = Report::new(inventory, policy, date(2026, 6, 15));
    let exempted = report.evaluation.exempted.into_iter().map(|it| it.finding);
    let all = report.evaluation.findings.into_iter().chain(exempted);
    let rules = [
        "open-method",
        "open-connect",
        "api-key-only",
        "undeployed-fix",
        "foreign-authorizer",
        "open-canary",
    ];
    let all = all.filter(|it| rules.contains(&it.rule.as_str()));
    let places = all.map(|it| {
        let place = it.place;
        let key = || place.route_key.clone().unwrap();
        (
            place.api.as_ref().unwrap().id.clone(),
            place.stage.clone().unwrap().into_owned(),
            place
                .verb
                .clone()
                .unwrap_or_else(|| "ANY".into())
                .into_owned(),
            place.path.clone().unwrap_or_else(key).into_owned(),
        )
    });
    places.collect()
}

/// A second look at every remedy: its commands are carried out, and the account is judged again.
#[test]
fn no_remedy_does_harm_to_another_method_of_any_stage() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for folder in folders(&package("tests/scenarios")) {
        let (mut inventory, policy) = read(&folder);
        // Who may call the methods is not asked here, and takes long.
        inventory.iam = None;
        let report = Report::new(&inventory, &policy, date(2026, 6, 15));
        let before = refused(&inventory, &policy);
        for finding in &report.evaluation.findings {
            let Some(after) = pasted(&inventory, finding) else {
                continue;
            };
            let what = format!(
                "{}: {:?} {:?}",
                folder.display(),
                finding.rule,
                finding.place
            );
            *seen.entry(finding.rule.as_str().to_owned()).or_default() += 1;
            let mut new = refused(&after, &policy);
            // What an open `ANY` answered was refused before, though not under its own verb.
            new.retain(|place| {
                let any = (
                    place.0.clone(),
                    place.1.clone(),
                    "ANY".to_owned(),
                    place.3.clone(),
                );
                !before.contains(place) && !before.contains(&any)
            });
            assert!(new.is_empty(), "{what} makes findings: {new:?}");
            let id = &finding.place.api.as_ref().unwrap().id;
            let region = finding.place.region.as_ref().unwrap();
            let of = |it: &&Api| it.id == *id && it.region == *region;
            let one = inventory.apis.iter().find(of).unwrap();
            let other = after.apis.iter().find(of).unwrap();
            for (stage, then) in one
                .stages
                .iter()
                .flatten()
                .zip(other.stages.iter().flatten())
            {
                for (verb, path) in named(one) {
                    assert_told(
                        finding,
                        &before,
                        (one, stage),
                        (other, then),
                        (&verb, &path),
                        &what,
                    );
                }
            }
        }
    }
    for rule in [
        "open-method",
        "undeployed-fix",
        "pending-opening",
        "foreign-authorizer",
        "open-canary",
    ] {
        assert!(seen.get(rule).is_some_and(|it| *it > 1), "{rule}: {seen:?}");
    }
}

/// What changes at a method is named in the remedy, or is what the remedy is about.
fn assert_told(
    finding: &Finding,
    refused: &BTreeSet<(String, String, String, String)>,
    (one, stage): (&Api, &Stage),
    (other, then): (&Api, &Stage),
    (verb, path): (&str, &str),
    what: &str,
) {
    let place = &finding.place;
    let is_route = place.path.is_none() && place.route_key.as_deref() == Some(path);
    let is_path = place.path.as_deref() == Some(path) && place.verb.as_deref() == Some(verb);
    let is_own = place.stage.as_deref() == Some(stage.name.as_str()) && (is_path || is_route);
    let (now, mut later) = (
        answers(one, stage, verb, path),
        answers(other, then, verb, path),
    );
    if later.len() < now.len() {
        later.resize(now.len(), later[0].clone());
    }
    if is_own || now == later {
        return;
    }
    let summary = &finding.remedy.summary;
    let key = if path.starts_with('/') {
        format!("{verb} {path}")
    } else {
        path.to_owned()
    };
    let is_named = summary.contains(&key) || summary.contains(" more");
    assert!(
        is_named,
        "{what} changes {key} of {} in silence: {summary}",
        stage.name
    );
    // A served method that is no finding keeps its callers, unless the draft had the change already.
    let keys = [verb, "ANY"].map(|verb| {
        (
            one.id.clone(),
            stage.name.clone(),
            verb.to_owned(),
            path.to_owned(),
        )
    });
    let drafted = one.draft.iter().flatten();
    let mut drafted = drafted.filter(|it| it.path == path);
    let own = drafted.clone().find(|it| it.verb == verb);
    let draft = own.or_else(|| drafted.find(|it| it.verb == "ANY"));
    let is_edited = draft.is_some_and(|it| it.authorization != Some(AuthorizationType::AwsIam))
        && later.iter().flatten().any(|it| it.0 == "AWS_IAM")
        && stage.canary == then.canary;
    let is_accepted = !keys.iter().any(|it| refused.contains(it));
    let is_served = now.iter().any(Option::is_some);
    assert!(
        !(is_edited && is_accepted && is_served),
        "{what} locks out the callers of {key} at {}: {summary}",
        stage.name
    );
}
