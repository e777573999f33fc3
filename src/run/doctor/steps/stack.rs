//! What of a stack belongs to services that gatewatch does not call: each as the command that tells.

use crate::audit::finding::command;
use crate::render::Check;
use crate::run::doctor::facts::Facts;

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(stack) = &facts.stack else {
        return Vec::new();
    };
    let ask = |name, what: &str, expected: &str, words: &[&str]| {
        let mut all = vec!["aws"];
        all.extend(words);
        all.extend(["--region", &facts.region]);
        Check::unknown(
            name,
            format!("{what}: gatewatch does not call that service"),
        )
        .about(stack)
        .advise(expected)
        .by(command(&all))
    };
    let prefix = format!("{stack}-");
    vec![
        ask(
            "stack-status",
            "whether the stack is deployed, and when it was changed last",
            "the answer should be CREATE_COMPLETE or UPDATE_COMPLETE; the function itself tells its version, asked by \
             {\"doctor\": true}",
            &[
                "cloudformation",
                "describe-stacks",
                "--stack-name",
                stack,
                "--query",
                "Stacks[0].[StackStatus,LastUpdatedTime,Outputs]",
            ],
        ),
        ask(
            "stack-schedule",
            "whether the schedule is on",
            "the answer should be ENABLED, with the time that you chose",
            &[
                "scheduler",
                "get-schedule",
                "--name",
                stack,
                "--query",
                "[State,ScheduleExpression,ScheduleExpressionTimezone]",
            ],
        ),
        ask(
            "stack-alarms",
            "whether an alarm of the stack is raised",
            "the answer should be an empty list",
            &[
                "cloudwatch",
                "describe-alarms",
                "--alarm-name-prefix",
                &prefix,
                "--state-value",
                "ALARM",
                "--query",
                "MetricAlarms[].AlarmName",
            ],
        ),
        ask(
            "stack-trail",
            "whether a trail logs the changes of this Region",
            "the answer should have a trail; `aws cloudtrail get-event-selectors` says whether it logs write management \
             events. Without one, changes are found by the schedule alone",
            &[
                "cloudtrail",
                "describe-trails",
                "--query",
                "trailList[].[Name,IsMultiRegionTrail]",
            ],
        ),
    ]
}
