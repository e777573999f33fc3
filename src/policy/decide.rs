//! The decision on one request.

use super::truth::Truth;
use super::weigh::{Policies, Question, Weighed};

/// The decision on one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// A Deny applies.
    ExplicitlyDenied,
    /// What must allow it does not.
    ImplicitlyDenied,
}

impl Decision {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Allowed => "Allowed",
            Decision::ExplicitlyDenied => "ExplicitlyDenied",
            Decision::ImplicitlyDenied => "ImplicitlyDenied",
        }
    }
}

/// Decides a request of which everything is known. Where the context leaves something open, it is not
/// allowed.
pub fn decide(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Decision {
    let weighed = Weighed::new(policies, question);
    let outcome = outcome(&weighed, resource);
    match (outcome.allowed, outcome.denied) {
        (Truth::True, _) => Decision::Allowed,
        (_, Truth::True) => Decision::ExplicitlyDenied,
        _ => Decision::ImplicitlyDenied,
    }
}

/// Whether a request is allowed, as far as it is known.
pub fn may(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Truth {
    outcome(&Weighed::new(policies, question), resource).allowed
}

fn outcome(weighed: &Weighed, resource: &str) -> super::weigh::Outcome {
    let patterns = weighed.patterns.all.iter();
    let met: Vec<bool> = patterns.map(|it| it.parts.matches(resource)).collect();
    weighed.outcome(&|number| Truth::from(met.get(number).copied().unwrap_or(false)))
}
