//! `unused-exemption`

use crate::audit::context::Context;
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::rules::{ExemptionUse, Look, Rule, Subject, documented};
use crate::iam::pattern;
use crate::policy_file::Validity;

documented! {
    /// # `unused-exemption`
    ///
    /// Fires when an exemption of the policy file speaks of nothing that a complete scan finds.
    ///
    /// ## Severity
    /// low
    ///
    /// ## Why this is bad
    /// The problem was solved, or the exemption never met it: a mistyped path hides nothing. One that is left standing
    /// hides the next method that fits, and nobody decides on that one.
    ///
    /// ## What it looks at
    /// All findings, when everything was read: an account and no template, no gap, no `--api`, and the exemption's
    /// `region` (if it has one) among the Regions. Otherwise it is silent, as the exemption may be meant for what was
    /// not looked at: so it is for one of `probe-disagrees`, unless a [probe](../probe.md) asked. One that is past its
    /// last day is [`expired-exemption`](expired-exemption.md). An exemption that a
    /// [template](../before-deployment.md#exemptions-in-a-template) says itself is for that template, and is unused where the
    /// rest of it was understood.
    ///
    /// ## Examples
    ///
    /// ### Bad
    /// `GET /pets` is not open, so there is nothing to exempt:
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-method
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     severity: high
    ///     expires: 2026-12-31
    /// ```
    ///
    /// ### Good
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-method
    ///     match: {api: PetStore, path: /prices, verb: GET}
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     severity: high
    ///     expires: 2026-12-31
    /// ```
    ///
    /// ## How to fix
    /// Take the entry out, or correct it: `gatewatch explain 'GET /pets' inventory.json` says which entries speak of a
    /// method.
    ///
    /// ## Exemption
    /// None covers it: an exemption that needs another one is a mistake of its own.
    ///
    /// ## References
    /// - [Exemptions](../exemptions.md)
    pub struct UnusedExemption;
}

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

    fn subject(&self) -> Subject {
        Subject::Exemptions
    }

    fn exemption(&self, context: Context<'_>, entry: &ExemptionUse) -> Option<Violation> {
        let scope = &context.inventory.scope;
        // One that a template says itself is meant for nothing else.
        let is_elsewhere = scope.template.is_some() && entry.comment.is_none();
        let narrowed = !scope.apis.is_empty() || is_elsewhere || scope.without_drafts;
        let whole = context.gaps.is_empty() && !narrowed;
        if entry.meets > 0 || entry.standing == Validity::Expired || !whole {
            return None;
        }
        // What only a probe finds is not found without one.
        let rules = &entry.exemption.rules;
        if context.probed.is_none() && rules.contains(&RuleId::ProbeDisagrees) {
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
            "delete {}, or correct what it speaks of",
            entry.named()
        ));
        Some(Violation::new(
            Severity::Low,
            entry.place(context.inventory),
            match entry.comment {
                Some(_) => "no finding is what this exemption speaks of".to_owned(),
                None => format!(
                    "no finding is what this exemption speaks of, and everything in {} was read",
                    scope.regions.join(", ")
                ),
            },
            entry.evidence(),
            remedy,
        ))
    }
}
