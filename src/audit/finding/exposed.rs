//! What the exposure of a method does to the severity and the confidence of its findings.

use super::{Confidence, Exposure, Severity};

impl Exposure {
    /// What a severity is worth here: one step less where only some reach the method, next to nothing
    /// where nobody does.
    ///
    /// ```
    /// use gatewatch::audit::finding::{Exposure, Severity};
    ///
    /// assert_eq!(Exposure::Private.lowers(Severity::Critical), Severity::High);
    /// assert_eq!(Exposure::Closed.lowers(Severity::Critical), Severity::Informational);
    /// // What is not known lowers nothing.
    /// assert_eq!(Exposure::Unknown.lowers(Severity::Critical), Severity::Critical);
    /// ```
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
