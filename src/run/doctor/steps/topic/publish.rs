//! Whether anything may be published to a topic. Nothing is: IAM's policy simulator and the topic's policy are asked.

use serde_json::{Value, json};

use crate::audit::finding::own_command;
use crate::aws::stack::Decision;
use crate::iam::document::Arn;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, TopicFacts};
use crate::run::doctor::steps::grants::{ALLOWED, Grant, granted, simulation};

pub(super) const NAME: &str = "topic-publish";

/// `policy`: the topic's, as JSON, where it is known.
pub(super) fn check(known: &TopicFacts, policy: Option<&str>, facts: &Facts) -> Check {
    let arn = known.topic.to_string();
    let account = Arn::read(&arn).map_or("", |it| it.account);
    let own = facts.identity.as_ref().ok();
    let own = own.filter(|it| it.account == account);
    let policy = policy.map(TopicPolicy::read);
    match (&known.may_publish, own, policy) {
        (Some(Ok(Decision::Denied)), _, _) => Check::failed(
            NAME,
            "a policy denies sns:Publish, by IAM's policy simulator",
        )
        .advise("take the Deny away, or have this principal excepted; the policy simulator says")
        .by(simulation(facts, &["sns:Publish"], &[arn])),
        (Some(Ok(Decision::Allowed)), Some(_), Some(TopicPolicy { denies: false, .. })) => {
            Check::ok(
                NAME,
                "IAM's policy simulator allows it, and the topic's policy refuses nothing but plain HTTP",
            )
        }
        (
            Some(Ok(Decision::NotAllowed)),
            Some(identity),
            Some(TopicPolicy { allows: false, .. }),
        ) => {
            let check = Check::failed(
                NAME,
                "neither a policy of this principal nor the topic's allows sns:Publish",
            );
            granted(check, &Grant::Topic(arn), identity, facts)
        }
        (answer, ..) => untold(arn, answer.as_ref().and_then(|it| it.as_ref().err()), facts),
    }
}

fn untold(arn: String, failure: Option<&crate::aws::client::Failure>, facts: &Facts) -> Check {
    let why = failure.map_or_else(String::new, |it| format!(" ({it})"));
    let message = format!("only a message tells whether one is taken, and none was sent{why}");
    let check = Check::unknown(NAME, message);
    let notify = own_command(&["gatewatch", "notify", "--test", "--publish", &arn]);
    let notify = facts.front.with_profile(notify);
    match simulation(facts, &["sns:Publish"], &[arn]) {
        Some(asks) => check
            .advise(format!("{ALLOWED}; `{notify}` sends a message"))
            .by(asks),
        None => check.advise(format!("`{notify}` sends a message")),
    }
}

/// What a topic's policy may do to whoever publishes from the topic's own account.
struct TopicPolicy {
    /// Whether it has a Deny that may meet a request by TLS.
    denies: bool,
    /// Whether it has an Allow that may let a principal of AWS in.
    allows: bool,
}

impl TopicPolicy {
    /// What is not understood may both deny and allow.
    fn read(text: &str) -> Self {
        let policy: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = match policy.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(statement @ Value::Object(_)) => vec![statement.clone()],
            _ => vec![json!({})],
        };
        let is = |it: &Value, effect: &str| it.get("Effect") == Some(&json!(effect));
        let of_service = |it: &Value| {
            let named = it.get("Principal").and_then(Value::as_object);
            named.is_some_and(|it| it.keys().all(|kind| kind == "Service"))
        };
        TopicPolicy {
            denies: statements
                .iter()
                .any(|it| !is(it, "Allow") && !refuses_plain_http(it)),
            allows: statements
                .iter()
                .any(|it| !is(it, "Deny") && !of_service(it)),
        }
    }
}

/// Whether a statement meets no request by TLS.
fn refuses_plain_http(statement: &Value) -> bool {
    let plain = |it: &Value| it.as_str() == Some("false") || it == &json!(false);
    let condition = statement.pointer("/Condition/Bool/aws:SecureTransport");
    condition.is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_is_not_understood_may_do_anything() {
        let of = |text: &str| {
            let policy = TopicPolicy::read(text);
            (policy.denies, policy.allows)
        };
        let template = json!({"Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"},
            {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish",
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ]});
        assert_eq!(of(&template.to_string()), (false, false));
        let default = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "SNS:Publish"}]});
        assert_eq!(of(&default.to_string()), (false, true));
        let deny = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sns:*"}});
        assert_eq!(of(&deny.to_string()), (true, false));
        for text in ["", "[]", "{}", "{\"Statement\": [{}]}"] {
            assert_eq!(of(text), (true, true), "{text}");
        }
    }
}
