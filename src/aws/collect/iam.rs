//! IAM: users, groups and roles, and the documents of their policies.
//!
//! `GetAccountAuthorizationDetails` answers nearly everything in pages of up to 1,000 entries. Attached
//! policies whose documents it does not list are fetched one by one.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{
    AttachedPolicy as SdkAttached, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, UserDetail,
};
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;

use crate::aws::client::{Clients, Failure, failure};
use crate::iam::Document;
use crate::iam::parse_document;
use crate::inventory::{
    AttachedPolicy, Gap, GapKind, Group, Iam, InlinePolicy, ManagedPolicy, Role, User,
};

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";
const POLICY: &str = "iam:GetPolicy";
const VERSION: &str = "iam:GetPolicyVersion";

/// The most entries of a page.
/// Source: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
const PAGE: i32 = 1000;

/// Policies fetched at once: IAM's request limit is not published, and shared.
const AT_ONCE: usize = 4;

/// Reads the account's principals. `None`, with its gap: they could not be read.
pub(super) async fn iam(clients: &Clients) -> (Option<Iam>, Vec<Gap>) {
    let client = clients.iam();
    let mut iam = match details(&client).await {
        Ok(iam) => iam,
        Err(failure) => return (None, vec![failure.gap(GapKind::Iam)]),
    };
    let missing: Vec<_> = unlisted(&iam)
        .into_iter()
        .map(|attached| fetch(&client, attached))
        .collect();
    let mut missing = futures_util::stream::iter(missing).buffered(AT_ONCE);
    let mut gaps = untrusted(&iam);
    while let Some(fetched) = missing.next().await {
        match fetched {
            Ok(policy) => iam.policies.push(policy),
            Err(gap) => gaps.push(gap),
        }
    }
    iam.policies.sort_by(|one, other| one.arn.cmp(&other.arn));
    (Some(iam), gaps)
}

async fn details(client: &Client) -> Result<Iam, Failure> {
    let filter = [
        EntityType::User,
        EntityType::Group,
        EntityType::Role,
        EntityType::LocalManagedPolicy,
        EntityType::AwsManagedPolicy,
    ];
    let mut pages = client
        .get_account_authorization_details()
        .set_filter(Some(filter.into()))
        .max_items(PAGE)
        .into_paginator()
        .send();
    let mut iam = Iam::default();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(DETAILS, error))?;
        for it in page.group_detail_list.unwrap_or_default() {
            iam.groups.push(group(it)?);
        }
        for it in page.user_detail_list.unwrap_or_default() {
            iam.users.push(user(it)?);
        }
        for it in page.role_detail_list.unwrap_or_default() {
            iam.roles.push(role(it)?);
        }
        for it in page.policies.unwrap_or_default() {
            iam.policies.extend(managed(it)?);
        }
    }
    iam.groups.sort_by(|one, other| one.name.cmp(&other.name));
    iam.users.sort_by(|one, other| one.name.cmp(&other.name));
    iam.roles.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(iam)
}

/// Roles that came without their trust policies, which every role has.
fn untrusted(iam: &Iam) -> Vec<Gap> {
    let without = iam.roles.iter().filter(|it| it.trust_policy.is_none());
    let gap = |role: &Role| {
        let failure =
            Failure::malformed(DETAILS, "the answer has the role without its trust policy");
        failure.gap(GapKind::PolicyDocument).about(&role.arn)
    };
    without.map(gap).collect()
}

/// Attached policies whose documents the details did not list.
fn unlisted(iam: &Iam) -> Vec<AttachedPolicy> {
    let attached = iam.attachments();
    let by_arn: BTreeMap<String, AttachedPolicy> = attached
        .map(|policy| (policy.arn.clone(), policy))
        .collect();
    let unlisted = by_arn
        .into_values()
        .filter(|policy| iam.policy(&policy.arn).is_none());
    unlisted.collect()
}

async fn fetch(client: &Client, attached: AttachedPolicy) -> Result<ManagedPolicy, Gap> {
    let arn = attached.arn.clone();
    let document = document(client, attached).await;
    document.map_err(|failure| failure.gap(GapKind::PolicyDocument).about(&arn))
}

async fn document(client: &Client, attached: AttachedPolicy) -> Result<ManagedPolicy, Failure> {
    let AttachedPolicy { name, arn } = attached;
    let policy = client
        .get_policy()
        .policy_arn(&arn)
        .send()
        .await
        .map_err(|error| failure(POLICY, error))?
        .policy;
    let version = policy
        .and_then(|policy| policy.default_version_id)
        .ok_or_else(|| Failure::malformed(POLICY, "the policy has no default version"))?;
    let answer = client
        .get_policy_version()
        .policy_arn(&arn)
        .version_id(&version)
        .send()
        .await
        .map_err(|error| failure(VERSION, error))?;
    let document = answer
        .policy_version
        .and_then(|version| version.document)
        .ok_or_else(|| Failure::malformed(VERSION, "the policy version has no document"))?;
    Ok(ManagedPolicy {
        name,
        arn,
        version,
        document: decode(&document),
    })
}

fn group(detail: GroupDetail) -> Result<Group, Failure> {
    Ok(Group {
        name: named(detail.group_name)?,
        arn: named(detail.arn)?,
        inline: inline(detail.group_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
    })
}

fn user(detail: UserDetail) -> Result<User, Failure> {
    Ok(User {
        name: named(detail.user_name)?,
        arn: named(detail.arn)?,
        groups: detail.group_list.unwrap_or_default(),
        inline: inline(detail.user_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
        permissions_boundary: (detail.permissions_boundary)
            .and_then(|boundary| boundary.permissions_boundary_arn),
    })
}

fn role(detail: RoleDetail) -> Result<Role, Failure> {
    Ok(Role {
        name: named(detail.role_name)?,
        arn: named(detail.arn)?,
        inline: inline(detail.role_policy_list)?,
        attached: attached(detail.attached_managed_policies)?,
        permissions_boundary: (detail.permissions_boundary)
            .and_then(|boundary| boundary.permissions_boundary_arn),
        trust_policy: detail.assume_role_policy_document.as_deref().map(decode),
    })
}

/// `None`: the details list the policy without its default version, so that it is fetched by itself.
fn managed(detail: ManagedPolicyDetail) -> Result<Option<ManagedPolicy>, Failure> {
    let (name, arn) = (named(detail.policy_name)?, named(detail.arn)?);
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

fn inline(policies: Option<Vec<PolicyDetail>>) -> Result<Vec<InlinePolicy>, Failure> {
    let policies = policies.unwrap_or_default().into_iter();
    policies
        .map(|policy| {
            Ok(InlinePolicy {
                name: named(policy.policy_name)?,
                document: decode(&named(policy.policy_document)?),
            })
        })
        .collect()
}

fn attached(policies: Option<Vec<SdkAttached>>) -> Result<Vec<AttachedPolicy>, Failure> {
    let policies = policies.unwrap_or_default().into_iter();
    policies
        .map(|policy| {
            Ok(AttachedPolicy {
                name: named(policy.policy_name)?,
                arn: named(policy.policy_arn)?,
            })
        })
        .collect()
}

/// A policy document comes percent-encoded (RFC 3986).
fn decode(text: &str) -> Document {
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

/// A field without which an entry of the details cannot be told from others.
fn named(field: Option<String>) -> Result<String, Failure> {
    field.ok_or_else(|| {
        Failure::malformed(
            DETAILS,
            "the answer has an entry without its name, ARN or document",
        )
    })
}
