//! Who can reach a method at all.

use serde::{Deserialize, Serialize};

use super::{Confidence, Severity};

/// Who can reach a method, before it asks who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Nobody: the resource policy refuses anonymous callers, or no URL leads there.
    Closed,
    /// Callers in a VPC, through a VPC endpoint.
    Private,
    /// Callers from certain networks, or with a client certificate.
    NetworkLimited,
    /// It could not be told.
    Unknown,
    /// Any caller on the internet.
    Public,
}

impl Exposure {
    /// All of them, the widest first.
    pub const ALL: [Exposure; 5] = [
        Exposure::Public,
        Exposure::Unknown,
        Exposure::NetworkLimited,
        Exposure::Private,
        Exposure::Closed,
    ];

    /// Who reaches the method, in words that go before "can call this method".
    pub fn callers(self) -> &'static str {
        match self {
            Exposure::Public | Exposure::Unknown => "anyone",
            Exposure::NetworkLimited => "anyone from the networks that are let in",
            Exposure::Private => "anyone who reaches the VPC endpoint",
            Exposure::Closed => "nobody for now",
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Exposure::Public => "public",
            Exposure::NetworkLimited => "network-limited",
            Exposure::Private => "private",
            Exposure::Closed => "closed",
            Exposure::Unknown => "unknown",
        }
    }

    /// What a severity is worth here: one step less where only some reach the method, next to nothing
    /// where nobody does.
    pub fn lowers(self, severity: Severity) -> Severity {
        match (self, severity) {
            (Exposure::Public | Exposure::Unknown, severity) => severity,
            (Exposure::Closed, _) => Severity::Informational,
            (_, Severity::Critical) => Severity::High,
            (_, Severity::High) => Severity::Medium,
            (_, Severity::Medium) => Severity::Low,
            (_, Severity::Low | Severity::Informational) => Severity::Informational,
        }
    }

    /// How sure a finding is here.
    pub fn shakes(self, confidence: Confidence) -> Confidence {
        match (self, confidence) {
            (Exposure::Unknown, Confidence::High) => Confidence::Medium,
            (Exposure::Unknown, _) => Confidence::Low,
            (_, confidence) => confidence,
        }
    }
}
