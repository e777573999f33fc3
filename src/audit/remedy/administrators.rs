//! Administrators: holders whose policies let them call every API because they let them do everything.
//!
//! Their access is not about APIs, and no advice of gatewatch's takes it away.

use crate::audit::access::{Holder, HolderKind};
use crate::iam::document::{Effect, INVOKE, Policy, Statement};
use crate::iam::pattern::{matches, matches_ignoring_case};

/// Roles that AWS makes in an account and only AWS may change, by the path that nobody else can use.
///
/// Source: [service-linked roles](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html),
/// [roles of permission sets](https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html).
const RESERVED_PATHS: [&str; 2] = [":role/aws-reserved/", ":role/aws-service-role/"];

/// Roles that tools of AWS make in very many accounts, by their names alone, which anyone could give.
const WELL_KNOWN: [(&str, &str); 6] = [
    ("AWSReservedSSO_*", "IAM Identity Center"),
    ("AWSControlTower*", "Control Tower"),
    ("aws-controltower-*", "Control Tower"),
    ("cdk-*-cfn-exec-role*", "the CDK"),
    ("OrganizationAccountAccessRole", "AWS Organizations"),
    ("stacksets-exec-*", "CloudFormation StackSets"),
];

/// Whether a role is AWS's own: its policies are changed in IAM Identity Center, or by the service.
pub(in crate::audit) fn is_reserved(holder: &Holder) -> bool {
    holder.kind == HolderKind::Role && RESERVED_PATHS.iter().any(|it| holder.arn.contains(it))
}

/// The tool whose role this is, by its name.
pub(in crate::audit) fn well_known(holder: &Holder) -> Option<&'static str> {
    let mut known = WELL_KNOWN.iter();
    let known = known.find(|(pattern, _)| matches(pattern, &holder.name));
    known
        .filter(|_| holder.kind == HolderKind::Role)
        .map(|(_, tool)| *tool)
}

/// Whether a statement that allows calls of APIs does so without naming them, as `Action: "*"` and `NotAction`
/// do.
pub(in crate::audit) fn is_administrative(statement: &Statement) -> bool {
    let mut patterns = statement.actions.patterns.iter();
    let takes_in_calls = |it: &String| matches_ignoring_case(it, INVOKE);
    statement.actions.negated || patterns.any(|it| takes_in_calls(it) && !names_calls(it))
}

/// Whether a policy does nothing but allow calls of APIs, so that nothing else is lost with it. One with a Deny
/// also keeps its holder from something.
pub(in crate::audit) fn allows_calls_alone(policy: &Policy) -> bool {
    let mut statements = policy.statements.iter();
    statements.all(|it| it.effect == Effect::Allow && is_about_calls_alone(it))
}

fn is_about_calls_alone(statement: &Statement) -> bool {
    let mut patterns = statement.actions.patterns.iter();
    !statement.actions.negated && patterns.all(|it| names_calls(it))
}

/// Whether an action pattern is one of API calls and of nothing else.
fn names_calls(pattern: &str) -> bool {
    let prefix = "execute-api:";
    let head = pattern.get(..prefix.len());
    head.is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}
