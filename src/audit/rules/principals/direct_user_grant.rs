//! `direct-user-grant`

use crate::audit::access::{CallableMethod, Cell, Holder, HolderKind, Origin};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::remedy::{self, commands};
use crate::audit::rules::{Look, Rule, holders};
use crate::iam::Verdict;

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

    fn summary(&self) -> &'static str {
        "a user gets execute-api:Invoke from a policy of their own, not from a group"
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
    // Only what the groups give in any case is not lost.
    let by_group = |method: &CallableMethod<'_>| {
        let of_groups = user.sources.iter();
        let of_groups = of_groups.filter(|it| matches!(it.origin, Origin::Group(_)));
        let given = access.estate.allowed_by(user, of_groups, method);
        given == Cell::certainly(Verdict::All)
    };
    let may_lose = MayLose {
        may: &by_group,
        otherwise: "as no group of the user allows all of",
    };
    let (commands, withheld) = removal::removals(context, access, user, &policies, may_lose);
    Some(Finding {
        rule: RuleId::DirectUserGrant,
        severity: Severity::Medium,
        confidence: Confidence::High,
        place: holders::place(context, user),
        reach: None,
        message: format!("the user gets invoke from {}, not from a group", names.join(", ")),
        evidence: evidence.collect(),
        remedy: Remedy {
            summary: remedy::summary(
                "put the user into a group that grants it, then take the policy from the user",
                withheld,
            ),
            commands,
            infrastructure_as_code: Some(
                "CloudFormation: Groups in place of Policies and ManagedPolicyArns of the AWS::IAM::User"
                    .to_owned(),
            ),
            references: vec![commands::ARTICLE],
        },
    })
}
