//! Conditions on what only its owner has: an account, an organization, the name that an identity provider gives to one
//! of its users.

use std::borrow::Cow;

use crate::iam::document::{
    Comparison, Condition, account_begun, account_of_all, is_session, telling_claim,
};
use crate::iam::truth::Truth;

/// The answer for a value of somebody whom no policy of ours names: it is none of those that a condition names, be it
/// in full or by all that tells its owner. `None`: wildcards, variables or another operator leave open what may be theirs.
pub(super) fn foreign(condition: &Condition) -> Option<Truth> {
    let operator = condition.operator;
    let names_owner = |value: &String| names_owner(&condition.key, operator.comparison, value);
    match operator.comparison {
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::ArnLike
            if condition.values.iter().all(names_owner) =>
        {
            Some(Truth::from(operator.negated))
        }
        _ => None,
    }
}

/// The variables that stand for the account that the resource is in, and for its organization.
///
/// Source: [properties of the resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resource-properties).
pub(in crate::iam) const OURS: [&str; 2] = ["${aws:ResourceAccount}", "${aws:ResourceOrgID}"];

/// Whether a value of a condition leaves nothing open that tells its owner from others. `key` is in lower case.
fn names_owner(key: &str, comparison: Comparison, value: &str) -> bool {
    let value = with_ours(value);
    if value.contains('$') {
        return false;
    }
    // These take `*` and `?` for themselves.
    let is_exact = matches!(
        comparison,
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase
    );
    let Some(open) = value.find(['*', '?']).filter(|_| !is_exact) else {
        return true;
    };
    let fixed = value.get(..open).unwrap_or_default();
    if ARNS.contains(&key) {
        // Somebody else may choose the rest of the ARN, and not the account.
        let part_by_part = comparison == Comparison::ArnLike;
        let is_nobodys = key == "aws:principalarn" && is_session(&value, part_by_part);
        return is_nobodys || account_of_all(&value, part_by_part).is_some();
    }
    match key.rsplit_once(':') {
        Some(("aws", "principalaccount" | "sourceaccount" | "vpceaccount")) => {
            account_begun(&value).is_some()
        }
        // The unique id of a role, and the name of the session.
        Some(("aws", "userid")) => fixed.contains(':'),
        // The organization, and the path to one of its units.
        Some(("aws", "principalorgpaths" | "sourceorgpaths" | "vpceorgpaths")) => {
            fixed.contains('/')
        }
        Some((provider, claim)) if telling_claim(provider) == Some(claim) => names_tenant(fixed),
        // Whoever signs in at a provider that is not shared is somebody whom its owner knows.
        Some((_, "sub")) => fixed.contains(char::is_alphanumeric),
        _ => false,
    }
}

/// The keys whose values are ARNs that tell an account: of the caller, and of what calls for somebody.
const ARNS: [&str; 5] = [
    "aws:principalarn",
    "aws:sourcearn",
    "aws:sourcevpcarn",
    "ec2:sourceinstancearn",
    "lambda:sourcefunctionarn",
];

/// A value with an id of the right form in the place of each variable for our account or organization: nobody else is of
/// these, whatever their ids are.
pub(super) fn with_ours(value: &str) -> Cow<'_, str> {
    let mut filled = Cow::Borrowed(value);
    for (variable, id) in OURS.into_iter().zip(["000000000000", "o-0000000000"]) {
        while let Some(begin) = filled
            .to_ascii_lowercase()
            .find(&variable.to_ascii_lowercase())
        {
            let mut text = filled.into_owned();
            text.replace_range(begin..begin + variable.len(), id);
            filled = Cow::Owned(text);
        }
    }
    filled
}

/// Whether the letters before the first wildcard of a subject tell whose it is: a label and a name, each with what ends
/// it, such as `repo:octo-org/`. Without the end of the name, `repo:octo-org*` is also that of `octo-org-2`.
///
/// Source: [the subjects of GitHub's tokens](https://docs.github.com/en/actions/reference/security/oidc). Those of the
/// other shared providers are made alike: `organization:NAME:`, `project_path:GROUP/`.
fn names_tenant(fixed: &str) -> bool {
    let mut parts: Vec<&str> = fixed.split([':', '/']).collect();
    // What follows the last end is not complete.
    parts.pop();
    parts.len() > 1 && parts.iter().all(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_the_owner_of_a_subject_is_more_than_a_wildcard() {
        let github = "token.actions.githubusercontent.com:sub";
        let names = |key: &str, value: &str| names_owner(key, Comparison::StringLike, value);
        for named in [
            "repo:octo-org/octo-repo:ref:refs/heads/main",
            "repo:octo-org/*",
            "repo:octo-org/octo*:ref:refs/heads/main",
            "repository_owner:octo-org:*",
        ] {
            assert!(names(github, named), "{named}");
        }
        for open in [
            "*",
            "?*",
            "repo:*",
            "repo:*/*:ref:refs/heads/main",
            "repo:octo-org*",
            "repo:octo-org?/*",
            "repo:${aws:PrincipalTag/org}/*",
            "*:ref:refs/heads/main",
            "repo:/*",
        ] {
            assert!(!names(github, open), "{open}");
        }
        assert!(names("gitlab.com:sub", "project_path:group/*"));
        assert!(!names("gitlab.com:sub", "project_path:*"));
        // The issuer of one cluster, or of one enterprise, is not shared.
        let cluster = "oidc.eks.eu-west-1.amazonaws.com/id/0123:sub";
        assert!(names(cluster, "system:serviceaccount:shop:*"));
        assert!(!names(cluster, "*"));
        let exactly = names_owner(github, Comparison::StringEquals, "repo:*");
        assert!(exactly, "StringEquals has no wildcards");
    }

    #[test]
    fn what_a_stranger_does_not_choose_names_an_owner() {
        let names = |key: &str, value: &str| names_owner(key, Comparison::StringLike, value);
        assert!(names("aws:principalorgpaths", "o-a1b2c3d4e5/r-ab12/*"));
        assert!(!names("aws:principalorgpaths", "o-a1b2c3d4e5*"));
        assert!(names(
            "aws:PrincipalOrgPaths".to_lowercase().as_str(),
            "${AWS:resourceorgid}/*"
        ));
        assert!(!names("aws:principalorgpaths", "${aws:PrincipalOrgID}/*"));
        assert!(names("aws:sourceorgpaths", "o-a1b2c3d4e5/*"));
        assert!(names("aws:vpceorgpaths", "o-a1b2c3d4e5/r-ab12/*"));
        assert!(names("aws:principalaccount", "111122223333*"));
        assert!(!names("aws:principalaccount", "11112222333*"));
        assert!(names("aws:userid", "AROAEXAMPLEID:*"));
        assert!(!names("aws:userid", "*:ci"));
        assert!(names(
            "aws:principalarn",
            "arn:aws:iam::111122223333:role/*"
        ));
        assert!(names("aws:principalarn", "arn:aws:iam::111122223333*"));
        assert!(names(
            "aws:principalarn",
            "arn:aws:iam::${aws:ResourceAccount}:role/*"
        ));
        assert!(!names("aws:principalarn", "arn:aws:iam::*:role/ci"));
        // The path of a role may hold what is behind the first wildcard here.
        assert!(!names(
            "aws:principalarn",
            "arn:*:iam::111122223333:role/ci"
        ));
        assert!(!names("aws:principalorgid", "o-*"));
        let by_parts = |key: &str, value: &str| names_owner(key, Comparison::ArnLike, value);
        assert!(by_parts(
            "aws:principalarn",
            "arn:*:iam::111122223333:role/ci"
        ));
        assert!(by_parts("aws:sourcearn", "arn:aws:events:*:111122223333:*"));
        assert!(by_parts("aws:sourcearn", "arn:aws:s3:::bucket"));
        assert!(!by_parts("aws:sourcearn", "arn:aws:s3:::bucket*"));
        assert!(!by_parts("aws:sourcearn", "arn:aws:events:*:*:rule/x"));
    }
}
