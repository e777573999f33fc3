//! Who calls, and how that principal is given a policy.

use crate::aws::client::Identity;
use crate::iam::document::Arn;

/// How the names of roles begin that IAM Identity Center makes and alone may change.
const IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal<'a> {
    /// A user of IAM, by name.
    User(&'a str),
    /// A role, by name.
    Role(&'a str),
    /// A role of a permission set of IAM Identity Center, by the name of the set.
    PermissionSet(&'a str),
    /// The root user, which only policies of the organization narrow.
    Root,
    /// Another, such as a federated user.
    Other,
}

impl<'a> Principal<'a> {
    /// Tells it from the ARN of the identity.
    ///
    /// Source: [IAM identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
    pub(super) fn of(identity: &'a Identity) -> Self {
        let Some(arn) = Arn::read(&identity.arn) else {
            return Principal::Other;
        };
        let mut parts = arn.resource.split('/');
        match (arn.service, parts.next(), parts.next()) {
            ("iam", Some("root"), None) => Principal::Root,
            ("iam", Some("user"), Some(_)) => Principal::User(arn.name()),
            ("sts", Some("assumed-role"), Some(role)) => match role.strip_prefix(IDENTITY_CENTER) {
                // What comes after the set's name is sixteen digits.
                Some(set) => Principal::PermissionSet(set.rsplit_once('_').map_or(set, |it| it.0)),
                None => Principal::Role(role),
            },
            _ => Principal::Other,
        }
    }

    /// Its name in a sentence.
    pub(super) fn in_words(self) -> String {
        match self {
            Principal::User(name) => format!("user {name}"),
            Principal::Role(name) => format!("role {name}"),
            Principal::PermissionSet(name) => format!("the permission set {name}"),
            Principal::Root => "the root user".to_owned(),
            Principal::Other => "this principal".to_owned(),
        }
    }

    /// The ARN that IAM's policy simulator takes. `None`: it takes none of this kind, or the ARN of the role is not known.
    ///
    /// The ARN of a session lacks its role's path: of a role with one, this is not the ARN.
    pub(super) fn simulated(self, identity: &Identity) -> Option<String> {
        match self {
            Principal::User(_) => Some(identity.arn.clone()),
            Principal::Role(name) => Some(format!(
                "arn:{}:iam::{}:role/{name}",
                identity.partition, identity.account
            )),
            Principal::PermissionSet(_) | Principal::Root | Principal::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_told_by_its_arn() {
        for (arn, principal) in [
            ("arn:aws:iam::111122223333:root", Principal::Root),
            (
                "arn:aws:iam::111122223333:user/ops/alice",
                Principal::User("alice"),
            ),
            (
                "arn:aws-cn:sts::111122223333:assumed-role/audit/alice",
                Principal::Role("audit"),
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Read_Only_0123456789abcdef/alice",
                Principal::PermissionSet("Read_Only"),
            ),
            (
                "arn:aws:sts::111122223333:federated-user/bob",
                Principal::Other,
            ),
            ("nobody", Principal::Other),
        ] {
            let identity = Identity {
                account: "111122223333".to_owned(),
                partition: "aws".to_owned(),
                arn: arn.to_owned(),
            };
            assert_eq!(Principal::of(&identity), principal, "{arn}");
        }
    }
}
