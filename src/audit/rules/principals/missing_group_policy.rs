//! `missing-group-policy`

use crate::audit::access::names;
use crate::audit::context::Context;
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Text, Violation, command};
use crate::audit::method::MethodAt;
use crate::audit::remedy::commands;
use crate::audit::remedy::grant;
use crate::audit::remedy::grantee::Grantee;
use crate::audit::rules::expected::{carries, demanded, evidence, powerless, same_name};
use crate::audit::rules::{Concern, Look, Rule, Subject, Violations, documented, holders};
use crate::inventory::{Group, Iam, all_quoted, quoted};
use crate::policy_file::{GroupExpectation, WhichPolicy};

documented! {
    /// # `missing-group-policy`
    ///
    /// Fires when a group that the policy file names lacks a policy that it must carry, or does not exist; or when it
    /// carries nothing that lets its members call what `invoke` selects.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// The group's members cannot call what they should, and the quick way out is a grant to a user, or a method set
    /// back to `NONE`.
    ///
    /// ## What it looks at
    /// The names and ARNs of the attached managed policies and the names of the inline ones; for `invoke`, what they
    /// allow. Where they mean to allow it and fail, [`powerless-group`](powerless-group.md) says why.
    ///
    /// ## Examples
    /// Both with this policy file:
    ///
    /// ```yaml
    /// version: 1
    /// groups:
    ///   - name: callers
    ///     policies: [AmazonAPIGatewayInvokeFullAccess]
    /// ```
    ///
    /// ### Bad
    ///
    /// ```json
    /// {"name": "callers", "attached": []}
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "name": "callers",
    ///   "attached": [
    ///     {
    ///       "name": "AmazonAPIGatewayInvokeFullAccess",
    ///       "arn": "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Attach the policy to the group; the report prints the command. Where the group is not meant to carry it any
    /// more, take it out of the [policy file](../policy-file.md#groups).
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: missing-group-policy
    ///     principal: callers
    ///     severity: high
    ///     reason: the group is filled when the new team starts
    ///     owner: iam-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_attach-policy.html>
    pub struct MissingGroupPolicy;
}

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

    fn subject(&self) -> Subject {
        Subject::GroupEntries
    }

    fn concern(&self) -> Concern {
        Concern::GroupAccess
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(iam) = &context.inventory.iam else {
            return Violations::none();
        };
        let groups = context.policy.groups.iter();
        Violations::of(groups.filter_map(move |expected| check(context, iam, expected)))
    }
}

/// What is wrong with a group that the policy file names.
fn check(context: Context<'_>, iam: &Iam, expected: &GroupExpectation) -> Option<Violation> {
    let mut groups = iam.groups.iter();
    let Some(group) = groups.find(|group| same_name(&group.name, &expected.name)) else {
        // A group that was not read may have this name.
        return (!context.hides_some("group")).then(|| absent(context, iam, expected));
    };
    let policies = expected.policies.iter();
    let missing: Vec<&WhichPolicy> = policies.filter(|it| !carries(group, it)).collect();
    if missing.is_empty() {
        by_effect(context, expected)
    } else {
        Some(lacking(context, iam, expected, group, &missing))
    }
}

/// A group that does not exist.
fn absent(context: Context<'_>, iam: &Iam, expected: &GroupExpectation) -> Violation {
    let read = format!(
        "none of the account's {} groups has this name",
        iam.groups.len()
    );
    let create = command(&["aws", "iam", "create-group", "--group-name", &expected.name]);
    let policies = expected.policies.iter();
    let attach = policies.map(|it| put_command(context, iam, expected, it));
    let summary = "create the group and attach its policies, or take it out of the policy file";
    let remedy = remedy(summary).with_commands(std::iter::once(create).chain(attach));
    let violation = Violation::new(
        Severity::High,
        holders::group_place(context, &expected.name, None),
        "the group does not exist",
        Evidence::new(Source::Iam, read),
        remedy,
    );
    violation.also([demanded_policies(expected)])
}

/// A group that lacks policies which the policy file names.
fn lacking(
    context: Context<'_>,
    iam: &Iam,
    expected: &GroupExpectation,
    group: &Group,
    missing: &[&WhichPolicy],
) -> Violation {
    let names = all_quoted(missing.iter().map(|policy| name(policy)));
    let read = format!("the group carries {}", carried(group));
    let lacking = missing.iter().map(|it| name(it).to_owned());
    let missing = missing.iter();
    let attach = missing.map(|it| put_command(context, iam, expected, it));
    let violation = Violation::new(
        Severity::High,
        holders::group_place(context, &group.name, Some(&group.arn)),
        format!("the group lacks {names}"),
        Evidence::new(Source::Iam, read).with_reference(&group.arn),
        remedy("attach the missing policies to the group").with_commands(attach),
    );
    violation
        .also([demanded_policies(expected)])
        .reaching(lacking)
}

/// A group that carries what is named, and nothing that lets its members call what they must.
fn by_effect(context: Context<'_>, expected: &GroupExpectation) -> Option<Violation> {
    // If its policies set out to grant it, `powerless-group` says why they do not.
    let powerless = powerless(context, context.access?, expected, false)?;
    let methods = powerless.methods.iter().map(MethodAt::from);
    let methods: Vec<MethodAt<'_>> = methods.collect();
    let names = names(&powerless.methods.iter().collect::<Vec<_>>());
    let near = powerless.near_misses.first();
    let near = near.map_or_else(String::new, |(near, _)| format!(": {}", near.in_words()));
    let mut remedy = remedy("give the group a policy that allows these methods");
    let group = Grantee::group(&expected.name);
    grant::add(&mut remedy, grant::to_holder(context, group, &methods));
    let violation = Violation::new(
        Severity::High,
        holders::place(context, powerless.holder),
        format!("no policy of the group lets its members call {names}{near}"),
        demanded(expected),
        remedy,
    );
    Some(violation.preceded_by(evidence(&powerless)))
}

/// What the policy file says that the group must carry.
fn demanded_policies(expected: &GroupExpectation) -> Evidence {
    if expected.policies.is_empty() {
        return demanded(expected);
    }
    let names = all_quoted(expected.policies.iter().map(name));
    let says = format!(
        "line {} of the policy file says it must carry {names}",
        expected.line,
    );
    Evidence::new(Source::PolicyFile, says)
}

fn name(policy: &WhichPolicy) -> &str {
    match policy {
        WhichPolicy::ManagedArn(name)
        | WhichPolicy::ManagedName(name)
        | WhichPolicy::Inline(name) => name,
    }
}

fn carried(group: &Group) -> String {
    let attached = group.attached.iter().map(|policy| quoted(&policy.arn));
    let inline = group
        .inline
        .iter()
        .map(|policy| format!("{} (inline)", quoted(&policy.name)));
    let all: Vec<String> = attached.chain(inline).collect();
    if all.is_empty() {
        "no policy at all".to_owned()
    } else {
        all.join(", ")
    }
}

/// The command that gives the group a policy.
fn put_command(
    context: Context<'_>,
    iam: &Iam,
    expected: &GroupExpectation,
    policy: &WhichPolicy,
) -> String {
    match policy {
        WhichPolicy::ManagedArn(arn) => commands::attach_command(&expected.name, arn),
        WhichPolicy::ManagedName(name) => {
            let mut known = iam.policies.iter();
            let arn = match known.find(|policy| same_name(&policy.name, name)) {
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
    }
}

fn remedy(summary: impl Into<Text>) -> Remedy {
    Remedy::new(summary)
        .in_code("CloudFormation: ManagedPolicyArns and Policies of the AWS::IAM::Group")
        .with_references([commands::ARTICLE, commands::PERMISSIONS])
}
