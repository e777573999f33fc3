//! Under which circumstances a condition holds for a caller from outside.

use serde_json::Value;

use super::outsider::Outsider;
use super::statement::one_or_more;

/// When a condition holds. The order is by how much it narrows: of parts that must all hold, the last
/// decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// Always.
    Always,
    /// For callers from everywhere but certain networks.
    ExceptFromNetworks,
    /// Whenever the caller wants it to: it depends on what a caller can forge or wait for. An Allow lets
    /// such a caller in, a Deny does not keep one out.
    AtWill,
    /// For callers from certain networks only.
    FromNetworks,
    /// Never.
    Never,
}

/// The keys that tell from which network a request comes. A caller cannot forge them.
const NETWORK: [&str; 4] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
];

/// Keys of the signed principal and its organization, which an outsider's never meet.
const IDENTITY: [&str; 9] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:userid",
    "aws:username",
];

/// Whether a value takes in the whole internet, or so much of it that it narrows nothing: two halves
/// are written as easily as `0.0.0.0/0`.
fn is_everywhere(value: &str) -> bool {
    let Some((address, prefix)) = value.split_once('/') else {
        return value == "*";
    };
    let shortest = if address.contains(':') { 16 } else { 8 };
    prefix.parse::<u8>().is_ok_and(|prefix| prefix < shortest)
}

/// When a statement's `Condition` holds for the caller: all of its parts together.
pub(super) fn when(condition: Option<&Value>, who: Outsider) -> When {
    let Some(Value::Object(operators)) = condition else {
        return When::Always;
    };
    let mut all = When::Always;
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().into_iter().flatten() {
            // The narrowest part decides: they must all hold.
            all = all.max(part(operator, key, values, who));
        }
    }
    all
}

fn part(operator: &str, key: &str, values: &Value, who: Outsider) -> When {
    let key = key.to_ascii_lowercase();
    let operator = operator.to_ascii_lowercase();
    let every_value = operator.starts_with("forallvalues:");
    let operator = operator.rsplit(':').next().unwrap_or(&operator);
    let if_exists = operator.ends_with("ifexists");
    let operator = operator.trim_end_matches("ifexists");
    let negated = operator.contains("not");
    let key_is_there = who == Outsider::Signed;
    if operator == "null" {
        return null(&key, values, key_is_there);
    }
    if NETWORK.contains(&key.as_str()) {
        let everywhere = one_or_more(Some(values))
            .filter_map(Value::as_str)
            .any(is_everywhere);
        return match (negated, everywhere) {
            (false, true) => When::Always,
            (true, true) => When::Never,
            (false, false) => When::FromNetworks,
            (true, false) => When::ExceptFromNetworks,
        };
    }
    let is_identity = IDENTITY.contains(&key.as_str()) || key.starts_with("aws:principaltag/");
    if is_identity {
        // An outsider's value is none of those listed, and an unsigned request has none at all.
        let star = one_or_more(Some(values)).any(|value| value.as_str() == Some("*"));
        let holds = match (negated, key_is_there) {
            // Of no values, all are whatever is asked for.
            (false, false) if every_value => true,
            (false, true) => star && operator.contains("like"),
            (false, false) => if_exists,
            (true, _) => true,
        };
        return if holds { When::Always } else { When::Never };
    }
    if key == "aws:securetransport" {
        // API Gateway answers HTTPS alone.
        let wanted = one_or_more(Some(values))
            .any(|value| value.as_str() != Some("false") && *value != false);
        return if wanted { When::Always } else { When::Never };
    }
    // Referer, User-Agent and the like are the caller's to choose, and what is not known at audit time
    // may turn out either way.
    When::AtWill
}

/// `Null`: whether the key is missing.
fn null(key: &str, values: &Value, identity_is_there: bool) -> When {
    let wants_missing =
        one_or_more(Some(values)).any(|value| value.as_str() == Some("true") || *value == true);
    let is_there = match key {
        "aws:sourceip" | "aws:useragent" | "aws:securetransport" => true,
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" => {
            return if wants_missing {
                When::ExceptFromNetworks
            } else {
                When::FromNetworks
            };
        }
        _ => identity_is_there,
    };
    if wants_missing == is_there {
        When::Never
    } else {
        When::Always
    }
}
