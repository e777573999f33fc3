//! The steps of a run, and whoever watches it take them.

use std::fmt;

use crate::inventory::Scope;
use crate::ledger::Breadth;

/// A step of a run with a ledger. A run takes them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The run reads the ledger's books of the account. It ends here if it cannot use them.
    Open,
    /// The run reads the account, or takes an inventory.
    Read,
    /// The run compares the report with the ledger: it asks earlier policy files about findings that are gone.
    Compare,
    /// The run writes the policy file and what it found into the ledger.
    Write,
    /// The run keeps the report and the inventory, or the inventory of a scan that ran out of time.
    Keep,
    /// The run sends what is due to the outlets.
    Announce,
    /// The run notes in the ledger what it announced.
    Note,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Step; 7] = [
        Step::Open,
        Step::Read,
        Step::Compare,
        Step::Write,
        Step::Keep,
        Step::Announce,
        Step::Note,
    ];
}

/// What a run tells whoever watches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'e> {
    /// A step begins.
    Begins(Step),
    /// The run is about to read this. `reach`: how much of what is watched that is.
    Reads {
        /// The Regions and the APIs.
        scope: &'e Scope,
        /// How much of what is watched that is.
        reach: Breadth,
    },
    /// The Regions of the account could not be listed. The run also reads these, which the ledger knows.
    AlsoReads(Vec<String>),
    /// The ledger knows these Regions, too, and the run does not read them: it resolves nothing that depends on all
    /// Regions.
    LeavesOut(Vec<String>),
    /// A change started the run, and nothing is known of the account yet: the run reads everything.
    IsFirst,
    /// The principals changed, and no up-to-date inventory has the APIs: the run reads everything.
    HasNoInventory,
    /// An earlier scan ran out of time. This one goes on where it stopped.
    GoesOn,
    /// An API that changed is gone. The run reads its Regions, as only their lists prove that.
    ApiIsGone,
}

/// Whoever watches a run. It cannot change what the run does.
#[derive(Clone, Copy)]
pub struct Observer<'o>(&'o (dyn Fn(&Event<'_>) + Sync));

impl<'o> Observer<'o> {
    /// Calls this at each event.
    pub fn new(hears: &'o (dyn Fn(&Event<'_>) + Sync)) -> Self {
        Observer(hears)
    }

    /// Nobody watches.
    pub fn nobody() -> Self {
        Observer(&|_| {})
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        (self.0)(event);
    }

    pub(super) fn begins(&self, step: Step) {
        self.tell(&Event::Begins(step));
    }
}

impl fmt::Debug for Observer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
