//! From facts to steps. Pure, and never takes what is not known for being in order.

mod account;
mod answers;
mod destinations;
mod function;
mod grants;
mod members;
mod not_asked;
mod policy;
mod principal;
mod reads;
mod stack;
mod state;
mod template;
mod topic;
mod version;

pub(super) use stack::{alarm_names, rule_prefix};

use version::VERSION;

use super::asked::Front;
use super::facts::Facts;
use crate::aws::client::Identity;
use crate::render::{Check, Checkup};

/// What the facts come to.
pub(super) fn checkup(facts: &Facts) -> Checkup {
    let mut checks = vec![version::check()];
    if let Front::Function(function) = &facts.front {
        checks.push(Check::ok("settings", "the environment was understood"));
        checks.push(function::check(function, facts.members.is_some()));
        checks.push(template::of_function(function));
    }
    checks.push(account::identity(facts));
    checks.extend(account::regions(facts));
    checks.extend(reads::checks(facts));
    checks.push(policy::check(facts));
    checks.extend(state::checks(facts));
    checks.extend(topic::checks(facts));
    checks.extend(destinations::checks(facts));
    checks.extend(members::checks(facts));
    checks.extend(stack::checks(facts));
    for check in &mut checks {
        check.command = check.command.take().map(|it| facts.front.with_profile(it));
    }
    Checkup {
        version: VERSION,
        account: facts.identity.as_ref().ok().map(|it| it.account.clone()),
        checks,
        tellings: answers::tellings(facts),
    }
}

/// The checkup of a function whose settings are wrong: nothing can be asked.
pub fn wrong_settings(error: &str, function: Option<&str>) -> Checkup {
    Checkup {
        version: VERSION,
        account: None,
        checks: vec![version::check(), function::wrong(error, function)],
        tellings: Vec::new(),
    }
}

/// The ARN of a principal that the policy simulator takes. `None`: it takes none of its kind.
pub(super) fn simulated(identity: &Identity) -> Option<String> {
    principal::Principal::of(identity).simulated(identity)
}

#[cfg(test)]
mod tests;
