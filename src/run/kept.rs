//! What a run keeps besides the ledger, and what a later run takes from it: the report, the inventory, and the
//! inventory of a scan that ran out of time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::keys::{inventory_key, page_key, part_key, report_key};
use super::ledger::{Ledger, LedgerError};
use super::most_kept::MOST_KEPT;
use super::page::Page;
use crate::audit::Report;
use crate::aws::store::{Indented, Kept, Memory, StoreError};
use crate::inventory::{Inventory, Scope};
use crate::render::json;

/// How long a later run may go on with an unfinished scan. After that, everything is read again.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(100);

/// What is kept while no scan is unfinished. Nothing is ever deleted, so gatewatch needs no right to delete.
const NONE: &str = "null\n";

impl<M: Memory> Ledger<'_, M> {
    /// Keeps the report, whose place the digest names, the inventory, for runs over the principals alone, and the report as
    /// a page, which the digest leads to. `new`: the ids of the findings that were not open before. Nothing is kept if a run
    /// that began later has kept its own. A failure here must not keep the run from announcing what it found.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep(
        &mut self,
        report: &Report,
        inventory: &Inventory,
        new: &BTreeSet<String>,
    ) -> Result<(), LedgerError> {
        if self.inventory_at().is_some_and(|it| it > report.taken_at) {
            return Ok(());
        }
        let account = &report.account;
        // Each of the texts is large, and none is ever in memory as a whole.
        let worst = json::worst(report, MOST_KEPT);
        let text = Indented(&worst);
        self.memory.replace(&report_key(account), &text).await?;
        self.keeps = true;
        // Later runs need the inventory, whether or not there is a page.
        let has_page = self.keep_page(report, inventory, new).await;
        let text = Indented(inventory);
        self.memory.replace(&inventory_key(account), &text).await?;
        has_page
    }

    async fn keep_page(
        &mut self,
        report: &Report,
        inventory: &Inventory,
        new: &BTreeSet<String>,
    ) -> Result<(), LedgerError> {
        let page = Page::of(report, inventory, &self.books, new);
        let key = page_key(&report.account);
        self.memory.replace(&key, &page).await?;
        self.has_page = true;
        Ok(())
    }
}

/// The inventory of the last run over everything. `None`: there is none, or this gatewatch does not understand it,
/// so that all of it is read again.
///
/// # Errors
/// [`StoreError`], where it could not be read.
pub async fn earlier<M: Memory>(
    memory: &M,
    account: &str,
) -> Result<Option<Inventory>, StoreError> {
    kept(memory, &inventory_key(account), account).await
}

/// The inventory that a key has, if it is one of this account and this gatewatch understands it.
pub(super) async fn kept<M: Memory>(
    memory: &M,
    key: &str,
    account: &str,
) -> Result<Option<Inventory>, StoreError> {
    let kept = memory.read(key).await?;
    let text = text(memory, key, kept)?;
    let inventory = text.and_then(|it| Inventory::from_json(&it).ok());
    Ok(inventory.filter(|it| it.account == account))
}

/// The inventory of an unfinished scan of this scope. `None`: there is none that a run can go on with. It is too
/// old, this gatewatch does not understand it, or a whole inventory, which is `earlier`, was read since.
///
/// # Errors
/// [`StoreError`], where it could not be read.
pub async fn unfinished<M: Memory>(
    memory: &M,
    account: &str,
    scope: &Scope,
    earlier: Option<&Inventory>,
    now: Timestamp,
) -> Result<Option<Inventory>, StoreError> {
    let part = kept(memory, &part_key(account), account).await?;
    let is_ours = |part: &Inventory| {
        if earlier.is_some_and(|it| it.taken_at >= part.taken_at) {
            return false;
        }
        let age = now.duration_since(part.taken_at);
        part.scope == *scope && !age.is_negative() && age < GOOD_FOR
    };
    Ok(part.filter(is_ours))
}

/// Keeps the inventory of an unfinished scan.
///
/// # Errors
/// [`StoreError`], where it could not be written.
pub async fn keep_unfinished<M: Memory>(
    memory: &M,
    inventory: &Inventory,
) -> Result<(), StoreError> {
    let key = part_key(&inventory.account);
    memory.replace(&key, &Indented(inventory)).await
}

/// What was read of a key, as a text.
pub(super) fn text<M: Memory>(
    memory: &M,
    key: &str,
    kept: Option<Kept>,
) -> Result<Option<String>, StoreError> {
    let text = kept.map(Kept::text).transpose();
    text.map_err(|cause| StoreError::Failed {
        address: memory.address(key),
        done: "read",
        cause: cause.into(),
    })
}

/// Keeps the inventory of a scan that ran out of time. If the scan is finished and went on with an unfinished one,
/// notes that nothing is unfinished any more.
///
/// # Errors
/// [`StoreError`], where that could not be written.
pub async fn settle<M: Memory>(
    memory: &M,
    inventory: &Inventory,
    went_on: bool,
) -> Result<(), StoreError> {
    if inventory.is_unfinished() {
        return keep_unfinished(memory, inventory).await;
    }
    if went_on {
        memory.replace(&part_key(&inventory.account), NONE).await?;
    }
    Ok(())
}
