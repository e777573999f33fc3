//! Which findings are shown. What is not shown is counted all the same.

use crate::audit::Report;
use crate::audit::finding::{Finding, RuleId, Severity};
use crate::policy_file::nearest;

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

    /// What no finding is, each in a line: a mistyped name shows nothing, as an API without findings does.
    pub(super) fn unmet(&self, report: &Report) -> Vec<String> {
        let findings: Vec<&Finding> = report.evaluation.all_findings().collect();
        let apis = findings.iter().filter_map(|it| it.place.api.as_ref());
        let known: Vec<&str> = apis
            .flat_map(|api| [api.id.as_str(), api.name.as_str()])
            .collect();
        let unknown = self
            .apis
            .iter()
            .filter(|asked| !known.contains(&asked.as_str()));
        let mut said: Vec<String> = unknown
            .map(|asked| {
                let near = nearest(asked, &known);
                let near = near.map_or(String::new(), |it| format!("; did you mean `{it}`?"));
                format!("--show-api {asked}: no finding is about an API of this id or name{near}")
            })
            .collect();
        if findings.is_empty() {
            return said;
        }
        let rules = self.rules.iter();
        let unmet = rules.filter(|rule| findings.iter().all(|it| it.rule != **rule));
        said.extend(unmet.map(|rule| format!("--rule {rule}: no finding is of this rule")));
        let unmet = self
            .severity
            .filter(|least| findings.iter().all(|it| it.severity < *least));
        said.extend(unmet.map(|least| format!("--severity {least}: no finding is as severe")));
        said
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
