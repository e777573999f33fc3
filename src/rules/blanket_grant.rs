//! `blanket-grant`

use super::holders::{self, AccessView};
use super::{Context, Rule, missing_group_policy, remedies};
use crate::access::{Holder, HolderKind};
use crate::config::Selector;
use crate::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::policy::is_blanket;
use crate::policy::pattern::matches;

/// # `blanket-grant`
///
/// Fires when a policy of a group, user or role lets its holder call every API of the account, and the
/// policy file does not accept it: by naming that policy among those that the group must carry, by
/// `blanket: accepted` at the group, or by an entry of `invokers` without a `match` that lists the holder.
///
/// ## Why this is bad
/// Every API that is ever made is open to its holder from its first day, whoever it was made for.
///
/// ## What it looks at
/// The Allow statements without a condition whose Resource takes in every API, such as those of
/// AmazonAPIGatewayInvokeFullAccess and AdministratorAccess. A user is asked for policies of their own.
///
/// ## References
/// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>
#[derive(Debug)]
pub struct BlanketGrant;

impl Rule for BlanketGrant {
    fn id(&self) -> RuleId {
        RuleId::BlanketGrant
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        let holders = access.estate.holders().iter();
        holders
            .filter(|holder| !accepted(context, holder))
            .filter_map(|holder| finding(context, access, holder))
            .collect()
    }
}

fn accepted(context: Context<'_>, holder: &Holder) -> bool {
    let mut groups = context.policy.groups.iter();
    let mut invokers = context.policy.invokers.iter();
    let mut everywhere = |list: fn(&crate::config::Invokers) -> &[String]| {
        invokers.any(|entry| {
            let listed = list(entry).iter().any(|it| matches(it, &holder.name));
            entry.selector == Selector::default() && listed
        })
    };
    match holder.kind {
        HolderKind::Group => {
            groups.any(|it| it.blanket_accepted && it.name.eq_ignore_ascii_case(&holder.name))
                || everywhere(|entry| &entry.groups)
        }
        HolderKind::User => everywhere(|entry| &entry.users),
        HolderKind::Role => everywhere(|entry| &entry.roles),
    }
}

fn finding(context: Context<'_>, access: &AccessView<'_>, holder: &Holder) -> Option<Finding> {
    let partition = &context.inventory.partition;
    let grants = access.own_grants(holder);
    let blanket = grants.filter(|(source, _, statement)| {
        is_blanket(statement, partition)
            && !missing_group_policy::is_expected(context, holder, source)
    });
    let policies = holders::policies(blanket);
    if policies.is_empty() {
        return None;
    }
    let evidence = policies.iter().map(|source| Evidence {
        reference: Some(holder.arn.clone()),
        ..Evidence::new(
            Source::Iam,
            format!(
                "{} allows execute-api:Invoke on every API",
                source.in_words(holder)
            ),
        )
    });
    let names: Vec<&str> = policies.iter().map(|it| it.name.as_str()).collect();
    Some(Finding {
        rule: RuleId::BlanketGrant,
        severity: Severity::Low,
        confidence: Confidence::High,
        place: holders::place(context, holder),
        reach: None,
        message: format!("{} lets its holder call every API", names.join(", ")),
        evidence: evidence.collect(),
        remedy: Remedy {
            summary:
                "attach a policy that names the APIs in its place, or accept it in the policy file"
                    .to_owned(),
            commands: policies
                .iter()
                .map(|it| holders::removal(holder, it))
                .collect(),
            infrastructure_as_code: None,
            references: vec![remedies::PERMISSIONS],
        },
    })
}
