//! Why a run failed, as Lambda shows it.

use gatewatch::aws::client::{Failure, in_full};
use gatewatch::aws::deliver::{ConfigError, OutletError};
use gatewatch::aws::store::StoreError;
use gatewatch::policy_file::Mistakes;
use gatewatch::run::organization::OrganizationError;
use gatewatch::run::{AnnounceError, Ended, LedgerError, NotDone};
use lambda_runtime::Diagnostic;

/// Why a run failed. Each kind has a name of its own, which alarms and retries can use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The event is not one that gatewatch handles.
    #[error("bad event: {0}; send {{}} for a whole scan, or {{\"regions\": […], \"apis\": […]}}")]
    BadEvent(String),
    /// An environment variable is missing or wrong.
    #[error("bad setting: {0}")]
    BadSetting(String),
    /// The policy file has mistakes. The defaults never stand in for it.
    #[error("the policy file has mistakes, and nothing was checked")]
    BadPolicy(#[from] Mistakes),
    /// The account's id could not be read.
    #[error("nothing was checked")]
    NoAccount(#[from] Failure),
    /// The accounts of the organization could not be listed.
    #[error("the accounts of the organization could not be listed, and nothing was checked")]
    NoAccounts(#[source] Failure),
    /// The digest of an organization was not sent, or what it rests on could not be read.
    #[error(transparent)]
    Organization(#[from] OrganizationError<OutletError>),
    /// The ledger is damaged, or could not be read or written.
    #[error(transparent)]
    BadLedger(#[from] LedgerError),
    /// Something else that is kept could not be read or written.
    #[error("the state could not be kept")]
    BadState(#[from] StoreError),
    /// What changed was announced; the report or the inventory could not be kept.
    #[error("what changed was announced, but the report or the inventory could not be kept")]
    NotKept(#[source] LedgerError),
    /// The topic did not take the digest, or the ledger the note that it did.
    #[error(transparent)]
    NotAnnounced(#[from] AnnounceError<OutletError>),
    /// The topic took the digest, and another place did not.
    #[error("announced, but not everywhere: {}", .0.join("; "))]
    NotEverywhere(Vec<String>),
    /// AWS Config asked about something that could not be read.
    #[error("AWS Config was told nothing: {0}")]
    NotEvaluated(String),
    /// AWS Config did not take the evaluations.
    #[error(transparent)]
    NotTold(#[from] ConfigError),
}

impl RunError {
    /// The error with its causes, in one text.
    pub(crate) fn in_full(&self) -> String {
        in_full(self)
    }

    /// The name of the kind.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            RunError::BadEvent(_) => "BadEvent",
            RunError::BadSetting(_) => "BadSetting",
            RunError::BadPolicy(_) => "BadPolicy",
            RunError::NoAccount(_) => "NoAccount",
            RunError::NoAccounts(_) => "NoAccounts",
            RunError::Organization(error) => match error {
                OrganizationError::NoRun(_) => "BadEvent",
                OrganizationError::Store(_)
                | OrganizationError::Unusable(_)
                | OrganizationError::Lost(_) => "BadState",
                OrganizationError::Ledger { .. } => "BadLedger",
                OrganizationError::NotSent(_) => "NotAnnounced",
            },
            RunError::BadLedger(_) => "BadLedger",
            RunError::BadState(_) | RunError::NotKept(_) => "BadState",
            RunError::NotAnnounced(_) => "NotAnnounced",
            RunError::NotEverywhere(_) => "NotEverywhere",
            RunError::NotEvaluated(_) => "NotEvaluated",
            RunError::NotTold(_) => "NotTold",
        }
    }
}

impl From<Ended> for RunError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::NotOpened(cause) | Ended::NotWritten { cause, .. } => RunError::BadLedger(cause),
            // Nobody interrupts the function: Lambda ends it.
            Ended::Interrupted(_) => RunError::BadLedger(LedgerError::Interrupted),
            Ended::NotKept(cause) => RunError::NotKept(cause),
            Ended::NoEarlier(cause) | Ended::NotSettled(cause) => RunError::BadState(cause),
        }
    }
}

impl From<NotDone<OutletError>> for RunError {
    fn from(error: NotDone<OutletError>) -> Self {
        match error {
            NotDone::NotAnnounced(cause) => RunError::NotAnnounced(cause),
            NotDone::NotKept(ended) => ended.into(),
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
