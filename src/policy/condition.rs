//! Under which circumstances a condition holds for a caller from outside.
//!
//! Where it cannot be known, an Allow is read as letting in whoever may get in, and a Deny as keeping
//! out only those whom it surely keeps out: a method is never called closed for want of knowledge.
//!
//! Source: [condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)
//! and [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).

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
    /// Whenever the caller wants it to, or it cannot be known. An Allow lets such a caller in, a Deny
    /// does not keep one out.
    AtWill,
    /// For callers from certain networks only.
    FromNetworks,
    /// Never.
    Never,
}

/// What the statement does where its condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// A condition operator, taken apart.
#[derive(Debug, Clone, Copy)]
struct Operator<'a> {
    /// Without its set qualifier and `IfExists`, in lower case.
    name: &'a str,
    negated: bool,
    /// A missing key meets it: `IfExists`, or `ForAllValues` of no values.
    met_by_absence: bool,
    /// `ForAnyValue`: a missing key never meets it, negated or not.
    needs_a_value: bool,
}

/// Keys of the network that a request through a VPC endpoint comes from. Requests from the internet do
/// not have them, and a caller cannot forge them.
const VPC: [&str; 3] = ["aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"];

/// Keys of a signed principal that an outsider cannot choose. (Names, tags and session names can be
/// chosen: they are the outsider's own.)
const FIXED: [&str; 7] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
];

/// Those of them that every signed request has.
const EVERY_SIGNED_REQUEST: [&str; 2] = ["aws:principalaccount", "aws:principalarn"];

/// When a statement's `Condition` holds for the caller: all of its parts together.
pub(super) fn when(condition: Option<&Value>, who: Outsider, effect: Effect) -> When {
    let Some(Value::Object(operators)) = condition else {
        return When::Always;
    };
    let mut all = When::Always;
    for (operator, keys) in operators {
        let operator = operator.to_ascii_lowercase();
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values: Vec<String> = one_or_more(Some(values)).map(text).collect();
            let part = part(&operator, &key.to_ascii_lowercase(), &values, who, effect);
            // The narrowest part decides: they must all hold.
            all = all.max(part);
        }
    }
    all
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn part(operator: &str, key: &str, values: &[String], who: Outsider, effect: Effect) -> When {
    let (qualifier, rest) = operator.split_once(':').unwrap_or(("", operator));
    let name = rest.trim_end_matches("ifexists");
    let operator = Operator {
        name,
        negated: name.contains("not"),
        met_by_absence: rest.ends_with("ifexists") || qualifier == "forallvalues",
        needs_a_value: qualifier == "foranyvalue",
    };
    let identity = FIXED.contains(&key)
        || matches!(key, "aws:username" | "aws:userid")
        || key.starts_with("aws:principaltag/");
    if name == "null" {
        return null(key, identity, values, who);
    }
    match key {
        "aws:sourceip" => source_ip(operator, values, effect),
        key if VPC.contains(&key) => vpc(operator, effect),
        "aws:securetransport" => secure_transport(operator, values),
        _ if identity && who == Outsider::Anonymous => absent(operator),
        key if FIXED.contains(&key) => fixed(operator, key, values),
        // Referer, User-Agent and the like are the caller's to choose, and what is not known at audit
        // time may turn out either way.
        _ => When::AtWill,
    }
}

/// `aws:SourceIp`, which every request has.
fn source_ip(operator: Operator<'_>, values: &[String], effect: Effect) -> When {
    let anything =
        operator.name.contains("like") && values.iter().any(|it| it.contains(['*', '?']));
    let wide = anything || is_wide(values);
    let whole = ["0.0.0.0/0", "::/0"]
        .iter()
        .all(|all| values.iter().any(|it| it == all))
        || values.iter().any(|it| it == "*");
    match (operator.negated, effect) {
        (false, Effect::Allow) if wide => When::Always,
        (false, Effect::Deny) if whole => When::Always,
        (false, _) => When::FromNetworks,
        (true, Effect::Allow) if whole => When::Never,
        // A Deny for everybody but half the internet keeps nobody in particular out.
        (true, Effect::Deny) if wide => When::AtWill,
        (true, _) => When::ExceptFromNetworks,
    }
}

/// Whether the networks together are so much of the internet that they narrow nothing: a 256th of the
/// IPv4 addresses, or an IPv6 prefix that no single network has.
fn is_wide(networks: &[String]) -> bool {
    let mut addresses = 0_u64;
    for network in networks {
        let Some((address, prefix)) = network.split_once('/') else {
            if network == "*" {
                return true;
            }
            continue;
        };
        let Ok(prefix) = prefix.parse::<u32>() else {
            continue;
        };
        if address.contains(':') {
            if prefix < 16 {
                return true;
            }
        } else if !is_private(address) {
            let held = 32_u32.saturating_sub(prefix);
            addresses = addresses.saturating_add(1_u64 << held);
        }
    }
    addresses >= 1 << 24
}

/// Whether an IPv4 address is one of a private network (RFC 1918), which no internet caller has.
fn is_private(address: &str) -> bool {
    address
        .parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_private())
}

/// The keys of VPC endpoints, which requests from the internet do not have.
fn vpc(operator: Operator<'_>, effect: Effect) -> When {
    match (operator.negated, effect) {
        (false, Effect::Allow) if operator.met_by_absence => When::Always,
        (false, Effect::Deny) if operator.met_by_absence => When::AtWill,
        (false, _) => When::FromNetworks,
        (true, Effect::Allow) if operator.needs_a_value => When::FromNetworks,
        (true, Effect::Deny) if operator.needs_a_value => When::AtWill,
        (true, _) => When::ExceptFromNetworks,
    }
}

/// API Gateway answers HTTPS alone.
fn secure_transport(operator: Operator<'_>, values: &[String]) -> When {
    let is = |word: &str| values.iter().any(|value| value.eq_ignore_ascii_case(word));
    match (is("true"), is("false")) {
        (true, false) if !operator.negated => When::Always,
        (false, true) if operator.negated => When::Always,
        (true, true) | (false, false) => When::AtWill,
        _ => When::Never,
    }
}

/// A key that the request does not have.
fn absent(operator: Operator<'_>) -> When {
    let holds = if operator.negated {
        !operator.needs_a_value
    } else {
        operator.met_by_absence
    };
    if holds { When::Always } else { When::Never }
}

/// A key that an outsider cannot choose: the value is none of those listed exactly.
fn fixed(operator: Operator<'_>, key: &str, values: &[String]) -> When {
    let may_lack_it = !EVERY_SIGNED_REQUEST.contains(&key);
    if may_lack_it && (operator.met_by_absence || operator.needs_a_value) {
        return When::AtWill;
    }
    let exact = |value: &String| match key {
        // Whoever may choose the rest of an ARN still cannot choose the account.
        "aws:principalarn" => value.split(':').nth(4).is_some_and(|account| {
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
        }),
        _ => !value.contains(['*', '?', '$']),
    };
    match (operator.negated, values.iter().all(exact)) {
        (_, false) => When::AtWill,
        (false, true) => When::Never,
        (true, true) => When::Always,
    }
}

/// `Null`: whether the key is missing.
fn null(key: &str, identity: bool, values: &[String], who: Outsider) -> When {
    let wants_missing = values
        .iter()
        .any(|value| value.eq_ignore_ascii_case("true"));
    if VPC.contains(&key) {
        return if wants_missing {
            When::ExceptFromNetworks
        } else {
            When::FromNetworks
        };
    }
    let is_there = match who {
        _ if matches!(key, "aws:sourceip" | "aws:securetransport") => true,
        Outsider::Anonymous if identity => false,
        Outsider::Signed if EVERY_SIGNED_REQUEST.contains(&key) => true,
        _ => return When::AtWill,
    };
    if wants_missing == is_there {
        When::Never
    } else {
        When::Always
    }
}
