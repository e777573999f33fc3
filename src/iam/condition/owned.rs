//! Conditions on a value of which its owner is known and nothing else: an ARN of some account, the path of a unit of some
//! organization.

use crate::iam::condition::foreign::with_ours;
use crate::iam::document::{Comparison, Condition, account_of_all, is_session};
use crate::iam::truth::Truth;

/// The answer for some value of this account or organization: *no* for each value of the condition that belongs to
/// another. `None`: another operator or key, which says nothing of owners.
pub(super) fn owned(condition: &Condition, owner: &str) -> Option<Truth> {
    let operator = condition.operator;
    match operator.comparison {
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::ArnLike => {}
        _ => return None,
    }
    let meets: fn(Comparison, &str, &str) -> Truth = match condition.key.as_str() {
        "aws:principalarn" => is_arn,
        "aws:principalorgpaths" => is_path,
        _ => return None,
    };
    let values = condition.values.iter();
    let meets = values.map(|it| meets(operator.comparison, it, owner));
    let meets = meets.max().unwrap_or(Truth::False);
    Some(if operator.negated { !meets } else { meets })
}

/// Whether an ARN of an account is this one.
fn is_arn(comparison: Comparison, value: &str, account: &str) -> Truth {
    if comparison == Comparison::StringLike && is_star(value) {
        return Truth::True;
    }
    // Where no wildcard runs across colons, the fifth part is the account.
    let part_by_part = comparison != Comparison::StringLike;
    if is_session(value, part_by_part) {
        return Truth::False;
    }
    match account_of_all(&with_ours(value), part_by_part) {
        Some(named) if named != account => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Whether the path of a unit of an organization is this one: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
fn is_path(comparison: Comparison, value: &str, organization: &str) -> Truth {
    let takes_wildcards = comparison == Comparison::StringLike;
    if takes_wildcards && is_star(value) {
        return Truth::True;
    }
    let Some((named, rest)) = value.split_once('/') else {
        return Truth::Unknown;
    };
    // The owner may be known by the variable alone.
    let is_same = organization.contains('$') && named.eq_ignore_ascii_case(organization);
    if (!is_same && named.contains('$')) || (takes_wildcards && named.contains(['*', '?'])) {
        return Truth::Unknown;
    }
    if !is_same && named != organization {
        return Truth::False;
    }
    // The organization as a whole: every path in it goes on.
    if takes_wildcards && is_star(rest) {
        Truth::True
    } else {
        Truth::Unknown
    }
}

fn is_star(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|it| it == b'*')
}

#[cfg(test)]
mod tests {
    use crate::iam::document::Policy;
    use crate::iam::{Context, Truth, holds};
    use serde_json::json;

    fn answer(operator: &str, key: &str, owner: &str, value: &str) -> Truth {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {key: value}}}});
        let policy = Policy::from_value(&policy).unwrap();
        let mut context = Context::open();
        context.set_owned(key, owner);
        holds(
            &policy.statements[0].conditions[0],
            policy.version,
            &context,
        )
    }

    #[test]
    fn an_arn_of_another_account_is_never_one_of_this() {
        let of = |operator: &str, value: &str| {
            answer(operator, "aws:PrincipalArn", "999988887777", value)
        };
        for (operator, value, expected) in [
            ("ArnLike", "arn:aws:iam::111122223333:role/*", Truth::False),
            (
                "StringEquals",
                "arn:aws:iam::111122223333:role/x",
                Truth::False,
            ),
            (
                "ArnNotLike",
                "arn:aws:iam::111122223333:role/*",
                Truth::True,
            ),
            (
                "ArnLike",
                "arn:aws:iam::999988887777:role/*",
                Truth::Unknown,
            ),
            ("ArnLike", "arn:aws:iam::*:role/*", Truth::Unknown),
            (
                "ArnLike",
                "arn:aws:sts::999988887777:assumed-role/r/*",
                Truth::False,
            ),
            ("ArnLike", "arn:aws:sts::999988887777:*", Truth::Unknown),
            ("StringLike", "*:role/*", Truth::Unknown),
            ("StringLike", "arn:aws:iam::111122223333*", Truth::False),
            // The path of a role may hold what is behind the first wildcard.
            (
                "StringLike",
                "arn:*:iam::111122223333:role/*",
                Truth::Unknown,
            ),
            ("ArnLike", "arn:*:iam::111122223333:role/*", Truth::False),
            ("StringLike", "*", Truth::True),
            (
                "StringEquals",
                "arn:aws:iam::${aws:PrincipalAccount}:role/x",
                Truth::Unknown,
            ),
            (
                "ArnLike",
                "arn:aws:iam::${aws:ResourceAccount}:role/*",
                Truth::False,
            ),
        ] {
            assert_eq!(of(operator, value), expected, "{operator} {value}");
        }
    }

    #[test]
    fn a_path_of_another_organization_is_never_one_of_this() {
        let of = |operator: &str, value: &str| {
            answer(operator, "aws:PrincipalOrgPaths", "o-ours", value)
        };
        let like = "ForAnyValue:StringLike";
        for (operator, value, expected) in [
            (like, "o-theirs/*", Truth::False),
            (like, "o-ours/*", Truth::True),
            (like, "o-ours/r-1/ou-2/*", Truth::Unknown),
            (like, "o-*/r-1/*", Truth::Unknown),
            ("ForAllValues:StringNotLike", "o-theirs/*", Truth::True),
            (
                "ForAnyValue:StringEquals",
                "o-theirs/r-1/ou-2/",
                Truth::False,
            ),
        ] {
            assert_eq!(of(operator, value), expected, "{operator} {value}");
        }
    }
}
