//! Whether the key of a topic lets the stack's alarms use it: they publish with no rights but those that its policy gives them.

use serde_json::{Value, json};

use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::iam::document::Arn;
use crate::iam::pattern::matches_ignoring_case;
use crate::render::Check;
use crate::run::doctor::facts::TopicFacts;

const NAME: &str = "topic-key-policy";

/// Who publishes for an alarm.
///
/// Source: [SNS encryption and CloudWatch alarms](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
const ALARMS: &str = "cloudwatch.amazonaws.com";

/// What SNS does with a key for whoever publishes.
const USES: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// `key`: its id or ARN; `policy`: the key's.
pub(super) fn check(known: &TopicFacts, key: &str, policy: &Result<Value, Failure>) -> Check {
    let (region, topic) = (known.topic.region(), known.topic.to_string());
    let account = Arn::read(&topic).map_or("", |it| it.account);
    let named = [
        "--region",
        region,
        "--key-id",
        key,
        "--policy-name",
        "default",
    ];
    let policy = match policy {
        Ok(policy) => policy,
        Err(failure) => {
            let mut words = vec!["aws", "kms", "get-key-policy"];
            words.extend(named);
            return Check::unknown(NAME, failure.to_string())
                .advise(format!(
                    "the answer should allow {} to {ALARMS}",
                    USES.join(" and ")
                ))
                .by(command(&words));
        }
    };
    if USES.iter().all(|it| lets(policy, it, account)) {
        return Check::ok(NAME, "the key's policy lets alarms use it");
    }
    let check = Check::failed(
        NAME,
        "the key's policy does not let alarms use it, so that none is heard",
    );
    let Some(widened) = widened(policy, account) else {
        return check.advise(format!("allow {} to {ALARMS} in it", USES.join(" and ")));
    };
    let mut words = vec!["aws", "kms", "put-key-policy"];
    words.extend(named);
    words.extend(["--policy", &widened]);
    check
        .advise("let them; all else of the policy stays as it is")
        .by(command(&words))
}

fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// Whether one of the texts of a member is meant.
fn names(member: Option<&Value>, is_it: impl Fn(&str) -> bool) -> bool {
    match member {
        Some(Value::String(one)) => is_it(one),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(is_it),
        _ => false,
    }
}

/// Whether a statement allows something to the alarms of an account. A condition that says anything else may refuse them.
fn lets(policy: &Value, action: &str, account: &str) -> bool {
    let allows = |it: &&Value| {
        let of_alarms = names(it.pointer("/Principal/Service"), |it| it == ALARMS);
        let does = names(it.get("Action"), |it| matches_ignoring_case(it, action));
        let condition = it.get("Condition");
        let is_of_account = condition.is_none_or(|it| asks_for(it, account));
        it.get("Effect") == Some(&json!("Allow")) && of_alarms && does && is_of_account
    };
    statements(policy).iter().any(allows)
}

/// Whether a condition asks for no more than that the alarm is of an account.
fn asks_for(condition: &Value, account: &str) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    let mut keys = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| (operator, key.to_ascii_lowercase(), values))
    });
    keys.all(
        |(operator, key, values)| match (operator.as_str(), key.as_str()) {
            ("StringEquals" | "StringLike", "aws:sourceaccount") => {
                names(Some(values), |it| it == account)
            }
            ("ArnLike" | "ArnEquals" | "StringLike", "aws:sourcearn") => {
                names(Some(values), |it| {
                    Arn::read(it).is_some_and(|it| it.account == account)
                })
            }
            _ => false,
        },
    )
}

/// The same policy with a statement for the alarms of an account. `None`: its form is not known.
fn widened(policy: &Value, account: &str) -> Option<String> {
    let mut all: Vec<Value> = statements(policy).into_iter().cloned().collect();
    all.push(json!({
        "Sid": "GatewatchAlarms", "Effect": "Allow", "Principal": {"Service": ALARMS},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }));
    let mut policy = policy.as_object()?.clone();
    policy.insert("Statement".to_owned(), Value::Array(all));
    Some(Value::Object(policy).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_statement_for_alarms_lets_them() {
        let statement = json!({
            "Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", ALARMS]},
            "Action": ["kms:GenerateDataKey*", "kms:decrypt"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        });
        let with = |member: &str, value: Value| {
            let mut changed = statement.clone();
            changed[member] = value;
            json!({"Statement": [changed]})
        };
        let lets_all = |policy: &Value| USES.iter().all(|it| lets(policy, it, "111122223333"));
        assert!(lets_all(&json!({"Statement": statement})));
        for wrong in [
            with("Effect", json!("Deny")),
            with(
                "Principal",
                json!({"AWS": "arn:aws:iam::111122223333:root"}),
            ),
            with("Action", json!("kms:Decrypt")),
            with(
                "Condition",
                json!({"Bool": {"aws:SecureTransport": "true"}}),
            ),
            with(
                "Condition",
                json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
            ),
            with(
                "Condition",
                json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}),
            ),
            json!({}),
            json!([]),
        ] {
            assert!(!lets_all(&wrong), "{wrong}");
        }
        let root = with("Principal", json!({"AWS": "*"}));
        let widened: Value =
            serde_json::from_str(&widened(&root, "111122223333").unwrap()).unwrap();
        assert_eq!(widened["Statement"][0], root["Statement"][0]);
        assert!(lets_all(&widened));
        assert_eq!(super::widened(&json!([]), "111122223333"), None);
    }
}
