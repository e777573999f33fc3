//! `direct-user-grant`

use crate::audit::access::{CallableMethod, Cell, Holder, HolderKind, Origin};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Violation};
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::remedy::{self, commands};
use crate::audit::rules::{Look, Rule, Subject, Violations, documented, holders};
use crate::iam::Verdict;
use crate::inventory::all_quoted;

documented! {
    /// # `direct-user-grant`
    ///
    /// Fires when a user gets `execute-api:Invoke` from a policy of their own, embedded or attached, and not from a
    /// group.
    ///
    /// ## Severity
    /// medium
    ///
    /// ## Why this is bad
    /// Whoever looks at the groups to see who can call an API does not see this user, and the grant stays when the user
    /// moves to another team.
    ///
    /// ## What it looks at
    /// The Allow statements of the user's own policies. Deny statements, conditions and the permissions boundary are
    /// not weighed.
    ///
    /// ## Examples
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "name": "bob",
    ///   "inline": [
    ///     {
    ///       "name": "read-pets",
    ///       "document": {
    ///         "json": {
    ///           "Statement": [
    ///             {
    ///               "Effect": "Allow",
    ///               "Action": "execute-api:Invoke",
    ///               "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets"
    ///             }
    ///           ]
    ///         }
    ///       }
    ///     }
    ///   ],
    ///   "groups": []
    /// }
    /// ```
    ///
    /// ### Good
    /// The group `readers` carries the policy:
    ///
    /// ```json
    /// {"name": "bob", "inline": [], "groups": ["readers"]}
    /// ```
    ///
    /// ## How to fix
    /// Put the user into a group that grants the same, then take the user's own policy away, in this order. A workload
    /// should have a role in place of a user.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: direct-user-grant
    ///     principal: bob
    ///     severity: medium
    ///     reason: the vendor's device cannot assume a role
    ///     owner: iam-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - Security Hub CSPM [IAM.2](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2),
    ///   *IAM users should not have IAM policies attached*, and the AWS Config rule
    ///   [iam-user-no-policies-check](https://docs.aws.amazon.com/config/latest/developerguide/iam-user-no-policies-check.html)
    ///   behind it: policies of every kind, not only those that grant `execute-api:Invoke`.
    /// - CIS AWS Foundations Benchmark v5.0.0 1.14 and v3.0.0 1.15, NIST SP 800-53 Rev. 5 AC-2, AC-3 and AC-6 (with
    ///   enhancements), and PCI DSS v3.2.1 7.2.1, to which Security Hub CSPM maps IAM.2.
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, to which
    ///   [Prowler](https://github.com/prowler-cloud/prowler/blob/master/prowler/compliance/aws/iso27001_2022_aws.json)
    ///   maps its check `iam_policy_attached_only_to_group_or_roles`. Security Hub CSPM maps no control to this
    ///   standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>
    pub struct DirectUserGrant;
}

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

    fn subject(&self) -> Subject {
        Subject::Users
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
    let statements = access.own_grants(user);
    let reach = statements.flat_map(|(_, _, it)| holders::reach_of(it));
    Some(violation.also(evidence).reaching(reach))
}
