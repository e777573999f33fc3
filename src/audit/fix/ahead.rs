//! What is to be done next for a step, by what the journal knows of it and how things are now.

use std::collections::BTreeSet;

use crate::audit::fix::journal::{JournalStep, Progress};
use crate::audit::fix::selection::CanaryChoice;
use crate::audit::fix::state::{State, is_same_document};
use crate::audit::fix::step::Action;
/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ahead {
    /// Nothing: it was done, or undone, before.
    Nothing,
    /// It took effect, which nobody had noted yet.
    TookEffect,
    /// The change is to be made.
    Change,
    /// Somebody else has been there: it is left as it is.
    Refused(String),
}

/// What is to become of a step that is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneStep {
    /// The step, from 0.
    pub step: usize,
    /// How what it changed will be, in words; or why it is left as it is.
    pub then: Result<String, String>,
    /// The methods that callers reach without AWS_IAM then, by their places and their types.
    pub opens: Vec<String>,
}

/// What is to be done to take a step. `now`: how what it changes is.
pub fn ahead(step: &JournalStep, progress: &Progress, now: &State) -> Ahead {
    if progress.left.is_some() {
        return Ahead::Nothing;
    }
    let is_as_before = match &progress.found {
        Some(found) => now.is(found),
        None => now.is_as_planned(&step.expects),
    };
    if is_as_before {
        return Ahead::Change;
    }
    // Before the first try, a change like ours is somebody else's: it would not be ours to undo.
    if progress.found.is_some() && is_in_effect(step, progress, now) {
        return Ahead::TookEffect;
    }
    let was = progress.found.as_ref().unwrap_or(&step.expects);
    Ahead::Refused(format!(
        "it changed since: {}, and when it was read, {}",
        now.in_words(),
        was.in_words()
    ))
}

/// Whether what a step changes is as the step leaves it.
pub fn is_in_effect(step: &JournalStep, progress: &Progress, now: &State) -> bool {
    match (&step.action, now) {
        (
            Action::PutGroupPolicy { document, .. },
            State::Policy {
                document: Some(now),
            },
        ) => is_same_document(document, now),
        (Action::AttachGroupPolicy { .. }, State::Attachment { attached }) => *attached,
        (Action::SetAuthorization { .. }, State::Method { .. }) => now.is_iam(),
        (Action::Deploy { canary: choice, .. }, State::Stage { deployment, canary }) => {
            let is_made = |it: &Option<String>| it.is_some() && *it == progress.made;
            let is_as_chosen = match (choice, canary) {
                (None, None) => true,
                (Some(choice), Some(now)) => {
                    is_made(&now.deployment) && now.percent == share(*choice, step)
                }
                _ => false,
            };
            is_made(deployment) && is_as_chosen
        }
        _ => false,
    }
}

/// The share of the traffic that a canary has once its stage is deployed.
fn share(choice: CanaryChoice, step: &JournalStep) -> String {
    match (choice, &step.expects) {
        (
            CanaryChoice::Keep,
            State::Stage {
                canary: Some(canary),
                ..
            },
        ) => canary.percent.clone(),
        _ => "0".to_owned(),
    }
}

/// What is to be done to undo a step. `kept`: the findings of later steps that were not undone.
pub fn ahead_of_undo(
    step: &JournalStep,
    progress: &Progress,
    now: &State,
    kept: &BTreeSet<String>,
) -> Ahead {
    let Some(found) = progress.found.as_ref().filter(|_| !progress.undone) else {
        return Ahead::Nothing;
    };
    if now.is(found) {
        return Ahead::TookEffect;
    }
    if step.findings.iter().any(|it| kept.contains(it)) {
        return Ahead::Refused(
            "a later step for the same method was not undone: without this one, whoever is let in would be locked out, or \
             the next deployment would open the method"
                .to_owned(),
        );
    }
    let is_ours = match &progress.left {
        Some(left) => now.is(left),
        None => is_in_effect(step, progress, now),
    };
    if is_ours {
        return Ahead::Change;
    }
    Ahead::Refused(format!(
        "it changed since: {}, which is neither what was there before nor what gatewatch left",
        now.in_words()
    ))
}
