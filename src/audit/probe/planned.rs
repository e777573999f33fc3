//! What is to be sent, and what is not.

use super::expected::{Entrance, Expected};
use crate::inventory::{ApiKind, Gap};

/// A method by its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MethodPlace {
    /// The Region.
    pub region: String,
    /// The API's id.
    pub api: String,
    /// The stage.
    pub stage: String,
    /// The path template; of a route without a path, its key.
    pub path: String,
    /// The verb, or `ANY`.
    pub verb: String,
}

impl MethodPlace {
    /// The verb and the path.
    pub fn name(&self) -> String {
        match self.path.starts_with('/') {
            true => format!("{} {}", self.verb, self.path),
            false => self.path.clone(),
        }
    }
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The method that answers it, by what was read.
    pub method: MethodPlace,
    /// The kind of its API.
    pub kind: ApiKind,
    /// The verb that is sent. A WebSocket API is asked for a connection, by GET.
    pub verb: String,
    /// The whole URL, encoded as it is sent: `https`, or `wss` for a WebSocket API.
    pub url: String,
    /// Whether it is signed.
    pub signed: bool,
    /// The ARN that `execute-api:Invoke` is asked for.
    pub arn: String,
    /// What the configuration says.
    pub expected: Expected,
}

impl Planned {
    /// Whether only a VPC reaches the URL.
    pub(super) fn is_private(&self) -> bool {
        self.expected.entrance == Entrance::Private
    }

    /// Whether the method executes the request, by what was read, or may: nothing is known to keep the caller out.
    pub fn may_execute(&self) -> bool {
        self.signed || !self.expected.is_never_open()
    }

    /// `GET https://…`, and whether it is signed.
    pub fn in_words(&self) -> String {
        let signed = if self.signed { ", signed" } else { "" };
        format!("{} {}{signed}", self.verb, self.url)
    }
}

/// A method that is not asked, because nobody wanted it to be: that is no gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The method.
    pub method: MethodPlace,
    /// Why, and what to give so that it is asked.
    pub why: String,
}

/// All requests of a probe, and what is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The requests, in the order of the inventory.
    pub requests: Vec<Planned>,
    /// The methods that nobody wanted to be asked.
    pub left_out: Vec<LeftOut>,
    /// What cannot be asked.
    pub gaps: Vec<Gap>,
}

impl Plan {
    /// How many requests methods execute, or may.
    pub fn executed(&self) -> usize {
        let requests = self.requests.iter();
        requests.filter(|it| it.may_execute()).count()
    }
}
