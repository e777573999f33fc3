//! IAM: users, groups and roles, and the documents of their policies.
//!
//! `GetAccountAuthorizationDetails` answers nearly everything in pages of up to 1,000 entries. Attached
//! policies whose documents it does not list are fetched one by one.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use futures_util::StreamExt as _;

use super::entries::{DETAILS, Details, decode};
use crate::aws::client::{Clients, Failure, failure, given, pages};
use crate::inventory::{AttachedPolicy, Gap, GapKind, Iam, ManagedPolicy, Role};

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
    let Details { mut iam, mut gaps } = match details(&client).await {
        Ok(details) => details,
        Err(failure) => return (None, vec![failure.gap(GapKind::Iam)]),
    };
    let missing: Vec<_> = unlisted(&iam)
        .into_iter()
        .map(|attached| fetch(&client, attached))
        .collect();
    let mut missing = futures_util::stream::iter(missing).buffered(AT_ONCE);
    gaps.extend(untrusted(&iam));
    while let Some(fetched) = missing.next().await {
        match fetched {
            Ok(policy) => iam.policies.push(policy),
            Err(gap) => gaps.push(gap),
        }
    }
    iam.policies.sort_by(|one, other| one.arn.cmp(&other.arn));
    (Some(iam), gaps)
}

/// The details, page by page, with a gap for each entry or list that is not understood: the others are as good.
async fn details(client: &Client) -> Result<Details, Failure> {
    let page = async |marker| {
        let filter = [
            EntityType::User,
            EntityType::Group,
            EntityType::Role,
            EntityType::LocalManagedPolicy,
            EntityType::AwsManagedPolicy,
        ];
        let answer = client
            .get_account_authorization_details()
            .set_filter(Some(filter.into()))
            .max_items(PAGE)
            .set_marker(marker)
            .send()
            .await
            .map_err(|error| failure(DETAILS, error))?;
        let next = given(answer.marker.clone()).filter(|_| answer.is_truncated);
        if answer.is_truncated && next.is_none() {
            let message = "the list goes on, and the answer does not say where";
            return Err(Failure::malformed(DETAILS, message));
        }
        Ok((Some(vec![answer]), next))
    };
    let mut details = Details::default();
    for page in pages(DETAILS, page).await? {
        details.take(page);
    }
    let iam = &mut details.iam;
    iam.groups.sort_by(|one, other| one.name.cmp(&other.name));
    iam.users.sort_by(|one, other| one.name.cmp(&other.name));
    iam.roles.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(details)
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
        .and_then(|policy| given(policy.default_version_id))
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
