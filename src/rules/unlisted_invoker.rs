//! `unlisted-invoker`

use super::holders::{self, AccessView, asks_iam_alone};
use super::{Context, Rule, remedies};
use crate::access::{CallableMethod, Cell, Holder, HolderKind};
use crate::config::Invokers;
use crate::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::model::Iam;
use crate::policy::Verdict;
use crate::policy::pattern::matches;

/// # `unlisted-invoker`
///
/// Fires when a group, user or role may call a method that asks for AWS_IAM, and no entry of `invokers`
/// that speaks of the method lists it. Where no entry speaks of a method, nobody is asked about there.
///
/// ## Why this is bad
/// Somebody can call what was not meant for them, and the method looks protected.
///
/// ## What it looks at
/// What is allowed in the end: policies, Deny statements, boundaries, the resource policy, with conditions
/// taken in the holder's favour. A member of a listed group is listed; a user who is allowed by groups alone
/// is not named again beside them.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
#[derive(Debug)]
pub struct UnlistedInvoker;

impl Rule for UnlistedInvoker {
    fn id(&self) -> RuleId {
        RuleId::UnlistedInvoker
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let (Some(access), Some(iam)) = (context.access, &context.inventory.iam) else {
            return Vec::new();
        };
        if context.policy.invokers.is_empty() {
            return Vec::new();
        }
        // The entries that speak of each method.
        let methods = access.estate.methods().iter();
        let entries: Vec<Vec<&Invokers>> = methods
            .map(|method| {
                let entries = context.policy.invokers.iter();
                let speaking = entries.filter(|it| holders::selects(context, &it.selector, method));
                if asks_iam_alone(method) {
                    speaking.collect()
                } else {
                    Vec::new()
                }
            })
            .collect();
        let findings = access
            .rows()
            .filter_map(|(holder, row)| finding(context, access, iam, &entries, holder, row));
        findings.collect()
    }
}

fn finding(
    context: Context<'_>,
    access: &AccessView<'_>,
    iam: &Iam,
    entries: &[Vec<&Invokers>],
    holder: &Holder,
    row: &[Cell],
) -> Option<Finding> {
    let groups = groups_of(iam, holder);
    let by_groups_alone =
        holder.kind == HolderKind::User && access.own_grants(holder).next().is_none();
    let methods = access.estate.methods().iter().zip(entries).zip(row);
    let unlisted: Vec<&CallableMethod<'_>> = methods
        .filter(|((method, entries), cell)| {
            let may = matches!(cell.verdict, Verdict::Some | Verdict::All);
            // Whom only groups let in is spoken of with the groups, unless the API's own policy lets in.
            let elsewhere = by_groups_alone && method.api.resource_policy.is_none();
            may && !elsewhere
                && !entries.is_empty()
                && !entries.iter().any(|it| lists(it, holder, &groups))
        })
        .map(|((method, _), _)| method)
        .collect();
    let first = unlisted.first()?;
    let decided = access.estate.decide(holder, first);
    let mut evidence = holders::proof(holder, first, &decided);
    evidence.push(Evidence::new(
        Source::PolicyFile,
        "no entry of `invokers` that speaks of these methods lists it",
    ));
    let kind = holder.kind.as_str();
    Some(Finding {
        rule: RuleId::UnlistedInvoker,
        severity: Severity::Medium,
        confidence: if decided.access.conditional {
            Confidence::Medium
        } else {
            Confidence::High
        },
        place: holders::place(context, holder),
        reach: None,
        message: format!(
            "the {kind} is not listed and may call {}",
            holders::names(&unlisted)
        ),
        evidence,
        remedy: Remedy {
            summary: format!(
                "take the grant from the {kind}, or list it in `invokers` of the policy file"
            ),
            commands: holders::policies(access.own_grants(holder))
                .into_iter()
                .map(|it| holders::removal(holder, it))
                .collect(),
            infrastructure_as_code: None,
            references: vec![remedies::PERMISSIONS],
        },
    })
}

fn groups_of<'a>(iam: &'a Iam, holder: &Holder) -> Vec<&'a str> {
    let mut users = iam.users.iter();
    let user = users.find(|it| holder.kind == HolderKind::User && it.arn == holder.arn);
    let groups = user.into_iter().flat_map(|it| &it.groups);
    groups.map(String::as_str).collect()
}

fn lists(entry: &Invokers, holder: &Holder, groups: &[&str]) -> bool {
    let any = |patterns: &[String], name: &str| patterns.iter().any(|it| matches(it, name));
    match holder.kind {
        HolderKind::Group => any(&entry.groups, &holder.name),
        HolderKind::Role => any(&entry.roles, &holder.name),
        HolderKind::User => {
            any(&entry.users, &holder.name) || groups.iter().any(|it| any(&entry.groups, it))
        }
    }
}
