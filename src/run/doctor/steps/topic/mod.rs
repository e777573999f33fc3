//! Whether anybody gets what is published.

mod key;
mod key_policy;
mod publish;

use super::grants::{Grant, is_refusal, refused};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::deliver::{Subscribers, TopicArn};
use crate::iam::document::Arn;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, TopicFacts};

const TOPIC: &str = "topic";

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for known in &facts.topics {
        let topic = &known.topic;
        let own = match &known.asked {
            None => vec![not_asked(TOPIC), not_asked(publish::NAME)],
            Some(Err(failure)) => {
                let publish = publish::check(known, None, facts);
                vec![unanswered(known, failure, facts), publish]
            }
            Some(Ok(subscribers)) => {
                let mut own = vec![audience(known, subscribers)];
                let key = subscribers.own_key();
                own.extend(key.map(|it| key::check(known, it, facts)));
                let policy = key.zip(known.key_policy.as_ref());
                own.extend(policy.map(|(key, it)| key_policy::check(known, key, it)));
                own.push(publish::check(known, subscribers.policy.as_deref(), facts));
                own
            }
        };
        checks.extend(own.into_iter().map(|it| it.about(topic.to_string())));
    }
    checks
}

fn audience(known: &TopicFacts, subscribers: &Subscribers) -> Check {
    let topic = &known.topic;
    let Subscribers {
        confirmed, pending, ..
    } = subscribers;
    let waiting = match pending {
        0 => String::new(),
        _ => format!("; {pending} not yet"),
    };
    if *confirmed > 0 {
        return Check::ok(
            TOPIC,
            format!("confirmed subscriptions: {confirmed}{waiting}"),
        );
    }
    let arn = topic.to_string();
    if known.is_chat {
        return Check::failed(
            TOPIC,
            format!("no subscription is confirmed, so that no chat gets anything{waiting}"),
        )
        .advise(
            "name this topic in the configuration of the chat's channel (Amazon Q Developer in chat applications), \
             which subscribes to it; this then lists it",
        )
        .by(list(topic, &arn));
    }
    let check = Check::failed(
        TOPIC,
        format!("no subscription is confirmed, so that nothing counts as announced{waiting}"),
    );
    if *pending > 0 {
        return check
            .advise("confirm the mail that AWS sent to each address of this list")
            .by(list(topic, &arn));
    }
    check
        .advise("subscribe an address, and confirm the mail that AWS sends there")
        .by(command(&[
            "aws",
            "sns",
            "subscribe",
            "--region",
            topic.region(),
            "--topic-arn",
            &arn,
            "--protocol",
            "email",
            "--notification-endpoint",
            "ADDRESS",
        ]))
}

/// Lists the subscriptions to a topic.
fn list(topic: &TopicArn, arn: &str) -> String {
    command(&[
        "aws",
        "sns",
        "list-subscriptions-by-topic",
        "--region",
        topic.region(),
        "--topic-arn",
        arn,
    ])
}

fn unanswered(known: &TopicFacts, failure: &Failure, facts: &Facts) -> Check {
    let topic = &known.topic;
    let (arn, message) = (topic.to_string(), failure.to_string());
    let account = Arn::read(&arn).map_or("", |it| it.account);
    let is_own = (facts.identity.as_ref()).is_ok_and(|it| it.account == account);
    let look = command(&[
        "aws",
        "sns",
        "get-topic-attributes",
        "--region",
        topic.region(),
        "--topic-arn",
        &arn,
        "--query",
        "Attributes.SubscriptionsConfirmed",
    ]);
    let is_refused = is_refusal(Some(failure.reason), &message);
    match failure.reason {
        Reason::NotFound => {
            let name = arn.rsplit(':').next().unwrap_or_default();
            let mut words = vec!["aws", "sns", "create-topic", "--region", topic.region()];
            words.extend(["--name", name]);
            if name.ends_with(".fifo") {
                let attributes = "FifoTopic=true,ContentBasedDeduplication=true";
                words.extend(["--attributes", attributes]);
            }
            let create = is_own.then(|| command(&words));
            Check::failed(TOPIC, message)
                .advise("there is no such topic: is the ARN mistyped? If not, make it, and subscribe to it")
                .by(create)
        }
        _ if is_refused && is_own && !known.is_chat => {
            let check = Check::failed(TOPIC, &message);
            refused(check, &message, &Grant::Topic(arn), facts)
        }
        // A run takes what a topic of another account takes for announced, and does not ask about that for chats.
        _ if is_refused => Check::unknown(TOPIC, message)
            .advise("asked by whoever may see it, the answer should be a number above 0")
            .by(look),
        _ => Check::unknown(TOPIC, message)
            .advise("the answer should be a number above 0")
            .by(look),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_without_a_confirmed_subscription_is_never_in_order() {
        let asked = |is_chat, confirmed, pending| {
            let known = TopicFacts {
                topic: "arn:aws:sns:eu-west-1:111122223333:alerts".parse().unwrap(),
                is_chat,
                asked: None,
                key: None,
                key_policy: None,
                may_publish: None,
            };
            let subscribers = Subscribers {
                confirmed,
                pending,
                key: None,
                policy: None,
            };
            let check = audience(&known, &subscribers);
            (check.light.as_str(), check.command.unwrap_or_default())
        };
        for is_chat in [false, true] {
            assert_eq!(asked(is_chat, 1, 1), ("ok", String::new()));
        }
        let (light, command) = asked(false, 0, 1);
        assert_eq!(light, "failed");
        assert!(command.contains("list-subscriptions-by-topic"), "{command}");
        let (light, command) = asked(false, 0, 0);
        assert_eq!(light, "failed");
        assert!(command.contains("sns subscribe"), "{command}");
        // A chat takes no mails: it subscribes by itself.
        let (light, command) = asked(true, 0, 0);
        assert_eq!(light, "failed");
        assert!(command.contains("list-subscriptions-by-topic"), "{command}");
    }
}
