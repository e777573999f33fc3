//! What announces the accounts of an organization together.

use jiff::Timestamp;

use super::super::observer::Observer;
use crate::audit::Report;
use crate::inventory::Inventory;
use crate::ledger::Settings;

/// Announces what became of the accounts of an organization.
#[derive(Clone, Copy)]
pub struct Announcer<'a, M, O> {
    /// Where the ledgers and the inventories of the accounts are kept.
    pub memory: &'a M,
    /// Takes the digest.
    pub outlet: &'a O,
    /// Judges an inventory by the policy file.
    pub judge: &'a (dyn Fn(&Inventory) -> Report + Sync),
    /// When to announce what has not changed.
    pub settings: Settings,
    /// The time of the run.
    pub now: Timestamp,
    /// Whoever watches the run.
    pub observer: Observer<'a>,
}
