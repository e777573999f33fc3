//! `powerless-group`

use super::holders::{self, AccessView};
use super::{Context, Look, Rule, missing_group_policy, remedies};
use crate::access::{CallableMethod, Decided, Holder};
use crate::config::GroupExpectation;
use crate::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::policy::Verdict;
use crate::policy::language::Effect;

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
/// favour.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
#[derive(Debug)]
pub struct PowerlessGroup;

/// What a group cannot call though it should.
pub(super) struct Powerless<'v, 'a> {
    pub(super) holder: &'v Holder,
    pub(super) methods: Vec<&'v CallableMethod<'a>>,
    /// What is decided of the first of them.
    pub(super) decided: Decided,
    /// Whether its policies set out to grant invoke.
    pub(super) means_to: bool,
}

impl Rule for PowerlessGroup {
    fn id(&self) -> RuleId {
        RuleId::PowerlessGroup
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let Some(access) = context.access else {
            return Vec::new();
        };
        let expected = context.policy.groups.iter();
        let carrying = expected.filter(|it| missing_group_policy::is_carrying(context, it));
        carrying
            .filter_map(|expected| {
                let powerless = powerless(context, access, expected)?;
                powerless
                    .means_to
                    .then(|| finding(context, expected, access, &powerless))
            })
            .collect()
    }
}

/// What the group cannot call though it should. `None`: nothing, or it cannot be told.
pub(super) fn powerless<'v, 'a>(
    context: Context<'_>,
    access: &'v AccessView<'a>,
    expected: &GroupExpectation,
) -> Option<Powerless<'v, 'a>> {
    let holder = access.group(&expected.name)?;
    let means_to = access.own_grants(holder).next().is_some();
    let asked = access.estate.methods().iter().filter(|it| it.asks_iam());
    let verdict = |method: &CallableMethod<'_>| access.estate.verdict(holder, method);
    let methods: Vec<&CallableMethod<'a>> = if expected.invoke.is_empty() {
        let methods: Vec<_> = asked.collect();
        let able = methods.iter().any(|it| verdict(it) != Verdict::None);
        if able || !means_to {
            Vec::new()
        } else {
            methods
        }
    } else {
        let selected = asked.filter(|method| {
            let mut wanted = expected.invoke.iter();
            wanted.any(|it| holders::selects(context, it, method))
        });
        selected
            .filter(|it| matches!(verdict(it), Verdict::None | Verdict::Some))
            .collect()
    };
    let first = methods.first()?;
    Some(Powerless {
        decided: access.estate.decide(holder, first),
        holder,
        methods,
        means_to,
    })
}

fn finding(
    context: Context<'_>,
    expected: &GroupExpectation,
    access: &AccessView<'_>,
    powerless: &Powerless<'_, '_>,
) -> Finding {
    let names = holders::names(&powerless.methods);
    let reason = reason(context, access, powerless);
    let mut evidence = evidence(powerless);
    evidence.push(demanded(expected));
    Finding {
        rule: RuleId::PowerlessGroup,
        severity: Severity::High,
        confidence: Confidence::High,
        place: holders::place(context, powerless.holder),
        reach: None,
        message: format!("the group cannot call {names}: {reason}"),
        evidence,
        remedy: Remedy {
            summary:
                "mend the policy that keeps the group from it; `gatewatch access --what-can` with \
                      `--why` shows what decides"
                    .to_owned(),
            commands: Vec::new(),
            infrastructure_as_code: None,
            references: vec![remedies::PERMISSIONS],
        },
    }
}

/// What is decided of the first method.
pub(super) fn evidence(powerless: &Powerless<'_, '_>) -> Vec<Evidence> {
    let first = powerless.methods.first();
    let proof = first.map(|it| holders::proof(powerless.holder, it, &powerless.decided));
    proof.unwrap_or_default()
}

/// What the policy file says.
pub(super) fn demanded(expected: &GroupExpectation) -> Evidence {
    let line = expected.line;
    let says = if expected.invoke.is_empty() {
        format!("line {line} of the policy file says what it must carry")
    } else {
        format!("line {line} of the policy file says what it must be able to call")
    };
    Evidence::new(Source::PolicyFile, says)
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
        let named = patterns.iter().map(|it| part(it, at));
        let mut named: Vec<String> = named.filter(|it| !it.contains(['*', '?', '$'])).collect();
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
