//! The decision on one request.

use strum::IntoStaticStr;

use crate::iam::decide::outcome::Outcome;
use crate::iam::decide::question::{Policies, Question};
use crate::iam::decide::weigh::Weighed;
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
    /// It depends on what is not known of the request, or is not documented.
    #[strum(serialize = "UNDECIDED")]
    Undecided,
}

impl Decision {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Decides a request. Where everything is known of it, the answer is [`Decision::Undecided`] only where it depends on what a
/// principal that a resource policy names stands for, such as a unique id, or one session of the role that asks.
///
/// `resource` is the request's ARN, such as `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/7`.
///
/// Source: [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
pub fn decide(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Decision {
    let outcome = outcome(policies, question, resource);
    match (outcome.allowed, outcome.denied) {
        (Truth::True, _) => Decision::Allowed,
        (Truth::Unknown, _) => Decision::Undecided,
        (Truth::False, Truth::True) => Decision::ExplicitlyDenied,
        (Truth::False, _) => Decision::ImplicitlyDenied,
    }
}

/// Whether a request is allowed, as far as that is known. `resource` is its ARN, as for [`decide`].
pub fn may(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Truth {
    outcome(policies, question, resource).allowed
}

fn outcome(policies: &Policies<'_>, question: Question<'_>, resource: &str) -> Outcome {
    // With one resource, no pattern is left open: none is asked for.
    Weighed::of_request(policies, question, resource).outcome(&|_| Truth::False)
}
