//! What an undo would do, before anybody is asked: each step, and the methods that it opens.

use std::collections::BTreeSet;

use super::changes::Changes;
use super::confirmed::confirmed;
use super::undo::begun;
use crate::audit::fix::{
    Action, Ahead, Journal, JournalStep, Progress, State, UndoneStep, ahead_of_undo,
};
use crate::inventory::{ApiKind, AuthorizationType, DeployedMethod};

/// Looks at each step that was begun and is not undone, the last one first. Nothing is changed. Whether somebody needs a grant is
/// looked at only once the steps before it are undone.
pub async fn foreseen<C: Changes>(
    journal: &Journal,
    changes: &C,
    allow_opening: bool,
) -> Vec<UndoneStep> {
    let mut all = Vec::new();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for (number, step, progress) in begun(journal) {
        let of = (number, &step, &progress);
        let (then, opens) = match one(journal, of, &kept, changes, allow_opening).await {
            Ok((then, opens)) => (Ok(then), opens),
            Err(why) => {
                kept.extend(step.findings.iter().cloned());
                (Err(why), Vec::new())
            }
        };
        all.push(UndoneStep {
            step: number,
            then,
            opens,
        });
    }
    all
}

async fn one<C: Changes>(
    journal: &Journal,
    (number, step, progress): (usize, &JournalStep, &Progress),
    kept: &BTreeSet<String>,
    changes: &C,
    allow_opening: bool,
) -> Result<(String, Vec<String>), String> {
    let now = changes.read(&step.action).await;
    let now = now.map_err(|failure| format!("it could not be read: {failure}"))?;
    match ahead_of_undo(step, progress, &now, kept) {
        Ahead::Refused(why) => return Err(why),
        Ahead::Nothing | Ahead::TookEffect => {
            return Ok((format!("{} already", now.in_words()), Vec::new()));
        }
        Ahead::Change => {}
    }
    confirmed(journal, number, changes, allow_opening).await?;
    let Some(found) = &progress.found else {
        return Err("it was not begun".to_owned());
    };
    let opens = opened(journal, step, (&now, found), changes).await?;
    Ok((found.in_words(), opens))
}

/// The methods that a step opens when it is undone.
async fn opened<C: Changes>(
    journal: &Journal,
    step: &JournalStep,
    (now, then): (&State, &State),
    changes: &C,
) -> Result<Vec<String>, String> {
    let iam = AuthorizationType::AwsIam;
    match (&step.action, now, then) {
        (action @ Action::SetAuthorization { .. }, _, State::Method { authorization, .. }) => {
            let kind = authorization.as_deref().unwrap_or("an unknown type");
            let opens = kind != iam.as_str();
            Ok(opens
                .then(|| format!("{}: {kind}", action.method_in_words()))
                .into_iter()
                .collect())
        }
        (
            Action::Deploy {
                region,
                api,
                kind,
                stage,
                ..
            },
            State::Stage {
                deployment: Some(current),
                ..
            },
            State::Stage {
                deployment: Some(old),
                canary,
            },
        ) => {
            let place = format!("stage {stage} of API {api}, {region}");
            if *kind != ApiKind::Rest {
                // What a deployment of an HTTP API froze is not told.
                let of = journal.begun.methods.iter();
                let of = of.filter(|it| (&it.region, &it.api, &it.stage) == (region, api, stage));
                let named =
                    of.map(|it| format!("{} {} at {place}: as it was before", it.verb, it.path));
                return Ok(named.collect());
            }
            let read = async |id: &str| {
                let frozen = changes.frozen(&step.action, id).await;
                let frozen = frozen.map_err(|failure| {
                    format!("what deployment {id} froze was not read: {failure}")
                })?;
                let methods = frozen.into_iter().map(|it| it.method);
                Ok::<Vec<DeployedMethod>, String>(methods.collect())
            };
            let current = read(current).await?;
            let mut before = read(old).await?;
            // A canary serves a share of the callers: what it opens is open.
            for id in canary.iter().filter_map(|it| it.deployment.as_ref()) {
                let of_canary = read(id).await?;
                let more = of_canary.into_iter().filter(|it| !before.contains(it));
                let more: Vec<DeployedMethod> = more.collect();
                before.extend(more);
            }
            let is_kept = |it: &DeployedMethod| {
                let mut current = current.iter();
                current.any(|now| {
                    (&now.verb, &now.path, &now.authorization)
                        == (&it.verb, &it.path, &it.authorization)
                })
            };
            let other = before
                .iter()
                .filter(|it| it.authorization != Some(iam.clone()) && !is_kept(it));
            Ok(other
                .map(|it| {
                    let kind = it.authorization.as_ref();
                    let kind = kind.map_or("an unknown type", |it| it.as_str());
                    format!("{} {} at {place}: {kind}", it.verb, it.path)
                })
                .collect())
        }
        _ => Ok(Vec::new()),
    }
}
