//! Undoes the steps of a journal, the last one first.

use std::collections::BTreeSet;

use super::changes::{Changes, Notes};
use super::stopped::{Stopped, Told, Worker};
use crate::audit::fix::{Ahead, Entry, Journal, JournalStep, Progress, State, ahead_of_undo};

/// Undoes the steps that were taken, or may have been, the last one first, and only where things are as gatewatch left them.
/// Returns the steps that are left as they are, and why: a step for a finding whose later step was not undone is one of them.
///
/// The stage serves the old deployment first, then the draft is as it was, and last the group loses its policy: at no moment
/// is anybody locked out.
///
/// # Errors
/// Where the journal cannot be written: nothing is undone then that it does not know of.
pub async fn undo<C: Changes, N: Notes>(
    journal: &mut Journal,
    worker: &mut Worker<'_, C, N>,
) -> Result<Vec<Stopped>, Stopped> {
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let mut left = Vec::new();
    let steps = journal.steps().rev();
    let steps: Vec<(usize, JournalStep, Progress)> = steps
        .map(|(number, step, progress)| (number, step.clone(), progress.clone()))
        .collect();
    for (number, step, progress) in steps {
        if progress.found.is_none() || progress.undone {
            continue;
        }
        match one(journal, (number, &step, &progress), &kept, worker).await {
            Ok(()) => (worker.tell)(Told::Undone(number)),
            Err(why) => {
                kept.extend(step.findings.iter().cloned());
                let stopped = Stopped { step: number, why };
                let entry = Entry::NotUndone {
                    step: number,
                    at: (worker.clock)(),
                    why: stopped.why.clone(),
                };
                if let Err(why) = worker.note(journal, entry) {
                    return Err(Stopped { step: number, why });
                }
                (worker.tell)(Told::NotUndone(number));
                left.push(stopped);
            }
        }
    }
    Ok(left)
}

async fn one<C: Changes, N: Notes>(
    journal: &mut Journal,
    (number, step, progress): (usize, &JournalStep, &Progress),
    kept: &BTreeSet<String>,
    worker: &mut Worker<'_, C, N>,
) -> Result<(), String> {
    let now = worker.changes.read(&step.action).await;
    let now = now.map_err(|failure| format!("it could not be read: {failure}"))?;
    let undone = |worker: &Worker<'_, C, N>| Entry::Undone {
        step: number,
        at: (worker.clock)(),
    };
    match ahead_of_undo(step, progress, &now, kept) {
        Ahead::Nothing => return Ok(()),
        Ahead::Refused(why) => return Err(why),
        Ahead::TookEffect => return worker.note(journal, undone(worker)),
        Ahead::Change => {}
    }
    let Some(found) = &progress.found else {
        return Ok(());
    };
    let entry = Entry::UndoStarts {
        step: number,
        at: (worker.clock)(),
    };
    worker.note(journal, entry)?;
    let changed = worker.changes.restore(&step.action, found).await;
    let is_back = |now: &State| now.is(found);
    let now = match &changed {
        Ok(()) => worker.read_until(&step.action, is_back).await,
        Err(_) => worker.changes.read(&step.action).await,
    };
    match (changed, now) {
        (_, Ok(now)) if is_back(&now) => worker.note(journal, undone(worker)),
        (Err(failure), _) => Err(failure.to_string()),
        (Ok(()), Ok(now)) => Err(format!(
            "it was restored, and that is not seen: {}",
            now.in_words()
        )),
        (Ok(()), Err(failure)) => Err(format!(
            "it was restored, and could not be read again: {failure}"
        )),
    }
}
