//! Whether the account bears out what a journal says, before a step is undone.
//!
//! A journal is a file: somebody may have edited it, or written all of it. To undo a step of such a journal could open a method
//! that no fix ever closed. What AWS keeps is looked at instead: a deployment of a fix says of which journal it is.

use super::changes::Changes;
use crate::audit::fix::{Action, Journal, JournalStep, Progress, State};
use crate::inventory::{ApiKind, AuthorizationType, quoted};

/// Whether a step may be undone, by what the account shows. `allow_opening`: whether a method may be opened where the account
/// shows nothing of it.
///
/// # Errors
/// Why not.
pub(super) async fn confirmed<C: Changes>(
    journal: &Journal,
    number: usize,
    changes: &C,
    allow_opening: bool,
) -> Result<(), String> {
    let (Some(step), Some(progress)) = (
        journal.begun.steps.get(number),
        journal.progress.get(number),
    ) else {
        return Err("the journal has no such step".to_owned());
    };
    match (&step.action, &progress.found) {
        (Action::Deploy { .. }, Some(State::Stage { deployment, canary })) => {
            let Some(made) = &progress.made else {
                return Err("the journal names no deployment that was made".to_owned());
            };
            if !is_ours(step, made, changes).await? {
                return Err(format!(
                    "deployment {made} does not say that it was made by this fix: the journal was edited, or is of something else"
                ));
            }
            let Some(old) = deployment else {
                return Err("the stage served no deployment before".to_owned());
            };
            let of_canary = canary.iter().filter_map(|it| it.deployment.as_ref());
            for old in of_canary.chain([old]) {
                let told = changes.described(&step.action, old).await;
                told.map_err(|failure| {
                    format!(
                        "deployment {old}, which is to be served again, could not be read: {failure}"
                    )
                })?;
            }
            Ok(())
        }
        (Action::SetAuthorization { .. }, Some(State::Method { authorization, .. })) => {
            let kind = authorization.as_deref().unwrap_or_default();
            if kind == AuthorizationType::AwsIam.as_str()
                || was_deployed(journal, &step.action, changes).await?
                || is_served(journal, &step.action, kind, changes).await?
                || allow_opening
            {
                return Ok(());
            }
            Err(format!(
                "nothing in the account shows that this fix closed it, so that {} may open what it did not close (allowed by \
                 --allow-opening)",
                quoted(kind)
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a deployment says that it was made by a step.
async fn is_ours<C: Changes>(
    step: &JournalStep,
    deployment: &str,
    changes: &C,
) -> Result<bool, String> {
    let Action::Deploy { description, .. } = &step.action else {
        return Ok(false);
    };
    let told = changes.described(&step.action, deployment).await;
    let told =
        told.map_err(|failure| format!("deployment {deployment} could not be read: {failure}"))?;
    Ok(told.as_ref() == Some(description))
}

/// The steps that deploy the API of an action, with how far they came.
fn deployments<'j>(
    journal: &'j Journal,
    action: &Action,
) -> impl Iterator<Item = (&'j JournalStep, &'j Progress)> {
    let api = action
        .api()
        .map(|(region, id)| (region.to_owned(), id.to_owned()));
    let steps = journal.begun.steps.iter().zip(&journal.progress);
    steps.filter_map(move |(step, progress)| {
        let of = step.action.api();
        let of = of.map(|(region, id)| (region.to_owned(), id.to_owned()));
        let is_one = matches!(step.action, Action::Deploy { .. }) && of == api;
        is_one.then_some((step, progress))
    })
}

/// Whether a deployment of the API names this journal, whose first line, which says what was there before, is as it was then;
/// and whether its stage serves that deployment, or the one before, to which it was restored. A stage that serves another one
/// was deployed by somebody else since, who may have closed the method as well.
async fn was_deployed<C: Changes>(
    journal: &Journal,
    action: &Action,
    changes: &C,
) -> Result<bool, String> {
    for (step, progress) in deployments(journal, action) {
        let Some(made) = &progress.made else { continue };
        if !is_ours(step, made, changes).await? {
            continue;
        }
        let served = served(step, changes).await?;
        let before = match &progress.found {
            Some(State::Stage { deployment, .. }) => deployment.as_ref(),
            _ => None,
        };
        if served.is_some() && (served.as_ref() == Some(made) || served.as_ref() == before) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The deployment that the stage of a step serves now. `None`: it serves none.
async fn served<C: Changes>(step: &JournalStep, changes: &C) -> Result<Option<String>, String> {
    let now = changes.read(&step.action).await;
    match now.map_err(|failure| format!("the stage could not be read: {failure}"))? {
        State::Stage { deployment, .. } => Ok(deployment),
        _ => Ok(None),
    }
}

/// Whether a stage of a REST API serves the method with this type already: then the draft alone was edited, and to restore it
/// opens nothing.
async fn is_served<C: Changes>(
    journal: &Journal,
    action: &Action,
    kind: &str,
    changes: &C,
) -> Result<bool, String> {
    let Action::SetAuthorization {
        kind: ApiKind::Rest,
        path,
        verb,
        ..
    } = action
    else {
        return Ok(false);
    };
    if kind != AuthorizationType::None.as_str() {
        return Ok(false);
    }
    for (step, _) in deployments(journal, action) {
        let Some(served) = served(step, changes).await? else {
            continue;
        };
        let frozen = changes.frozen(&step.action, &served).await;
        let frozen = frozen
            .map_err(|failure| format!("what the stage serves could not be read: {failure}"))?;
        let is_open = frozen.iter().map(|it| &it.method).any(|it| {
            let is_it = it.verb == verb.as_str() && it.path == path.as_str();
            is_it && it.authorization == Some(AuthorizationType::None)
        });
        if is_open {
            return Ok(true);
        }
    }
    Ok(false)
}
