//! Why a store could not read or write.

use std::error::Error;
use std::io::{self, ErrorKind};

use crate::aws::client::{Failure, in_full};
use crate::inventory::Reason;

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

impl StoreError {
    /// Why, for programs: a bucket that is not there is [`Reason::NotFound`]. `None`: it cannot be told, or somebody else
    /// wrote in between.
    pub fn reason(&self) -> Option<Reason> {
        let StoreError::Failed { cause, .. } = self else {
            return None;
        };
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return Some(failure.reason);
        }
        match cause.downcast_ref::<io::Error>()?.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Some(Reason::AccessDenied)
            }
            ErrorKind::NotFound => Some(Reason::NotFound),
            _ => None,
        }
    }
}

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The text is no address of an object.
    #[error("`{0}` is no object's address: they look like s3://bucket/key")]
    Address(String),
    /// There is no such object.
    #[error("{0} is not there")]
    Missing(String),
    /// It could not be read.
    #[error("{}", in_full(.0))]
    Failed(StoreError),
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

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Other(error.into())
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Fault::Other(failure.into())
    }
}
