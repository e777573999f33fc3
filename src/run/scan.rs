//! A scan without a ledger: read an account or take an inventory, and judge it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::account::Account;
use crate::audit::{Bound, Report};
use crate::aws::collect::Reading;
use crate::inventory::{Inventory, Scope};
use crate::policy_file::PolicyFile;
use crate::template::Translated;

/// What one scan read, and what it came to.
#[derive(Debug)]
pub struct Scan {
    /// All that was read.
    pub inventory: Inventory,
    /// What it came to.
    pub report: Report,
}

/// Reads an account and judges it. `now` is the time of the scan. All that cannot be read is a gap.
pub async fn scan<A: Account>(
    account: &A,
    scope: Scope,
    reading: &Reading,
    policy: &PolicyFile,
    now: Timestamp,
) -> Scan {
    let inventory = account.inventory(scope, reading, now).await;
    let report = judge(&inventory, policy, now);
    Scan { inventory, report }
}

/// Judges an inventory, fresh or saved. `now` says which day it is.
pub fn judge(inventory: &Inventory, policy: &PolicyFile, now: Timestamp) -> Report {
    at(Report::new(inventory, policy, day(now)), now)
}

/// The same with so many megabytes: as many findings are kept as fit beside the inventory. `None`: as many as any run
/// keeps.
pub fn judge_in(
    megabytes: Option<u32>,
    inventory: &Inventory,
    policy: &PolicyFile,
    now: Timestamp,
) -> Report {
    let bound = megabytes.map_or_else(Bound::default, |it| {
        Bound::in_memory(it, inventory.method_count())
    });
    at(Report::within(inventory, policy, day(now), bound), now)
}

/// The day, in UTC, that exemptions are counted by.
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Judges a template or an API definition, which is not deployed yet. `now` says which day it is.
pub fn judge_template(template: Translated, policy: &PolicyFile, now: Timestamp) -> Report {
    at(Report::of_template(template, policy, day(now)), now)
}

/// The report, which says when it was made.
fn at(report: Report, now: Timestamp) -> Report {
    Report {
        judged_at: Some(now),
        ..report
    }
}
