//! What of a stack belongs to services that gatewatch does not call: each as the command that tells.

use crate::audit::finding::command;
use crate::render::Check;
use crate::run::doctor::facts::Facts;

/// Something to be asked about a stack.
struct Question {
    name: &'static str,
    what: &'static str,
    /// What the answer should be.
    expected: &'static str,
    /// The command. `STACK` in a word is the stack's name.
    words: &'static [&'static str],
}

const STACK: &str = "STACK";

const QUESTIONS: [Question; 4] = [
    Question {
        name: "stack-status",
        what: "whether the stack is deployed, and when it was changed last",
        expected: "the answer should be CREATE_COMPLETE or UPDATE_COMPLETE; the function itself tells its version, asked \
                   by {\"doctor\": true}",
        words: &[
            "cloudformation",
            "describe-stacks",
            "--stack-name",
            STACK,
            "--query",
            "Stacks[0].[StackStatus,LastUpdatedTime,Outputs]",
        ],
    },
    Question {
        name: "stack-schedule",
        what: "whether the schedule is on",
        expected: "the answer should be ENABLED, with the time that you chose",
        words: &[
            "scheduler",
            "get-schedule",
            "--name",
            STACK,
            "--query",
            "[State,ScheduleExpression,ScheduleExpressionTimezone]",
        ],
    },
    Question {
        name: "stack-alarms",
        what: "whether an alarm of the stack is raised",
        expected: "the answer should be an empty list",
        words: &[
            "cloudwatch",
            "describe-alarms",
            "--alarm-name-prefix",
            "STACK-",
            "--state-value",
            "ALARM",
            "--query",
            "MetricAlarms[].AlarmName",
        ],
    },
    Question {
        name: "stack-trail",
        what: "whether a trail logs the changes of this Region",
        expected: "the answer should have a trail; `aws cloudtrail get-event-selectors` says whether it logs write \
                   management events. Without one, changes are found by the schedule alone",
        words: &[
            "cloudtrail",
            "describe-trails",
            "--query",
            "trailList[].[Name,IsMultiRegionTrail]",
        ],
    },
];

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(stack) = &facts.stack else {
        return Vec::new();
    };
    let check = |question: &Question| {
        let named = question.words.iter();
        let named: Vec<String> = named
            .map(|word| match word.strip_prefix(STACK) {
                Some(rest) => format!("{stack}{rest}"),
                None => (*word).to_owned(),
            })
            .collect();
        let mut words = vec!["aws"];
        words.extend(named.iter().map(String::as_str));
        words.extend(["--region", &facts.region]);
        let message = format!("{}: gatewatch does not call that service", question.what);
        Check::unknown(question.name, message)
            .about(stack)
            .advise(question.expected)
            .by(command(&words))
    };
    QUESTIONS.iter().map(check).collect()
}
