//! Amazon Resource Names.

use super::account::account_begun;

/// An ARN by its parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// The Region and the account may be empty, and the resource may have further colons.
///
/// Source: [ARN format](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
///
/// ```
/// use gatewatch::iam::document::Arn;
///
/// let arn = Arn::read("arn:aws:iam::111122223333:role/service/ci").unwrap();
/// assert_eq!((arn.service, arn.account, arn.name()), ("iam", "111122223333", "ci"));
/// assert_eq!(Arn::read("role/ci"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// The partition, such as `aws`.
    pub partition: &'a str,
    /// The service, such as `iam`.
    pub service: &'a str,
    /// The Region; empty where the resource lies in none.
    pub region: &'a str,
    /// The account's id; empty where the resource belongs to none.
    pub account: &'a str,
    /// The resource.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN. `None`: the text has fewer than six parts, or begins otherwise.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        Some(Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The resource's name, without its type and its path.
    pub fn name(self) -> &'a str {
        let name = self.resource.rsplit('/').next();
        name.unwrap_or(self.resource)
    }
}

/// The account that everything belongs to whose ARN a pattern matches. `None`: it may be of several accounts, or of none.
///
/// `part_by_part`: a wildcard stays within its part of the ARN, as `ArnLike` has it. Otherwise it may stand for anything,
/// colons among it, as `StringLike` has it: the path of a role may have colons and make its ARN look like that of
/// another account's role, so that what follows the first wildcard tells nothing.
pub(in crate::iam) fn account_of_all(pattern: &str, part_by_part: bool) -> Option<&str> {
    account_begun(told(pattern, part_by_part).split(':').nth(4)?)
}

/// Whether a pattern matches nothing but the ARNs of sessions of roles, by as much of it as is told before a wildcard or,
/// `part_by_part`, a variable. As `aws:PrincipalArn` no principal has one: a session has the ARN of its role there, and a
/// federated user one of their own.
///
/// Source: [`aws:PrincipalArn`](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn).
pub(in crate::iam) fn is_session(pattern: &str, part_by_part: bool) -> bool {
    let arn = Arn::read(told(pattern, part_by_part));
    arn.is_some_and(|it| it.service == "sts" && it.resource.starts_with("assumed-role/"))
}

/// What a pattern tells for certain: the letters before what may stand for several parts of an ARN.
fn told(pattern: &str, part_by_part: bool) -> &str {
    // A variable may hold anything in any case.
    let open: &[char] = if part_by_part {
        &['$']
    } else {
        &['*', '?', '$']
    };
    pattern
        .find(open)
        .map_or(pattern, |it| pattern.split_at(it).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_tells_an_account_where_nothing_else_fits() {
        const OURS: Option<&str> = Some("111122223333");
        for (pattern, by_parts, of_texts) in [
            ("arn:aws:iam::111122223333:role/ci", OURS, OURS),
            ("arn:aws:iam::111122223333:*", OURS, OURS),
            ("arn:aws:iam::111122223333*", OURS, OURS),
            ("arn:aws:iam::111122223333?role/ci", None, OURS),
            ("arn:*:iam::111122223333:role/ci", OURS, None),
            ("arn:aws:*:*:111122223333:*", OURS, None),
            ("arn:aws:iam::11112222333?:role/ci", None, None),
            ("arn:aws:iam::1111222233334:role/ci", None, None),
            (
                "arn:aws:iam::*:role/x:iam::111122223333:role/ci",
                None,
                None,
            ),
            ("arn:aws:s3:::bucket/*", None, None),
            ("arn:aws:iam::111122223333:role/${aws:username}", OURS, OURS),
            ("arn:${aws:x}:iam::111122223333:role/ci", None, None),
            ("*111122223333*", None, None),
            ("*", None, None),
        ] {
            assert_eq!(account_of_all(pattern, true), by_parts, "{pattern}");
            assert_eq!(account_of_all(pattern, false), of_texts, "{pattern}");
        }
    }
}
