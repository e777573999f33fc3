//! `powerless-group`

use crate::audit::context::Context;
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::remedy::commands;
use crate::audit::rules::expected::{Powerless, demanded, evidence, is_carrying, powerless};
use crate::audit::rules::{Concern, Look, Rule, Subject, Violations, documented, holders};
use crate::iam::Verdict;
use crate::iam::document::Effect;
use crate::policy_file::GroupExpectation;

documented! {
    /// # `powerless-group`
    ///
    /// Fires when a group carries the policies that it must carry, they set out to grant `execute-api:Invoke`, and its
    /// members still cannot call what `invoke` selects. Without `invoke` in the policy file: when they can call no
    /// method of the account at all.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// By its name, everything looks right. The quick way out is a grant to a user, or a method set back to `NONE`.
    ///
    /// ## What it looks at
    /// Every request of each method, decided exactly. The message says how much is missing (all requests of a method,
    /// or some, with an example) and why: a Deny, or [a mistake](../access.md#grants-that-nearly-fit) in the grant,
    /// such as
    ///
    /// - a path parameter in literal braces (`{petId}` in a Resource matches only a request for `{petId}`),
    /// - another partition, Region, account or stage in the ARN, or none where one must be,
    /// - a verb in lower case,
    /// - a slash too many.
    ///
    /// A mistake is named only where the grant would take in more of the method without it. Conditions are taken in the
    /// group's favor.
    ///
    /// ## Examples
    /// Both with this policy file:
    ///
    /// ```yaml
    /// version: 1
    /// groups:
    ///   - name: readers
    ///     inline: read-pets
    ///     invoke:
    ///       - {path: "/pets/{petId}", verb: GET}
    /// ```
    ///
    /// ### Bad
    /// A Resource is compared with the path that was requested, `/pets/42`, and braces are no pattern in it:
    ///
    /// ```json
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "execute-api:Invoke",
    ///       "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/{petId}"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "execute-api:Invoke",
    ///       "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Correct the policy, or take out the Deny that the message names. `gatewatch access --what-can group/readers
    /// --why` shows what decides for each method.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: powerless-group
    ///     principal: readers
    ///     severity: high
    ///     reason: the freeze of the pet data denies all reads until the migration is done
    ///     owner: data-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
    pub struct PowerlessGroup;
}

impl Rule for PowerlessGroup {
    fn id(&self) -> RuleId {
        RuleId::PowerlessGroup
    }

    fn summary(&self) -> &'static str {
        "a group carries its policies, and its members still cannot call what they should"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::GroupEntries
    }

    fn concern(&self) -> Concern {
        Concern::GroupAccess
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(access) = context.access else {
            return Violations::none();
        };
        let expected = context.policy.groups.iter();
        let carrying = expected.filter(move |it| is_carrying(context, it));
        let violations = carrying.filter_map(move |expected| {
            // If its policies do not even set out to grant it, `missing-group-policy` says so.
            let powerless = powerless(context, access, expected, true)?;
            Some(violation(context, expected, &powerless))
        });
        Violations::of(violations)
    }
}

fn violation(
    context: Context<'_>,
    expected: &GroupExpectation,
    powerless: &Powerless<'_, '_>,
) -> Violation {
    let (how_much, reason) = (powerless.how_much(), reason(powerless));
    let remedy = Remedy::new(
        "mend the policy that keeps the group from it; `gatewatch access --what-can` with `--why` shows what decides",
    )
    .with_references([commands::PERMISSIONS]);
    Violation::new(
        Severity::High,
        holders::place(context, powerless.holder),
        format!("the group {how_much}: {reason}"),
        demanded(expected),
        remedy,
    )
    .preceded_by(evidence(powerless))
}

/// Why, as far as it can be told: a Deny, or a grant with a mistake in it.
fn reason(powerless: &Powerless<'_, '_>) -> String {
    let mut reasons = powerless.decided.reasons.iter();
    if let Some(deny) = reasons.find(|it| it.effect == Effect::Deny) {
        let what = match powerless.decided.access.verdict {
            Verdict::Some => "some of them",
            _ => "it",
        };
        return format!("{} denies {what}", deny.in_words());
    }
    if let Some((near, method)) = powerless.near_misses.first() {
        let words = near.in_words();
        return match powerless.methods.len() {
            1 => words,
            _ => format!("{words} (so it misses {method})"),
        };
    }
    match powerless.decided.access.verdict {
        Verdict::Some => "its policies allow no more".to_owned(),
        _ => "its policies name other methods".to_owned(),
    }
}
