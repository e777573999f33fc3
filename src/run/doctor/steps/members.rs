//! Whether the role can be assumed in the accounts of an organization.

use super::grants::{Grant, is_refusal, refused};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::render::{Check, plural};
use crate::run::doctor::facts::{Admitted, Facts, MemberFacts};
use crate::run::doctor::iam_region::iam_region;
use crate::run::doctor::trouble::Trouble;

const LIST: &str = "organization";
const ROLES: &str = "member-roles";

/// How many refused accounts are named in the message. The command names all.
const NAMED: usize = 10;

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let Some(members) = &facts.members else {
        return Vec::new();
    };
    match &members.accounts {
        None => vec![not_asked(LIST), not_asked(ROLES)],
        Some(Err(trouble)) => vec![
            unlisted(trouble, facts),
            Check::unknown(ROLES, "which accounts there are is not known")
                .advise("mend the step organization, and call `gatewatch doctor` again"),
        ],
        Some(Ok(admitted)) => {
            let own = usize::from(admitted.has_own);
            let all = own + admitted.assumed + admitted.refused.len();
            let inactive = match admitted.inactive {
                0 => String::new(),
                inactive => format!("; {} not active", plural(inactive, "account")),
            };
            let from = if members.asked.organization {
                "listed"
            } else {
                "named"
            };
            let listed = format!("{} {from}{inactive}", plural(all, "account"));
            let mut checks = vec![Check::ok(LIST, listed)];
            checks.extend(roles(members, admitted, facts));
            checks
        }
    }
}

fn unlisted(trouble: &Trouble, facts: &Facts) -> Check {
    let check = Check::failed(LIST, &trouble.message);
    match trouble.reason {
        reason if is_refusal(reason, &trouble.message) => {
            let check = refused(check, &trouble.message, &Grant::Accounts, facts);
            let also = "besides, this account has to be the management account or a delegated administrator";
            let advice = check.advice.clone().unwrap_or_default();
            check.advise(format!("{advice}; {also}"))
        }
        _ => check
            .advise("is this account in an organization, and may it list the accounts? This asks the same")
            .by(command(&["aws", "organizations", "list-accounts", "--max-items", "1"])),
    }
}

/// What became of the role, each kind of failure by itself: what mends one does not mend the other.
fn roles(members: &MemberFacts, admitted: &Admitted, facts: &Facts) -> Vec<Check> {
    let role = &members.role;
    let is_denied = |it: &&(String, Failure)| is_refusal(Some(it.1.reason), &it.1.message);
    let (denied, others): (Vec<_>, Vec<_>) = admitted.refused.iter().partition(is_denied);
    let mut checks = Vec::new();
    if admitted.assumed > 0 {
        let accounts = plural(admitted.assumed, "account");
        checks.push(Check::ok(
            ROLES,
            format!("role {role} was assumed in {accounts}"),
        ));
    } else if admitted.refused.is_empty() {
        checks.push(Check::ok(
            ROLES,
            "one's own account alone is read, which needs no role",
        ));
    }
    if let Some((_, failure)) = denied.first() {
        checks.push(denied_in(&denied, failure, role, facts));
    }
    if let Some((account, failure)) = others.first() {
        checks.push(
            Check::unknown(ROLES, not_assumed(&others, failure, role))
                .advise(
                    "try again; this asks the same, and should answer with the ARN of a session",
                )
                .by(assume(members, account, facts)),
        );
    }
    checks
}

fn denied_in(denied: &[&(String, Failure)], failure: &Failure, role: &str, facts: &Facts) -> Check {
    let ids: Vec<&str> = denied.iter().map(|it| it.0.as_str()).collect();
    let targets = format!(
        "OrganizationalUnitIds=ROOT_ID,Accounts={},AccountFilterType=INTERSECTION",
        ids.join(",")
    );
    let region = stack_region(facts);
    Check::failed(ROLES, not_assumed(denied, failure, role))
        .advise(
            "is the stack of member-role.yaml there, does it name this principal (HubRoleArn, OperatorArn) and the \
             external id, and may this principal call sts:AssumeRole? Where the stack is missing, from the management \
             account, whose own account no StackSet reaches",
        )
        .by(command(&[
            "aws",
            "cloudformation",
            "create-stack-instances",
            "--region",
            region,
            "--stack-set-name",
            "gatewatch-member",
            "--deployment-targets",
            &targets,
            "--regions",
            region,
        ]))
}

fn not_assumed(refused: &[&(String, Failure)], failure: &Failure, role: &str) -> String {
    let named: Vec<&str> = (refused.iter().take(NAMED))
        .map(|it| it.0.as_str())
        .collect();
    let more = match refused.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "role {role} was not assumed in {}{more}: {failure}",
        named.join(", ")
    )
}

/// Whether the role can be assumed, without a look at its keys.
fn assume(members: &MemberFacts, account: &str, facts: &Facts) -> Option<String> {
    let partition = &facts.identity.as_ref().ok()?.partition;
    let arn = format!("arn:{partition}:iam::{account}:role/{}", members.role);
    let mut words = vec!["aws", "sts", "assume-role", "--role-arn", &arn];
    words.extend(["--role-session-name", "gatewatch"]);
    if members.has_external_id {
        words.extend(["--external-id", "EXTERNAL_ID"]);
    }
    words.extend(["--query", "AssumedRoleUser.Arn"]);
    Some(command(&words))
}

/// Where the StackSet of the guide lives: roles are in no Region, and IAM is at home there.
fn stack_region(facts: &Facts) -> &str {
    let partition = facts.identity.as_ref().ok().map(|it| &it.partition);
    let home = partition.and_then(|it| iam_region(it));
    home.unwrap_or(&facts.region)
}
