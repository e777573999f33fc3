//! `direct-user-grant`

use crate::audit::access::{CallableMethod, Cell, Holder, HolderKind, Origin};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Violation};
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::remedy::{self, commands};
use crate::audit::rules::{Look, Rule, Violations, holders};
use crate::iam::Verdict;
use crate::inventory::all_quoted;

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

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(access) = context.access else {
            return Violations::none();
        };
        let users = access.estate.holders().iter();
        let users = users.filter(|it| it.kind == HolderKind::User);
        Violations::of(users.filter_map(move |user| violation(context, access, user)))
    }
}

fn violation(context: Context<'_>, access: &AccessView<'_>, user: &Holder) -> Option<Violation> {
    let policies = holders::policies(access.own_grants(user));
    let mut evidence = policies.iter().map(|source| {
        let says = format!("{} allows execute-api:Invoke", source.in_words(user));
        Evidence::new(Source::Iam, says).with_reference(&user.arn)
    });
    let first = evidence.next()?;
    let names = all_quoted(policies.iter().map(|it| it.name.as_str()));
    // Only what the groups give in any case is not lost.
    let sources = user.sources.iter();
    let of_groups = sources.filter(|it| matches!(it.origin, Origin::Group(_)));
    let given = access.estate.ask_allowed_by(user, of_groups);
    let by_group = |method: &CallableMethod<'_>| given.of(method) == Cell::certainly(Verdict::All);
    let may_lose = MayLose {
        may: &by_group,
        otherwise: "as no group of the user allows all of",
    };
    let (commands, withheld) = removal::removals(context, access, user, &policies, may_lose);
    let summary = remedy::summary(
        "put the user into a group that grants it, then take the policy from the user",
        withheld,
    );
    let remedy = Remedy::new(summary)
        .with_commands(commands)
        .in_code(
            "CloudFormation: Groups in place of Policies and ManagedPolicyArns of the AWS::IAM::User",
        )
        .with_references([commands::ARTICLE]);
    let violation = Violation::new(
        Severity::Medium,
        holders::place(context, user),
        format!("the user gets invoke from {names}, not from a group"),
        first,
        remedy,
    );
    Some(violation.also(evidence))
}
