//! The decision on one request.

use strum::IntoStaticStr;

use crate::iam::decide::weigh::{Outcome, Policies, Question, Weighed};
use crate::iam::truth::Truth;

/// The decision on one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
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
        self.into()
    }
}

/// Decides a request of which everything is known. Where the context leaves something open, it is not
/// allowed.
pub fn decide(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Decision {
    let outcome = outcome(policies, question, resource);
    match (outcome.allowed, outcome.denied) {
        (Truth::True, _) => Decision::Allowed,
        (_, Truth::True) => Decision::ExplicitlyDenied,
        _ => Decision::ImplicitlyDenied,
    }
}

/// Whether a request is allowed, as far as it is known.
pub fn may(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Truth {
    outcome(policies, question, resource).allowed
}

fn outcome(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Outcome {
    // No pattern is left open, so that none is asked for.
    Weighed::of_request(policies, question, resource).outcome(&|_| Truth::False)
}
