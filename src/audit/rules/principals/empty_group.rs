//! `empty-group`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Finding, Place, Principal, PrincipalKind, Remedy, RuleId, Severity,
    Source, command,
};
use crate::audit::remedy::{self, administrators};
use crate::audit::rules::{Look, Rule};
use crate::iam::Document;
use crate::iam::document::Policy;
use crate::iam::invoke_grants;
use crate::inventory::{Group, Iam};

/// # `empty-group`
///
/// Fires when a group whose policies grant `execute-api:Invoke` has no members.
///
/// ## Why this is bad
/// The access is given some other way, or was given up and forgotten: the next user who is put into the
/// group gets it without anybody deciding so.
///
/// ## What it looks at
/// The Allow statements of the group's policies. Deny statements and conditions are not weighed.
///
/// ## References
/// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#remove-credentials>
#[derive(Debug)]
pub struct EmptyGroup;

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

    fn group(&self, context: Context<'_>, iam: &Iam, group: &Group) -> Option<Finding> {
        let granting = granting_policies(iam, group);
        if granting.is_empty() || iam.members(&group.name).next().is_some() {
            return None;
        }
        let granted = Evidence {
            reference: Some(group.arn.clone()),
            ..Evidence::new(
                Source::Iam,
                format!("execute-api:Invoke is granted by {}", granting.join(", ")),
            )
        };
        let grants_calls_alone = context.access.is_some_and(|access| {
            let holder = access.group(&group.name);
            holder.is_some_and(|holder| {
                let mut policies = holder.sources.iter().map(|it| access.estate.policy(it));
                policies.all(|it| it.is_some_and(administrators::allows_calls_alone))
            })
        });
        let members = format!(
            "none of the account's {} users is a member",
            iam.users.len()
        );
        Some(Finding {
            rule: self.id(),
            severity: Severity::Low,
            confidence: Confidence::High,
            place: Place {
                account: context.inventory.account.clone(),
                principal: Some(Principal {
                    kind: PrincipalKind::Group,
                    name: group.name.clone(),
                    known_arn: Some(group.arn.clone()),
                }),
                ..Place::default()
            },
            reach: None,
            message: "the group grants invoke, and nobody is in it".to_owned(),
            evidence: vec![granted, Evidence::new(Source::Iam, members)],
            remedy: Remedy {
                summary: remedy::summary(
                    "add the users who should call the APIs, or delete the group",
                    (!grants_calls_alone).then(|| {
                        "no command is given, because its members could do more than call APIs"
                            .to_owned()
                    }),
                ),
                commands: grants_calls_alone
                    .then(|| {
                        command(&[
                            "aws",
                            "iam",
                            "add-user-to-group",
                            "--group-name",
                            &group.name,
                            "--user-name",
                            "USER_NAME",
                        ])
                    })
                    .into_iter()
                    .collect(),
                infrastructure_as_code: None,
                references: vec![
                    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html",
                ],
            },
        })
    }
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
