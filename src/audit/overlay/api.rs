//! An API of a file in the place of the one that the account has.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{
    Api, ApiKind, Canary, Deployment, DeploymentSource, DraftMethod, Gap, GapKind, Stage,
};
use crate::template::{KEPT, Laid, STAGE};

/// A method by its path and its verb.
type Key = (String, String);

fn key(method: &DraftMethod) -> Key {
    (
        method.path.as_str().to_owned(),
        method.verb.as_str().to_owned(),
    )
}

/// An API of a file, with the methods that it has and of which cannot be told how they are authorized: they are there, and not
/// known.
pub(super) fn with_untold(own: &Api, gaps: &[Gap]) -> Api {
    let mut own = own.clone();
    let drafted = own.draft.get_or_insert_default();
    let is_of_method = |it: &&Gap| {
        it.kind == GapKind::Method
            && it.region.as_ref() == Some(&own.region)
            && it.api.as_ref() == Some(&own.id)
    };
    for gap in gaps.iter().filter(is_of_method) {
        let Some((verb, path)) = gap.subject.as_ref().and_then(|it| it.split_once(' ')) else {
            continue;
        };
        if drafted.iter().any(|it| it.verb == verb && it.path == path) {
            continue;
        }
        let key = match path.starts_with('/') {
            true => format!("{verb} {path}"),
            false => path.to_owned(),
        };
        drafted.push(DraftMethod {
            resource_id: key.as_str().into(),
            verb: verb.into(),
            path: path.into(),
            route_key: (own.kind != ApiKind::Rest).then(|| key.as_str().into()),
            authorization: None,
            api_key_required: false,
            authorizer_id: None,
            integration: None,
        });
    }
    own
}

/// Makes an API of the account what the file says of it. `earlier` is what the file said before, where that is known. What of
/// the account is taken to stay, in words.
pub(super) fn merge(
    account: &mut Api,
    own: &Api,
    earlier: Option<&Api>,
    laid: &Laid,
) -> Vec<String> {
    let mut stays = Vec::new();
    if !laid.is_partial {
        settings(account, own, earlier, &mut stays);
    }
    let Some(draft) = drafted(account, own, earlier, laid.is_partial) else {
        return stays;
    };
    deployed(account, own, &draft, &laid.stages);
    if draft.is_empty() && own.kind == ApiKind::Rest {
        stays.push(
            "what the stages of the API serve: the file has no method of it, and API Gateway makes no deployment of such an API"
                .to_owned(),
        );
    }
    account.draft = Some(draft);
    stays
}

fn settings(account: &mut Api, own: &Api, earlier: Option<&Api>, stays: &mut Vec<String>) {
    account.name.clone_from(&own.name);
    account.tags.extend(own.tags.clone());
    account.endpoint_types.clone_from(&own.endpoint_types);
    account.default_endpoint_disabled = own.default_endpoint_disabled;
    account.cors = own.cors;
    for authorizer in &own.authorizers {
        account.authorizers.retain(|it| it.id != authorizer.id);
        account.authorizers.push(authorizer.clone());
    }
    let had = earlier.map(|it| it.resource_policy.is_some());
    match (&own.resource_policy, had) {
        (Some(policy), _) => account.resource_policy = Some(policy.clone()),
        (None, Some(true)) => account.resource_policy = None,
        (None, Some(false)) => {}
        (None, None) if account.resource_policy.is_some() => stays.push(
            "the resource policy of the API, which the file does not have: if the file had it before, the deployment takes it away"
                .to_owned(),
        ),
        (None, None) => {}
    }
}

/// The draft that comes of it. `None`: that of the account was not read, and the file has only a part.
fn drafted(
    account: &Api,
    own: &Api,
    earlier: Option<&Api>,
    is_partial: bool,
) -> Option<Vec<DraftMethod>> {
    let methods = own.draft.as_deref().unwrap_or_default();
    let before = account.draft.as_deref();
    // Of the routes of a WebSocket API, a file's reading has `$connect` alone.
    let keeps_others = is_partial || earlier.is_some() || own.kind == ApiKind::WebSocket;
    let ids: BTreeMap<Key, &DraftMethod> = before
        .iter()
        .flat_map(|it| it.iter())
        .map(|it| (key(it), it))
        .collect();
    let of_file = methods.iter().map(|method| {
        let known = ids.get(&key(method));
        DraftMethod {
            resource_id: known
                .map_or_else(|| method.resource_id.clone(), |it| it.resource_id.clone()),
            ..method.clone()
        }
    });
    let mut drafted: Vec<DraftMethod> = of_file.collect();
    if keeps_others {
        let own: BTreeSet<Key> = methods.iter().map(key).collect();
        let had = earlier
            .and_then(|it| it.draft.as_deref())
            .unwrap_or_default();
        let had: BTreeSet<Key> = had.iter().map(key).collect();
        let others = match (before, is_partial) {
            (Some(before), _) => before,
            (None, true) => return None,
            (None, false) => &[],
        };
        let others = others.iter().filter(|it| {
            let key = key(it);
            !own.contains(&key) && !had.contains(&key)
        });
        drafted.extend(others.cloned());
    }
    drafted.sort_by_key(key);
    Some(drafted)
}

/// Deploys the draft to the stages that the file deploys to.
fn deployed(account: &mut Api, own: &Api, draft: &[DraftMethod], names: &[String]) {
    let Some(stages) = &mut account.stages else {
        return;
    };
    let of_file = own.stages.as_deref().unwrap_or_default();
    if draft.is_empty() && own.kind == ApiKind::Rest {
        return;
    }
    if !names.is_empty() && of_file.is_empty() {
        // None of its methods can be told: its stages serve them all the same.
        let named = stages.iter_mut().filter(|it| names.contains(&it.name));
        named.for_each(at_once);
    } else if !names.is_empty() {
        for stage in of_file {
            match stages.iter_mut().find(|it| it.name == stage.name) {
                Some(known) => serves(known, stage),
                None => stages.push(stage.clone()),
            }
        }
    } else if stages.is_empty() {
        stages.extend(of_file.iter().cloned());
    } else {
        stages.iter_mut().for_each(at_once);
    }
    // What a stage deploys by itself reaches its callers whoever made the stage.
    let takes_edits = |it: &&mut Stage| own.kind != ApiKind::Rest && it.takes_edits_at_once();
    stages.iter_mut().filter(takes_edits).for_each(at_once);
    let served: BTreeSet<String> = stages
        .iter()
        .flat_map(Stage::served)
        .map(str::to_owned)
        .collect();
    account
        .deployments
        .retain(|it| it.id != STAGE && served.contains(&it.id));
    if served.contains(STAGE) && !draft.is_empty() {
        account.deployments.push(Deployment {
            id: STAGE.to_owned(),
            created_at: None,
            source: match own.kind {
                ApiKind::Rest => DeploymentSource::Summary,
                ApiKind::Http | ApiKind::WebSocket => DeploymentSource::Routes,
            },
            methods: Some(draft.iter().map(DraftMethod::as_deployed).collect()),
        });
    }
}

/// A stage that serves the draft from now on.
fn at_once(stage: &mut Stage) {
    stage.deployment_id = Some(STAGE.to_owned());
}

/// What a stage of the account serves once the file is deployed.
fn serves(known: &mut Stage, of_file: &Stage) {
    let keeps = |id: &str| id == KEPT;
    let before = known.deployment_id.clone();
    if let Some(id) = of_file.deployment_id.as_deref().filter(|it| !keeps(it)) {
        known.deployment_id = Some(id.to_owned());
        known.auto_deploy = of_file.auto_deploy;
    }
    let canary_before = known.canary.as_ref().map(|it| it.deployment_id.clone());
    if let Some(canary) = &of_file.canary {
        let id = match keeps(&canary.deployment_id) {
            true => canary_before.or(before).unwrap_or_else(|| KEPT.to_owned()),
            false => canary.deployment_id.clone(),
        };
        known.canary = Some(Canary {
            deployment_id: id,
            percent_traffic: canary.percent_traffic,
        });
    }
    known.tags.extend(of_file.tags.clone());
}
