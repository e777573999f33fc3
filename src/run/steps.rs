//! The sequence of the steps of a run over one account with a ledger, whoever starts it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::account::Account;
use super::governed::{Asked, Governed, Keeps};
use super::kept::settle;
use super::ledger::{Ledger, LedgerError};
use super::observer::Step;
use super::outcome::{Done, Ended, Found};
use super::plan::Extent;
use super::read::Read;
use super::scan::Scan;
use crate::audit::Report;
use crate::aws::deliver::Outlet;
use crate::aws::store::Memory;
use crate::inventory::{Inventory, Scope};
use crate::ledger::{Book, Breadth, Standing, entries, exempt, open};

/// What a run found and wrote down, with the ledger that it is written in.
pub(super) struct Taken<'m, M> {
    pub(super) ledger: Ledger<'m, M>,
    pub(super) found: Found,
    pub(super) kept: Result<(), Ended>,
}

impl<'r, M: Memory, C: Fn() -> Timestamp + Sync> Governed<'r, M, C> {
    /// Takes all [`Step`]s: opens the ledger, reads the account, compares, writes, keeps, announces to the outlet,
    /// if there is one, and notes what was announced.
    ///
    /// # Errors
    /// [`Ended`], where the run ended before it could announce anything. A failure after that is in [`Done`].
    pub async fn run<A: Account, O: Outlet>(
        &self,
        account: &A,
        asked: Asked,
        outlet: Option<&O>,
    ) -> Result<Done<O::Error>, Ended> {
        let taken = self.take(account, asked).await?;
        let Taken {
            mut ledger,
            found,
            kept,
        } = taken;
        // A failure to keep the report does not keep the outlet from being told.
        let announced = match outlet {
            Some(outlet) => {
                let announced = ledger.announce(outlet, &found.report, self.settings, self.begun);
                announced.await.map(Some)
            }
            None => Ok(None),
        };
        Ok(Done {
            waiting_since: ledger.waiting_since(),
            found,
            announced,
            kept,
        })
    }

    /// Takes the steps up to [`Step::Keep`]: nothing is announced.
    pub(super) async fn take<A: Account>(
        &self,
        account: &A,
        asked: Asked,
    ) -> Result<Taken<'r, M>, Ended> {
        let mut ledger = self.open(account.id(), &asked).await?;
        let planned = self.plan(&ledger, &asked);
        self.observer.begins(Step::Read);
        let reads = self.read(account, &asked, planned, ledger.inventory_at());
        let mut read = reads.await?;
        read.scan.report.begun_at = self.begun;
        let now = (self.clock)();
        read.scan.report.read_until = now;
        read.scan.report.judged_at = Some(now);
        let Read {
            scan: Scan { inventory, report },
            reach: due,
            went_on,
            is_everywhere,
        } = read;
        let all_was_due = due == Breadth::Whole;
        let unfinished = inventory.is_unfinished();
        // The ledger may know more than is watched now, and the time may have been up.
        let reach = match due {
            Breadth::Whole => ledger.reach_of(&inventory, is_everywhere),
            narrower => narrower,
        };
        let new = not_open(ledger.books(), &report);
        let written = self.write(&mut ledger, &report, &inventory, reach).await;
        if let Err(cause) = written {
            let report = Box::new(report);
            return Err(Ended::NotWritten { report, cause });
        }
        self.observer.begins(Step::Keep);
        let keeps = match asked.keeps {
            Keeps::IfWhole => reach == Breadth::Whole,
            Keeps::ForDigest => !unfinished,
        };
        let mut kept = Ok(());
        if keeps {
            kept = ledger
                .keep(&report, &inventory, &new)
                .await
                .map_err(Ended::NotKept);
        }
        if all_was_due {
            let settled = settle(self.memory, &inventory, went_on).await;
            kept = kept.and(settled.map_err(Ended::NotSettled));
        }
        let found = Found {
            new,
            open: open(ledger.books()),
            exempt: exempt(ledger.books()),
            full: all_was_due && !unfinished,
            unfinished: all_was_due && unfinished,
            report,
            inventory,
        };
        Ok(Taken {
            ledger,
            found,
            kept,
        })
    }

    /// Opens the books of all that is watched, so that the run announces what an earlier one left, and counts
    /// everything that is open.
    async fn open(&self, account: &str, asked: &Asked) -> Result<Ledger<'r, M>, Ended> {
        self.observer.begins(Step::Open);
        let mut regions = asked.watched.regions.clone();
        if let Extent::Part(scope) = &asked.extent {
            regions.extend(scope.regions.iter().cloned());
        }
        let scope = Scope::new(regions, Vec::new());
        let opened = Ledger::open(self.memory, account, &scope).await;
        let ledger = opened.map_err(Ended::NotOpened)?;
        ledger.check_clock(self.begun).map_err(Ended::NotOpened)?;
        if let Some(part) = &asked.reading.part {
            ledger.check_part(part).map_err(Ended::NotOpened)?;
        }
        Ok(ledger.watched_by(self.observer))
    }

    /// Writes the policy file and what the run found into the ledger, before anything is sent.
    async fn write(
        &self,
        ledger: &mut Ledger<'_, M>,
        report: &Report,
        inventory: &Inventory,
        reach: Breadth,
    ) -> Result<(), LedgerError> {
        self.observer.begins(Step::Compare);
        let accepted = ledger.accepted(report, inventory, self.policy).await?;
        self.observer.begins(Step::Write);
        ledger.keep_policy(&report.account, self.policy).await?;
        ledger.found(report, &accepted, reach).await
    }
}

/// The ids of the findings that are not open in the books. None, if these have never taken in a report.
fn not_open(books: &[Book], report: &Report) -> BTreeSet<String> {
    if books.iter().all(|book| book.latest().is_none()) {
        return BTreeSet::new();
    }
    let open = entries(books).filter(|it| it.standing == Standing::Open);
    let open: BTreeSet<&str> = open.map(|it| it.id.as_str()).collect();
    let findings = report.evaluation.findings.iter();
    let ids = findings.map(|it| it.fingerprint().to_string());
    ids.filter(|id| !open.contains(id.as_str())).collect()
}
