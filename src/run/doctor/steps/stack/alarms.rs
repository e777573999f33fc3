//! Whether the alarms are there, tell somebody, and are quiet.

use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::{Alarm, AlarmState};
use crate::render::{Check, plural};
use crate::run::doctor::facts::Facts;

pub(super) const NAME: &str = "stack-alarms";

/// The alarms of every stack, by what comes after the stack's name.
const ALWAYS: [&str; 6] = [
    "scan-failed",
    "scan-incomplete",
    "scan-missing",
    "unannounced",
    "not-subscribed",
    "scan-undelivered",
];

/// Those of a stack for an organization.
const OF_ORGANIZATION: [&str; 2] = ["organization-scan-failed", "organization-scan-timed-out"];

/// The names of the alarms that a stack may have.
pub(in crate::run::doctor) fn alarm_names(stack: &str) -> Vec<String> {
    let all = ALWAYS.iter().chain(&OF_ORGANIZATION);
    all.map(|it| format!("{stack}-{it}")).collect()
}

pub(super) fn checks(
    stack: &str,
    alarms: &Result<Vec<Alarm>, Failure>,
    facts: &Facts,
) -> Vec<Check> {
    let alarms = match alarms {
        Ok(alarms) => alarms,
        Err(failure) => {
            let expected = "the answer should be an empty list";
            return vec![unread(NAME, failure, expected, &raised_ones(stack, facts))];
        }
    };
    let mut checks = Vec::new();
    let missing = missing(stack, alarms, facts);
    if !missing.is_empty() {
        let message = format!("there is no alarm {}", missing.join(", "));
        checks.push(
            Check::failed(NAME, message)
                .advise(
                    "is the stack's name right, and is it in this Region? If so, deploy its template again. The alarms \
                     that are there",
                )
                .by(command(&all(stack, facts))),
        );
    }
    let silent = named(alarms, |it| !it.is_on);
    if !silent.is_empty() {
        let mut words = vec!["aws", "cloudwatch", "enable-alarm-actions", "--region"];
        words.extend([facts.region.as_str(), "--alarm-names"]);
        words.extend(&silent);
        let message = format!(
            "its actions are off, so that it tells nobody: {}",
            silent.join(", ")
        );
        checks.push(
            Check::failed(NAME, message)
                .advise("switch them on")
                .by(command(&words)),
        );
    }
    let idle = named(alarms, |it| it.is_on && !it.tells);
    if !idle.is_empty() {
        let message = format!(
            "it has no action, so that it tells nobody: {}",
            idle.join(", ")
        );
        checks.push(
            Check::failed(NAME, message)
                .advise("deploy the stack's template again, which names its topic; as it is")
                .by(command(&all(stack, facts))),
        );
    }
    checks.extend(states(stack, alarms, facts));
    checks
}

/// What the alarms say. Nothing, where one of them is missing and no other is raised.
fn states(stack: &str, alarms: &[Alarm], facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    let raised = named(alarms, |it| it.state == AlarmState::Raised);
    if !raised.is_empty() {
        checks.push(
            Check::failed(NAME, format!("it is raised: {}", raised.join(", ")))
                .advise("the description of each says what it means, and where the reason stands")
                .by(command(&raised_ones(stack, facts))),
        );
    }
    let untold = named(alarms, |it| it.state == AlarmState::Untold);
    if !untold.is_empty() {
        let message = format!("it has no data yet: {}", untold.join(", "));
        checks.push(
            Check::unknown(NAME, message)
                .advise("some minutes after the deployment, each should be OK")
                .by(command(&all(stack, facts))),
        );
    }
    let all_quiet = alarms
        .iter()
        .all(|it| it.state == AlarmState::Quiet && it.tells);
    if all_quiet && missing(stack, alarms, facts).is_empty() {
        let message = format!("{}, and none is raised", plural(alarms.len(), "alarm"));
        checks.push(Check::ok(NAME, message));
    }
    checks
}

fn missing(stack: &str, alarms: &[Alarm], facts: &Facts) -> Vec<String> {
    let has_members = facts.members.is_some();
    let of_members = OF_ORGANIZATION.iter().filter(|_| has_members);
    let names = ALWAYS.iter().chain(of_members);
    let names = names.map(|it| format!("{stack}-{it}"));
    names
        .filter(|name| !alarms.iter().any(|it| it.name == *name))
        .collect()
}

fn named(alarms: &[Alarm], is_meant: impl Fn(&Alarm) -> bool) -> Vec<&str> {
    let meant = alarms.iter().filter(|it| is_meant(it));
    meant.map(|it| it.name.as_str()).collect()
}

/// Lists the alarms of the stack.
fn all<'f>(stack: &'f str, facts: &'f Facts) -> Vec<&'f str> {
    let mut words = vec!["aws", "cloudwatch", "describe-alarms", "--region"];
    words.extend([facts.region.as_str(), "--alarm-name-prefix", stack]);
    words.extend([
        "--query",
        "MetricAlarms[].[AlarmName,StateValue,ActionsEnabled,AlarmActions]",
    ]);
    words
}

/// Lists those that are raised.
fn raised_ones<'f>(stack: &'f str, facts: &'f Facts) -> Vec<&'f str> {
    let mut words = vec!["aws", "cloudwatch", "describe-alarms", "--region"];
    words.extend([facts.region.as_str(), "--alarm-name-prefix", stack]);
    words.extend(["--state-value", "ALARM", "--query"]);
    words.push("MetricAlarms[].[AlarmName,AlarmDescription,StateReason]");
    words
}
