//! Whether an answer is what the configuration says.
//!
//! An answer that lets somebody in where the configuration lets nobody in is the worst disagreement. One that refuses
//! where the configuration is open is a disagreement, too: what was read is not what is served, or not all of it. Where
//! the answer does not tell, nothing is taken for agreed that would make a method look closed.

use std::borrow::Cow;

use super::answer::Outcome;
use super::expected::{Anonymous, Entrance, Expected};
use super::planned::Planned;
use super::shows::Shows;
use crate::audit::finding::Severity;
use crate::audit::surface::Protection;
use crate::inventory::{ApiKind, Reason};

/// Whether an answer is what the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Agrees,
    /// It is not.
    Disagrees {
        /// How bad that is.
        severity: Severity,
        /// What is otherwise, in one line.
        why: &'static str,
    },
    /// It cannot be told. That is a gap.
    NotJudged {
        /// Why, for programs.
        reason: Reason,
        /// Why, for people.
        why: Cow<'static, str>,
    },
}

impl Verdict {
    /// The name in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Agrees => "agrees",
            Verdict::Disagrees { .. } => "disagrees",
            Verdict::NotJudged { .. } => "not-judged",
        }
    }

    /// What became of a request, held against what was expected of it.
    pub(super) fn of(planned: &Planned, outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Failed { reason, message } => {
                let from = if planned.is_private() {
                    "; it is reached from a VPC only, and has to be asked from there"
                } else {
                    ""
                };
                Verdict::NotJudged {
                    reason: *reason,
                    why: format!("{message}{from}").into(),
                }
            }
            Outcome::Answered(answer) => {
                let shows = Shows::of(planned.kind, answer);
                if planned.signed {
                    of_signed(shows)
                } else {
                    of_unsigned(planned.kind, &planned.expected, shows)
                }
            }
        }
    }
}

fn disagrees(severity: Severity, why: &'static str) -> Verdict {
    Verdict::Disagrees { severity, why }
}

fn unclear(why: &'static str) -> Verdict {
    Verdict::NotJudged {
        reason: Reason::Malformed,
        why: why.into(),
    }
}

/// A signed request shows whether its caller is let in. Whether that caller should be is what `access` decides, and is not
/// held against this answer.
fn of_signed(shows: Shows) -> Verdict {
    match shows {
        Shows::Open | Shows::AccessDenied | Shows::AnonymousRefused => Verdict::Agrees,
        Shows::SignatureDemanded | Shows::SignatureInvalid => {
            unclear("the signature is not taken for a valid one: are the credentials in force?")
        }
        Shows::Throttled => throttled(),
        Shows::Forbidden => {
            unclear("the signed request is refused, and the answer does not say by what")
        }
        Shows::Authorizer => disagrees(
            Severity::Medium,
            "an authorizer decides about a method whose type is AWS_IAM",
        ),
        Shows::NothingThere | Shows::Unclear => {
            unclear("the answer to the signed request does not tell whether its caller was let in")
        }
    }
}

fn throttled() -> Verdict {
    Verdict::NotJudged {
        reason: Reason::Throttled,
        why: "there were too many requests: ask more slowly with --rate".into(),
    }
}

fn of_unsigned(kind: ApiKind, expected: &Expected, shows: Shows) -> Verdict {
    if expected.entrance == Entrance::Disabled {
        return at_a_disabled_endpoint(shows);
    }
    match shows {
        Shows::Open => lets_in(expected),
        Shows::SignatureDemanded => demands_a_signature(expected),
        Shows::Authorizer => asks_an_authorizer(expected),
        Shows::AnonymousRefused => refuses_anonymous(expected),
        Shows::Forbidden => forbids(kind, expected),
        Shows::NothingThere => has_nothing(expected),
        Shows::Throttled => throttled(),
        Shows::AccessDenied => denies(expected),
        Shows::SignatureInvalid | Shows::Unclear if expected.has(Protection::Open) => {
            // Nothing here is taken for closed, and nothing contradicts what was read.
            Verdict::Agrees
        }
        Shows::SignatureInvalid | Shows::Unclear => unclear(
            "the answer may be the backend's own or a customized one: whether the caller was let in is not certain",
        ),
    }
}

/// A disabled endpoint refuses whatever it is asked, in words that depend on the kind of API.
fn at_a_disabled_endpoint(shows: Shows) -> Verdict {
    match shows {
        Shows::Forbidden | Shows::NothingThere => Verdict::Agrees,
        Shows::Open => disagrees(
            Severity::High,
            "the default endpoint is disabled in the API's settings, and lets anyone in: probably that was not deployed",
        ),
        Shows::SignatureDemanded
        | Shows::Authorizer
        | Shows::AnonymousRefused
        | Shows::AccessDenied => disagrees(
            Severity::Medium,
            "the default endpoint is disabled in the API's settings, and answers: probably that was not deployed",
        ),
        Shows::Throttled => throttled(),
        Shows::SignatureInvalid | Shows::Unclear => {
            unclear("whether the disabled default endpoint answers is not certain")
        }
    }
}

fn lets_in(expected: &Expected) -> Verdict {
    if !expected.has(Protection::Open) {
        return disagrees(
            Severity::High,
            match expected.asks.first() {
                Some(Protection::KeyOnly) => {
                    "a request without an API key is let in, and the configuration demands one"
                }
                Some(Protection::Authorizer) => {
                    "an unsigned request without a token is let in, and the configuration names an authorizer"
                }
                Some(Protection::Iam) => {
                    "an unsigned request is let in, and the configuration demands AWS_IAM"
                }
                _ => {
                    "an unsigned request is let in, and the configuration does not tell what is demanded"
                }
            },
        );
    }
    match expected.anonymous {
        Anonymous::LetIn | Anonymous::Unknown => Verdict::Agrees,
        Anonymous::Refused => disagrees(
            Severity::High,
            "an unsigned request is let in, and the resource policy of the API's settings refuses it: probably \
             another one is deployed",
        ),
        Anonymous::FromNetworks => unclear(
            "it is let in from here: either the resource policy names this network, or another one is deployed",
        ),
    }
}

fn demands_a_signature(expected: &Expected) -> Verdict {
    if expected.has(Protection::Iam) || expected.may_be_absent {
        Verdict::Agrees
    } else if expected.has(Protection::Unknown) {
        not_told()
    } else {
        disagrees(
            Severity::Low,
            "a signature is demanded, or there is no such method: probably another deployment is served than was read",
        )
    }
}

fn asks_an_authorizer(expected: &Expected) -> Verdict {
    if expected.has(Protection::Authorizer) {
        Verdict::Agrees
    } else if expected.has(Protection::Unknown) {
        not_told()
    } else if expected.has(Protection::Iam) {
        disagrees(
            Severity::Medium,
            "an authorizer decides, and the configuration demands AWS_IAM",
        )
    } else {
        disagrees(
            Severity::Low,
            "an authorizer decides, and the configuration names none",
        )
    }
}

/// Where a method asks for a signature, that is asked for first. An authorizer is asked after the resource policy.
fn refuses_anonymous(expected: &Expected) -> Verdict {
    let is_open = expected.has(Protection::Open) || expected.has(Protection::KeyOnly);
    match expected.anonymous {
        Anonymous::Unknown => {
            unclear("anonymous callers are refused from here, by a policy that was not understood")
        }
        Anonymous::LetIn if is_open => disagrees(
            Severity::Low,
            "the resource policy that is deployed refuses anonymous callers, and that of the API's settings does not",
        ),
        _ if hides_the_signature(expected) => before_a_signature(),
        _ => Verdict::Agrees,
    }
}

/// Whether a policy that refuses leaves open whether a signature is demanded, on which the configuration counts.
fn hides_the_signature(expected: &Expected) -> bool {
    expected.is_never_open() && expected.has(Protection::Iam)
}

fn before_a_signature() -> Verdict {
    unclear(
        "a resource policy refuses before a signature is demanded: whether one is demanded is not certain",
    )
}

/// Refused by a policy, in words that are not API Gateway's own.
fn denies(expected: &Expected) -> Verdict {
    if hides_the_signature(expected) {
        before_a_signature()
    } else if expected.has(Protection::Authorizer) || expected.anonymous == Anonymous::Refused {
        Verdict::Agrees
    } else {
        unclear("a policy or an authorizer refuses, and the answer does not say which")
    }
}

fn forbids(kind: ApiKind, expected: &Expected) -> Verdict {
    let closed = expected.has(Protection::Iam) || expected.has(Protection::Authorizer);
    match kind {
        // It answers the same to who does not sign, and to whom an authorizer refuses.
        ApiKind::Http | ApiKind::WebSocket if closed => Verdict::Agrees,
        ApiKind::Http | ApiKind::WebSocket if expected.has(Protection::Open) => disagrees(
            Severity::Low,
            "the request is refused, and the configuration demands nothing: probably another deployment is served than was read",
        ),
        ApiKind::Rest if expected.has(Protection::KeyOnly) => Verdict::Agrees,
        _ => unclear(
            "something refuses before the method is asked, such as WAF: what the method itself asks for is not certain",
        ),
    }
}

fn has_nothing(expected: &Expected) -> Verdict {
    if expected.may_be_absent || expected.has(Protection::Open) {
        // A backend may answer in the same words.
        Verdict::Agrees
    } else {
        unclear(
            "there is no such method, or its backend answers so: whether the caller was let in is not certain",
        )
    }
}

fn not_told() -> Verdict {
    unclear(
        "the configuration does not tell what is demanded, so there is nothing to hold the answer against",
    )
}

#[cfg(test)]
mod tests;
