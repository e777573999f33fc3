//! Undoes the steps of a journal, the last one first.

use std::collections::BTreeSet;

use super::changes::{Changes, Notes};
use super::confirmed::confirmed;
use super::stopped::{Stopped, Told, Worker};
use crate::audit::fix::{
    Action, Ahead, Entry, Journal, JournalStep, Progress, State, UndoneStep, ahead_of_undo, needed,
};
use crate::inventory::Inventory;

/// What may be undone although it could do harm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Whether a method may be opened where nothing in the account shows that this fix closed it.
    pub opening: bool,
    /// Whether a grant may be taken back without which callers cannot call a method that asks for AWS_IAM.
    pub lockout: bool,
}

/// Undoes the steps that were taken, or may have been, the last one first, and only where things are as gatewatch left them.
/// Returns the steps that are left as they are, and why: a step for a finding whose later step was not undone is one of them.
/// `shown`: what [`foreseen`](super::foreseen) said of each step. One that it left as it is, and one that it did not name, is
/// not undone: nobody was asked about it.
///
/// The stage serves the old deployment first, then the draft is as it was, and last the group loses its policy: at no moment
/// is anybody locked out. Before a group loses its policy, the account is read by `look`: somebody else may have made a method
/// ask for AWS_IAM, and its callers may need the policy now.
///
/// # Errors
/// Where the journal cannot be written: nothing is undone then that it does not know of.
pub async fn undo<C: Changes, N: Notes>(
    journal: &mut Journal,
    worker: &mut Worker<'_, C, N>,
    shown: &[UndoneStep],
    allowed: Allowed,
    look: impl AsyncFn() -> Inventory,
) -> Result<Vec<Stopped>, Stopped> {
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let mut left = Vec::new();
    let mut seen: Option<Inventory> = None;
    for (number, step, progress) in begun(journal) {
        let Some(shown) = shown.iter().find(|it| it.step == number) else {
            continue;
        };
        if let Action::PutGroupPolicy { .. } | Action::AttachGroupPolicy { .. } = &step.action
            && !allowed.lockout
            && seen.is_none()
        {
            seen = Some(look().await);
        }
        let of = (number, &step, &progress);
        let undone = match &shown.then {
            Ok(_) => one(journal, of, (&kept, seen.as_ref()), allowed, worker).await,
            Err(why) => Err(why.clone()),
        };
        match undone {
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

/// The steps that were begun and are not undone, the last one first.
pub(super) fn begun(journal: &Journal) -> Vec<(usize, JournalStep, Progress)> {
    let steps = journal.steps().rev();
    let steps = steps.filter(|(_, _, progress)| progress.found.is_some() && !progress.undone);
    steps
        .map(|(number, step, progress)| (number, step.clone(), progress.clone()))
        .collect()
}

/// `seen`: the account, where it was read to see who needs a grant.
async fn one<C: Changes, N: Notes>(
    journal: &mut Journal,
    (number, step, progress): (usize, &JournalStep, &Progress),
    (kept, seen): (&BTreeSet<String>, Option<&Inventory>),
    allowed: Allowed,
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
    confirmed(journal, number, worker.changes, allowed.opening).await?;
    if let Some(seen) = seen {
        needed(seen, &step.action)?;
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
