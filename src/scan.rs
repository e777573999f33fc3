//! The pipeline: read, judge.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::collect::{self, Clients, Identity, Reading};
use crate::config::PolicyFile;
use crate::model::{Inventory, Scope};
use crate::report::Report;
use crate::rules::{self, Asked, Assumption, Explained, NotFound};
use crate::template::{Assumed, Translated};

/// What one scan read, and what it came to.
#[derive(Debug)]
pub struct Scan {
    /// All that was read.
    pub inventory: Inventory,
    /// What it came to.
    pub report: Report,
}

/// Reads an account and judges it. `now` is the time of the scan. All that cannot be read is a gap.
pub async fn scan_of(
    clients: &Clients,
    identity: Identity,
    scope: Scope,
    reading: &Reading,
    policy: &PolicyFile,
    now: Timestamp,
) -> Scan {
    let inventory = collect::inventory_of(clients, identity, scope, reading, now).await;
    let report = judge(&inventory, policy, now);
    Scan { inventory, report }
}

/// Reads the principals of an account again, and judges them with the APIs of an earlier inventory.
///
/// What they can call is told by both, so that this is no judgement on the APIs.
pub async fn principals_of(
    clients: &Clients,
    earlier: Inventory,
    policy: &PolicyFile,
    now: Timestamp,
) -> Scan {
    let inventory = collect::with_principals(clients, earlier, now).await;
    let report = judge(&inventory, policy, now);
    Scan { inventory, report }
}

/// Judges an inventory, fresh or saved. `now` says which day it is.
pub fn judge(inventory: &Inventory, policy: &PolicyFile, now: Timestamp) -> Report {
    Report::new(inventory, policy, day(now))
}

/// Explains how methods of an inventory are judged. `now` says which day it is.
///
/// # Errors
/// Where the inventory has no such method.
pub fn explain(
    inventory: &Inventory,
    policy: &PolicyFile,
    asked: &Asked,
    now: Timestamp,
) -> Result<Explained, NotFound> {
    rules::explain(inventory, policy, asked, day(now))
}

/// The day, in UTC, that exemptions are counted by.
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Judges a template or an API definition, which is not deployed yet, by the same rules. What the policy
/// file demands of groups is not asked: a template has none.
pub fn judge_template(template: Translated, policy: &PolicyFile, now: Timestamp) -> Report {
    let Translated {
        mut inventory,
        origins,
        mut assumed,
        doubts,
    } = template;
    for doubt in doubts {
        if doubt.matters_to(policy) {
            inventory.gaps.push(doubt.gap);
        } else {
            assumed.push(doubt.assumed);
        }
    }
    let mut report = judge(&inventory, policy, now);
    let evaluation = &mut report.evaluation;
    let exempted = evaluation.exempted.iter_mut().map(|it| &mut it.finding);
    for finding in evaluation.findings.iter_mut().chain(exempted) {
        origins.retell(finding);
    }
    for assumption in &mut evaluation.assumptions {
        origins.locate(&mut assumption.place);
    }
    let assumed = assumed.into_iter();
    evaluation
        .assumptions
        .extend(assumed.map(|Assumed { place, says }| Assumption { place, says }));
    report
}
