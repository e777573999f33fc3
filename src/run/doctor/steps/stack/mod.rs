//! What of a stack of `template.yaml` stands around the function: schedule, alarms, rules, trails, concurrency.

mod alarms;
mod cron;
mod function;
mod rules;
mod schedule;
mod start;
mod trail;
mod unread;

pub(in crate::run::doctor) use alarms::alarm_names;
pub(in crate::run::doctor) use rules::rule_prefix;

use super::not_asked::not_asked;
use crate::render::Check;
use crate::run::doctor::facts::Facts;

/// The steps of a stack whose services were not asked, because nobody knows whose account it is.
const STEPS: [&str; 5] = [
    schedule::NAME,
    alarms::NAME,
    rules::NAME,
    trail::NAME,
    function::CONCURRENCY,
];

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(stack) = &facts.stack else {
        return Vec::new();
    };
    let name = stack.name.as_str();
    let checks = match &stack.asked {
        None => STEPS.map(not_asked).to_vec(),
        Some(answers) => {
            let mut checks = vec![schedule::check(name, &answers.schedule, facts)];
            checks.extend(alarms::checks(name, &answers.alarms, facts));
            checks.extend(rules::checks(name, answers, facts));
            checks.push(trail::check(
                &answers.trails,
                rules::is_without(answers),
                facts,
            ));
            checks.extend(function::checks(answers, facts));
            checks
        }
    };
    checks.into_iter().map(|it| it.about(name)).collect()
}

#[cfg(test)]
mod tests;
