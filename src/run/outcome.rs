//! How a run with a ledger ends.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use jiff::Timestamp;

use super::announce::{AnnounceError, Announced};
use super::ledger::LedgerError;
use crate::audit::Report;
use crate::audit::finding::Severity;
use crate::aws::store::StoreError;
use crate::inventory::Inventory;

/// What a run read and wrote down.
#[derive(Debug)]
pub struct Found {
    /// What the account came to.
    pub report: Report,
    /// What was read.
    pub inventory: Inventory,
    /// Whether everything that is watched was due and was read.
    pub full: bool,
    /// Whether the run ran out of time before it had read everything. The next run goes on.
    pub unfinished: bool,
    /// The ids of the findings that were not open in the ledger before. Empty for the first report of an account.
    pub new: BTreeSet<String>,
    /// How many findings are open in the ledger, by severity.
    pub open: BTreeMap<Severity, usize>,
    /// How many findings in the ledger are exempt.
    pub exempt: usize,
}

/// A run that wrote down what it found. Whatever else failed, the report can be shown.
#[derive(Debug)]
pub struct Done<E: Error + 'static> {
    /// What the run found.
    pub found: Found,
    /// Since when the oldest change that nobody was told has been waiting. `None`: nothing waits.
    pub waiting_since: Option<Timestamp>,
    /// What was announced. `None`: the run had no outlet.
    pub announced: Result<Option<Announced>, AnnounceError<E>>,
    /// Whether the report and the inventory, or the inventory of an unfinished scan, are kept.
    pub kept: Result<(), Ended>,
}

/// Why a run ended before it could announce anything, or did not keep what it should.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The ledger could not be opened. Nothing was read, and the ledger is as it was.
    #[error(transparent)]
    NotOpened(LedgerError),
    /// What earlier runs read could not be read. Nothing was read in the account.
    #[error(transparent)]
    NoEarlier(StoreError),
    /// Somebody interrupted the run before everything was read. Nothing was judged, and the ledger is as it was.
    #[error("the run was interrupted before everything was read")]
    Interrupted(Box<Inventory>),
    /// What was found could not be written down as a whole. It was not announced, and can be shown.
    #[error("{cause}")]
    NotWritten {
        /// What was found.
        report: Box<Report>,
        /// Why it could not be written.
        #[source]
        cause: LedgerError,
    },
    /// The report or the inventory could not be kept.
    #[error(transparent)]
    NotKept(LedgerError),
    /// The inventory of an unfinished scan could not be kept, or not be marked as finished.
    #[error(transparent)]
    NotSettled(StoreError),
}

/// Why a run that wrote down what it found did not end well.
#[derive(Debug, thiserror::Error)]
pub enum NotDone<E: Error + 'static> {
    /// Not everything that is due was announced and noted.
    #[error(transparent)]
    NotAnnounced(AnnounceError<E>),
    /// What belongs to the ledger could not be kept. What was due was announced all the same.
    #[error(transparent)]
    NotKept(Ended),
}

impl<E: Error + 'static> Done<E> {
    /// What was found and announced, if all steps went well.
    ///
    /// # Errors
    /// [`NotDone`]. What was not announced is worse than what was not kept.
    pub fn ended(self) -> Result<(Found, Option<Announced>), NotDone<E>> {
        let announced = self.announced.map_err(NotDone::NotAnnounced)?;
        self.kept.map_err(NotDone::NotKept)?;
        Ok((self.found, announced))
    }
}

impl From<Ended> for LedgerError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::NotOpened(cause) | Ended::NotWritten { cause, .. } | Ended::NotKept(cause) => {
                cause
            }
            Ended::Interrupted(_) => LedgerError::Interrupted,
            Ended::NoEarlier(cause) | Ended::NotSettled(cause) => LedgerError::Store(cause),
        }
    }
}
