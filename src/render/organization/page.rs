//! The accounts of an organization as a page for a browser.

use std::io;

use super::OrganizationDigest;
use super::row::AccountRow;
use crate::ledger::organization::Result as Became;
use crate::render::{PageAccount, PageResult, write_html};

/// Writes the page of an organization: what each account came to, in numbers, and which were not read. The findings stand in
/// the page of each account, whose address `page` tells: not all that was found in all accounts fits into a page, or into the
/// memory of whoever makes it.
///
/// # Errors
/// Where it cannot be written.
pub fn write_organization_html(
    digest: &OrganizationDigest,
    page: impl Fn(&str) -> Option<String>,
    out: impl io::Write,
) -> io::Result<()> {
    let rows = digest.rows.iter().map(|row| {
        let read = row.read().is_some();
        (row, read.then(|| page(&row.member.account)).flatten())
    });
    let rows: Vec<(&AccountRow, Option<String>)> = rows.collect();
    let accounts = rows.iter().map(|(row, page)| PageAccount {
        name: &row.member.name,
        ..PageAccount::with(&row.member.account, result(row, page.as_deref()))
    });
    write_html(&accounts.collect::<Vec<_>>(), out)
}

fn result<'a>(row: &'a AccountRow, page: Option<&'a str>) -> PageResult<'a> {
    match &row.result {
        Became::Read(read) => PageResult::Elsewhere {
            read,
            status: row.status(),
            gaps: row.gaps(),
            page,
        },
        Became::NotRead(why) => PageResult::NotRead(why),
    }
}
