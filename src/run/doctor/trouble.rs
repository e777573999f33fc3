//! Why something could not be done.

use crate::aws::client::{Failure, in_full};
use crate::aws::store::StoreError;
use crate::inventory::Reason;

/// Why something could not be done, in words that do not depend on who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Why, for programs. `None`: it cannot be told.
    pub reason: Option<Reason>,
    /// Why, for people.
    pub message: String,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble {
            reason: Some(failure.reason),
            message: failure.to_string(),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble {
            reason: error.reason(),
            message: in_full(&error),
        }
    }
}
