//! Why a store could not read or write.

use std::error::Error;

use crate::aws::client::Failure;

/// Why a store could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote in between. Nothing was written.
    #[error("{0} was changed by another run")]
    Conflict(String),
    /// It could not be done.
    #[error("{address} could not be {done}")]
    Failed {
        /// Where.
        address: String,
        /// `read`, `written` or `listed`.
        done: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

/// The same, before it is known where.
#[derive(Debug)]
pub(super) enum Fault {
    Conflict,
    Other(Box<dyn Error + Send + Sync>),
}

impl Fault {
    pub(super) fn at(self, done: &'static str, address: String) -> StoreError {
        match self {
            Fault::Conflict => StoreError::Conflict(address),
            Fault::Other(cause) => StoreError::Failed {
                address,
                done,
                cause,
            },
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Fault::Other(error.into())
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Fault::Other(failure.into())
    }
}
