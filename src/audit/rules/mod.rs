//! The rules: pure functions from an inventory and a policy file to findings.
//!
//! One rule is one file, and one line of the registry in [`policy_file`](crate::policy_file). A rule about methods
//! looks at the deployed method first ([`MethodView`](super::method::MethodView)), says what is wrong, and hands over
//! its proof and its remedy.

mod asked;
mod evaluate;
mod exempt;
mod expected;
mod explain;
mod explain_finding;
mod holders;
mod looks;
mod manual;
mod not_asked;
mod requirement_use;
mod rule;
mod share;
mod spoken_of;
mod tally;
mod unlisted_outside;
mod who_can;

pub(crate) use asked::url_hint;
pub use asked::{Asked, NotFound};
pub use evaluate::{
    Coverage, Evaluation, about_exemptions, evaluate, evaluate_probed, evaluate_within,
    findings_where,
};
pub use exempt::{Covering, Exempted, ExemptionUse, InComment};
pub(in crate::audit) use exempt::{exempted_by, refusal};
pub use explain::{Demand, Explained, Explanation, Judged, RankedEntry, explain};
pub(in crate::audit) use explain_finding::explain_finding_among;
pub use explain_finding::{ExplainedFinding, NoSuchFinding, explain_finding, is_finding_id, meant};
pub use looks::{Concern, Look, Subject};
pub use manual::Documented;
pub(crate) use manual::documented;
pub use requirement_use::RequirementUse;
pub use rule::{Rule, Violations};
pub use tally::RuleTally;
pub use who_can::{Allowed, WhoCan};

use crate::policy_file::{RuleId, every_rule};

/// Makes the modules of the rules from the registry, and the list that an evaluation asks.
macro_rules! modules {
    ($($folder:ident { $($file:ident::$Rule:ident $name:literal $($never:ident exempted)?,)* })*) => {
        $(
            #[doc = concat!("The rules about ", stringify!($folder), ".")]
            pub mod $folder {
                $(pub mod $file;)*
            }
        )*

        /// Every rule.
        pub const REGISTRY: &[&dyn Rule] = &[$($(&$folder::$file::$Rule,)*)*];

        /// The manual of every rule. Not a method of [`Rule`]: what judges has no use for it, and need not carry it.
        const MANUALS: &[(RuleId, &[&str])] =
            &[$($((RuleId::$Rule, <$folder::$file::$Rule as Documented>::LINES),)*)*];
    };
}

every_rule!(modules);

/// What the rule of this name looks at. `None`: there is no such rule here, as a newer gatewatch has it.
pub fn looks_at(rule: &str) -> Option<&'static [Look]> {
    named(rule).map(Rule::looks_at)
}

/// What a rule is about, by its name. [`Concern::Own`] for a rule that is not known here.
pub fn concern(rule: &str) -> Concern {
    named(rule).map_or(Concern::Own, Rule::concern)
}

/// What it means when a rule fires, in one line.
pub fn summary(rule: RuleId) -> &'static str {
    let mut rules = REGISTRY.iter();
    rules
        .find(|it| it.id() == rule)
        .map_or("", |it| it.summary())
}

/// The manual of a rule: Markdown, whose relative links start from `docs/rules/`.
pub fn manual(rule: RuleId) -> String {
    let mut manuals = MANUALS.iter();
    let lines = manuals.find(|(id, _)| *id == rule);
    manual::text(lines.map_or(&[], |(_, lines)| lines))
}

fn named(rule: &str) -> Option<&'static dyn Rule> {
    let mut rules = REGISTRY.iter().copied();
    rules.find(|it| it.id().as_str() == rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_the_name_that_it_is_registered_with() {
        let ids: Vec<RuleId> = REGISTRY.iter().map(|it| it.id()).collect();
        assert_eq!(ids, RuleId::ALL);
    }
}
