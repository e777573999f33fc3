//! The entries of `GetAccountAuthorizationDetails`, one by one.
//!
//! An entry that is not understood is a gap of that entry: the others are as good as they are.
//!
//! IAM sends all four lists on every page, empty ones too, so that one which is missing is a gap. Within an entry it leaves
//! out empty lists.
//!
//! Source: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy as SdkAttached, GroupDetail, ManagedPolicyDetail,
    PolicyDetail, RoleDetail, UserDetail,
};
use percent_encoding::percent_decode_str;

use crate::aws::client::given;
use crate::iam::{Document, parse_document};
use crate::inventory::{
    AttachedPolicy, Gap, GapKind, Group, Iam, InlinePolicy, ManagedPolicy, Role, User,
};

pub(super) const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// What the details list, and what of it is not understood.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) iam: Iam,
    pub(super) gaps: Vec<Gap>,
}

/// What an entry lacks without which it cannot be judged.
type Lacks = &'static str;

impl Details {
    /// Adds what one page lists.
    pub(super) fn take(&mut self, page: GetAccountAuthorizationDetailsOutput) {
        let (iam, gaps) = (&mut self.iam, &mut self.gaps);
        let lists = [
            (page.group_detail_list.is_none(), "group", "GroupDetailList"),
            (page.user_detail_list.is_none(), "user", "UserDetailList"),
            (page.role_detail_list.is_none(), "role", "RoleDetailList"),
        ];
        let missing = lists.into_iter().filter(|(is_missing, ..)| *is_missing);
        gaps.extend(missing.map(|(_, kind, list)| {
            let message = format!("the answer of {DETAILS} has no {list}");
            of_details(GapKind::Iam, message).about(kind)
        }));
        if page.policies.is_none() {
            let message = format!("the answer of {DETAILS} has no Policies");
            gaps.push(of_details(GapKind::PolicyDocument, message));
        }
        for it in page.group_detail_list.unwrap_or_default() {
            let known = (it.arn.clone(), it.group_name.clone());
            match group(it) {
                Ok(group) => iam.groups.push(group),
                Err(lacks) => gaps.push(odd("group", known, lacks)),
            }
        }
        for it in page.user_detail_list.unwrap_or_default() {
            let known = (it.arn.clone(), it.user_name.clone());
            match user(it) {
                Ok(user) => iam.users.push(user),
                Err(lacks) => gaps.push(odd("user", known, lacks)),
            }
        }
        for it in page.role_detail_list.unwrap_or_default() {
            let known = (it.arn.clone(), it.role_name.clone());
            match role(it) {
                Ok(role) => iam.roles.push(role),
                Err(lacks) => gaps.push(odd("role", known, lacks)),
            }
        }
        for it in page.policies.unwrap_or_default() {
            let known = (it.arn.clone(), it.policy_name.clone());
            match managed(it) {
                Ok(policy) => iam.policies.extend(policy),
                Err(lacks) => gaps.push(odd_policy(known, lacks)),
            }
        }
    }
}

/// A gap of the answer, which came and says too little.
fn of_details(kind: GapKind, message: String) -> Gap {
    Gap {
        operation: Some(DETAILS.to_owned()),
        ..Gap::malformed(kind, message)
    }
}

/// The gap of a principal, by its ARN, or by its kind and, where it is known, its name.
fn odd(kind: &str, (arn, name): (Option<String>, Option<String>), lacks: Lacks) -> Gap {
    let (arn, name) = (given(arn), given(name));
    let message = format!("{DETAILS} lists a {kind} without {lacks}: it is not judged");
    let named = name.map_or_else(|| kind.to_owned(), |name| format!("{kind}/{name}"));
    of_details(GapKind::Iam, message).about(&arn.unwrap_or(named))
}

/// The gap of a managed policy. Where it is attached, it is fetched by itself.
fn odd_policy((arn, name): (Option<String>, Option<String>), lacks: Lacks) -> Gap {
    let message = format!("{DETAILS} lists a managed policy without {lacks}");
    let gap = of_details(GapKind::PolicyDocument, message);
    match given(arn).or(given(name)) {
        Some(known) => gap.about(&known),
        None => gap,
    }
}

fn group(detail: GroupDetail) -> Result<Group, Lacks> {
    Ok(Group {
        name: told(detail.group_name, "a name")?,
        arn: told(detail.arn, "an ARN")?,
        inline: inline(detail.group_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
    })
}

fn user(detail: UserDetail) -> Result<User, Lacks> {
    Ok(User {
        name: told(detail.user_name, "a name")?,
        arn: told(detail.arn, "an ARN")?,
        groups: detail.group_list.unwrap_or_default(),
        inline: inline(detail.user_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
        permissions_boundary: boundary(detail.permissions_boundary)?,
    })
}

fn role(detail: RoleDetail) -> Result<Role, Lacks> {
    Ok(Role {
        name: told(detail.role_name, "a name")?,
        arn: told(detail.arn, "an ARN")?,
        inline: inline(detail.role_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
        permissions_boundary: boundary(detail.permissions_boundary)?,
        trust_policy: detail.assume_role_policy_document.as_deref().map(decode),
    })
}

/// `None`: the details list the policy without its default version, so that it is fetched by itself.
fn managed(detail: ManagedPolicyDetail) -> Result<Option<ManagedPolicy>, Lacks> {
    let arn = told(detail.arn, "an ARN")?;
    let name = told(detail.policy_name, "a name")?;
    let mut versions = detail.policy_version_list.unwrap_or_default().into_iter();
    let default = versions.find(|version| version.is_default_version);
    Ok(default.and_then(|version| {
        Some(ManagedPolicy {
            name,
            arn,
            version: version.version_id?,
            document: decode(&version.document?),
        })
    }))
}

fn inline(policies: Option<Vec<PolicyDetail>>) -> Result<Vec<InlinePolicy>, Lacks> {
    let policies = policies.unwrap_or_default().into_iter();
    policies
        .map(|policy| {
            Ok(InlinePolicy {
                name: told(policy.policy_name, "the name of an inline policy")?,
                document: decode(&told(
                    policy.policy_document,
                    "the document of an inline policy",
                )?),
            })
        })
        .collect()
}

fn attached(policies: Option<Vec<SdkAttached>>) -> Result<Vec<AttachedPolicy>, Lacks> {
    let policies = policies.unwrap_or_default().into_iter();
    policies
        .map(|policy| {
            Ok(AttachedPolicy {
                name: told(policy.policy_name, "the name of an attached policy")?,
                arn: told(policy.policy_arn, "the ARN of an attached policy")?,
            })
        })
        .collect()
}

/// A boundary that does not say which policy it is limits its principal all the same.
fn boundary(boundary: Option<AttachedPermissionsBoundary>) -> Result<Option<String>, Lacks> {
    let arn = boundary.map(|it| {
        told(
            it.permissions_boundary_arn,
            "the ARN of its permissions boundary",
        )
    });
    arn.transpose()
}

/// What an entry must tell.
fn told(field: Option<String>, lacks: Lacks) -> Result<String, Lacks> {
    given(field).ok_or(lacks)
}

/// A policy document comes percent-encoded (RFC 3986).
pub(super) fn decode(text: &str) -> Document {
    // A text that begins with a brace is not encoded: a `%` in it is its own.
    if text.trim_start().starts_with('{') {
        return parse_document(text);
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => parse_document(&decoded),
        Err(error) => Document::Unparsed {
            text: text.to_owned(),
            error: error.to_string(),
        },
    }
}
