//! Answers about a stack that no emulator gives.

use std::time::Duration;

use serde_json::json;

use crate::aws::client::Failure;
use crate::aws::stack::{Alarm, AlarmState, Concurrency, Rule, Schedule, Trail, Writes};
use crate::inventory::Reason;
use crate::render::{Check, Light};
use crate::run::doctor::asked::{Front, Function};
use crate::run::doctor::destination::Destination;
use crate::run::doctor::facts::{DestinationFacts, Facts, Forwarding, StackAnswers, StackFacts};
use crate::run::doctor::steps::checkup;
use crate::run::doctor::steps::tests::{ROLE, facts};

const FUNCTION: &str = "gatewatch-Function-a";

fn failure(reason: Reason, message: &str) -> Failure {
    Failure {
        operation: "service:Operation",
        reason,
        message: message.to_owned(),
    }
}

fn schedule(expression: &str) -> Schedule {
    Schedule {
        is_enabled: true,
        expression: expression.to_owned(),
        timezone: None,
        ends: None,
        target: format!("arn:aws:lambda:eu-west-1:111122223333:function:{FUNCTION}"),
        whole: json!({"EndDate": 1.0, "Target": {"Arn": "a"}}),
    }
}

fn trail(arn: &str, writes: Writes) -> Trail {
    Trail {
        arn: arn.to_owned(),
        is_multi_region: true,
        logs: Ok(true),
        writes: Ok(writes),
    }
}

fn rule(name: &str, pattern: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        is_enabled: true,
        pattern: pattern.to_owned(),
        targets: vec!["arn:aws:sqs:eu-west-1:111122223333:changes".to_owned()],
    }
}

fn own_rules() -> Vec<Rule> {
    let names = ["gatewatch-ChangedApis-a", "gatewatch-ChangedPrincipals-a"];
    names.map(|it| rule(it, "{}")).to_vec()
}

/// A stack in order, as its own function sees it.
fn answers() -> StackAnswers {
    let alarm = |name: String| Alarm {
        name,
        state: AlarmState::Quiet,
        tells: true,
        is_on: true,
        function: Some(FUNCTION.to_owned()),
    };
    StackAnswers {
        schedule: Ok(schedule("cron(0 6 * * ? *)")),
        alarms: Ok(super::alarm_names("gatewatch")
            .into_iter()
            .map(alarm)
            .collect()),
        rules: Ok(own_rules()),
        forwarding: Some(Forwarding {
            region: "us-east-1",
            bus: "arn:aws:events:eu-west-1:111122223333:event-bus/default".to_owned(),
            rules: Err(failure(Reason::Throttled, "ThrottlingException")),
        }),
        trails: Ok(vec![trail(OWN, Writes::Logged)]),
        function: Some(FUNCTION.to_owned()),
        deployed: None,
        starts: None,
        reserved: Some(Ok(None)),
        concurrency: Ok(Concurrency {
            all: 10,
            unreserved: 10,
        }),
    }
}

const OWN: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/all";

fn of(answers: StackAnswers) -> Facts {
    let mut facts = facts(ROLE, Vec::new());
    facts.stack = Some(StackFacts {
        name: "gatewatch".to_owned(),
        asked: Some(answers),
    });
    facts.front = Front::Function(Function {
        name: FUNCTION.to_owned(),
        memory: Some(512),
        architecture: "aarch64",
        time: Duration::from_secs(900),
        log_group: None,
        template: Some(env!("CARGO_PKG_VERSION").to_owned()),
    });
    facts
}

/// The step of this name that is not in order, or the only one.
fn step(facts: &Facts, name: &str) -> Check {
    let checks = checkup(facts).checks.into_iter();
    let mut own: Vec<Check> = checks.filter(|it| it.name == name).collect();
    own.sort_by_key(|it| it.light);
    own.pop().unwrap()
}

#[test]
fn a_schedule_that_starts_nothing_of_ours_is_not_in_order() {
    let told = |schedule: Schedule| {
        let check = step(
            &of(StackAnswers {
                schedule: Ok(schedule),
                ..answers()
            }),
            "stack-schedule",
        );
        (check.light, check.message)
    };
    let daily = "cron(0 6 * * ? *)";
    let (light, message) = told(schedule(daily));
    assert_eq!(light, Light::Ok);
    assert!(
        message.ends_with("next on 2026-06-16 06:00 UTC"),
        "{message}"
    );
    for wrong in [
        Schedule {
            is_enabled: false,
            ..schedule(daily)
        },
        Schedule {
            ends: Some("2026-06-15T05:00:00Z".parse().unwrap()),
            ..schedule(daily)
        },
        Schedule {
            target: "arn:aws:lambda:eu-west-1:111122223333:function:another".to_owned(),
            ..schedule(daily)
        },
        schedule("at(2026-06-01T06:00:00)"),
    ] {
        let (light, message) = told(wrong);
        assert_eq!(light, Light::Failed, "{message}");
    }
    assert_eq!(told(schedule("cron(0 6 L * ? *)")).0, Light::Unknown);
    // What has ended is not ended again by the command.
    let ended = Schedule {
        ends: Some("2026-06-15T05:00:00Z".parse().unwrap()),
        ..schedule(daily)
    };
    let facts = of(StackAnswers {
        schedule: Ok(ended),
        ..answers()
    });
    let command = step(&facts, "stack-schedule").command.unwrap();
    assert!(!command.contains("--end-date"), "{command}");
}

#[test]
fn a_trail_that_may_not_tell_everything_is_not_in_order() {
    let theirs = "arn:aws:cloudtrail:us-east-1:444455556666:trail/organization";
    let narrow = Trail {
        is_multi_region: false,
        ..trail(OWN, Writes::Logged)
    };
    let hidden = Trail {
        writes: Err(failure(Reason::AccessDenied, "AccessDeniedException")),
        ..trail(theirs, Writes::Logged)
    };
    let stopped = |arn| Trail {
        logs: Ok(false),
        ..trail(arn, Writes::Logged)
    };
    let full = vec![json!({"ReadWriteType": "ReadOnly"}); 5];
    for (trails, light, command) in [
        (vec![trail(theirs, Writes::Logged)], Light::Ok, None),
        (
            vec![stopped(theirs), trail(OWN, Writes::Logged)],
            Light::Ok,
            None,
        ),
        (vec![narrow], Light::Unknown, Some("describe-trails")),
        (
            vec![hidden.clone()],
            Light::Unknown,
            Some("describe-trails"),
        ),
        (
            vec![stopped(OWN), hidden],
            Light::Unknown,
            Some("describe-trails"),
        ),
        (
            vec![trail(OWN, Writes::Partly)],
            Light::Unknown,
            Some("describe-trails"),
        ),
        (vec![stopped(theirs)], Light::Failed, None),
        (
            vec![stopped(theirs), stopped(OWN)],
            Light::Failed,
            Some("start-logging"),
        ),
        (
            vec![trail(OWN, Writes::No("EventSelectors", full))],
            Light::Failed,
            None,
        ),
        (Vec::new(), Light::Failed, Some("create-trail")),
    ] {
        let facts = of(StackAnswers {
            trails: Ok(trails),
            ..answers()
        });
        let check = step(&facts, "stack-trail");
        assert_eq!(check.light, light, "{}", check.message);
        let printed = check.command.as_deref();
        assert_eq!(printed.is_some(), command.is_some(), "{}", check.message);
        assert!(
            printed
                .unwrap_or_default()
                .contains(command.unwrap_or_default())
        );
    }
}

#[test]
fn without_rules_no_trail_is_missed() {
    let facts = of(StackAnswers {
        trails: Ok(Vec::new()),
        rules: Ok(Vec::new()),
        ..answers()
    });
    for name in ["stack-rules", "stack-trail"] {
        let check = step(&facts, name);
        assert_eq!(check.light, Light::Unknown, "{}", check.message);
    }
}

#[test]
fn a_function_that_nothing_is_left_for_is_not_in_order() {
    let told = |unreserved, reserved| {
        let check = step(
            &of(StackAnswers {
                concurrency: Ok(Concurrency {
                    all: 10,
                    unreserved,
                }),
                reserved,
                ..answers()
            }),
            "stack-concurrency",
        );
        check.light
    };
    assert_eq!(told(10, Some(Ok(None))), Light::Ok);
    assert_eq!(told(0, Some(Ok(Some(1)))), Light::Ok);
    assert_eq!(told(0, Some(Ok(None))), Light::Failed);
    assert_eq!(told(10, Some(Ok(Some(0)))), Light::Failed);
    assert_eq!(told(10, None), Light::Unknown);
    let denied = failure(Reason::AccessDenied, "AccessDeniedException");
    assert_eq!(told(10, Some(Err(denied))), Light::Unknown);
}

#[test]
fn an_alarm_without_data_is_not_in_order() {
    for (state, light) in [
        (AlarmState::Quiet, Light::Ok),
        (AlarmState::Untold, Light::Unknown),
        (AlarmState::Raised, Light::Failed),
    ] {
        let mut answers = answers();
        if let Some(alarm) = answers.alarms.iter_mut().flatten().next() {
            alarm.state = state;
        }
        assert_eq!(step(&of(answers), "stack-alarms").light, light);
    }
}

#[test]
fn a_hub_that_is_off_is_switched_on_without_standards_of_its_own() {
    let mut facts = of(answers());
    let off = "InvalidAccessException: Account 111122223333 is not subscribed to AWS Security Hub";
    facts.destinations = vec![DestinationFacts {
        destination: Destination::SecurityHub,
        there: Some(Err(failure(Reason::AccessDenied, off))),
        may_send: None,
    }];
    let check = step(&facts, "security-hub");
    assert_eq!(check.light, Light::Failed);
    let command = check.command.unwrap();
    assert!(
        command.ends_with(" --no-enable-default-standards"),
        "{command}"
    );
    facts.destinations[0].there = Some(Ok(()));
    assert_eq!(step(&facts, "security-hub").light, Light::Unknown);
}

#[test]
fn only_a_rule_that_names_iam_brings_its_events() {
    let told = |rules: Result<Vec<Rule>, Failure>| {
        let mut answers = answers();
        if let Some(forwarding) = &mut answers.forwarding {
            forwarding.rules = rules;
        }
        step(&of(answers), "stack-iam-events").light
    };
    let names = r#"{"source": ["aws.iam"]}"#;
    let excepts = r#"{"source": [{"anything-but": ["aws.iam"]}]}"#;
    assert_eq!(
        told(Ok(vec![rule("a", excepts), rule("b", names)])),
        Light::Ok
    );
    for others in [excepts, "{}", "", "aws.iam"] {
        assert_eq!(told(Ok(vec![rule("a", others)])), Light::Failed, "{others}");
    }
    assert_eq!(told(Ok(Vec::new())), Light::Failed);
    assert_eq!(told(Err(failure(Reason::Timeout, "x"))), Light::Unknown);
    // One of the two is not enough.
    let mut answers = answers();
    answers.rules = Ok(own_rules().into_iter().take(1).collect());
    assert_eq!(step(&of(answers), "stack-rules").light, Light::Failed);
}
