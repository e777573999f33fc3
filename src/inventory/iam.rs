//! The IAM principals of an account and the policies attached to them.

use serde::{Deserialize, Serialize};

use crate::iam::Document;
use crate::iam::document::Arn;

/// The account's principals and policies, from one reading.
///
/// Source: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iam {
    /// The groups.
    pub groups: Vec<Group>,
    /// The users.
    pub users: Vec<User>,
    /// The roles.
    pub roles: Vec<Role>,
    /// Every managed policy that is the account's own or attached to one of its principals.
    /// One that is attached and missing here could not be read.
    pub policies: Vec<ManagedPolicy>,
}

impl Iam {
    /// The managed policy with this ARN, where its document was read.
    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.iter().find(|policy| policy.arn == arn)
    }

    /// The names of the members of a group, in order. IAM keeps names unique whatever their case.
    pub fn members<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a str> {
        let is_in = move |user: &&User| user.groups.iter().any(|it| it.eq_ignore_ascii_case(group));
        self.users
            .iter()
            .filter(is_in)
            .map(|user| user.name.as_str())
    }

    /// Whether no role has its trust policy, though there are roles: the inventory is that of an older version.
    pub fn lacks_trust_policies(&self) -> bool {
        !self.roles.is_empty() && self.roles.iter().all(|it| it.trust_policy.is_none())
    }

    /// Every attachment of a managed policy to a principal, as a grant or as a permissions boundary.
    pub fn attachments(&self) -> impl Iterator<Item = AttachedPolicy> {
        let arns = (self.users.iter().map(|it| &it.permissions_boundary))
            .chain(self.roles.iter().map(|it| &it.permissions_boundary));
        let boundaries = arns.flatten().map(|arn| AttachedPolicy {
            name: Arn::read(arn).map_or(arn.as_ref(), Arn::name).to_owned(),
            arn: arn.clone(),
        });
        (self.groups.iter().flat_map(|it| &it.attached))
            .chain(self.users.iter().flat_map(|it| &it.attached))
            .chain(self.roles.iter().flat_map(|it| &it.attached))
            .cloned()
            .chain(boundaries)
    }
}

/// An IAM group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name, unique in the account whatever the case.
    pub name: String,
    /// Its ARN, with its path.
    pub arn: String,
    /// The inline policies.
    pub inline: Vec<InlinePolicy>,
    /// The attached managed policies.
    pub attached: Vec<AttachedPolicy>,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its ARN, with its path.
    pub arn: String,
    /// The names of the groups it is a member of.
    pub groups: Vec<String>,
    /// The inline policies.
    pub inline: Vec<InlinePolicy>,
    /// The attached managed policies.
    pub attached: Vec<AttachedPolicy>,
    /// The ARN of the permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its ARN, with its path.
    pub arn: String,
    /// The inline policies.
    pub inline: Vec<InlinePolicy>,
    /// The attached managed policies.
    pub attached: Vec<AttachedPolicy>,
    /// The ARN of the permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    /// The trust policy: who can become the role. `None`: it was not read. Inventories of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_policy: Option<Document>,
}

/// A policy embedded in one principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InlinePolicy {
    /// Its name, unique within its principal.
    pub name: String,
    /// Its document.
    pub document: Document,
}

/// A managed policy's attachment to a principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedPolicy {
    /// The policy's name.
    pub name: String,
    /// The policy's ARN.
    pub arn: String,
}

/// A managed policy with the document of its default version, the only one that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedPolicy {
    /// The policy's name.
    pub name: String,
    /// The policy's ARN.
    pub arn: String,
    /// The default version's id, such as `v2`.
    pub version: String,
    /// The default version's document.
    pub document: Document,
}
