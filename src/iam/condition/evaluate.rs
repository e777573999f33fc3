//! Whether a condition holds.
//!
//! Sources: [condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html),
//! [several keys and values](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html),
//! [keys of several values](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).

use crate::iam::condition::compare::compare;
use crate::iam::condition::context::{Context, Lookup};
use crate::iam::condition::foreign::foreign;
use crate::iam::condition::owned::owned;
use crate::iam::document::values::address::{is_internal, is_within_any};
use crate::iam::document::{Comparison, Condition, Qualifier, Version};
use crate::iam::truth::Truth;

/// Whether a condition of a policy holds for a request of which this is known.
pub fn holds(condition: &Condition, version: Version, context: &Context) -> Truth {
    let operator = condition.operator;
    let found = context.get(&condition.key);
    if operator.comparison == Comparison::Null {
        return null(condition, found);
    }
    let absent = Truth::from(match operator.qualifier {
        Some(Qualifier::ForAllValues) => true,
        Some(Qualifier::ForAnyValue) => operator.if_exists,
        None => operator.negated || operator.if_exists,
    });
    match found {
        Lookup::Absent => absent,
        // `ForAllValues` and `ForAnyValue` of no value are answered as if the key were missing.
        Lookup::Values([]) => absent,
        Lookup::Values(values) => values_meet(condition, values, version, context),
        Lookup::Present => whatever(condition),
        Lookup::Internet => internet(condition),
        Lookup::Sample(value) => sample(condition, value),
        Lookup::Foreign { may_be_absent } => {
            let there = foreign(condition).unwrap_or_else(|| whatever(condition));
            if may_be_absent && there != absent {
                Truth::Unknown
            } else {
                there
            }
        }
        Lookup::Owned(owner) => owned(condition, owner).unwrap_or_else(|| whatever(condition)),
        // What holds whatever the value is and holds without one, holds.
        Lookup::Unknown => match (whatever(condition), absent) {
            (same, other) if same == other => same,
            _ => Truth::Unknown,
        },
    }
}

/// The answer for a key with these values, at least one.
fn values_meet(
    condition: &Condition,
    values: &[String],
    version: Version,
    context: &Context,
) -> Truth {
    let operator = condition.operator;
    let meets_one = |value: &String| {
        let wanted = condition.values.iter();
        // The value is read once for all ranges.
        if operator.comparison == Comparison::IpAddress {
            return is_within_any(wanted.map(String::as_str), value).into();
        }
        let compared = wanted.map(|it| compare(operator.comparison, it, value, version, context));
        compared.max().unwrap_or(Truth::False)
    };
    let meets = values.iter().map(meets_one);
    match (operator.qualifier, operator.negated) {
        (Some(Qualifier::ForAllValues), false) => meets.min().unwrap_or(Truth::True),
        (Some(Qualifier::ForAllValues), true) => !meets.max().unwrap_or(Truth::False),
        (Some(Qualifier::ForAnyValue), true) => meets.map(|it| !it).max().unwrap_or(Truth::False),
        (_, false) => meets.max().unwrap_or(Truth::False),
        (None, true) => !meets.max().unwrap_or(Truth::False),
    }
}

/// The answer for a key that is there with an unknown value: definite only where every value is answered
/// alike.
fn whatever(condition: &Condition) -> Truth {
    let operator = condition.operator;
    let takes_all = operator.comparison == Comparison::StringLike
        && condition
            .values
            .iter()
            .any(|it| !it.is_empty() && it.chars().all(|letter| letter == '*'));
    let takes_none = condition.values.is_empty();
    let meets = if takes_all {
        Truth::True
    } else if takes_none {
        Truth::False
    } else {
        return Truth::Unknown;
    };
    if operator.negated { !meets } else { meets }
}

/// The answer for an address of the internet: it is in no range that lies apart.
fn internet(condition: &Condition) -> Truth {
    let operator = condition.operator;
    let mut values = condition.values.iter();
    let is_range = operator.comparison == Comparison::IpAddress;
    if is_range && !condition.values.is_empty() && values.all(|it| is_internal(it)) {
        return Truth::from(operator.negated);
    }
    whatever(condition)
}

/// The answer for an address that stands for many. Ranges tell them apart; a text with wildcards does so in a
/// way that is not looked at, and a whole address as a text is one of many.
fn sample(condition: &Condition, value: &str) -> Truth {
    let operator = condition.operator;
    let meets = match operator.comparison {
        Comparison::IpAddress => {
            let ranges = condition.values.iter().map(String::as_str);
            is_within_any(ranges, value).into()
        }
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase => {
            let variable = condition.values.iter().any(|it| it.contains("${"));
            if variable {
                Truth::Unknown
            } else {
                Truth::False
            }
        }
        Comparison::StringLike => {
            let mut values = condition.values.iter();
            if values.any(|it| it.contains(['*', '?', '$'])) {
                return whatever(condition);
            }
            Truth::False
        }
        _ => return Truth::Unknown,
    };
    if operator.negated { !meets } else { meets }
}

/// `Null`: `true` asks for the key to be missing, `false` for it to be there.
fn null(condition: &Condition, found: Lookup<'_>) -> Truth {
    let missing = match found {
        Lookup::Absent | Lookup::Values([]) => Truth::True,
        Lookup::Values(_)
        | Lookup::Present
        | Lookup::Internet
        | Lookup::Sample(_)
        | Lookup::Owned(_)
        | Lookup::Foreign {
            may_be_absent: false,
        } => Truth::False,
        Lookup::Unknown
        | Lookup::Foreign {
            may_be_absent: true,
        } => Truth::Unknown,
    };
    let wanted = condition.values.iter().map(|value| {
        if value.eq_ignore_ascii_case("true") {
            missing
        } else if value.eq_ignore_ascii_case("false") {
            !missing
        } else {
            Truth::False
        }
    });
    wanted.max().unwrap_or(Truth::False)
}
