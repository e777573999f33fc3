//! The report as a page for a browser, which a run keeps beside the report for programs.

use std::collections::BTreeSet;
use std::io;

use super::most_kept::MOST_KEPT;
use crate::audit::Report;
use crate::aws::store::{Content, Memory};
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

/// The page of an account.
pub(super) struct Page<'a> {
    account: PageAccount<'a>,
    access: PageAccess,
}

impl<'a> Page<'a> {
    /// `new`: the ids of the findings that were not open before.
    pub(super) fn of(
        report: &'a Report,
        inventory: &Inventory,
        books: &'a [Book],
        new: &'a BTreeSet<String>,
    ) -> Self {
        let account = PageAccount {
            new,
            books,
            bound: KEPT,
            ..PageAccount::of(report)
        };
        let access = PageAccess::of(inventory, KEPT);
        Page { account, access }
    }
}

impl Content for Page<'_> {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let account = PageAccount {
            access: Some(&self.access),
            ..self.account
        };
        write_html(&[account], out)
    }
}

/// Where whoever may read a kept page opens it. `None`: it is no object of S3, or no console is known of the partition that its
/// bucket lies in.
pub(super) fn page_link<M: Memory>(memory: &M, key: &str) -> Option<String> {
    let object = memory.object(key)?;
    let partition = partition_of(&object.region);
    object_page(partition, &object.region, &object.bucket, &object.key)
}
