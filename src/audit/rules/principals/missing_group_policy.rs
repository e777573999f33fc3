//! `missing-group-policy`

use crate::audit::access::names;
use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Finding, Place, Principal, PrincipalKind, Remedy, RuleId, Severity,
    Source, command,
};
use crate::audit::method::MethodAt;
use crate::audit::remedy::commands;
use crate::audit::remedy::grant::{self, Grantee};
use crate::audit::rules::expected::{carries, demanded, evidence, powerless, same_name};
use crate::audit::rules::{Concern, Look, Rule, holders};
use crate::inventory::{Group, Iam};
use crate::policy_file::{GroupExpectation, WhichPolicy};

/// # `missing-group-policy`
///
/// Fires when a group that the policy file names lacks a policy it must carry, or does not exist; or carries
/// nothing that lets its members call what the policy file says they must be able to (`invoke`).
///
/// ## Why this is bad
/// Its members cannot call what they should, and the quick way out is a grant to a user, or a method
/// set back to NONE.
///
/// ## What it looks at
/// The names and ARNs of the attached managed policies and the names of the inline ones; for `invoke`, what
/// they allow. Where they mean to allow it and fail, `powerless-group` says why.
///
/// ## References
/// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_attach-policy.html>
#[derive(Debug)]
pub struct MissingGroupPolicy;

impl Rule for MissingGroupPolicy {
    fn id(&self) -> RuleId {
        RuleId::MissingGroupPolicy
    }

    fn summary(&self) -> &'static str {
        "a group lacks a policy that it must carry, or does not exist"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn concern(&self) -> Concern {
        Concern::GroupAccess
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let Some(iam) = &context.inventory.iam else {
            return Vec::new();
        };
        let groups = context.policy.groups.iter();
        groups
            .filter_map(|expected| self.check(context, iam, expected))
            .collect()
    }
}

impl MissingGroupPolicy {
    fn check(
        &self,
        context: Context<'_>,
        iam: &Iam,
        expected: &GroupExpectation,
    ) -> Option<Finding> {
        let group = iam
            .groups
            .iter()
            .find(|group| same_name(&group.name, &expected.name));
        let missing: Vec<&WhichPolicy> = match group {
            Some(group) => {
                let policies = expected.policies.iter();
                policies.filter(|policy| !carries(group, policy)).collect()
            }
            None => expected.policies.iter().collect(),
        };
        if missing.is_empty() && group.is_some() {
            return self.by_effect(context, expected);
        }
        let names: Vec<&str> = missing.iter().map(|policy| name(policy)).collect();
        let (message, read) = match group {
            Some(group) => (
                format!("the group lacks {}", names.join(", ")),
                format!("the group carries {}", carried(group)),
            ),
            None => (
                "the group does not exist".to_owned(),
                format!(
                    "none of the account's {} groups has this name",
                    iam.groups.len()
                ),
            ),
        };
        let demanded_here = format!(
            "line {} of the policy file says it must carry {}",
            expected.line,
            expected
                .policies
                .iter()
                .map(name)
                .collect::<Vec<_>>()
                .join(", ")
        );
        Some(Finding {
            rule: self.id(),
            severity: Severity::High,
            confidence: Confidence::High,
            place: Place {
                account: context.inventory.account.clone(),
                principal: Some(Principal {
                    kind: PrincipalKind::Group,
                    name: group.map_or(&expected.name, |group| &group.name).clone(),
                    known_arn: group.map(|group| group.arn.clone()),
                }),
                ..Place::default()
            },
            reach: None,
            message,
            evidence: vec![
                Evidence {
                    reference: group.map(|group| group.arn.clone()),
                    ..Evidence::new(Source::Iam, read)
                },
                if expected.policies.is_empty() {
                    demanded(expected)
                } else {
                    Evidence::new(Source::PolicyFile, demanded_here)
                },
            ],
            remedy: remedy(context, iam, expected, group.is_some(), &missing),
        })
    }
}

impl MissingGroupPolicy {
    /// A group that carries what is named, and nothing that lets its members call what they must.
    fn by_effect(&self, context: Context<'_>, expected: &GroupExpectation) -> Option<Finding> {
        let powerless = powerless(context, context.access?, expected)?;
        // Where its policies mean to grant it, that is another finding.
        if powerless.means_to {
            return None;
        }
        let mut evidence = evidence(&powerless);
        evidence.push(demanded(expected));
        let methods = powerless.methods.iter().map(MethodAt::from);
        let methods: Vec<MethodAt<'_>> = methods.collect();
        let mut remedy = Remedy {
            summary: "give the group a policy that allows these methods".to_owned(),
            commands: Vec::new(),
            infrastructure_as_code: Some(
                "CloudFormation: ManagedPolicyArns and Policies of the AWS::IAM::Group".to_owned(),
            ),
            references: vec![commands::ARTICLE, commands::PERMISSIONS],
        };
        let group = Grantee::group(&expected.name);
        grant::add(&mut remedy, grant::to_holder(context, group, &methods));
        Some(Finding {
            rule: self.id(),
            severity: Severity::High,
            confidence: Confidence::High,
            place: holders::place(context, powerless.holder),
            reach: None,
            message: format!(
                "no policy of the group lets its members call {}",
                names(&powerless.methods.iter().collect::<Vec<_>>())
            ),
            evidence,
            remedy,
        })
    }
}

fn name(policy: &WhichPolicy) -> &str {
    match policy {
        WhichPolicy::ManagedArn(name)
        | WhichPolicy::ManagedName(name)
        | WhichPolicy::Inline(name) => name,
    }
}

fn carried(group: &Group) -> String {
    let attached = group.attached.iter().map(|policy| policy.arn.clone());
    let inline = group
        .inline
        .iter()
        .map(|policy| format!("{} (inline)", policy.name));
    let all: Vec<String> = attached.chain(inline).collect();
    if all.is_empty() {
        "no policy at all".to_owned()
    } else {
        all.join(", ")
    }
}

fn remedy(
    context: Context<'_>,
    iam: &Iam,
    expected: &GroupExpectation,
    exists: bool,
    missing: &[&WhichPolicy],
) -> Remedy {
    let mut commands = Vec::new();
    if !exists {
        commands.push(command(&[
            "aws",
            "iam",
            "create-group",
            "--group-name",
            &expected.name,
        ]));
    }
    for policy in missing {
        commands.push(match policy {
            WhichPolicy::ManagedArn(arn) => commands::attach_command(&expected.name, arn),
            WhichPolicy::ManagedName(name) => {
                let mut known = iam.policies.iter();
                let known = known.find(|policy| same_name(&policy.name, name));
                let arn = match known {
                    Some(policy) => policy.arn.clone(),
                    None if same_name(name, commands::INVOKE_POLICY) => {
                        commands::invoke_policy_arn(&context.inventory.partition)
                    }
                    // AWS's policies lie below several paths: the ARN cannot be told from the name.
                    None => "POLICY_ARN".to_owned(),
                };
                commands::attach_command(&expected.name, &arn)
            }
            WhichPolicy::Inline(name) => command(&[
                "aws",
                "iam",
                "put-group-policy",
                "--group-name",
                &expected.name,
                "--policy-name",
                name,
                "--policy-document",
                &format!("file://{name}.json"),
            ]),
        });
    }
    Remedy {
        summary: if exists {
            "attach the missing policies to the group".to_owned()
        } else {
            "create the group and attach its policies, or take it out of the policy file".to_owned()
        },
        commands,
        infrastructure_as_code: Some(
            "CloudFormation: ManagedPolicyArns and Policies of the AWS::IAM::Group".to_owned(),
        ),
        references: vec![commands::ARTICLE, commands::PERMISSIONS],
    }
}
