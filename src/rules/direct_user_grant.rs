//! `direct-user-grant`

use super::holders::{self, AccessView};
use super::{Context, Look, Rule, remedies};
use crate::access::{Holder, HolderKind};
use crate::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};

/// # `direct-user-grant`
///
/// Fires when a user gets `execute-api:Invoke` from a policy of their own, embedded or attached, and not
/// from a group.
///
/// ## Why this is bad
/// Whoever looks at the groups to see who can call an API does not see this user, and the grant stays when
/// the user moves to another team.
///
/// ## What it looks at
/// The Allow statements of the user's own policies. Deny statements, conditions and the permissions
/// boundary are not weighed.
///
/// ## References
/// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>
#[derive(Debug)]
pub struct DirectUserGrant;

impl Rule for DirectUserGrant {
    fn id(&self) -> RuleId {
        RuleId::DirectUserGrant
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Principals]
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        let users = access.estate.holders().iter();
        let users = users.filter(|it| it.kind == HolderKind::User);
        users
            .filter_map(|user| finding(context, access, user))
            .collect()
    }
}

fn finding(context: Context<'_>, access: &AccessView<'_>, user: &Holder) -> Option<Finding> {
    let policies = holders::policies(access.own_grants(user));
    if policies.is_empty() {
        return None;
    }
    let names: Vec<&str> = policies.iter().map(|it| it.name.as_str()).collect();
    let evidence = policies.iter().map(|source| Evidence {
        reference: Some(user.arn.clone()),
        ..Evidence::new(
            Source::Iam,
            format!("{} allows execute-api:Invoke", source.in_words(user)),
        )
    });
    let (commands, withheld) = holders::removals(access, user, &policies);
    Some(Finding {
        rule: RuleId::DirectUserGrant,
        severity: Severity::Medium,
        confidence: Confidence::High,
        place: holders::place(context, user),
        reach: None,
        message: format!("the user gets invoke from {}, not from a group", names.join(", ")),
        evidence: evidence.collect(),
        remedy: Remedy {
            summary: holders::summary(
                "put the user into a group that grants it, then take the policy from the user",
                withheld,
            ),
            commands,
            infrastructure_as_code: Some(
                "CloudFormation: Groups in place of Policies and ManagedPolicyArns of the AWS::IAM::User"
                    .to_owned(),
            ),
            references: vec![remedies::ARTICLE],
        },
    })
}
