//! `powerless-group`

use crate::audit::access::names;
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::remedy::commands;
use crate::audit::rules::expected::{Powerless, demanded, evidence, is_carrying, powerless};
use crate::audit::rules::{Concern, Look, Rule, holders};
use crate::iam::Verdict;
use crate::iam::document::Effect;
use crate::policy_file::GroupExpectation;

/// # `powerless-group`
///
/// Fires when a group carries the policies that it must carry, they set out to grant `execute-api:Invoke`,
/// and its members still cannot call what the policy file says they should (`invoke`); or, where the policy
/// file does not say what, no method of the account at all.
///
/// ## Why this is bad
/// Everything looks right by its name. The quick way out is a grant to a user, or a method set back to NONE.
///
/// ## What it looks at
/// Every request of each method: a Deny, a path parameter in literal braces (`{petId}` in a Resource matches
/// only a request for `{petId}`), another Region or account in the ARN. Conditions are taken in the group's
/// favor.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
#[derive(Debug)]
pub struct PowerlessGroup;

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

    fn concern(&self) -> Concern {
        Concern::GroupAccess
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Violation> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        let expected = context.policy.groups.iter();
        let carrying = expected.filter(|it| is_carrying(context, it));
        carrying
            .filter_map(|expected| {
                let powerless = powerless(context, access, expected)?;
                powerless
                    .means_to
                    .then(|| violation(context, expected, access, &powerless))
            })
            .collect()
    }
}

fn violation(
    context: Context<'_>,
    expected: &GroupExpectation,
    access: &AccessView<'_>,
    powerless: &Powerless<'_, '_>,
) -> Violation {
    let names = names(&powerless.methods.iter().collect::<Vec<_>>());
    let reason = reason(context, access, powerless);
    let remedy = Remedy::new(
        "mend the policy that keeps the group from it; `gatewatch access --what-can` with `--why` shows what decides",
    )
    .with_references([commands::PERMISSIONS]);
    Violation::new(
        Severity::High,
        holders::place(context, powerless.holder),
        format!("the group cannot call {names}: {reason}"),
        demanded(expected),
        remedy,
    )
    .preceded_by(evidence(powerless))
}

fn reason(context: Context<'_>, access: &AccessView<'_>, powerless: &Powerless<'_, '_>) -> String {
    let denying = powerless
        .decided
        .reasons
        .iter()
        .find(|it| it.effect == Effect::Deny);
    if let Some(deny) = denying {
        return format!("{} of {} denies it", deny.statement, deny.policy);
    }
    let grants = access.own_grants(powerless.holder);
    let resources = grants.flat_map(|(_, _, statement)| &statement.resources);
    let patterns: Vec<&str> = resources
        .filter(|it| !it.negated)
        .flat_map(|it| &it.patterns)
        .map(String::as_str)
        .collect();
    let braces = |pattern: &&&str| pattern.replace("${", "").contains('{');
    if let Some(pattern) = patterns.iter().find(braces) {
        return format!("`{pattern}` has literal braces, which no request has: write `*` there");
    }
    let first = powerless.methods.first();
    let region = first.map_or("", |it| it.api.region.as_str());
    let part = |pattern: &str, at: usize| pattern.split(':').nth(at).unwrap_or("*").to_owned();
    let elsewhere = |at: usize, here: &str| {
        let parts = patterns.iter().map(|it| part(it, at));
        let mut named: Vec<String> = parts.filter(|it| !it.contains(['*', '?', '$'])).collect();
        named.dedup();
        let all = named.len() == patterns.len() && !named.iter().any(|it| it == here);
        all.then(|| named.join(", "))
    };
    if let Some(regions) = elsewhere(3, region) {
        return format!("its policies name the Region {regions}, and the API is in {region}");
    }
    let account = &context.inventory.account;
    if let Some(accounts) = elsewhere(4, account) {
        return format!("its policies name the account {accounts}, and the API is in {account}");
    }
    match powerless.decided.access.verdict {
        Verdict::Some => "its policies allow only some of the requests".to_owned(),
        _ => "its policies name other methods".to_owned(),
    }
}
