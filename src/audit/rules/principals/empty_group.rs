//! `empty-group`

use crate::audit::context::Context;
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Violation, command};
use crate::audit::remedy::{self, administrators};
use crate::audit::rules::{Look, Rule, Subject, documented, holders};
use crate::iam::document::Policy;
use crate::iam::{Document, invoke_grants};
use crate::inventory::{Group, Iam, all_quoted};

documented! {
    /// # `empty-group`
    ///
    /// Fires when a group whose policies grant `execute-api:Invoke` has no members.
    ///
    /// ## Severity
    /// low
    ///
    /// ## Why this is bad
    /// Either the access is given some other way, or it was given up and forgotten. The next user who is put into the
    /// group gets it without anybody deciding so.
    ///
    /// ## What it looks at
    /// The Allow statements of the group's policies. Deny statements and conditions are not weighed.
    ///
    /// ## Examples
    /// The group `readers` may call `GET /pets` in both.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {"groups": [{"name": "readers"}], "users": []}
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {"groups": [{"name": "readers"}], "users": [{"name": "alice", "groups": ["readers"]}]}
    /// ```
    ///
    /// ## How to fix
    /// Delete the group, or take its grant away, if nobody needs it. Where people come by IAM Identity Center or roles,
    /// their access does not come from groups of IAM, and the group is likely a leftover.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: empty-group
    ///     principal: readers
    ///     severity: low
    ///     reason: filled in an emergency only
    ///     owner: iam-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - AWS Config rule
    ///   [iam-group-has-users-check](https://docs.aws.amazon.com/config/latest/developerguide/iam-group-has-users-check.html):
    ///   every group without members, whatever it grants.
    /// - ISO/IEC 27001:2022 Annex A 5.18, *Access rights*. The mapping is gatewatch's own: Security Hub CSPM has none
    ///   to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#remove-credentials>
    pub struct EmptyGroup;
}

impl Rule for EmptyGroup {
    fn id(&self) -> RuleId {
        RuleId::EmptyGroup
    }

    fn summary(&self) -> &'static str {
        "a group that grants invoke has no members"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Principals]
    }

    fn subject(&self) -> Subject {
        Subject::Groups
    }

    fn group(&self, context: Context<'_>, iam: &Iam, group: &Group) -> Option<Violation> {
        let granting = granting_policies(iam, group);
        if granting.is_empty() || iam.members(&group.name).next().is_some() {
            return None;
        }
        // A user that was not read may be a member.
        if context.hides_some("user") {
            return None;
        }
        let granted = format!("execute-api:Invoke is granted by {}", all_quoted(granting));
        let members = format!(
            "none of the account's {} users is a member",
            iam.users.len()
        );
        let violation = Violation::new(
            Severity::Low,
            holders::group_place(context, &group.name, Some(&group.arn)),
            "the group grants invoke, and nobody is in it",
            Evidence::new(Source::Iam, granted).with_reference(&group.arn),
            remedy(context, group),
        );
        Some(violation.also([Evidence::new(Source::Iam, members)]))
    }
}

/// The command that adds a user to the group is given only if the group grants nothing but calls of APIs.
fn remedy(context: Context<'_>, group: &Group) -> Remedy {
    let grants_calls_alone = grants_calls_alone(context, group);
    let withheld = (!grants_calls_alone).then(|| {
        "no command is given, because its members could do more than call APIs".to_owned()
    });
    let summary = remedy::summary(
        "add the users who should call the APIs, or delete the group",
        withheld,
    );
    let add_user = command(&[
        "aws",
        "iam",
        "add-user-to-group",
        "--group-name",
        &group.name,
        "--user-name",
        "USER_NAME",
    ]);
    Remedy::new(summary)
        .with_commands(grants_calls_alone.then_some(add_user))
        .with_references([
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html",
        ])
}

/// Whether all policies of a group were read, and allow calls of APIs and nothing else.
fn grants_calls_alone(context: Context<'_>, group: &Group) -> bool {
    let holder = context
        .access
        .and_then(|access| Some((access, access.group(&group.name)?)));
    holder.is_some_and(|(access, holder)| {
        let mut policies = holder.sources.iter().map(|it| access.estate.policy(it));
        policies.all(|it| it.is_some_and(administrators::allows_calls_alone))
    })
}

fn granting_policies<'a>(iam: &'a Iam, group: &'a Group) -> Vec<&'a str> {
    let grants = |document: &Document| match document {
        Document::Json(json) => {
            let policy = Policy::from_value(json);
            policy.is_ok_and(|policy| invoke_grants(&policy).next().is_some())
        }
        // Its effect is unknown, which the report's gaps say.
        Document::Unparsed { .. } => false,
    };
    let attached = group.attached.iter().filter_map(|attached| {
        let policy = iam.policy(&attached.arn)?;
        grants(&policy.document).then_some(attached.name.as_str())
    });
    let inline = group.inline.iter();
    let inline = inline
        .filter(|policy| grants(&policy.document))
        .map(|policy| policy.name.as_str());
    attached.chain(inline).collect()
}
