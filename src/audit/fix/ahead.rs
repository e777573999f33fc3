//! What is to be done next for a step, by what the journal knows of it and how things are now.

use std::collections::BTreeSet;

use crate::audit::fix::journal::{JournalStep, Progress};
use crate::audit::fix::state::{State, is_same_document};
use crate::audit::fix::step::Action;
use crate::inventory::{ANY, DeployedMethod, OPTIONS, listed};

/// As many methods are named.
const NAMED: usize = 5;

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
        (Action::Deploy { .. }, State::Stage { deployment, canary }) => {
            progress.made.is_some() && *deployment == progress.made && !canary
        }
        _ => false,
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

/// Why a deployment is not the one that was planned. `None`: it freezes what was foreseen, and nothing else.
pub fn differs(expected: &[DeployedMethod], frozen: &[DeployedMethod]) -> Option<String> {
    if frozen.is_empty() {
        return Some("what the deployment froze was not told".to_owned());
    }
    let is = |one: &DeployedMethod, other: &DeployedMethod| {
        one.verb == other.verb && one.path == other.path
    };
    let name = |it: &DeployedMethod| match &it.route_key {
        Some(key) => key.as_str().to_owned(),
        None => format!("{} {}", it.verb, it.path),
    };
    let odd = frozen.iter().filter_map(|it| {
        // Whether a summary lists an `ANY` method as such is not documented: its verbs are held against it.
        let of_path = |planned: &&DeployedMethod| planned.verb == ANY && planned.path == it.path;
        let planned = expected.iter().find(|planned| is(planned, it));
        let Some(planned) = planned.or_else(|| expected.iter().find(of_path)) else {
            return Some(format!("{} is new", name(it)));
        };
        let kind = |it: &DeployedMethod| {
            let kind = it.authorization.as_ref();
            kind.map_or_else(|| "an unknown type".to_owned(), ToString::to_string)
        };
        let is_same = it.authorization.is_some()
            && (&it.authorization, it.api_key_required)
                == (&planned.authorization, planned.api_key_required);
        let keyed = |it: &DeployedMethod| match it.api_key_required {
            true => " with an API key",
            false => "",
        };
        (!is_same).then(|| {
            format!(
                "{} has {}{}, and {}{} was foreseen",
                name(it),
                kind(it),
                keyed(it),
                kind(planned),
                keyed(planned)
            )
        })
    });
    // That a summary has the OPTIONS methods is not documented either: without one, nobody is let in who should not be.
    let missing = expected.iter().filter(|planned| {
        let stands_for = |it: &DeployedMethod| {
            is(planned, it) || (planned.verb == ANY && it.path == planned.path)
        };
        planned.verb != OPTIONS && !frozen.iter().any(stands_for)
    });
    let missing = missing.map(|it| format!("{} is missing", name(it)));
    let odd: Vec<String> = odd.chain(missing).collect();
    (!odd.is_empty()).then(|| listed(odd.into_iter(), NAMED))
}
