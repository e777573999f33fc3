//! One account of an organization, read into its ledger.

use jiff::Timestamp;

use super::super::Account;
use super::super::account::Live;
use super::super::governed::{Asked, Cause, Governed, Keeps};
use super::super::ledger::{Ledger, LedgerError};
use super::super::outcome::{Ended, Found};
use super::super::plan::Extent;
use super::super::watched::Watched;
use crate::audit::Report;
use crate::aws::client::{Clients, Identity, MemberRole, in_full};
use crate::aws::collect::Reading;
use crate::aws::store::Memory;
use crate::inventory::{Inventory, Reason, Scope};
use crate::ledger::organization::{NotRead, Read};
use crate::ledger::{Settings, owed};

/// The account from which the accounts of the organization are read, and how they are read.
#[derive(Debug)]
pub struct Hub<'h> {
    /// Sign their requests with the hub's own credentials.
    pub clients: &'h Clients,
    /// Whose credentials those are.
    pub identity: &'h Identity,
    /// The role to read other accounts with.
    pub role: &'h MemberRole,
    /// What of each account is watched.
    pub watched: &'h Watched,
}

impl Hub<'_> {
    /// Takes on the role of an account, and tells what of it is watched. The hub's own account needs no role.
    ///
    /// # Errors
    /// [`NotRead`], where nothing of the account can be read.
    pub async fn account(&self, account: &str) -> Result<(Live, Scope, Reading), NotRead> {
        let reader = self.clients.in_account(self.identity, account, self.role);
        let (clients, identity) = reader.await?;
        let (scope, reading) = match self.watched.of(&clients, &identity).await {
            Ok(watched) => watched,
            Err(error) => {
                return Err(NotRead {
                    reason: Reason::NotFound,
                    message: error.to_string(),
                });
            }
        };
        Ok((Live { clients, identity }, scope, reading))
    }
}

/// An account that was read into its ledger.
#[derive(Debug)]
pub struct Taken {
    /// What it came to.
    pub report: Report,
    /// What was read.
    pub inventory: Inventory,
    /// What it came to in numbers.
    pub read: Read,
    /// Whether the run ran out of time. The next run goes on.
    pub unfinished: bool,
}

impl Taken {
    fn new<M: Memory>(
        ledger: &Ledger<'_, M>,
        found: Found,
        settings: Settings,
        now: Timestamp,
    ) -> Self {
        let report = found.report;
        let coverage = &report.evaluation.coverage;
        let read = Read {
            status: report.status().as_str().to_owned(),
            taken_at: report.taken_at,
            regions: report.scope.regions.clone(),
            apis: coverage.apis,
            methods: coverage.methods,
            gaps: report.evaluation.gaps.len(),
            open: found.open,
            exempt: found.exempt,
            owed: owed(ledger.books(), &report, settings, now),
            due: ledger.due(ledger.books(), &report, settings, now).is_some(),
        };
        Taken {
            report,
            inventory: found.inventory,
            read,
            unfinished: found.unfinished,
        }
    }
}

impl<M: Memory, C: Fn() -> Timestamp + Sync> Governed<'_, M, C> {
    /// Reads an account of an organization into its ledger, without announcing anything: the organization's digest
    /// does that, from what is kept here. So this fails if the report or the inventory cannot be kept.
    ///
    /// # Errors
    /// [`Ended`]. What cannot be read of the account is a gap.
    pub async fn read_member<A: Account>(
        &self,
        account: &A,
        watched: Scope,
        reading: Reading,
    ) -> Result<Taken, Ended> {
        let asked = Asked {
            watched,
            reading,
            extent: Extent::Everything,
            cause: Cause::Schedule,
            keeps: Keeps::ForDigest,
        };
        let taken = self.take(account, asked).await?;
        taken.kept?;
        Ok(Taken::new(
            &taken.ledger,
            taken.found,
            self.settings,
            self.begun,
        ))
    }
}

/// What becomes of an account whose ledger cannot be used.
pub fn unusable(cause: &LedgerError) -> NotRead {
    NotRead {
        reason: match cause {
            LedgerError::Store(_) => Reason::ServiceError,
            _ => Reason::Malformed,
        },
        message: in_full(cause),
    }
}
