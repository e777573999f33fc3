//! `unlisted-invoker`

use foldhash::HashMap;

use super::holders::{self, AccessView, asks_iam_alone};
use super::{Context, Look, Rule, remedies};
use crate::access::{CallableMethod, Holder, HolderKind};
use crate::config::Invokers;
use crate::finding::{Confidence, Evidence, Finding, Remedy, RuleId, Severity, Source};
use crate::model::Iam;
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

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let (Some(access), Some(iam)) = (context.access, &context.inventory.iam) else {
            return Vec::new();
        };
        if context.policy.invokers.is_empty() {
            return Vec::new();
        }
        let spoken_of = SpokenOf::new(context, access);
        let groups = Groups::new(iam);
        let holders: Vec<Asked<'_>> = access
            .estate
            .holders()
            .iter()
            .map(|holder| Asked {
                holder,
                listed: spoken_of.lists(holder, groups.of(holder)),
                by_groups_alone: holder.kind == HolderKind::User
                    && access.own_grants(holder).next().is_none(),
            })
            .collect();
        let mut unlisted: Vec<Vec<usize>> = vec![Vec::new(); holders.len()];
        // Apart: of the methods of APIs without a policy of their own, fewer are asked about.
        for has_policy in [false, true] {
            spoken_of.find(access, &holders, has_policy, &mut unlisted);
        }
        let findings = holders
            .iter()
            .zip(unlisted)
            .filter_map(|(asked, mut found)| {
                found.sort_unstable();
                found.dedup();
                let methods = access.estate.methods();
                let found = found.into_iter().filter_map(|it| methods.get(it));
                let found: Vec<&CallableMethod<'_>> = found.collect();
                finding(context, access, asked.holder, &found)
            });
        findings.collect()
    }
}

/// A holder who may call what it is not listed for.
struct Asked<'h> {
    holder: &'h Holder,
    /// Whether each set of entries lists it.
    listed: Vec<bool>,
    /// Whom only groups let in is spoken of with the groups, unless the API's own policy lets in.
    by_groups_alone: bool,
}

/// The methods that entries speak of.
struct SpokenOf<'p> {
    /// The sets of entries that speak of a method together: few, whatever the number of methods.
    sets: Vec<Vec<&'p Invokers>>,
    /// The methods by number, with their sets.
    methods: Vec<(usize, usize)>,
}

impl<'p> SpokenOf<'p> {
    fn new(context: Context<'p>, access: &AccessView<'_>) -> Self {
        let mut numbers: HashMap<Vec<usize>, usize> = HashMap::default();
        let mut spoken_of = SpokenOf {
            sets: Vec::new(),
            methods: Vec::new(),
        };
        let mut invokers = context.policy.invokers.iter();
        let by_exposure = invokers.any(|it| !it.selector.exposure.is_empty());
        let methods = access.estate.methods().iter().enumerate();
        for (number, method) in methods.filter(|(_, it)| asks_iam_alone(it)) {
            // A holder must be listed for every exposure that the method may have.
            let exposures = if by_exposure {
                let exposures = holders::exposures(context, method).into_iter();
                exposures.map(Some).collect()
            } else {
                vec![None]
            };
            for exposure in exposures {
                let entries = || context.policy.invokers.iter().enumerate();
                let speaking =
                    entries().filter(|(_, it)| holders::selects_as(&it.selector, method, exposure));
                let speaking: Vec<usize> = speaking.map(|(place, _)| place).collect();
                if speaking.is_empty() {
                    continue;
                }
                let set = match numbers.get(&speaking) {
                    Some(known) => *known,
                    None => {
                        let own = entries().filter(|(place, _)| speaking.contains(place));
                        spoken_of.sets.push(own.map(|(_, it)| it).collect());
                        numbers.insert(speaking, spoken_of.sets.len() - 1);
                        spoken_of.sets.len() - 1
                    }
                };
                spoken_of.methods.push((number, set));
            }
        }
        spoken_of
    }

    /// Whether each set lists a holder.
    fn lists(&self, holder: &Holder, groups: &[String]) -> Vec<bool> {
        let sets = self.sets.iter();
        let lists = sets.map(|entries| entries.iter().any(|it| lists(it, holder, groups)));
        lists.collect()
    }

    /// Adds to each holder the numbers of the methods that it may call and is not listed for, of APIs that
    /// have a policy of their own or of those that have none.
    fn find(
        &self,
        access: &AccessView<'_>,
        holders: &[Asked<'_>],
        has_policy: bool,
        unlisted: &mut [Vec<usize>],
    ) {
        let all = access.estate.methods();
        let methods = self.methods.iter().filter_map(|(number, set)| {
            let method = all.get(*number)?;
            let wanted = method.api.resource_policy.is_some() == has_policy;
            wanted.then_some((*number, *set, method))
        });
        let methods: Vec<(usize, usize, &CallableMethod<'_>)> = methods.collect();
        let is_listed = |asked: &Asked<'_>, set: usize| asked.listed.get(set) != Some(&false);
        let concerned = holders.iter().zip(unlisted).filter(|(asked, _)| {
            let elsewhere = asked.by_groups_alone && !has_policy;
            !elsewhere && methods.iter().any(|(_, set, _)| !is_listed(asked, *set))
        });
        let concerned: Vec<(&Asked<'_>, &mut Vec<usize>)> = concerned.collect();
        if concerned.is_empty() {
            return;
        }
        let holders: Vec<&Holder> = concerned.iter().map(|(asked, _)| asked.holder).collect();
        let asked: Vec<&CallableMethod<'_>> = methods.iter().map(|(_, _, it)| *it).collect();
        let permits = access.estate.permits(&holders, &asked);
        for (place, (asked, unlisted)) in concerned.into_iter().enumerate() {
            let allowed = permits.of(place).filter_map(|it| methods.get(it));
            let allowed = allowed.filter(|(_, set, _)| !is_listed(asked, *set));
            unlisted.extend(allowed.map(|(number, _, _)| *number));
        }
    }
}

fn finding(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    unlisted: &[&CallableMethod<'_>],
) -> Option<Finding> {
    let first = unlisted.first()?;
    let decided = access.estate.decide(holder, first);
    let mut evidence = holders::proof(holder, first, &decided);
    evidence.push(Evidence::new(
        Source::PolicyFile,
        "no entry of `invokers` that speaks of these methods lists it",
    ));
    let kind = holder.kind.as_str();
    let (commands, withheld) = removals(access, holder, unlisted);
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
            holders::names(unlisted)
        ),
        evidence,
        remedy: Remedy {
            summary: holders::summary(
                &format!(
                    "take the grant from the {kind}, or list it in `invokers` of the policy file"
                ),
                withheld,
            ),
            commands,
            infrastructure_as_code: None,
            references: vec![remedies::PERMISSIONS],
        },
    })
}

/// The commands that take a holder's grants away: only where it may call nothing but what it is not listed
/// for, as it would lose the rest.
fn removals(
    access: &AccessView<'_>,
    holder: &Holder,
    unlisted: &[&CallableMethod<'_>],
) -> (Vec<String>, Option<String>) {
    let policies = holders::policies(access.own_grants(holder));
    let (commands, withheld) = holders::removals(access, holder, &policies);
    if commands.is_empty() {
        return (commands, withheld);
    }
    let methods = access.estate.methods().iter();
    let methods: Vec<&CallableMethod<'_>> = methods.filter(|it| it.asks_iam()).collect();
    let permits = access.estate.permits(&[holder], &methods);
    if permits.of(0).count() > unlisted.len() {
        let why = "no command is given, because its policies also allow other methods: narrow them by hand";
        return (Vec::new(), Some(why.to_owned()));
    }
    (commands, withheld)
}

/// The groups of every user, by the user's ARN.
struct Groups<'a>(HashMap<&'a str, &'a [String]>);

impl<'a> Groups<'a> {
    fn new(iam: &'a Iam) -> Self {
        let mut groups: HashMap<&str, &[String]> = HashMap::default();
        for user in &iam.users {
            groups.entry(&user.arn).or_insert(&user.groups);
        }
        Groups(groups)
    }

    fn of(&self, holder: &Holder) -> &'a [String] {
        match holder.kind {
            HolderKind::User => self.0.get(holder.arn.as_str()).copied().unwrap_or_default(),
            HolderKind::Group | HolderKind::Role => &[],
        }
    }
}

fn lists(entry: &Invokers, holder: &Holder, groups: &[String]) -> bool {
    let any = |patterns: &[String], name: &str| patterns.iter().any(|it| matches(it, name));
    match holder.kind {
        HolderKind::Group => any(&entry.groups, &holder.name),
        HolderKind::Role => any(&entry.roles, &holder.name),
        HolderKind::User => {
            any(&entry.users, &holder.name) || groups.iter().any(|it| any(&entry.groups, it))
        }
    }
}
