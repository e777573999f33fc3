//! The validated policy.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::selector::{MethodPlace, Selector};
use super::{Mistakes, decode};
use crate::model::AuthorizationType;

/// What an organisation demands of its APIs and groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyFile {
    /// Which authorization types are accepted where. Where nothing is said, every type but NONE is.
    pub require: Vec<Requirement>,
    /// Which policies the groups must carry.
    pub groups: Vec<GroupExpectation>,
    /// The allowed exceptions.
    pub exemptions: Vec<Exemption>,
    /// How open OPTIONS methods are judged.
    pub preflight: Preflight,
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

/// What is required of one method, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// The accepted types. `None`: every type but NONE.
    accepted: Option<BTreeSet<AuthorizationType>>,
    /// The line of the requirement that decides. `None`: the default.
    pub line: Option<usize>,
    /// Whether the requirement that decides asks for the verb.
    pub names_the_verb: bool,
}

/// One entry of `groups`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupExpectation {
    /// The group's name.
    pub name: String,
    /// What it must carry.
    pub policies: Vec<WhichPolicy>,
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

/// One entry of `exemptions`: an allowed exception, with somebody who answers for it and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The findings' ids it speaks of. Empty: any.
    pub ids: Vec<String>,
    /// The rules it speaks of. Empty: any.
    pub rules: Vec<String>,
    /// Where it holds.
    pub selector: Selector,
    /// Patterns for the principal (a group's name). Empty: any, and none.
    pub principals: Vec<String>,
    /// Why the exception is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds (UTC).
    pub expires: Date,
    /// The line of the policy file it stands on.
    pub line: usize,
}

impl Exemption {
    /// Whether it no longer holds on this day (UTC).
    pub fn has_expired(&self, today: Date) -> bool {
        today > self.expires
    }
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
    /// Reads and validates a policy file.
    ///
    /// `file` is how the messages call it.
    ///
    /// # Errors
    /// Every mistake of the file, with line and column.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, Mistakes> {
        decode::policy_file(text).map_err(|mut mistakes| {
            mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
            Mistakes {
                file: file.to_owned(),
                mistakes,
            }
        })
    }

    /// What is required of the method at this place: the word of the most specific entry of `require`
    /// that meets it, of the later one where two are equally specific.
    pub fn required(&self, place: MethodPlace<'_>) -> Required {
        let winner = self
            .require
            .iter()
            .filter_map(|entry| entry.selector.meets(place).map(|rank| (rank, entry)))
            // `max_by_key` keeps the last of equals.
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, entry)| entry);
        Required {
            accepted: winner.map(|entry| entry.accepted.clone()),
            line: winner.map(|entry| entry.line),
            names_the_verb: winner.is_some_and(|entry| !entry.selector.verb.is_empty()),
        }
    }
}

impl Required {
    /// Whether a method of this type is as required.
    pub fn accepts(&self, authorization: &AuthorizationType) -> bool {
        match &self.accepted {
            Some(accepted) => accepted.contains(authorization),
            None => *authorization != AuthorizationType::None,
        }
    }

    /// The demand in words, such as `AWS_IAM is required` or `AWS_IAM or JWT is required`.
    pub fn in_words(&self) -> String {
        let accepted: Vec<&str> = match &self.accepted {
            Some(accepted) => accepted.iter().map(AuthorizationType::as_str).collect(),
            None => vec!["AWS_IAM or another authorizer"],
        };
        let source = match self.line {
            Some(line) => format!("line {line} of the policy file"),
            None => "the default, as no entry of the policy file speaks of it".to_owned(),
        };
        format!("{} is required ({source})", accepted.join(" or "))
    }
}
