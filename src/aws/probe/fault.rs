//! Why a request has no answer.

use crate::audit::probe::Outcome;
use crate::aws::client::in_full;
use crate::inventory::Reason;

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    reason: Reason,
    message: String,
    /// Whether the host itself gave no answer, so that the next request will hardly get one.
    pub(super) is_of_host: bool,
}

impl Fault {
    /// The host could not be reached, or not safely.
    pub(super) fn unreachable(message: String) -> Self {
        Fault {
            reason: Reason::Unreachable,
            message,
            is_of_host: true,
        }
    }

    /// The same, with its cause.
    pub(super) fn because(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Fault::unreachable(format!("{what}: {}", in_full(error)))
    }

    /// No answer came in time.
    pub(super) fn timeout() -> Self {
        Fault {
            reason: Reason::Timeout,
            message: "no answer came in time".to_owned(),
            is_of_host: true,
        }
    }

    /// What came is no answer, or there is nothing to be sent.
    pub(super) fn malformed(message: String) -> Self {
        Fault {
            reason: Reason::Malformed,
            message,
            is_of_host: false,
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
