//! What earlier scans read, and what a later one need not read again: the inventory of the last one, and what
//! was read by one that ran out of time.

use jiff::{SignedDuration, Timestamp};

use super::inventory_key;
use crate::model::{Inventory, Scope};
use crate::store::{Memory, StoreError};

/// For how long the next run may go on. What was read before that is read again.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(100);

/// What there is where no scan is unfinished: nothing can be deleted, so that nothing can be lost.
const NONE: &str = "null\n";

/// Where the inventory of an unfinished scan is kept.
pub(super) fn part_key(account: &str) -> String {
    format!("parts/{account}.json")
}

/// The inventory of the last run over everything. `None`: there is none.
///
/// One that cannot be understood counts as none: what is in it is read again.
///
/// # Errors
/// [`StoreError`], where it could not be read.
pub async fn earlier<M: Memory>(
    memory: &M,
    account: &str,
) -> Result<Option<Inventory>, StoreError> {
    kept(memory, &inventory_key(account), account).await
}

/// The inventory of an account that a key has. `None`: it has none that can be understood.
pub(super) async fn kept<M: Memory>(
    memory: &M,
    key: &str,
    account: &str,
) -> Result<Option<Inventory>, StoreError> {
    let kept = memory.read(key).await?;
    let inventory = kept.and_then(|it| Inventory::from_json(&it.text).ok());
    Ok(inventory.filter(|it| it.account == account))
}

/// The inventory of an unfinished scan of this scope. `None`: there is none, it is too old, or a whole one, which
/// is `earlier`, was read since.
///
/// One that cannot be understood counts as none: what it read is read again.
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
    // Only a map with keys that are no texts fails, and an inventory has none.
    let text = inventory.to_json().unwrap_or_else(|_| NONE.to_owned());
    memory.replace(&part_key(&inventory.account), &text).await
}

/// Keeps what a scan read that ran out of time; notes that the scan is finished, where it went on with one that
/// had.
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
