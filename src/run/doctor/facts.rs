//! What a checkup learned, before it is judged.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::asked::Front;
use super::destination::Destination;
use super::trouble::Trouble;
use crate::aws::client::{Failure, Identity};
use crate::aws::collect::Trial;
use crate::aws::deliver::{Subscribers, TopicArn};
use crate::aws::stack::{Alarm, Concurrency, Decision, Deployed, Rule, Schedule, Starts, Trail};
use crate::aws::store::StorePlace;
use crate::policy_file::{NotifyFormat, Recipient};
use crate::run::organization::Accounts;

/// What a checkup learned.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) front: Front,
    pub(super) stack: Option<StackFacts>,
    /// The Region that STS and IAM were asked in.
    pub(super) region: String,
    /// The Region that S3 was asked in.
    pub(super) home: String,
    /// The Regions that were named. Empty: all that are enabled.
    pub(super) named: Vec<String>,
    pub(super) identity: Result<Identity, Failure>,
    /// `None`: nothing was asked, as nobody knows whose account it is.
    pub(super) account: Option<AccountFacts>,
    pub(super) policy: PolicyFacts,
    pub(super) state: Option<StateFacts>,
    pub(super) max_age: SignedDuration,
    pub(super) topics: Vec<TopicFacts>,
    pub(super) destinations: Vec<DestinationFacts>,
    pub(super) members: Option<MemberFacts>,
}

impl Facts {
    /// Whether there is a Region whose reads were tried.
    pub(super) fn has_tried_regions(&self) -> bool {
        let account = self.account.as_ref();
        account.is_some_and(|it| !it.regions.tried.is_empty())
    }
}

/// What was asked of the account.
#[derive(Debug, Default)]
pub(super) struct AccountFacts {
    pub(super) regions: RegionFacts,
    /// All Regions' trials and that of IAM together.
    pub(super) trial: Trial,
}

/// Which Regions are to be read, and which the account has enabled.
#[derive(Debug, Default)]
pub(super) struct RegionFacts {
    /// The Regions that were tried: all that are to be read, but for those that are not enabled.
    pub(super) tried: Vec<String>,
    /// Named, and not enabled.
    pub(super) disabled: Vec<String>,
    /// Whether all enabled Regions are to be read.
    pub(super) all: bool,
    /// Whether some of them are left out on purpose.
    pub(super) leaves_out: bool,
    /// Why the enabled Regions could not be listed.
    pub(super) trouble: Option<Trouble>,
}

/// The policy file.
#[derive(Debug)]
pub(super) enum PolicyFacts {
    /// There is none.
    Defaults,
    /// It is an object, and nobody knows whose account it is.
    NotAsked { from: String },
    /// It could not be read. `is_missing`: it is not there.
    Unreadable {
        from: String,
        trouble: Trouble,
        is_missing: bool,
    },
    /// It has mistakes.
    Mistaken {
        from: String,
        mistakes: usize,
        text: String,
    },
    /// It is in order.
    Sound {
        from: String,
        requirements: usize,
        groups: usize,
        exemptions: usize,
        /// The topics of owners that it names.
        owners: BTreeSet<Recipient>,
    },
}

impl PolicyFacts {
    /// The topics of the owners that it names, and whether each is for chat applications.
    pub(super) fn owners(&self) -> Vec<(TopicArn, bool)> {
        let PolicyFacts::Sound { owners, .. } = self else {
            return Vec::new();
        };
        let topics = owners.iter().filter_map(|it| {
            let is_chat = it.format == NotifyFormat::Chat;
            Some((it.topic.parse().ok()?, is_chat))
        });
        topics.collect()
    }

    /// Whether it names a topic, by its ARN, as that of an owner.
    pub(super) fn names(&self, arn: &str) -> bool {
        self.owners().iter().any(|(it, _)| it.to_string() == arn)
    }
}

/// Where it is remembered.
#[derive(Debug)]
pub(super) struct StateFacts {
    pub(super) place: StorePlace,
    /// What was found there. `None`: it was not looked at.
    pub(super) found: Option<Found>,
    /// What else a run keeps there, where that was looked at.
    pub(super) folders: Vec<FolderFacts>,
}

/// What was found where it is remembered.
#[derive(Debug)]
pub(super) enum Found {
    /// The directory is not there.
    NoDirectory,
    /// It is there, or S3 was asked.
    Tried {
        list: Result<(), Trouble>,
        /// Whether the probe, or that there is none, could be read.
        read: Result<(), Trouble>,
        /// `None`: it was not tried, as it could not be read.
        write: Option<Result<Probe, Trouble>>,
        /// `None`: whose it would be is not known.
        ledger: Option<Result<(), LedgerTrouble>>,
        /// The last scan over everything. `Ok(None)`: there is none that this gatewatch understands.
        scan: Option<Result<Option<LastScan>, Trouble>>,
    },
}

/// What a run keeps beside its ledger, by how the keys begin.
#[derive(Debug)]
pub(super) struct FolderFacts {
    /// Such as `inventory`.
    pub(super) name: &'static str,
    /// Whether a probe was written, and read where a run reads, too.
    pub(super) usable: Result<(), Trouble>,
}

/// What became of the writes of the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// All three were answered as they must be.
    Sound,
    /// A write that must be refused was taken: conditions do not count.
    Unconditional,
    /// What was read back is not what was written.
    Different,
    /// Another checkup wrote at the same time.
    Busy,
}

/// Why the ledger cannot be used.
#[derive(Debug)]
pub(super) struct LedgerTrouble {
    /// Whether it was read, and is damaged, or from the future.
    pub(super) is_damaged: bool,
    /// Its key, where one of its books is damaged.
    pub(super) address: Option<String>,
    pub(super) message: String,
}

/// The last scan over everything.
#[derive(Debug)]
pub(super) struct LastScan {
    pub(super) at: Timestamp,
    /// How much could not be read.
    pub(super) gaps: usize,
    /// The Regions that are to be read, and that it did not read.
    pub(super) lacks: Vec<String>,
}

/// A topic.
#[derive(Debug)]
pub(super) struct TopicFacts {
    pub(super) topic: TopicArn,
    /// Whether it is the one for chat applications.
    pub(super) is_chat: bool,
    /// `None`: it was not asked.
    pub(super) asked: Option<Result<Subscribers, Failure>>,
    /// Whether its key may be used. `None`: it has none of one's own, or that is not known.
    pub(super) key: Option<Result<(), Failure>>,
    /// The policy of that key. `None`: no alarms publish to the topic, or the key could not be used.
    pub(super) key_policy: Option<Result<Value, Failure>>,
    /// What the policy simulator says of publishing. `None`: it cannot be asked about this principal.
    pub(super) may_publish: Option<Result<Decision, Failure>>,
}

/// What is known of such a place.
#[derive(Debug)]
pub(super) struct DestinationFacts {
    pub(super) destination: Destination,
    /// Whether it is there, and of AWS Config, whether it took an evaluation for a test. `None`: it was not asked.
    pub(super) there: Option<Result<(), Failure>>,
    /// What the policy simulator says. `None`: it cannot be asked about this principal.
    pub(super) may_send: Option<Result<Decision, Failure>>,
}

/// A stack of `template.yaml`.
#[derive(Debug)]
pub(super) struct StackFacts {
    pub(super) name: String,
    /// `None`: nothing was asked.
    pub(super) asked: Option<StackAnswers>,
}

/// What was answered about a stack.
#[derive(Debug)]
pub(super) struct StackAnswers {
    pub(super) schedule: Result<Schedule, Failure>,
    pub(super) alarms: Result<Vec<Alarm>, Failure>,
    pub(super) rules: Result<Vec<Rule>, Failure>,
    /// What brings IAM's events. `None`: they appear where the stack is, or it is not known where.
    pub(super) forwarding: Option<Forwarding>,
    pub(super) trails: Result<Vec<Trail>, Failure>,
    /// The function's name. `None`: it is not known.
    pub(super) function: Option<String>,
    /// `None`: its name is not known, or it asks about itself.
    pub(super) deployed: Option<Result<Deployed, Failure>>,
    /// What its log says of its starts since it was changed last. `None`: how it is deployed or when it was changed is not
    /// known, or it asks about itself.
    pub(super) starts: Option<Result<Starts, Failure>>,
    /// How many executions are reserved for it. `None`: its name is not known.
    pub(super) reserved: Option<Result<Option<u32>, Failure>>,
    pub(super) concurrency: Result<Concurrency, Failure>,
}

/// What brings IAM's events to the stack's Region.
#[derive(Debug)]
pub(super) struct Forwarding {
    /// Where they appear.
    pub(super) region: &'static str,
    /// The ARN of the bus that they should come to.
    pub(super) bus: String,
    /// The rules there that put something on that bus.
    pub(super) rules: Result<Vec<Rule>, Failure>,
}

/// The accounts of an organization.
#[derive(Debug)]
pub(super) struct MemberFacts {
    /// Which accounts were asked for.
    pub(super) asked: Accounts,
    /// Whether the account of the credentials is not among them.
    pub(super) leaves_out_own: bool,
    pub(super) role: String,
    pub(super) has_external_id: bool,
    /// `None`: nothing was asked.
    pub(super) accounts: Option<Result<Admitted, Trouble>>,
}

/// Where the role was assumed.
#[derive(Debug)]
pub(super) struct Admitted {
    /// In how many accounts.
    pub(super) assumed: usize,
    /// Whether one's own account is among those to read, where the role is not needed.
    pub(super) has_own: bool,
    /// How many accounts are not active.
    pub(super) inactive: usize,
    /// Where not.
    pub(super) refused: Vec<(String, Failure)>,
}
