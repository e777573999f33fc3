//! Whether the places are there that findings go to beside the topic, and whether they may be sent there.

use super::grants::{ALLOWED, Grant, is_refusal, refused, simulation};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::Decision;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::destination::Destination;
use crate::run::doctor::facts::{DestinationFacts, Facts};

const EVENT_BUS: &str = "event-bus";
const SECURITY_HUB: &str = "security-hub";
const CONFIG_RULE: &str = "config-rule";

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    facts
        .destinations
        .iter()
        .map(|it| check(it, facts))
        .collect()
}

fn check(known: &DestinationFacts, facts: &Facts) -> Check {
    let (name, subject) = match &known.destination {
        Destination::EventBus(bus) => (EVENT_BUS, bus.as_str()),
        Destination::SecurityHub => (SECURITY_HUB, facts.region.as_str()),
        Destination::ConfigRule => (CONFIG_RULE, facts.region.as_str()),
    };
    let check = match &known.there {
        None => not_asked(name),
        Some(Ok(())) => may_send(name, known, facts),
        Some(Err(failure)) => absent(name, known, failure, facts),
    };
    check.about(subject)
}

/// It is there: may anything be sent to it?
fn may_send(name: &'static str, known: &DestinationFacts, facts: &Facts) -> Check {
    let action = known.destination.action();
    let ask = || asked(known, facts);
    match &known.may_send {
        Some(Ok(Decision::Allowed)) => Check::ok(
            name,
            format!("it is there, and IAM's policy simulator allows {action}"),
        ),
        Some(Ok(Decision::Denied)) => Check::failed(name, format!("a policy denies {action}"))
            .advise(
                "take the Deny away, or have this principal excepted; the policy simulator says",
            )
            .by(ask()),
        Some(Ok(Decision::NotAllowed)) => Check::failed(name, format!("no policy allows {action}"))
            .advise("deploy the template of this version again; the policy simulator says")
            .by(ask()),
        Some(Err(failure)) => Check::unknown(
            name,
            format!("it is there, and whether {action} is allowed could not be told: {failure}"),
        )
        .advise(ALLOWED)
        .by(ask()),
        None if known.destination == Destination::ConfigRule => Check::ok(
            name,
            "AWS Config took an evaluation for a test, of which it keeps nothing",
        ),
        None => Check::unknown(
            name,
            format!("it is there, and only a run tells whether {action} is allowed"),
        ),
    }
}

/// What asks the policy simulator whether it may be sent to.
fn asked(known: &DestinationFacts, facts: &Facts) -> Option<String> {
    let identity = facts.identity.as_ref().ok()?;
    let resource = known.destination.resource(identity, &facts.region);
    simulation(facts, &[known.destination.action()], &[resource])
}

fn absent(name: &'static str, known: &DestinationFacts, failure: &Failure, facts: &Facts) -> Check {
    let region = facts.region.as_str();
    // How Security Hub answers where nobody has switched it on.
    let is_off = failure.message.contains("InvalidAccessException");
    match &known.destination {
        Destination::EventBus(bus) if failure.reason == Reason::NotFound => {
            Check::failed(name, failure.to_string())
                .advise("there is no such bus: is its name right (`EventBus`)? If so, make it")
                .by(command(&[
                    "aws",
                    "events",
                    "create-event-bus",
                    "--region",
                    region,
                    "--name",
                    bus,
                ]))
        }
        Destination::EventBus(bus) => Check::unknown(name, failure.to_string())
            .advise("the answer should be the bus")
            .by(command(&[
                "aws",
                "events",
                "describe-event-bus",
                "--region",
                region,
                "--name",
                bus,
            ])),
        Destination::SecurityHub if is_off || failure.reason == Reason::NotFound => {
            Check::failed(name, failure.to_string())
                .advise("switch Security Hub CSPM on, here without its own standards")
                .by(command(&[
                    "aws",
                    "securityhub",
                    "enable-security-hub",
                    "--region",
                    region,
                    "--no-enable-default-standards",
                ]))
        }
        Destination::SecurityHub => Check::unknown(name, failure.to_string())
            .advise("the answer should be the hub")
            .by(command(&[
                "aws",
                "securityhub",
                "describe-hub",
                "--region",
                region,
            ])),
        Destination::ConfigRule if is_refusal(Some(failure.reason), &failure.message) => {
            let check = Check::failed(name, failure.to_string());
            refused(check, &failure.message, &Grant::Evaluations, facts)
        }
        Destination::ConfigRule => {
            let message =
                format!("whether AWS Config takes an answer could not be told: {failure}");
            let check = Check::unknown(name, message);
            check.advise(ALLOWED).by(asked(known, facts))
        }
    }
}
