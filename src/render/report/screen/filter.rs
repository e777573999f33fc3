//! Which findings are shown. What is not shown is counted all the same.

use crate::audit::finding::{Finding, RuleId, Severity};

/// What a reader wants to see of the findings. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// This severity, or worse.
    pub severity: Option<Severity>,
    /// These rules.
    pub rules: Vec<RuleId>,
    /// These APIs, by name or id.
    pub apis: Vec<String>,
}

impl Filter {
    /// Whether a finding is shown.
    pub(super) fn shows(&self, finding: &Finding) -> bool {
        let api = finding.place.api.as_ref();
        self.severity.is_none_or(|least| finding.severity >= least)
            && (self.rules.is_empty() || self.rules.contains(&finding.rule))
            && (self.apis.is_empty()
                || api.is_some_and(|api| {
                    self.apis.contains(&api.id) || self.apis.contains(&api.name)
                }))
    }

    /// What was asked for, as it was asked for. It may hold anything.
    pub(super) fn in_words(&self) -> String {
        let severity = self.severity.iter().map(|it| format!("--severity {it}"));
        let rules = self.rules.iter().map(|it| format!("--rule {it}"));
        let apis = self.apis.iter().map(|it| format!("--show-api {it}"));
        severity
            .chain(rules)
            .chain(apis)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
