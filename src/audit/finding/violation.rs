//! What a rule hands over when it fires.

use super::{
    Confidence, Evidence, EvidenceList, Extent, Finding, Place, ReachedBy, Remedy, RuleId,
    Severity, Text,
};

/// All that a rule says when it fires. The evaluation adds the rule's name and makes a [`Finding`] of it.
///
/// A violation has evidence and a remedy, because [`Violation::new`] is the only way to make one. Its confidence is
/// [`Confidence::High`] unless the rule says otherwise.
///
/// ```
/// use gatewatch::audit::finding::{
///     Confidence, Evidence, Place, Remedy, RuleId, Severity, Source, Violation,
/// };
///
/// let place = Place::of_account("111122223333");
/// let read = Evidence::new(Source::Iam, "role deploy, by AdministratorAccess");
/// let remedy = Remedy::new("list the role in `invokers` of the policy file");
/// let violation = Violation::new(Severity::Low, place, "1 administrator may call every API", read, remedy)
///     .also([Evidence::new(Source::Iam, "role admin, by AdministratorAccess")]);
///
/// let finding = violation.into_finding(RuleId::BlanketGrant);
/// assert_eq!(finding.confidence, Confidence::High);
/// assert_eq!(finding.evidence.len(), 2);
/// assert_eq!(finding.evidence[0].says, "role deploy, by AdministratorAccess");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Violation {
    severity: Severity,
    confidence: Confidence,
    place: Place,
    reach: Option<ReachedBy>,
    message: Text,
    /// At least one.
    evidence: EvidenceList,
    remedy: Remedy,
    extent: Extent,
}

impl Violation {
    /// A violation with its evidence, or the first of it. `message` says what is wrong in one line, in lower case and
    /// without a full stop.
    pub fn new(
        severity: Severity,
        place: Place,
        message: impl Into<Text>,
        evidence: impl Into<EvidenceList>,
        remedy: Remedy,
    ) -> Self {
        Violation {
            severity,
            confidence: Confidence::High,
            place,
            reach: None,
            message: message.into(),
            evidence: evidence.into(),
            remedy,
            extent: Extent::default(),
        }
    }

    /// Adds more evidence after what there is.
    pub fn also(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence = self.evidence.also(evidence);
        self
    }

    /// Adds more evidence before what there is.
    pub fn preceded_by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.edit().splice(..0, evidence);
        self
    }

    /// Sets how sure the evidence makes us.
    pub fn with_confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Sets who reaches the method that the violation is about, and by which URLs.
    pub fn reached_by(mut self, reach: ReachedBy) -> Self {
        self.reach = Some(reach);
        self
    }

    /// Sets how far it goes: who gets what. Somebody who knows of less does not know of it.
    pub fn reaching(mut self, parts: impl IntoIterator<Item = String>) -> Self {
        self.extent = Extent::of(parts);
        self
    }

    /// The finding of this rule.
    pub fn into_finding(self, rule: RuleId) -> Finding {
        let Violation {
            severity,
            confidence,
            place,
            reach,
            message,
            evidence,
            remedy,
            extent,
        } = self;
        Finding {
            rule,
            severity,
            confidence,
            place,
            reach,
            message,
            evidence,
            remedy,
            extent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::Source;

    #[test]
    fn evidence_keeps_the_order_that_a_rule_gives() {
        let says = |says: &'static str| Evidence::new(Source::Iam, says);
        let place = Place::of_account("111122223333");
        let violation = Violation::new(
            Severity::Low,
            place,
            "wrong",
            says("c"),
            Remedy::new("mend"),
        )
        .also([says("d")])
        .preceded_by([says("a"), says("b")]);
        let finding = violation.into_finding(RuleId::BlanketGrant);
        let order: Vec<&str> = finding.evidence.iter().map(|it| it.says.as_ref()).collect();
        assert_eq!(order, ["a", "b", "c", "d"]);
    }
}
