//! The rules, each in a line.

use serde::Serialize;

use super::words::capitalized;
use crate::audit::finding::RuleId;
use crate::audit::rules;

/// A rule, as `gatewatch rules --format json` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Its name in reports, in `--rule` and in exemptions.
    pub rule: &'static str,
    /// What it means when it fires.
    pub summary: &'static str,
    /// Whether an exemption of the policy file can cover its findings.
    pub can_be_exempted: bool,
}

/// Every rule, in the order of the registry.
///
/// ```
/// let rules = gatewatch::render::rules_list();
/// assert!(rules.iter().any(|it| it.rule == "open-method" && it.can_be_exempted));
/// // What was not read is never clean.
/// assert!(rules.iter().any(|it| it.rule == "unread-api" && !it.can_be_exempted));
/// ```
pub fn rules_list() -> Vec<RuleLine> {
    RuleId::ALL.iter().map(|rule| rule_line(*rule)).collect()
}

/// What the registry says of a rule.
pub(super) fn rule_line(rule: RuleId) -> RuleLine {
    RuleLine {
        rule: rule.as_str(),
        summary: rules::summary(rule),
        can_be_exempted: rule.can_be_exempted(),
    }
}

/// The same for people: a line each, the names in a column.
pub fn rules_text() -> String {
    let rules = rules_list();
    let longest = rules.iter().map(|it| it.rule.len()).max();
    let width = longest.unwrap_or_default();
    let lines = rules.iter().map(|it| {
        let never = match it.can_be_exempted {
            true => "",
            false => ". No exemption covers it",
        };
        let summary = capitalized(it.summary);
        format!("{:width$}  {summary}{never}\n", it.rule)
    });
    lines.collect()
}
