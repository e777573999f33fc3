//! What is wrong, where, and the proof.

mod confidence;
mod evidence;
mod exposed;
mod fingerprint;
mod place;
mod remedy;

pub use confidence::Confidence;
pub use evidence::{Evidence, Source};
pub use fingerprint::Fingerprint;
pub use place::{ApiRef, ExemptionRef, Place, Principal, PrincipalKind};
pub use remedy::Remedy;
pub(crate) use remedy::command;

pub use crate::inventory::Location;
pub use crate::policy_file::{Exposure, RuleId, Severity};

/// A rule broken at a place, with the evidence for it and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The broken rule.
    pub rule: RuleId,
    /// What an attacker gains.
    pub severity: Severity,
    /// How sure the evidence makes us.
    pub confidence: Confidence,
    /// Where.
    pub place: Place,
    /// Who reaches it, and by which URLs. `None`: it is no method.
    pub reach: Option<ReachedBy>,
    /// What is wrong, in one line.
    pub message: String,
    /// What was read that says so.
    pub evidence: Vec<Evidence>,
    /// How to mend it.
    pub remedy: Remedy,
}

/// Who reaches a method, and by which URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedBy {
    /// Who, by what the API's settings say.
    pub exposure: Exposure,
    /// Who, where the stage does not serve those settings yet.
    pub widest: Exposure,
    /// Every URL of its stage that is known.
    pub urls: Vec<String>,
}

impl Finding {
    /// Its identity across scans.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.rule, &self.place)
    }

    /// The order of every report: worst first, then by place, so that two runs over the same inventory
    /// give the same text.
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        (other.severity, self.rule, &self.place).cmp(&(self.severity, other.rule, &other.place))
    }
}
