//! What is left of a fix that is gone on with: by the account as it is now, and by a plan that is made now.

use super::changes::Changes;
use super::stopped::Stopped;
use crate::audit::fix::{Ahead, Begun, Journal, MethodKey, Plan, Selection, ahead, is_in_effect};

/// Reads what each step changes, and gives the steps that are still to be taken, from 0, in order.
///
/// # Errors
/// The steps that were taken and do not hold any more, those that somebody else got ahead of, and those that could not be read.
/// Nothing must be gone on with then.
pub async fn left<C: Changes>(journal: &Journal, changes: &C) -> Result<Vec<usize>, Vec<Stopped>> {
    let mut left = Vec::new();
    let mut stopped = Vec::new();
    for (number, step, progress) in journal.steps() {
        let mut stop = |why: String| stopped.push(Stopped { step: number, why });
        let now = match changes.read(&step.action).await {
            Ok(now) => now,
            Err(failure) => {
                stop(format!("it could not be read: {failure}"));
                continue;
            }
        };
        if progress.left.is_some() {
            if !is_in_effect(step, progress, &now) {
                stop(format!(
                    "it was done, and does not hold any more: {}",
                    now.in_words()
                ));
            }
            continue;
        }
        match ahead(step, progress, &now) {
            Ahead::Nothing | Ahead::TookEffect => {}
            Ahead::Change => left.push(number),
            Ahead::Refused(why) => stop(why),
        }
    }
    match stopped.is_empty() {
        true => Ok(left),
        false => Err(stopped),
    }
}

/// The findings that a plan for what is left is made for: those about the same methods. They may be others than before, as a
/// method that is set and not deployed yet is found by another rule.
pub fn selection(begun: &Begun) -> Selection {
    let methods = begun.methods.iter().map(|it| MethodKey {
        region: it.region.clone(),
        api: it.api.clone(),
        stage: it.stage.clone(),
        verb: it.verb.clone(),
        path: it.path.clone(),
    });
    Selection {
        methods: methods.collect(),
        ..Selection::default()
    }
}

/// Takes over the plan that is made now for the steps that are left. What the journal says that a deployment freezes counts for
/// nothing: the plan says so.
///
/// # Errors
/// Where the plan has other steps.
pub fn renewed(journal: &mut Journal, left: &[usize], plan: &Plan) -> Result<(), String> {
    if let Some(refusal) = plan.refused.first() {
        return Err(format!("what is left is refused now: {}", refusal.why));
    }
    if left.len() != plan.steps.len() {
        return Err(format!(
            "{} steps are left, and a plan that is made now has {}",
            left.len(),
            plan.steps.len()
        ));
    }
    for (number, planned) in left.iter().zip(&plan.steps) {
        let step = journal.begun.steps.get_mut(*number);
        let step = step.filter(|it| {
            it.action.does_the_same(&planned.action) && it.expects.is(&planned.expects)
        });
        let Some(step) = step else {
            return Err(format!(
                "step {} is another one in a plan that is made now",
                number + 1
            ));
        };
        step.freezes = planned.freezes.clone();
    }
    Ok(())
}
