//! `unused-exemption`

use crate::audit::context::Context;
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::rules::{ExemptionUse, Look, Rule};
use crate::iam::pattern;
use crate::policy_file::Validity;

/// # `unused-exemption`
///
/// Fires when an exemption of the policy file speaks of nothing that a complete scan finds.
///
/// ## Why this is bad
/// The problem was solved, or the exemption never met it: a mistyped path hides nothing. One that is
/// left standing hides the next method that fits, and nobody decides on that one.
///
/// ## What it looks at
/// It is silent where anything could not be read, where the scan was narrowed to some APIs or to the
/// file of a template, and for an exemption whose `region` names none of the Regions that were read: what was not looked
/// at may well be what it is for. One that is past its last day is `expired-exemption`.
///
/// ## References
/// - `docs/exemptions.md`
#[derive(Debug)]
pub struct UnusedExemption;

impl Rule for UnusedExemption {
    fn id(&self) -> RuleId {
        RuleId::UnusedExemption
    }

    fn summary(&self) -> &'static str {
        "an exemption speaks of nothing that is found any more"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[
            Look::Deployed,
            Look::Draft,
            Look::Principals,
            Look::PolicyFile,
        ]
    }

    fn exemption(&self, context: Context<'_>, entry: &ExemptionUse) -> Option<Violation> {
        let scope = &context.inventory.scope;
        let narrowed = !scope.apis.is_empty() || scope.template.is_some() || scope.without_drafts;
        let whole = context.gaps.is_empty() && !narrowed;
        if entry.meets > 0 || entry.standing == Validity::Expired || !whole {
            return None;
        }
        let asked = &entry.exemption.selector.region;
        let read = |pattern: &String| {
            let mut regions = scope.regions.iter();
            regions.any(|region| pattern::matches(pattern, region))
        };
        if !asked.is_empty() && !asked.iter().any(read) {
            return None;
        }
        let remedy = Remedy::new(format!(
            "delete the exemption on line {} of the policy file, or correct what it speaks of",
            entry.exemption.line
        ));
        Some(Violation::new(
            Severity::Low,
            entry.place(context.inventory),
            format!(
                "no finding is what this exemption speaks of, and everything in {} was read",
                scope.regions.join(", ")
            ),
            entry.evidence(),
            remedy,
        ))
    }
}
