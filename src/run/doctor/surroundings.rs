//! Asks about what stands around a run: the stack, topics, and the places that findings go to besides.

use futures_util::future;
use jiff::Timestamp;

use super::destination::Destination;
use super::facts::{DestinationFacts, Forwarding, StackAnswers, StackFacts, TopicFacts};
use super::iam_region::iam_region;
use super::steps::{alarm_names, rule_prefix, simulated};
use crate::aws::client::{Clients, Failure, Identity};
use crate::aws::deliver::{TopicArn, subscribers, try_evaluation};
use crate::aws::stack;

/// Asks about a stack. `own`: the function that asks, which knows how it is deployed itself.
pub(super) async fn stack(
    clients: &Clients,
    identity: Option<&Identity>,
    name: String,
    own: Option<&str>,
) -> StackFacts {
    let asked = match identity.zip(clients.region()) {
        Some((identity, region)) => Some(answers(clients, identity, region, &name, own).await),
        None => None,
    };
    StackFacts { name, asked }
}

async fn answers(
    clients: &Clients,
    identity: &Identity,
    region: &str,
    name: &str,
    own: Option<&str>,
) -> StackAnswers {
    let (named, prefix) = (alarm_names(name), rule_prefix(name));
    let own_services = future::join3(
        stack::schedule(clients, region, name),
        stack::alarms(clients, region, &named),
        stack::rules(clients, region, &prefix),
    );
    let others = future::join3(
        forwarding(clients, identity, region),
        stack::trails(clients, region),
        stack::account_concurrency(clients, region),
    );
    // At once: each may be out of reach.
    let (own_services, others) = future::join(own_services, others).await;
    let (schedule, alarms, rules) = own_services;
    let (forwarding, trails, concurrency) = others;
    let watched = alarms.iter().flatten().find_map(|it| it.function.clone());
    let function = own.map(str::to_owned).or(watched);
    let (mut deployed, mut starts, mut reserved) = (None, None, None);
    if let Some(function) = &function {
        if own.is_none() {
            let asked = stack::deployed(clients, region, function).await;
            if let Ok(it) = &asked
                && let Some(since) = changed_at(&it.last_modified)
            {
                starts = Some(stack::starts(clients, region, &it.log_group, Some(since)).await);
            }
            deployed = Some(asked);
        }
        reserved = Some(stack::reserved_concurrency(clients, region, function).await);
    }
    StackAnswers {
        schedule,
        alarms,
        rules,
        forwarding,
        trails,
        function,
        deployed,
        starts,
        reserved,
        concurrency,
    }
}

/// When a function was changed last: Lambda writes `2026-06-15T06:00:00.000+0000`, where others have `Z` or `+00:00`. `None`:
/// it is written in another form.
fn changed_at(text: &str) -> Option<Timestamp> {
    let written = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text);
    written.or_else(|_| text.parse()).ok()
}

/// `None`: IAM's events appear where the stack is, or it is not known where.
async fn forwarding(clients: &Clients, identity: &Identity, region: &str) -> Option<Forwarding> {
    let home = iam_region(&identity.partition).filter(|it| *it != region)?;
    let (partition, account) = (&identity.partition, &identity.account);
    let bus = format!("arn:{partition}:events:{region}:{account}:event-bus/default");
    Some(Forwarding {
        region: home,
        rules: stack::rules_to(clients, home, &bus).await,
        bus,
    })
}

/// Asks about a topic. `has_alarms`: the alarms of a stack publish to it.
pub(super) async fn topic(
    clients: &Clients,
    identity: Option<&Identity>,
    topic: TopicArn,
    is_chat: bool,
    has_alarms: bool,
) -> TopicFacts {
    let mut facts = TopicFacts {
        topic,
        is_chat,
        asked: None,
        key: None,
        key_policy: None,
        may_publish: None,
    };
    let Some(identity) = identity else {
        return facts;
    };
    let (region, arn) = (facts.topic.region().to_owned(), facts.topic.to_string());
    let asked = subscribers(clients, &facts.topic).await;
    if let Some(key) = asked.as_ref().ok().and_then(|it| it.own_key()) {
        let used = stack::use_key(clients, &region, key, &arn).await;
        if let Ok(key) = &used
            && has_alarms
        {
            facts.key_policy = Some(stack::key_policy(clients, &region, key).await);
        }
        facts.key = Some(used.map(drop));
    }
    facts.asked = Some(asked);
    facts.may_publish = may(clients, identity, "sns:Publish", &arn).await;
    facts
}

/// Asks about the places that findings go to beside the topic.
pub(super) async fn destinations(
    clients: &Clients,
    identity: Option<&Identity>,
    destinations: Vec<Destination>,
    now: Timestamp,
) -> Vec<DestinationFacts> {
    let mut facts = Vec::new();
    for destination in destinations {
        let (mut there, mut may_send) = (None, None);
        if let Some((identity, region)) = identity.zip(clients.region()) {
            there = Some(match &destination {
                Destination::EventBus(name) => stack::event_bus(clients, name).await,
                Destination::SecurityHub => stack::security_hub(clients, region).await,
                Destination::ConfigRule => try_evaluation(clients, &identity.account, now).await,
            });
            // Of AWS Config, the call itself tells.
            if destination != Destination::ConfigRule {
                let resource = destination.resource(identity, region);
                may_send = may(clients, identity, destination.action(), &resource).await;
            }
        }
        facts.push(DestinationFacts {
            destination,
            there,
            may_send,
        });
    }
    facts
}

/// Asks the policy simulator. `None`: it cannot be asked about such a principal.
async fn may(
    clients: &Clients,
    identity: &Identity,
    action: &str,
    resource: &str,
) -> Option<Result<stack::Decision, Failure>> {
    let principal = simulated(identity)?;
    Some(stack::may(clients, &principal, action, resource).await)
}

#[cfg(test)]
mod tests {
    use super::changed_at;

    #[test]
    fn a_time_of_lambda_is_understood_and_nothing_else_passes_for_one() {
        let at = "2026-06-15T06:00:00Z".parse().ok();
        for text in [
            "2026-06-15T06:00:00.000+0000",
            "2026-06-15T06:00:00.000Z",
            "2026-06-15T06:00:00+00:00",
        ] {
            assert_eq!(changed_at(text), at, "{text}");
        }
        for text in ["", "lastModified", "2026-06-15"] {
            assert_eq!(changed_at(text), None, "{text}");
        }
    }
}
