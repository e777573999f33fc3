//! Whether the rules are there that bring changes, those of IAM included.

use serde_json::Value;

use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::Rule;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, Forwarding, StackAnswers};

pub(super) const NAME: &str = "stack-rules";
const IAM: &str = "stack-iam-events";

/// How the names of the stack's rules begin, as CloudFormation makes them of the template's own names.
pub(in crate::run::doctor) fn rule_prefix(stack: &str) -> String {
    format!("{stack}-Changed")
}

/// Whether a stack has no rules: nobody looks at changes then but the schedule.
pub(super) fn is_without(answers: &StackAnswers) -> bool {
    answers.rules.as_ref().is_ok_and(|it| it.is_empty())
}

pub(super) fn checks(stack: &str, answers: &StackAnswers, facts: &Facts) -> Vec<Check> {
    let prefix = rule_prefix(stack);
    let look = [
        "aws",
        "events",
        "list-rules",
        "--region",
        &facts.region,
        "--name-prefix",
        &prefix,
        "--query",
        "Rules[].[Name,State]",
    ];
    let rules = match &answers.rules {
        Ok(rules) => rules,
        Err(failure) => {
            let expected = "the answer should have two rules, both ENABLED";
            return vec![unread(NAME, failure, expected, &look)];
        }
    };
    let of = |what: &str| {
        let begin = format!("{prefix}{what}-");
        rules.iter().find(|it| it.name.starts_with(&begin))
    };
    let (apis, principals) = (of("Apis"), of("Principals"));
    let mut checks = match (apis, principals) {
        (None, None) => {
            let message = "the stack has no rules, so that changes are found by the schedule alone";
            let check = Check::unknown(NAME, message);
            vec![
                check
                    .advise("that is meant with `ChangeEvents=false`; else the answer should have two rules")
                    .by(command(&look)),
            ]
        }
        (Some(_), Some(_)) => Vec::new(),
        (one, _) => {
            let missing = if one.is_none() { "Apis" } else { "Principals" };
            let check = Check::failed(NAME, format!("there is no rule {prefix}{missing}"));
            vec![
                check
                    .advise("deploy the stack's template again; the rules that are there")
                    .by(command(&look)),
            ]
        }
    };
    let both = [apis, principals];
    for rule in both.into_iter().flatten() {
        checks.extend(fault(rule, &both, facts));
    }
    if checks.is_empty() {
        checks.push(Check::ok(NAME, "both rules are on, and have a target"));
    }
    if principals.is_some() {
        checks.extend(answers.forwarding.as_ref().map(|it| iam(it, facts)));
    }
    checks
}

fn fault(rule: &Rule, both: &[Option<&Rule>; 2], facts: &Facts) -> Option<Check> {
    let name = &rule.name;
    if !rule.is_enabled {
        let check = Check::failed(NAME, format!("the rule {name} is disabled"));
        return Some(check.advise("switch it on").by(enable(&facts.region, name)));
    }
    if !rule.targets.is_empty() {
        return None;
    }
    let check = Check::failed(NAME, format!("the rule {name} has no target"));
    // Both rules of the template put their events into one queue.
    let other = both.iter().flatten().flat_map(|it| &it.targets).next();
    Some(match other {
        Some(queue) => check.advise("give it that of the other rule").by(command(&[
            "aws",
            "events",
            "put-targets",
            "--region",
            &facts.region,
            "--rule",
            name,
            "--targets",
            &format!("Id=changes,Arn={queue}"),
        ])),
        None => check
            .advise(
                "deploy the stack again, with `ChangeEvents=false` and then as it was; as it is",
            )
            .by(command(&[
                "aws",
                "events",
                "list-targets-by-rule",
                "--region",
                &facts.region,
                "--rule",
                name,
            ])),
    })
}

fn enable(region: &str, rule: &str) -> String {
    command(&[
        "aws",
        "events",
        "enable-rule",
        "--region",
        region,
        "--name",
        rule,
    ])
}

/// Whether IAM's events, which appear in one Region alone, are brought to the stack's.
fn iam(forwarding: &Forwarding, facts: &Facts) -> Check {
    let Forwarding { region, bus, rules } = forwarding;
    let rules = match rules {
        Ok(rules) => rules,
        Err(failure) => return unasked(region, bus, failure),
    };
    let ours: Vec<&Rule> = rules.iter().filter(|it| looks_for_iam(it)).collect();
    if let Some(rule) = ours.iter().find(|it| it.is_enabled) {
        let name = &rule.name;
        return Check::ok(IAM, format!("the rule {name} in {region} brings them here"));
    }
    if let Some(rule) = ours.first() {
        let name = &rule.name;
        return Check::failed(IAM, format!("the rule {name} in {region} is disabled"))
            .advise("switch it on")
            .by(enable(region, name));
    }
    Check::failed(
        IAM,
        format!("IAM's events appear in {region} alone, and no rule there brings them here"),
    )
    .advise("deploy the stack of iam-events.yaml there")
    .by(command(&[
        "aws",
        "cloudformation",
        "deploy",
        "--region",
        region,
        "--stack-name",
        &format!("{}-iam-events", stack_name(facts)),
        "--template-file",
        "iam-events.yaml",
        "--capabilities",
        "CAPABILITY_IAM",
        "--parameter-overrides",
        &format!("TargetBusArn={bus}"),
    ]))
}

/// Whether a rule looks for what happens in IAM, by its source's very name.
fn looks_for_iam(rule: &Rule) -> bool {
    let pattern: Value = serde_json::from_str(&rule.pattern).unwrap_or_default();
    let sources = pattern.get("source").and_then(Value::as_array);
    sources.is_some_and(|them| them.iter().any(|it| it == "aws.iam"))
}

fn unasked(region: &str, bus: &str, failure: &Failure) -> Check {
    let look = [
        "aws",
        "events",
        "list-rule-names-by-target",
        "--region",
        region,
        "--target-arn",
        bus,
    ];
    let expected = "the answer should have a rule that brings IAM's events";
    unread(IAM, failure, expected, &look)
}

fn stack_name(facts: &Facts) -> &str {
    facts.stack.as_ref().map_or("gatewatch", |it| &it.name)
}
