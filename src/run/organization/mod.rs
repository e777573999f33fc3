//! A run over the accounts of an organization: each account is read by itself, and one digest names what changed in
//! all of them.
//!
//! Three steps, which the Lambda takes in invocations of their own: list the accounts, read each of them into its
//! ledger, announce. What became of an account is written down where the account was read. The last step knows only
//! what is written down: an account of which nothing is written was not read.

mod account;
mod announcer;
mod digest;
mod members;
mod note;
mod owners;

pub use account::{Hub, Taken, unusable};
pub use announcer::Announcer;
pub use digest::JUDGED_AT_ONCE;
pub use members::{Accounts, Members, NoMembers, members};

use std::error::Error;
use std::io;

use futures_util::StreamExt as _;

use super::kept::text;
use super::ledger::LedgerError;
use crate::aws::client::in_full;
use crate::aws::store::{Indented, Memory, StoreError};
use crate::inventory::Reason;
use crate::ledger::organization::{Member, NotRead, Outcome, Result as Became, Roll};

/// How many accounts have their state read or written at once.
const AT_ONCE: usize = 16;

/// Why the run over an organization ended.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError<E: Error + 'static> {
    /// What is kept of the run or of an account could not be read or written.
    #[error("what is kept of the organization could not be read or written")]
    Store(#[from] StoreError),
    /// There is no such run.
    #[error("there is no run {0}: its accounts were never listed")]
    NoRun(String),
    /// What is kept must not be used.
    #[error("what is kept of the run cannot be used: {0}")]
    Unusable(String),
    /// An account was read, and its inventory is not kept: nothing can be told of it.
    #[error(
        "what was read of account {0} is not kept: its owners were not told, and the next run tells them"
    )]
    Lost(String),
    /// The ledger of an account could not be used.
    #[error("the ledger of account {account} could not be used")]
    Ledger {
        /// The account.
        account: String,
        /// Why.
        #[source]
        cause: LedgerError,
    },
    /// The digest was not sent, and the next run will announce what it named.
    #[error("what was found was not announced; the next run will announce it")]
    NotSent(#[source] E),
}

/// Writes down which accounts a run is about: for the map over them, and for the last step.
///
/// # Errors
/// [`StoreError`].
pub async fn begin<M: Memory>(memory: &M, roll: &Roll) -> Result<(), StoreError> {
    let key = Roll::key(&roll.run);
    memory.replace(&key, &Indented(roll)).await?;
    let items = |out: &mut dyn io::Write| Ok(serde_json::to_writer(out, &roll.members)?);
    memory.replace(&Roll::items_key(&roll.run), &items).await
}

/// The accounts of a run.
///
/// # Errors
/// [`OrganizationError`], where there is no such run.
pub async fn roll<M: Memory, E: Error + 'static>(
    memory: &M,
    run: &str,
) -> Result<Roll, OrganizationError<E>> {
    let key = Roll::key(run);
    let kept = text(memory, &key, memory.read(&key).await?)?;
    let kept = kept.ok_or_else(|| OrganizationError::NoRun(run.to_owned()))?;
    Roll::from_json(&kept).map_err(|error| OrganizationError::Unusable(error.to_string()))
}

/// Writes down what became of an account.
///
/// # Errors
/// [`StoreError`].
pub async fn became<M: Memory>(memory: &M, outcome: &Outcome) -> Result<(), StoreError> {
    let key = Outcome::key(&outcome.run, &outcome.account);
    memory.replace(&key, &Indented(outcome)).await
}

/// What became of every account of a run, as it was written down. An account was not read if nothing is written of
/// it, if that cannot be read or understood, or if an earlier run of the same name wrote it.
pub async fn outcomes<M: Memory>(memory: &M, roll: &Roll) -> Vec<(Member, Became)> {
    let reads = roll.members.iter().map(async |member| {
        let (run, account) = (&roll.run, &member.account);
        let key = Outcome::key(run, account);
        let kept = memory.read(&key).await;
        match kept.and_then(|it| text(memory, &key, it)) {
            Ok(kept) => {
                let outcome = kept.and_then(|it| Outcome::from_json(&it, run, account).ok());
                Some(outcome.filter(|it| it.at >= roll.begun_at)?.result)
            }
            Err(error) => Some(Became::NotRead(lost(&error))),
        }
    });
    let reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
    let mut outcomes = reads.collect::<Vec<Option<Became>>>().await.into_iter();
    roll.with_outcomes(|_| outcomes.next().flatten())
}

/// What becomes of an account of which something that is kept cannot be read.
fn lost(error: &StoreError) -> NotRead {
    NotRead {
        reason: Reason::ServiceError,
        message: in_full(error),
    }
}
