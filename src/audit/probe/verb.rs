//! Which verbs a method is asked by.

use super::expected::Expected;
use super::questions::Questions;
use crate::inventory::served::{Answers, ServedMethod};
use crate::inventory::{OPTIONS, Verbs, WRITING_VERBS};

/// The verbs that are asked by where nobody wants others: they are not meant to change anything.
const READING: [&str; 2] = ["GET", "HEAD"];

/// The verbs that a method is asked by, and, where some that somebody asked for are not among them, why.
/// `answers_preflights`: whether the service answers OPTIONS itself.
pub(super) fn verbs(
    method: &ServedMethod<'_>,
    answers_preflights: bool,
    expected: &Expected,
    questions: &Questions,
) -> (Vec<&'static str>, Option<String>) {
    let answered = match method.left {
        // The service itself answers in place of the method.
        Answers::Verbs(verbs) if answers_preflights => verbs.without(Verbs::one(OPTIONS)),
        Answers::Verbs(verbs) => verbs,
        Answers::OwnVerb => {
            let why = format!("{} is no verb that can be asked by", method.verb);
            return (Vec::new(), Some(why));
        }
        // A connection is asked for by GET.
        Answers::Connections => Verbs::one("GET"),
    };
    if answered.is_empty() {
        return (
            Vec::new(),
            Some("no request is left to it, or the service answers in its place".to_owned()),
        );
    }
    // What answers GET needs no HEAD.
    let mut reading = READING.into_iter().map(|it| answered.and(Verbs::one(it)));
    let mut chosen = reading.find(|it| !it.is_empty()).unwrap_or(Verbs::NONE);
    let mut executing = Verbs::NONE;
    for verb in &questions.verbs {
        let wanted = answered.and(Verbs::one(verb));
        let executes = is_writing(verb) && !expected.is_never_open();
        if executes && !questions.executes {
            executing = executing.or(wanted);
        } else {
            chosen = chosen.or(wanted);
        }
    }
    let why = if !executing.is_empty() {
        Some(format!(
            "{} would execute it, as nothing is known to be demanded: give --i-know-it-executes to send that all the same",
            joined(executing)
        ))
    } else if chosen.is_empty() {
        let first = answered.iter().next().unwrap_or_default();
        Some(format!(
            "it answers {}, and only GET and HEAD are sent: give --verb {first} to send another one",
            joined(answered)
        ))
    } else {
        None
    };
    (chosen.iter().collect(), why)
}

/// Whether a verb is meant to change something.
pub(super) fn is_writing(verb: &str) -> bool {
    WRITING_VERBS.contains(&verb)
}

fn joined(verbs: Verbs) -> String {
    let verbs: Vec<&str> = verbs.iter().collect();
    verbs.join(", ")
}
