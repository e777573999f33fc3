//! What is wrong, where, what was read that proves it, and how to mend it.

mod confidence;
mod evidence;
mod evidence_list;
mod exposed;
mod extent;
mod fingerprint;
mod place;
mod remedy;
mod texts;
mod violation;

use std::sync::Arc;

pub use confidence::Confidence;
pub use evidence::{Evidence, Source};
pub use evidence_list::EvidenceList;
pub use extent::Extent;
pub use fingerprint::Fingerprint;
pub use place::{ApiRef, ExemptionRef, Place, Principal, PrincipalKind, named_file};
pub use remedy::Remedy;
pub(crate) use remedy::{command, own_command};
pub(crate) use texts::Texts;
pub use violation::Violation;

pub use crate::inventory::{Location, Text};
pub use crate::policy_file::{Exposure, RuleId, Severity};

/// A rule broken at a place, with the evidence for it and how to mend it. Rules make findings by way of a [`Violation`],
/// which cannot lack either.
///
/// ```
/// use gatewatch::audit::finding::{Evidence, Finding, Place, Remedy, RuleId, Severity, Source, Violation};
///
/// let at = |account: &str, severity| {
///     let read = Evidence::new(Source::Iam, "group callers carries no policy at all");
///     let remedy = Remedy::new("attach the missing policies to the group");
///     let violation = Violation::new(severity, Place::of_account(account), "a policy is missing", read, remedy);
///     violation.into_finding(RuleId::MissingGroupPolicy)
/// };
/// let mut findings = [at("111122223333", Severity::Low), at("444455556666", Severity::High)];
/// findings.sort_by(Finding::order);
///
/// // The worst comes first. The same rule at the same place is the same finding, however severe it is.
/// assert_eq!(findings[0].severity, Severity::High);
/// let again = at("111122223333", Severity::High);
/// assert_eq!(findings[1].fingerprint(), again.fingerprint());
/// assert_ne!(findings[0].fingerprint(), again.fingerprint());
/// ```
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
    pub message: Text,
    /// What was read that says so.
    pub evidence: EvidenceList,
    /// How to mend it.
    pub remedy: Remedy,
    /// How far it goes, which its identity does not tell.
    pub extent: Extent,
}

/// Who reaches a method, and by which URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedBy {
    /// Who, by what the API's settings say.
    pub exposure: Exposure,
    /// Who, where the stage does not serve those settings yet.
    pub widest: Exposure,
    /// Every URL of its stage that is known.
    pub urls: Arc<[Text]>,
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
