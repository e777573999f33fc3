//! The rules: pure functions from an inventory and a policy file to findings.
//!
//! One rule, one file, one line in [`REGISTRY`]. A rule looks at the deployed method first
//! ([`view::MethodView`]), says what is wrong, and hands over its proof and its remedy.

mod acceptance;
mod administrators;
pub mod api_key_only;
pub mod blanket_grant;
pub mod dangling_grant;
pub mod direct_user_grant;
mod draft_changes;
pub mod empty_group;
mod evaluate;
mod exempt;
pub mod expired_exemption;
mod explain;
pub mod foreign_authorizer;
mod grant;
mod holders;
mod looks;
pub mod missing_group_policy;
pub mod open_canary;
pub mod open_connect;
pub mod open_method;
mod outsiders;
pub mod pending_opening;
pub mod powerless_group;
mod reach;
mod remedies;
mod stage;
mod taken_over;
pub mod uncallable_method;
pub mod undeployed_fix;
pub mod unlisted_invoker;
pub mod unread_api;
pub mod unused_exemption;
mod view;
pub mod world_signed;

pub use acceptance::{MethodKey, acceptances};
pub use evaluate::{Coverage, Evaluation, evaluate};
pub use exempt::{Exempted, ExemptionUse, Verdict};
pub use explain::{Asked, Demand, Explained, Explanation, Judged, NotFound, RankedEntry, explain};
pub use holders::AccessView;
pub use looks::Look;
pub use reach::Reach;
pub use view::{Assumption, MethodView, Opening, Pending, Snapshot};

use std::collections::BTreeSet;

use reach::DomainNames;

use crate::config::PolicyFile;
use crate::finding::{Finding, RuleId};
use crate::model::{Gap, Group, Iam, Inventory};

/// What every rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// All that was read.
    pub inventory: &'a Inventory,
    /// What is demanded.
    pub policy: &'a PolicyFile,
    /// Every gap of the inventory.
    pub gaps: &'a BTreeSet<Gap>,
    /// Who can call what. `None`: the IAM principals could not be read.
    pub access: Option<&'a AccessView<'a>>,
    /// The custom domain names of each API.
    names: &'a DomainNames<'a>,
}

/// One rule. It implements the question that fits it; the others answer nothing.
pub trait Rule: Sync {
    /// Its name.
    fn id(&self) -> RuleId;

    /// What it looks at. There is no default: a rule that leaves something out has its findings called resolved by
    /// runs that did not look.
    fn looks_at(&self) -> &'static [Look];

    /// Asked once for every method of every stage.
    fn method(&self, _context: Context<'_>, _method: &MethodView<'_>) -> Option<Finding> {
        None
    }

    /// Asked once for every IAM group, where IAM was read.
    fn group(&self, _context: Context<'_>, _iam: &Iam, _group: &Group) -> Option<Finding> {
        None
    }

    /// Asked once for every exemption of the policy file, when all other findings are known.
    fn exemption(&self, _context: Context<'_>, _exemption: &ExemptionUse) -> Option<Finding> {
        None
    }

    /// Asked once for the whole inventory.
    fn inventory(&self, _context: Context<'_>) -> Vec<Finding> {
        Vec::new()
    }
}

/// Every rule.
pub const REGISTRY: [&dyn Rule; 19] = [
    &open_method::OpenMethod,
    &open_connect::OpenConnect,
    &open_canary::OpenCanary,
    &undeployed_fix::UndeployedFix,
    &api_key_only::ApiKeyOnly,
    &unread_api::UnreadApi,
    &world_signed::WorldSigned,
    &missing_group_policy::MissingGroupPolicy,
    &powerless_group::PowerlessGroup,
    &foreign_authorizer::ForeignAuthorizer,
    &pending_opening::PendingOpening,
    &unlisted_invoker::UnlistedInvoker,
    &direct_user_grant::DirectUserGrant,
    &dangling_grant::DanglingGrant,
    &expired_exemption::ExpiredExemption,
    &empty_group::EmptyGroup,
    &blanket_grant::BlanketGrant,
    &uncallable_method::UncallableMethod,
    &unused_exemption::UnusedExemption,
];

/// What the rule of this name looks at. `None`: there is no such rule here, as a newer gatewatch has it.
pub fn looks_at(rule: &str) -> Option<&'static [Look]> {
    let mut rules = REGISTRY.iter();
    let rule = rules.find(|it| it.id().as_str() == rule);
    rule.map(|it| it.looks_at())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_registered_once_in_the_order_of_its_names() {
        assert_eq!(REGISTRY.map(Rule::id), RuleId::ALL);
    }
}
