//! Whether anybody gets what is published to a topic.

/// Lists the subscriptions of a topic, with those that are pending.
const LIST: &str = "aws sns list-subscriptions-by-topic --topic-arn";

/// Whether anybody gets what is published to a topic: whether a subscription to it is confirmed. SNS takes
/// messages, and answers with an id, also where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Audience {
    /// At least one subscription is confirmed. A filter policy of its own may still keep messages from it.
    #[default]
    Confirmed,
    /// No subscription is confirmed.
    Nobody {
        /// The topic's ARN.
        topic: String,
        /// How many wait for somebody to confirm them.
        pending: u64,
    },
    /// It may not be asked, such as of a topic in another account. What the topic takes counts as announced
    /// then, as nothing could ever be announced otherwise.
    Hidden {
        /// The topic's ARN.
        topic: String,
        /// Why, in words.
        reason: String,
    },
    /// It could not be asked this time. What the topic takes does not count as announced.
    Unknown {
        /// The topic's ARN.
        topic: String,
        /// Why, in words.
        reason: String,
    },
}

impl Audience {
    /// Whether what the topic takes counts as announced.
    pub fn counts(&self) -> bool {
        matches!(self, Audience::Confirmed | Audience::Hidden { .. })
    }

    /// Whether it is known that nobody gets what is published.
    pub fn is_nobody(&self) -> bool {
        matches!(self, Audience::Nobody { .. })
    }

    /// What is to be said about it, and what to do. `None`: nothing.
    pub fn warning(&self) -> Option<String> {
        match self {
            Audience::Confirmed => None,
            Audience::Nobody { topic, pending: 0 } => Some(format!(
                "no subscription to {topic} is confirmed: nobody gets what is published, and nothing counts as \
                 announced; subscribe to the topic, and confirm the mail that AWS sends (`{LIST} {topic}` lists \
                 its subscriptions)"
            )),
            Audience::Nobody { topic, pending } => Some(format!(
                "no subscription to {topic} is confirmed, and {pending} wait for it: nobody gets what is \
                 published, and nothing counts as announced; confirm the mail that AWS sent (`{LIST} {topic}` \
                 lists the subscriptions)"
            )),
            Audience::Hidden { topic, reason } => Some(format!(
                "whether anybody has confirmed a subscription to {topic} could not be read ({reason}): what the \
                 topic takes counts as announced; allow sns:GetTopicAttributes on the topic"
            )),
            Audience::Unknown { topic, reason } => Some(format!(
                "whether anybody has confirmed a subscription to {topic} could not be read ({reason}): what was \
                 sent does not count as announced, and the next run sends it again"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts".to_owned();
        let reason = "sns:GetTopicAttributes: access denied".to_owned();
        let (nobody, pending) = (
            Audience::Nobody {
                topic: topic.clone(),
                pending: 0,
            },
            Audience::Nobody {
                topic: topic.clone(),
                pending: 2,
            },
        );
        let hidden = Audience::Hidden {
            topic: topic.clone(),
            reason: reason.clone(),
        };
        let unknown = Audience::Unknown {
            topic: topic.clone(),
            reason: reason.clone(),
        };
        assert_eq!(Audience::Confirmed.warning(), None);
        for (audience, counts, word) in [
            (&nobody, false, "subscribe to the topic"),
            (&pending, false, "2 wait for it"),
            (&hidden, true, "counts as announced"),
            (&unknown, false, "does not count as announced"),
        ] {
            let warning = audience.warning().unwrap();
            assert!(warning.contains(word), "{warning}");
            assert!(warning.contains(&topic), "{warning}");
            assert_eq!(audience.counts(), counts, "{warning}");
        }
        assert!(hidden.warning().unwrap().contains(&reason));
        assert!(nobody.is_nobody() && !unknown.is_nobody());
    }
}
