//! What could not be read, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Api;

/// Something that could not be read. A gap is never "clean": the report that has one is *incomplete*.
///
/// ```
/// use gatewatch::inventory::{Gap, GapKind, Reason};
///
/// let gap = Gap {
///     kind: GapKind::Stage,
///     region: Some("eu-west-1".to_owned()),
///     api: Some("a1b2c3d4e5".to_owned()),
///     stage: Some("prod".to_owned()),
///     subject: None,
///     operation: Some("apigateway:GetDeployment".to_owned()),
///     reason: Reason::AccessDenied,
///     message: "the deployment could not be read".to_owned(),
/// };
/// assert!(gap.kind.hides_a_place());
/// assert_eq!(
///     gap.in_words(),
///     "eu-west-1 a1b2c3d4e5 prod: the deployment could not be read (access denied)",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// The Region, where the gap lies in one.
    pub region: Option<String>,
    /// The API's id, where the gap lies in one.
    pub api: Option<String>,
    /// The stage, where the gap lies in one.
    pub stage: Option<String>,
    /// What else names the place: a deployment's id, a method, a policy's ARN, a principal's ARN (or, where IAM does not
    /// tell it, `user`, `group` or `role`, with the name: `user/alice`).
    pub subject: Option<String>,
    /// The call that failed, such as `apigateway:GetStages`. `None`: it was read but not understood.
    pub operation: Option<String>,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

impl Gap {
    /// Something that was read, and not understood; or that is missing without a failed call.
    pub(crate) fn malformed(kind: GapKind, message: String) -> Self {
        Gap {
            kind,
            region: None,
            api: None,
            stage: None,
            subject: None,
            operation: None,
            reason: Reason::Malformed,
            message,
        }
    }

    /// The same gap, in a Region.
    pub(crate) fn in_region(self, region: &str) -> Self {
        Gap {
            region: Some(region.to_owned()),
            ..self
        }
    }

    /// The same gap, at an API.
    pub(crate) fn at(self, api: &Api) -> Self {
        Gap {
            region: Some(api.region.clone()),
            api: Some(api.id.clone()),
            ..self
        }
    }

    /// The same gap, at a stage.
    pub(crate) fn at_stage(self, api: &Api, stage: &str) -> Self {
        Gap {
            stage: Some(stage.to_owned()),
            ..self.at(api)
        }
    }

    /// The same gap, with what else names its place.
    pub(crate) fn about(self, subject: &str) -> Self {
        Gap {
            subject: Some(subject.to_owned()),
            ..self
        }
    }

    /// Whether it lies at this place, or around it. `None`: anywhere in what is named before.
    pub(crate) fn lies_at(&self, region: &str, api: Option<&str>, stage: Option<&str>) -> bool {
        let meets = |own: &Option<String>, at: Option<&str>| match (own, at) {
            (Some(own), Some(at)) => own == at,
            _ => true,
        };
        meets(&self.region, Some(region)) && meets(&self.api, api) && meets(&self.stage, stage)
    }

    /// Whether some of the account's groups, users or roles may be missing: `kind` is `group`, `user` or `role`. What is
    /// not found among them may be there then.
    pub(crate) fn hides_some(&self, kind: &str) -> bool {
        if self.kind != GapKind::Iam {
            return false;
        }
        match (&self.operation, &self.subject) {
            (_, None) => true,
            // A group that its member names, and that was not read.
            (None, Some(_)) => kind == "group",
            // An ARN, or, where there is none, the kind and perhaps the name.
            (Some(_), Some(subject)) => {
                let rest = subject.rsplit(':').next().unwrap_or_default();
                rest.split('/').next() == Some(kind)
            }
        }
    }

    /// Where, as far as the gap names it. `None`: it names nothing.
    pub(crate) fn place_in_words(&self) -> Option<String> {
        let parts = [&self.region, &self.api, &self.stage, &self.subject];
        let named: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!named.is_empty()).then(|| named.join(" "))
    }

    /// Where and why, in one line.
    pub fn in_words(&self) -> String {
        let place = self.place_in_words();
        let place = place.unwrap_or_else(|| "the account".to_owned());
        format!("{place}: {} ({})", self.message, self.reason)
    }
}

/// How the message of a gap says that the session, whose credentials were used, is over.
pub const SESSION_EXPIRED: &str = "the session has expired";

/// How the message of a gap says that AWS does not know the keys there.
pub const KEYS_UNKNOWN: &str = "the keys are not known there";

/// What a gap hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// The list of the Regions that the account has enabled.
    Regions,
    /// The list of the APIs of a Region.
    Region,
    /// One API: its stages.
    Api,
    /// What one stage serves: its deployment.
    Stage,
    /// How one deployed method is authorized.
    Method,
    /// The draft of an API: the deployed methods are known, what comes next is not.
    Draft,
    /// The authorizers of an API: which one stands behind a method is not known.
    Authorizers,
    /// The custom domain names of a Region: which other URLs lead to its APIs.
    Domains,
    /// An API's resource policy.
    ResourcePolicy,
    /// The account's IAM users, groups and roles.
    Iam,
    /// One IAM policy document.
    PolicyDocument,
    /// Whether a holder of policies may call a method: to decide it takes more work than the bound allows.
    Access,
    /// Findings of an API, or of the principals: more were made than a run keeps.
    Findings,
    /// What a deployed URL answers, where a probe asked it.
    Probe,
}

impl GapKind {
    /// Whether deployed methods or principals as a whole are hidden, so that `unread-api` is raised.
    /// The other kinds leave what is deployed known, and are gaps of the report alone.
    pub fn hides_a_place(self) -> bool {
        match self {
            GapKind::Regions
            | GapKind::Region
            | GapKind::Api
            | GapKind::Stage
            | GapKind::Method
            | GapKind::Iam => true,
            GapKind::Draft
            | GapKind::Authorizers
            | GapKind::Domains
            | GapKind::ResourcePolicy
            | GapKind::PolicyDocument
            | GapKind::Access
            | GapKind::Findings
            | GapKind::Probe => false,
        }
    }
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// There are no credentials to sign the call with.
    NoCredentials,
    /// AWS refused the call.
    AccessDenied,
    /// AWS asked to slow down, and still did after the last attempt.
    Throttled,
    /// It was listed, and is not there (any more).
    NotFound,
    /// No answer in time.
    Timeout,
    /// The service could not be reached.
    Unreachable,
    /// AWS answered with an error of its own.
    ServiceError,
    /// The answer could not be read, or is not what the service documents.
    Malformed,
    /// It stands in a template, and only a deployment tells what it comes to.
    Unresolved,
    /// The account is suspended, or not active for another reason.
    NotActive,
    /// The run's time was up before it was read. The next run goes on there.
    NotReadYet,
    /// It was read, and to decide it takes more work than the bound allows.
    TooMuchWork,
    /// It was found, and there is more of it than a run keeps.
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::NoCredentials => "no credentials",
            Reason::AccessDenied => "access denied",
            Reason::Throttled => "throttled",
            Reason::NotFound => "not found",
            Reason::Timeout => "timed out",
            Reason::Unreachable => "unreachable",
            Reason::ServiceError => "service error",
            Reason::Malformed => "malformed",
            Reason::Unresolved => "unresolved",
            Reason::NotActive => "not active",
            Reason::NotReadYet => "not read yet",
            Reason::TooMuchWork => "too much work",
            Reason::TooMany => "too many",
        })
    }
}
