//! From facts to steps. Pure, and never takes what is not known for being in order.

mod account;
mod answers;
mod function;
mod grants;
mod members;
mod not_asked;
mod policy;
mod principal;
mod reads;
mod stack;
mod state;
mod topic;

use super::asked::Front;
use super::facts::Facts;
use crate::render::{Check, Checkup};

/// The version of this gatewatch.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the facts come to.
pub(super) fn checkup(facts: &Facts) -> Checkup {
    let mut checks = vec![version()];
    if let Front::Function(function) = &facts.front {
        checks.push(Check::ok("settings", "the environment was understood"));
        checks.push(function::check(function, facts.members.is_some()));
    }
    checks.push(account::identity(facts));
    checks.extend(account::regions(facts));
    checks.extend(reads::checks(facts));
    checks.push(policy::check(facts));
    checks.extend(state::checks(facts));
    checks.extend(topic::checks(facts));
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
        checks: vec![version(), function::wrong(error, function)],
        tellings: Vec::new(),
    }
}

fn version() -> Check {
    Check::ok("version", format!("gatewatch {VERSION}"))
}

#[cfg(test)]
mod tests;
