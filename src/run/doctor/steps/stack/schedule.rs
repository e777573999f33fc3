//! Whether the schedule starts a run, and when it does next.

use serde_json::Value;

use super::cron::{Next, next};
use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::Schedule;
use crate::inventory::Reason;
use crate::render::{Check, minute};
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::Facts;

pub(super) const NAME: &str = "stack-schedule";

/// The members of a schedule that are said again where one of them is changed, with their options.
const MEMBERS: [(&str, &str); 10] = [
    ("GroupName", "--group-name"),
    ("ScheduleExpression", "--schedule-expression"),
    (
        "ScheduleExpressionTimezone",
        "--schedule-expression-timezone",
    ),
    ("StartDate", "--start-date"),
    (END, "--end-date"),
    ("Description", "--description"),
    ("KmsKeyArn", "--kms-key-arn"),
    ("ActionAfterCompletion", "--action-after-completion"),
    ("FlexibleTimeWindow", "--flexible-time-window"),
    ("Target", "--target"),
];

const END: &str = "EndDate";

pub(super) fn check(stack: &str, schedule: &Result<Schedule, Failure>, facts: &Facts) -> Check {
    let look = [
        "aws",
        "scheduler",
        "get-schedule",
        "--region",
        &facts.region,
        "--name",
        stack,
        "--query",
        "[State,ScheduleExpression,ScheduleExpressionTimezone]",
    ];
    match schedule {
        Ok(schedule) => judged(stack, schedule, &look, facts),
        Err(failure) if failure.reason == Reason::NotFound => {
            Check::failed(NAME, failure.to_string())
                .advise(
                    "there is no such schedule: is the stack's name right, and is it in this Region? If so, deploy its \
                     template again. The schedules that are there",
                )
                .by(command(&[
                    "aws",
                    "scheduler",
                    "list-schedules",
                    "--region",
                    &facts.region,
                    "--query",
                    "Schedules[].Name",
                ]))
        }
        Err(failure) => unread(
            NAME,
            failure,
            "the answer should be ENABLED, with the time that you chose",
            &look,
        ),
    }
}

fn judged(stack: &str, schedule: &Schedule, look: &[&str], facts: &Facts) -> Check {
    let zone = schedule.timezone.as_deref();
    let when = format!("{} {}", schedule.expression, zone.unwrap_or("UTC"));
    if schedule.ends.is_some_and(|it| it <= facts.now) {
        return Check::failed(
            NAME,
            format!("{when}: it has ended, and starts nothing more"),
        )
        .advise("take its end away; all else of it stays as it is")
        .by(switched_on(stack, schedule, false, facts));
    }
    if !schedule.is_enabled {
        return Check::failed(NAME, format!("{when}: it is disabled, and starts nothing"))
            .advise("switch it on; all else of it stays as it is")
            .by(switched_on(stack, schedule, true, facts));
    }
    if let Some(function) = own_function(facts)
        && !schedule.target.ends_with(&format!(":function:{function}"))
    {
        let target = &schedule.target;
        return Check::failed(
            NAME,
            format!("{when}: it starts {target}, not this function"),
        )
        .advise("deploy the stack's template again, which sets its target; as it is")
        .by(command(look));
    }
    match next(&schedule.expression, zone, facts.now) {
        Next::At(at) => Check::ok(NAME, format!("{when}, next on {}", minute(at))),
        Next::Again => Check::ok(NAME, format!("{when}, and it is enabled")),
        Next::Never => Check::failed(NAME, format!("{when}: that never comes again"))
            .advise("deploy the stack again with another `Schedule`; as it is")
            .by(command(look)),
        Next::Untold => {
            let message =
                format!("{when}: it is enabled, and when it comes next is not known here");
            Check::unknown(NAME, message)
                .advise("the expression should be one that comes again")
                .by(command(look))
        }
    }
}

/// The function that the schedule is to start. `None`: it is not known, or it starts a state machine.
fn own_function(facts: &Facts) -> Option<&str> {
    match &facts.front {
        Front::Function(function) if facts.members.is_none() => Some(&function.name),
        _ => None,
    }
}

/// The same schedule, enabled: what an update does not say is taken away. `ends`: whether its end stays.
fn switched_on(stack: &str, schedule: &Schedule, ends: bool, facts: &Facts) -> String {
    let mut words = vec!["aws", "scheduler", "update-schedule"];
    words.extend([
        "--region",
        &facts.region,
        "--name",
        stack,
        "--state",
        "ENABLED",
    ]);
    let member = |(name, option): (&'static str, &'static str)| {
        let value = match schedule.whole.get(name)? {
            Value::Null => return None,
            Value::String(text) if text.is_empty() => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (ends || name != END).then_some((option, value))
    };
    let members: Vec<(&str, String)> = MEMBERS.into_iter().filter_map(member).collect();
    words.extend(members.iter().flat_map(|(option, value)| [*option, value]));
    command(&words)
}
