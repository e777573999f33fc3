//! Conditions on a value of which its owner is known and nothing else: an ARN of some account, the path of a unit of some
//! organization.

use crate::iam::condition::foreign::with_ours;
use crate::iam::document::{
    Comparison, Condition, account_of_all, is_own_organization, is_session, organization_of,
    unit_named, units_around,
};
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

/// Whether the path of somebody in an organization or a unit is this one: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. They are in
/// no further unit that a policy names: whoever is in such a one is asked about as somebody of that.
fn is_path(comparison: Comparison, value: &str, owner: &str) -> Truth {
    let takes_wildcards = comparison == Comparison::StringLike;
    if takes_wildcards && is_star(value) {
        return Truth::True;
    }
    let Some((_, rest)) = value.split_once('/') else {
        return Truth::Unknown;
    };
    let Some(named) = unit_named(value) else {
        return Truth::Unknown;
    };
    let is_around = units_around(owner).any(|it| is_same_unit(it, &named));
    if !is_around {
        // The variable may stand for any organization, and is none that another id names.
        let is_own = is_own_organization(organization_of(&named));
        let is_open = is_own && !is_own_organization(organization_of(owner));
        return if is_open {
            Truth::Unknown
        } else {
            Truth::False
        };
    }
    // Every path in what the caller is in goes on behind this.
    let own = owner
        .get(organization_of(owner).len()..)
        .unwrap_or_default();
    let told = rest.strip_suffix('*').filter(|_| takes_wildcards);
    let is_whole = told.is_some_and(|told| {
        !told.contains(['*', '?', '$']) && format!("{own}/").starts_with(&format!("/{told}"))
    });
    if is_whole {
        Truth::True
    } else {
        Truth::Unknown
    }
}

/// The organization of a unit may be known by the variable alone, whose case does not count.
fn is_same_unit(one: &str, other: &str) -> bool {
    let [first, second] = [one, other].map(organization_of);
    let is_own = is_own_organization(first) && is_own_organization(second);
    (first == second || is_own) && one.get(first.len()..) == other.get(second.len()..)
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
            // Somebody of a unit that is named is asked about as that. Whether this is its one root is not known.
            (like, "o-ours/r-1/ou-2/*", Truth::False),
            (like, "o-ours/r-1/*", Truth::Unknown),
            (like, "o-ours/r-1/ou-2*", Truth::Unknown),
            (like, "o-ours/*/ou-2/*", Truth::Unknown),
            ("ForAnyValue:StringEquals", "o-ours/r-1/ou-2/", Truth::False),
            (
                "ForAllValues:StringNotLike",
                "o-ours/r-1/ou-2/*",
                Truth::True,
            ),
            (like, "${aws:ResourceOrgID}/*", Truth::Unknown),
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

    #[test]
    fn a_unit_is_in_all_that_is_around_it_and_in_nothing_below() {
        let of = |owner: &str, value: &str| {
            answer(
                "ForAnyValue:StringLike",
                "aws:PrincipalOrgPaths",
                owner,
                value,
            )
        };
        let unit = "o-ours/r-1/ou-2";
        for (value, expected) in [
            ("o-ours/*", Truth::True),
            ("o-ours/r-1/*", Truth::True),
            ("o-ours/r-1/ou-2/*", Truth::True),
            ("o-ours/r-1/ou-*", Truth::True),
            ("o-ours/r-2/*", Truth::Unknown),
            ("o-ours/r-1/ou-2/", Truth::Unknown),
            ("o-ours/r-1/ou-2/ou-*", Truth::Unknown),
            ("o-ours/r-1/ou-2/ou-21/*", Truth::False),
            ("o-ours/r-1/ou-3/*", Truth::False),
            ("o-ours/r-1/ou-22/*", Truth::False),
            ("o-theirs/r-1/ou-2/*", Truth::False),
            ("o-*/r-1/ou-2/*", Truth::Unknown),
            ("${aws:ResourceOrgID}/r-1/ou-2/*", Truth::Unknown),
        ] {
            assert_eq!(of(unit, value), expected, "{value}");
        }
        let own = "${aws:ResourceOrgID}/r-1/ou-2";
        assert_eq!(of(own, "${aws:resourceorgid}/r-1/*"), Truth::True);
        assert_eq!(of(own, "${aws:ResourceOrgID}/r-1/ou-3/*"), Truth::False);
        assert_eq!(of(own, "o-theirs/r-1/ou-2/*"), Truth::False);
    }
}
