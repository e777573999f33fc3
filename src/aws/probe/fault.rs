//! Why a request has no answer.

use crate::audit::probe::Outcome;
use crate::aws::client::in_full;
use crate::inventory::Reason;

/// The host takes no connection: the next request will hardly get one.
const NO_CONNECTION: u32 = 4;

/// The host took the request and is silent: it may be this one method that is slow.
const NO_ANSWER: u32 = 1;

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Fault {
    reason: Reason,
    message: String,
    /// How much patience with its host a request takes that ends so.
    pub(super) takes: u32,
}

impl Fault {
    /// The reason, in words.
    pub(in crate::aws) fn message(self) -> String {
        self.message
    }

    /// The host could not be reached, or not safely.
    pub(super) fn unreachable(message: String) -> Self {
        Fault {
            reason: Reason::Unreachable,
            message,
            takes: NO_CONNECTION,
        }
    }

    /// The same, with its cause.
    pub(super) fn because(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Fault::unreachable(format!("{what}: {}", in_full(error)))
    }

    /// There was no connection in time.
    pub(super) fn no_connection() -> Self {
        Fault {
            reason: Reason::Timeout,
            message: "there was no connection in time".to_owned(),
            takes: NO_CONNECTION,
        }
    }

    /// No answer came in time.
    pub(super) fn no_answer() -> Self {
        Fault {
            reason: Reason::Timeout,
            message: "no answer came in time".to_owned(),
            takes: NO_ANSWER,
        }
    }

    /// The connection broke before an answer was there.
    pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Self {
        Fault {
            takes: NO_ANSWER,
            ..Fault::because("the connection broke", error)
        }
    }

    /// What came is no answer, or there is nothing to be sent.
    pub(super) fn malformed(message: String) -> Self {
        Fault {
            reason: Reason::Malformed,
            message,
            takes: 0,
        }
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Outcome::Failed {
            reason: fault.reason,
            message: fault.message,
        }
    }
}
