//! Why a run failed, as Lambda shows it.

use std::error::Error;

use gatewatch::collect::Failure;
use gatewatch::config::Mistakes;
use gatewatch::deliver::DeliveryError;
use lambda_runtime::Diagnostic;

/// Why a run failed. Each kind has a name of its own, which alarms and retries can go by.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The event is none of ours.
    #[error("bad event: {0}; send {{}} for a whole scan, or {{\"regions\": […], \"apis\": […]}}")]
    BadEvent(String),
    /// An environment variable is missing or wrong.
    #[error("bad setting: {0}")]
    BadSetting(String),
    /// The policy file has mistakes. The defaults never stand in for it.
    #[error("the policy file has mistakes, and nothing was checked")]
    BadPolicy(#[from] Mistakes),
    /// Not even the account's id could be told.
    #[error("nothing was checked")]
    NoAccount(#[from] Failure),
    /// The report was made, and the topic did not take it.
    #[error(transparent)]
    NotDelivered(#[from] DeliveryError),
}

impl RunError {
    /// The error with its causes, in one text.
    pub(crate) fn in_full(&self) -> String {
        let causes = std::iter::successors(Some(self as &dyn Error), |error| (*error).source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        causes.join(": ")
    }

    /// The name of the kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            RunError::BadEvent(_) => "BadEvent",
            RunError::BadSetting(_) => "BadSetting",
            RunError::BadPolicy(_) => "BadPolicy",
            RunError::NoAccount(_) => "NoAccount",
            RunError::NotDelivered(_) => "NotDelivered",
        }
    }
}

impl From<RunError> for Diagnostic {
    fn from(error: RunError) -> Self {
        Diagnostic {
            error_type: error.kind().to_owned(),
            error_message: error.in_full(),
        }
    }
}
