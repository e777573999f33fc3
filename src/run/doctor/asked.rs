//! What a checkup looks at.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::destination::Destination;
use super::trouble::Trouble;
use crate::audit::finding::own_command;
use crate::aws::client::{Clients, MemberRole};
use crate::aws::deliver::TopicArn;
use crate::aws::store::StorePlace;
use crate::run::organization::Accounts;
use crate::run::watched::Watched;

/// What a checkup looks at: what a run of the same front would use.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Sign with the credentials that are looked at.
    pub clients: &'a Clients,
    /// The Regions.
    pub watched: &'a Watched,
    /// Where it is remembered. `None`: nowhere.
    pub state: Option<StorePlace>,
    /// The policy file.
    pub policy: PolicySource,
    /// Where digests go.
    pub topic: Option<TopicArn>,
    /// Where they go for chat applications. Whether anybody gets them there decides nothing, so that a run may not be
    /// allowed to see it.
    pub chat: Option<TopicArn>,
    /// Where findings go besides.
    pub destinations: Vec<Destination>,
    /// The accounts of an organization, and the role that lets a run into each.
    pub members: Option<(Accounts, MemberRole)>,
    /// How old the last scan over everything may be.
    pub max_age: SignedDuration,
    /// The name of the stack of `template.yaml`, where it is known.
    pub stack: Option<String>,
    /// Who asks.
    pub front: Front,
    /// The time.
    pub now: Timestamp,
}

/// Where the policy file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// There is none: the defaults count.
    Defaults,
    /// A text, or why it could not be read.
    Text {
        /// What it is called, such as `gatewatch.yaml`.
        from: String,
        /// The text.
        text: Result<String, Trouble>,
    },
    /// An object of S3, by its address.
    Object(String),
}

/// Who asks for a checkup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Front {
    /// The command line, with the profile that was asked for.
    CommandLine {
        /// The profile.
        profile: Option<String>,
    },
    /// The Lambda.
    Function(Function),
}

impl Front {
    /// A command with the credentials that were looked at: with others, it would change another account.
    pub(super) fn with_profile(&self, command: String) -> String {
        match self {
            Front::CommandLine {
                profile: Some(profile),
            } => format!("{command} {}", own_command(&["--profile", profile])),
            Front::CommandLine { profile: None } | Front::Function(_) => command,
        }
    }

    /// The function that asks. `None`: the command line does.
    pub(super) fn function(&self) -> Option<&str> {
        match self {
            Front::Function(function) => Some(&function.name),
            Front::CommandLine { .. } => None,
        }
    }
}

/// What the environment tells of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its memory, in MB. `None`: it is not told.
    pub memory: Option<u32>,
    /// What its binary was built for, as Rust calls it, such as `aarch64`.
    pub architecture: &'static str,
    /// How long Lambda lets this invocation go on.
    pub time: Duration,
    /// Where it logs. `None`: it is not told.
    pub log_group: Option<String>,
    /// Which version's template it was deployed by. `None`: it is not told.
    pub template: Option<String>,
}
