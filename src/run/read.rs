//! What a run with a ledger reads, and how it reads it.

use jiff::Timestamp;

use super::account::Account;
use super::governed::{Asked, Cause, Governed};
use super::kept::{earlier, unfinished};
use super::ledger::Ledger;
use super::observer::Event;
use super::outcome::Ended;
use super::plan::Extent;
use super::scan::{self, Scan};
use crate::aws::collect::Reading;
use crate::aws::store::Memory;
use crate::inventory::{Gap, GapKind, Inventory, Reason, Scope};
use crate::ledger::Breadth;

/// What a run reads, once the ledger is open.
pub(super) struct Planned {
    scope: Scope,
    reach: Breadth,
}

/// What a run read.
pub(super) struct Read {
    pub(super) scan: Scan,
    /// How much of what is watched was due.
    pub(super) reach: Breadth,
    /// Whether the run went on with an unfinished scan.
    pub(super) went_on: bool,
    /// Whether the run read all Regions that the account has enabled.
    pub(super) is_everywhere: bool,
}

impl<M: Memory, C> Governed<'_, M, C> {
    /// What the run reads, by what it is asked for and what the ledger knows.
    pub(super) fn plan(&self, ledger: &Ledger<'_, M>, asked: &Asked) -> Planned {
        let known = ledger.regions();
        let mut everything = asked.watched.clone();
        if asked
            .reading
            .gaps
            .iter()
            .any(|gap| gap.kind == GapKind::Regions)
        {
            // The Regions could not be listed. Those that earlier runs looked at are read all the same.
            everything = everything.widened(&known);
            let listed = &asked.watched.regions;
            let added = everything.regions.iter().filter(|it| !listed.contains(it));
            let added: Vec<String> = added.cloned().collect();
            let names_regions = matches!(asked.extent, Extent::Part(_));
            if !added.is_empty() && !names_regions {
                self.observer.tell(&Event::AlsoReads(added));
            }
        }
        // The first digest names everything, whatever changed first.
        let is_first = known.is_empty() && asked.cause == Cause::Change;
        if is_first {
            self.observer.tell(&Event::IsFirst);
        }
        let (scope, reach) = match asked.extent.clone() {
            _ if is_first => (everything, Breadth::Whole),
            Extent::Everything => (everything, Breadth::Whole),
            Extent::Principals => (everything, Breadth::Principals),
            Extent::Apis(apis) => (everything.only_apis(apis), Breadth::Part),
            Extent::Part(scope) => (scope, Breadth::Part),
        };
        let is_everywhere = asked.reading.is_everywhere();
        if reach == Breadth::Whole && ledger.reach(&scope, is_everywhere) == Breadth::Part {
            let left_out = known.into_iter().filter(|it| !scope.regions.contains(it));
            self.observer.tell(&Event::LeavesOut(left_out.collect()));
        }
        self.observer.tell(&Event::Reads {
            scope: &scope,
            reach,
        });
        Planned { scope, reach }
    }

    /// Reads and judges. If only the principals are to be read, the APIs come from the kept inventory; if that is
    /// not up to date, the run reads everything.
    pub(super) async fn read<A: Account>(
        &self,
        account: &A,
        asked: &Asked,
        planned: Planned,
        inventory_at: Option<Timestamp>,
    ) -> Result<Read, Ended> {
        let Planned { scope, mut reach } = planned;
        let kept = earlier(self.memory, account.id()).await;
        let mut earlier = kept.map_err(Ended::NoEarlier)?;
        if reach == Breadth::Principals {
            let is_up_to_date =
                |it: &Inventory| it.scope == scope && Some(it.taken_at) == inventory_at;
            if let Some(apis) = earlier.take_if(|it| is_up_to_date(it)) {
                // The report is no judgement on the APIs: with them, it tells what the principals can call.
                let inventory = account.with_principals(apis, self.begun).await;
                return Ok(Read {
                    scan: self.judge(inventory),
                    reach,
                    went_on: false,
                    is_everywhere: false,
                });
            }
            self.observer.tell(&Event::HasNoInventory);
            reach = Breadth::Whole;
        }
        let part = if reach == Breadth::Whole && asked.cause == Cause::Schedule {
            let since = earlier.as_ref();
            let kept = unfinished(self.memory, account.id(), &scope, since, self.begun).await;
            kept.map_err(Ended::NoEarlier)?
        } else {
            None
        };
        let went_on = part.is_some();
        if went_on {
            self.observer.tell(&Event::GoesOn);
        }
        let mut reading = asked.reading.clone();
        reading.earlier = earlier;
        reading.part = part.or(reading.part);
        let is_everywhere = reading.is_everywhere();
        let inventory = self.inventory(account, scope, reading, asked.cause).await;
        // What was under way says nothing, and whoever interrupts wants nothing written or sent.
        if asked.reading.interrupt.is_raised() && inventory.is_unfinished() {
            return Err(Ended::Interrupted(Box::new(inventory)));
        }
        Ok(Read {
            scan: self.judge(inventory),
            reach,
            went_on,
            is_everywhere,
        })
    }

    /// Reads what is in scope. If an API that changed is gone, only the lists of its Regions prove it: they are read.
    /// What earlier runs read is let go of before anything is judged: it is as large as what this one reads.
    async fn inventory<A: Account>(
        &self,
        account: &A,
        scope: Scope,
        reading: Reading,
        cause: Cause,
    ) -> Inventory {
        let regions = scope.regions.clone();
        let inventory = account.inventory(scope, &reading, self.begun).await;
        if cause != Cause::Change || !inventory.gaps.iter().any(is_gone) {
            return inventory;
        }
        self.observer.tell(&Event::ApiIsGone);
        let scope = Scope::new(regions, Vec::new());
        account.inventory(scope, &reading, self.begun).await
    }

    fn judge(&self, inventory: Inventory) -> Scan {
        let report = scan::judge_in(self.megabytes, &inventory, self.policy, self.begun);
        Scan { inventory, report }
    }
}

/// Whether a gap says that an API that was asked for is in none of the Regions.
fn is_gone(gap: &Gap) -> bool {
    gap.kind == GapKind::Api && gap.reason == Reason::NotFound && gap.operation.is_none()
}
