//! The report as a page for a browser, which a run keeps beside the report for programs.

use std::collections::BTreeSet;
use std::io;

use super::most_kept::MOST_KEPT;
use crate::audit::Report;
use crate::aws::store::Memory;
use crate::inventory::{Inventory, partition_of};
use crate::ledger::Book;
use crate::render::{PageAccess, PageAccount, PageBound, object_page, write_html};

/// How much a kept page lists: as many findings as the report that is kept, and as many answers as are found and held beside
/// what a run of the Lambda holds then.
const KEPT: PageBound = PageBound {
    findings: MOST_KEPT,
    answers: 100_000,
    reasons: 1_000,
};

/// The page of an account. `new`: the ids of the findings that were not open before.
///
/// # Errors
/// Where it cannot be made as a text. This does not happen with the types of this crate.
pub(super) fn page(
    report: &Report,
    inventory: &Inventory,
    books: &[Book],
    new: &BTreeSet<String>,
) -> io::Result<String> {
    let access = PageAccess::of(inventory, KEPT);
    let account = PageAccount {
        access: Some(&access),
        new,
        books,
        bound: KEPT,
        ..PageAccount::of(report)
    };
    text_of(|out| write_html(&[account], out))
}

/// What is written, as a text.
///
/// # Errors
/// Where it cannot be written, or is none.
pub(super) fn text_of(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut page = Vec::new();
    write(&mut page)?;
    String::from_utf8(page).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Where whoever may read a kept page opens it. `None`: it is no object of S3, or no console is known of the partition that its
/// bucket lies in.
pub(super) fn page_link<M: Memory>(memory: &M, key: &str) -> Option<String> {
    let object = memory.object(key)?;
    let partition = partition_of(&object.region);
    object_page(partition, &object.region, &object.bucket, &object.key)
}
