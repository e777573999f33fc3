//! Takes the steps of a journal that were not taken yet, in order.

use super::changes::{Changes, Notes};
use super::stopped::{Stopped, Told, Worker};
use crate::audit::fix::{
    Action, Ahead, CanaryChoice, Entry, Journal, JournalStep, State, ahead, differs, is_in_effect,
};
use crate::inventory::ApiKind;

/// Takes the steps that were not taken yet, in order, and stops at the first one that cannot be: those behind it rest on it.
///
/// # Errors
/// Which step was not taken, and why. The journal says so, too.
pub async fn go<C: Changes, N: Notes>(
    journal: &mut Journal,
    worker: &mut Worker<'_, C, N>,
) -> Result<(), Stopped> {
    for number in 0..journal.begun.steps.len() {
        if let Err(why) = step(journal, number, worker).await {
            // The step is not taken, whether or not the journal can say so.
            let at = (worker.clock)();
            let why_noted = why.clone();
            let entry = Entry::NotDone {
                step: number,
                at,
                why: why_noted,
            };
            let _ = worker.note(journal, entry);
            return Err(Stopped { step: number, why });
        }
    }
    Ok(())
}

async fn step<C: Changes, N: Notes>(
    journal: &mut Journal,
    number: usize,
    worker: &mut Worker<'_, C, N>,
) -> Result<(), String> {
    let (step, progress) = match (
        journal.begun.steps.get(number),
        journal.progress.get(number),
    ) {
        (Some(step), Some(progress)) => (step.clone(), progress.clone()),
        _ => return Err("the journal has no such step".to_owned()),
    };
    if progress.left.is_some() {
        (worker.tell)(Told::WasDone(number));
        return Ok(());
    }
    let now = worker.changes.read(&step.action).await;
    let now = now.map_err(|failure| format!("it could not be read: {failure}"))?;
    match ahead(&step, &progress, &now) {
        Ahead::Nothing => return Ok(()),
        Ahead::Refused(why) => return Err(why),
        Ahead::TookEffect => return done(journal, number, worker, now),
        Ahead::Change => {}
    }
    let entry = Entry::Starts {
        step: number,
        at: (worker.clock)(),
        found: now.clone(),
    };
    worker.note(journal, entry)?;
    let changed = match &step.action {
        Action::Deploy { .. } => deploy(journal, number, (&step, &now), worker).await?,
        action => worker.changes.change(action).await,
    };
    let progress = journal.progress.get(number).cloned().unwrap_or_default();
    let is_there = |now: &State| is_in_effect(&step, &progress, now);
    let now = match &changed {
        Ok(()) => worker.read_until(&step.action, is_there).await,
        // A call that failed may have taken effect all the same, and a copy may not show it yet: the next run looks again.
        Err(_) => worker.changes.read(&step.action).await,
    };
    match (changed, now) {
        (_, Ok(now)) if is_there(&now) => done(journal, number, worker, now),
        (Err(failure), _) => Err(failure.to_string()),
        (Ok(()), Ok(now)) => Err(format!(
            "the change was taken and is not seen: {}",
            now.in_words()
        )),
        (Ok(()), Err(failure)) => Err(format!(
            "the change was taken, and could not be read again: {failure}"
        )),
    }
}

fn done<C: Changes, N: Notes>(
    journal: &mut Journal,
    number: usize,
    worker: &mut Worker<'_, C, N>,
    left: State,
) -> Result<(), String> {
    let entry = Entry::Done {
        step: number,
        at: (worker.clock)(),
        left,
    };
    worker.note(journal, entry)?;
    (worker.tell)(Told::Done(number));
    Ok(())
}

/// Makes a deployment, looks at what it froze, and has the stage serve it. `found`: how the stage was before.
async fn deploy<C: Changes, N: Notes>(
    journal: &mut Journal,
    number: usize,
    (step, found): (&JournalStep, &State),
    worker: &mut Worker<'_, C, N>,
) -> Result<Result<(), crate::aws::client::Failure>, String> {
    let action = &step.action;
    if let (
        Action::Deploy {
            canary: Some(CanaryChoice::Promote),
            ..
        },
        State::Stage {
            canary: Some(canary),
            ..
        },
    ) = (action, found)
        && canary.has_variables
    {
        return Err(
            "the canary has stage variables of its own, which go with it where it is promoted: promote it yourself, or keep it"
                .to_owned(),
        );
    }
    let deployment = match usable(journal, number, step, worker).await? {
        Some(deployment) => deployment,
        None => {
            // An HTTP API has no list of what a deployment froze: its routes are looked at right before and right after.
            if !is_of_rest(action)
                && let Some(why) = odd(step, "the next", worker).await?
            {
                return Err(format!(
                    "the draft changed since the plan was made, and nothing was deployed: {why}"
                ));
            }
            let made = worker.changes.deploy(action).await;
            let made = made.map_err(|failure| failure.to_string())?;
            let entry = Entry::Made {
                step: number,
                at: (worker.clock)(),
                deployment: made.clone(),
            };
            worker.note(journal, entry)?;
            if let Some(why) = odd(step, &made, worker).await? {
                return Err(format!(
                    "the draft changed since the plan was made, so that the new deployment {made} is not served: {why}"
                ));
            }
            made
        }
    };
    let now = worker.changes.read(action).await;
    let now = now.map_err(|failure| format!("it could not be read: {failure}"))?;
    if now != *found {
        return Err(format!("it changed meanwhile: {}", now.in_words()));
    }
    Ok(worker.changes.point(action, &deployment).await)
}

/// A deployment that an earlier try made, if it froze what was planned.
async fn usable<C: Changes, N: Notes>(
    journal: &mut Journal,
    number: usize,
    step: &JournalStep,
    worker: &mut Worker<'_, C, N>,
) -> Result<Option<String>, String> {
    // What a deployment of an HTTP API froze is not told: an earlier one may have frozen a route that was open then.
    if !is_of_rest(&step.action) {
        return Ok(None);
    }
    let known = journal.progress.get(number).and_then(|it| it.made.clone());
    let found = worker.changes.made(&step.action).await;
    let found = found.map_err(|failure| format!("its deployments could not be read: {failure}"))?;
    let Some(made) = found else { return Ok(None) };
    if odd(step, &made, worker).await?.is_some() {
        return Ok(None);
    }
    if known.as_ref() != Some(&made) {
        let entry = Entry::Made {
            step: number,
            at: (worker.clock)(),
            deployment: made.clone(),
        };
        worker.note(journal, entry)?;
    }
    Ok(Some(made))
}

/// Whether it is a REST API that is deployed.
fn is_of_rest(action: &Action) -> bool {
    let kind = ApiKind::Rest;
    matches!(action, Action::Deploy { kind: it, .. } if *it == kind)
}

/// Why a deployment is not the one that was planned.
async fn odd<C: Changes, N: Notes>(
    step: &JournalStep,
    deployment: &str,
    worker: &Worker<'_, C, N>,
) -> Result<Option<String>, String> {
    let frozen = worker.changes.frozen(&step.action, deployment).await;
    let frozen = frozen
        .map_err(|failure| format!("what deployment {deployment} froze was not read: {failure}"))?;
    Ok(differs(&step.freezes, &frozen))
}
