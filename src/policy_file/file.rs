//! The validated policy.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::Exposure;
use super::exemption::Exemption;
use super::notify::Notify;
use super::origin::Origin;
use super::selector::{Selector, Specificity, StagePlace};
use crate::inventory::AuthorizationType;

/// What an organization demands of its APIs and groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Which authorization types are accepted where. Where nothing is said, every type but NONE is.
    pub require: Vec<Requirement>,
    /// Which policies the groups must carry.
    pub groups: Vec<GroupExpectation>,
    /// Who may call methods that ask for AWS_IAM. Empty: nobody is asked about.
    pub invokers: Vec<Invokers>,
    /// The allowed exceptions.
    pub exemptions: Vec<Exemption>,
    /// The owners that get a digest of their own.
    pub notify: Vec<Notify>,
    /// How open OPTIONS methods are judged.
    pub preflight: Preflight,
    /// The most days, from today, that an exemption may last.
    pub max_exemption_days: u16,
    /// The text that it was read from. Empty: there was none.
    pub text: String,
    /// Where it came from. `None`: there was no file.
    pub origin: Option<Origin>,
}

impl Default for PolicyFile {
    fn default() -> Self {
        PolicyFile {
            require: Vec::new(),
            groups: Vec::new(),
            invokers: Vec::new(),
            exemptions: Vec::new(),
            notify: Vec::new(),
            preflight: Preflight::default(),
            max_exemption_days: Self::MAX_EXEMPTION_DAYS,
            text: String::new(),
            origin: None,
        }
    }
}

/// One entry of `require`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Where it holds.
    pub selector: Selector,
    /// The authorization types it accepts. With NONE among them, a method may be open.
    pub accepted: BTreeSet<AuthorizationType>,
    /// The line of the policy file it stands on.
    pub line: usize,
}

/// The requirements that can hold at one stage.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use gatewatch::inventory::AuthorizationType;
/// use gatewatch::policy_file::{Exposure, PolicyFile, StagePlace};
///
/// let policy = PolicyFile::from_yaml(
///     "gatewatch.yaml",
///     "
/// version: 1
/// require:
///   - authorization: [AWS_IAM]
///   - match: {path: '/public/*'}
///     authorization: [AWS_IAM, NONE]
/// ",
/// )
/// .unwrap();
/// let requirements = policy.at_stage(StagePlace {
///     region: "eu-west-1",
///     api_id: "a1b2c3d4e5",
///     api_name: "PetStore",
///     tags: &BTreeMap::new(),
///     stage: "prod",
/// });
/// let open = |path| {
///     let required = requirements.required("GET", path, Exposure::Public);
///     (required.line(), required.accepts(&AuthorizationType::None))
/// };
/// assert_eq!(open("/public/logo"), (Some(5), true));
/// assert_eq!(open("/pets"), (Some(4), false));
/// ```
#[derive(Debug, Clone)]
pub struct StageRequirements<'a>(Vec<(&'a Requirement, Specificity)>);

/// What is required of one method, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required<'a> {
    /// The requirement that decides. `None`: the default.
    winner: Option<&'a Requirement>,
}

/// One entry of `groups`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupExpectation {
    /// The group's name.
    pub name: String,
    /// What it must carry.
    pub policies: Vec<WhichPolicy>,
    /// The methods that its members must be able to call, every request of them.
    pub invoke: Vec<Selector>,
    /// Whether it may hold a policy that lets it call every API.
    pub blanket_accepted: bool,
    /// The line of the policy file it stands on.
    pub line: usize,
}

/// One entry of `invokers`: who may call some methods. Names and ids are patterns with IAM's wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invokers {
    /// The methods.
    pub selector: Selector,
    /// Groups, and with them their members.
    pub groups: Vec<String>,
    /// Users.
    pub users: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Other accounts, and with them their principals, by their ids.
    pub accounts: Vec<String>,
    /// Organizations, by their ids.
    pub organizations: Vec<String>,
    /// The line of the policy file it stands on.
    pub line: usize,
}

/// A policy that a group must carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhichPolicy {
    /// An attached managed policy with this ARN.
    ManagedArn(String),
    /// An attached managed policy with this name, AWS's or the account's own.
    ManagedName(String),
    /// An inline policy with this name.
    Inline(String),
}

/// How an OPTIONS method with authorization NONE is judged: browsers send CORS preflights unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preflight {
    /// Accepted where the integration is MOCK, or could not be read (the report says so).
    #[default]
    AcceptMock,
    /// Accepted whatever the integration.
    AcceptAll,
    /// Judged like every other method.
    AcceptNone,
}

impl PolicyFile {
    /// How many days an exemption may last where the file does not say.
    pub const MAX_EXEMPTION_DAYS: u16 = 365;

    /// A policy file that accepts `AWS_IAM` and nothing else, wherever a method is.
    pub fn of_iam_alone() -> Self {
        let everywhere = Requirement {
            selector: Selector::default(),
            accepted: BTreeSet::from([AuthorizationType::AwsIam]),
            line: 1,
        };
        PolicyFile {
            require: vec![everywhere],
            ..PolicyFile::default()
        }
    }

    /// A name for what the file says: the same for the same text, such as `5f2c…`, 32 hexadecimal digits.
    pub fn name(&self) -> String {
        let hash = Sha256::digest(&self.text);
        hash.iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The requirements that can hold at a stage.
    pub fn at_stage(&self, place: StagePlace<'_>) -> StageRequirements<'_> {
        let entries = self.require.iter();
        let meeting = entries.filter_map(|entry| Some((entry, entry.selector.at_stage(place)?)));
        StageRequirements(meeting.collect())
    }
}

impl<'a> StageRequirements<'a> {
    /// What is required of a method of the stage. The most specific entry of `require` that meets it decides, and the
    /// later one where two are equally specific.
    pub fn required(&self, verb: &str, path: &str, exposure: Exposure) -> Required<'a> {
        // `max_by_key` keeps the last of equals.
        let winner = self
            .meeting(verb, path, exposure)
            .max_by_key(|(rank, _)| *rank);
        Required {
            winner: winner.map(|(_, entry)| entry),
        }
    }

    /// The entries of `require` that meet a method of the stage, the one that decides first.
    pub fn ranking(
        &self,
        verb: &str,
        path: &str,
        exposure: Exposure,
    ) -> Vec<(Specificity, &'a Requirement)> {
        let mut ranking: Vec<_> = self.meeting(verb, path, exposure).collect();
        ranking.reverse();
        // The sort keeps the later of equals first.
        ranking.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        ranking
    }

    fn meeting(
        &self,
        verb: &str,
        path: &str,
        exposure: Exposure,
    ) -> impl DoubleEndedIterator<Item = (Specificity, &'a Requirement)> {
        self.0.iter().filter_map(move |(entry, stage)| {
            Some((
                entry
                    .selector
                    .at_method(*stage, verb, path, Some(exposure))?,
                *entry,
            ))
        })
    }
}

impl<'a> Required<'a> {
    /// The line of the entry that decides. `None`: the default.
    pub fn line(self) -> Option<usize> {
        self.winner.map(|winner| winner.line)
    }

    /// Whether a method of this type is as required. A type that this version does not know is accepted
    /// nowhere: nobody can have judged it.
    pub fn accepts(self, authorization: &AuthorizationType) -> bool {
        match self.winner {
            Some(entry) => entry.accepted.contains(authorization),
            None => !matches!(
                authorization,
                AuthorizationType::None | AuthorizationType::Other(_)
            ),
        }
    }

    /// Whether a method of this type asks for no less than is required. Where NONE is accepted, anyone may call, and every
    /// known type asks for more. Still nobody is told to set such a type: it would refuse callers who are accepted.
    pub fn is_met_by(self, authorization: &AuthorizationType) -> bool {
        let is_known = !matches!(authorization, AuthorizationType::Other(_));
        self.accepts(authorization) || (is_known && self.accepts(&AuthorizationType::None))
    }

    /// The accepted types. `None`: the default, every known type but NONE.
    pub fn accepted(self) -> Option<&'a BTreeSet<AuthorizationType>> {
        self.winner.map(|entry| &entry.accepted)
    }

    /// Whether the requirement that decides lists this very verb.
    pub fn lists(self, verb: &str) -> bool {
        let mut verbs = self.winner.iter().flat_map(|entry| &entry.selector.verb);
        verbs.any(|listed| listed == verb)
    }

    /// The demand in words, such as `AWS_IAM or JWT is required (line 3 of the policy file)`.
    pub fn in_words(self) -> String {
        match self.winner {
            Some(entry) => {
                let accepted: Vec<&str> = entry
                    .accepted
                    .iter()
                    .map(AuthorizationType::as_str)
                    .collect();
                let (accepted, line) = (accepted.join(" or "), entry.line);
                let demand = if entry.accepted.contains(&AuthorizationType::None) {
                    "accepted"
                } else {
                    "required"
                };
                format!("{accepted} is {demand} (line {line} of the policy file)")
            }
            None => "AWS_IAM or another authorizer is required (the default: no entry of a policy \
                     file speaks of it)"
                .to_owned(),
        }
    }
}
