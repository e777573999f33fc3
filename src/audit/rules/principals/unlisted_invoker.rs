//! `unlisted-invoker`

use crate::audit::access::names;
use crate::audit::method::{MethodAt, selects_just};
use crate::audit::remedy;
use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use crate::audit::access::{CallableMethod, Cell, Holder, HolderKind, Origin, PolicySource};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Confidence, Evidence, Finding, Remedy, RuleId, Severity};
use crate::audit::remedy::commands;
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::rules::{Look, Rule, holders};
use crate::iam::Verdict;
use crate::iam::pattern::matches;
use crate::inventory::{ANY, AuthorizationType, Iam, Verbs};
use crate::policy_file::Invokers;

/// # `unlisted-invoker`
///
/// Fires when a group, user or role may call a method that asks for AWS_IAM, and no entry of `invokers`
/// that speaks of the method lists it. Where no entry speaks of a method, nobody is asked about there.
///
/// ## Why this is bad
/// Somebody can call what was not meant for them, and the method looks protected.
///
/// ## What it looks at
/// Every method that a deployment of the stage, its own or its canary's, serves with AWS_IAM. What is allowed in the end: policies, Deny statements, boundaries, the resource policy, with conditions
/// taken in the holder's favor. A member of a listed group is listed; a user who is allowed by groups alone
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

    fn summary(&self) -> &'static str {
        "somebody who is not listed can call a method that asks for AWS_IAM"
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
        let findings = holders.iter().zip(unlisted).filter_map(|(asked, found)| {
            let found = spoken_of.once_each(found);
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
struct SpokenOf<'p, 'e, 'a> {
    /// The sets of entries that speak of a method together: few, whatever the number of methods.
    sets: Vec<Vec<&'p Invokers>>,
    numbers: HashMap<Vec<usize>, usize>,
    methods: Vec<Spoken<'e, 'a>>,
}

/// A method, or a part of one, that the same entries speak of.
struct Spoken<'e, 'a> {
    /// The place of the method among all.
    number: usize,
    set: usize,
    /// Where entries speak of some verbs that an `ANY` answers: the requests with one of these.
    method: Cow<'e, CallableMethod<'a>>,
}

impl<'p, 'e, 'a> SpokenOf<'p, 'e, 'a> {
    fn new(context: Context<'p>, access: &'e AccessView<'a>) -> Self {
        let mut spoken_of = SpokenOf {
            sets: Vec::new(),
            numbers: HashMap::default(),
            methods: Vec::new(),
        };
        let invokers = || context.policy.invokers.iter();
        let by_exposure = invokers().any(|it| !it.selector.exposure.is_empty());
        let by_verb = invokers().any(|it| !it.selector.verb.is_empty());
        let methods = access.estate.methods().iter().enumerate();
        let asking =
            methods.filter(|(_, it)| it.authorizations.contains(&AuthorizationType::AwsIam));
        for (number, method) in asking {
            // A holder must be listed for every exposure that the method may have.
            let exposures = if by_exposure {
                let exposures = holders::exposures(context, method).into_iter();
                exposures.map(Some).collect()
            } else {
                vec![None]
            };
            let parts = method.verbs();
            for exposure in exposures {
                let speaking = |verb: &str| {
                    let at = MethodAt {
                        verb,
                        ..MethodAt::from(method)
                    };
                    let entries = invokers().enumerate();
                    let own = entries.filter(|(_, it)| selects_just(&it.selector, at, exposure));
                    own.map(|(place, _)| place).collect::<Vec<usize>>()
                };
                let of_method = speaking(method.verb);
                if method.verb != ANY || parts.is_empty() || !by_verb {
                    spoken_of.add(context, number, of_method, Cow::Borrowed(method));
                    continue;
                }
                // An entry may speak of some of the verbs that `ANY` answers.
                let mut by_set: BTreeMap<Vec<usize>, Verbs> = BTreeMap::new();
                for verb in parts.iter() {
                    let mut set = speaking(verb);
                    set.extend(&of_method);
                    set.sort_unstable();
                    set.dedup();
                    let verbs = by_set.entry(set).or_default();
                    *verbs = verbs.or(Verbs::one(verb));
                }
                for (set, verbs) in by_set {
                    if verbs == parts {
                        spoken_of.add(context, number, set, Cow::Borrowed(method));
                        continue;
                    }
                    for verb in verbs.iter() {
                        let part = Cow::Owned(method.with_verb(verb));
                        spoken_of.add(context, number, set.clone(), part);
                    }
                }
            }
        }
        spoken_of
    }

    /// Adds a part of a method that these entries speak of. Of what none speaks of, nobody is asked about.
    fn add(
        &mut self,
        context: Context<'p>,
        number: usize,
        speaking: Vec<usize>,
        method: Cow<'e, CallableMethod<'a>>,
    ) {
        if speaking.is_empty() {
            return;
        }
        let set = match self.numbers.get(&speaking) {
            Some(known) => *known,
            None => {
                let entries = context.policy.invokers.iter().enumerate();
                let own = entries.filter(|(place, _)| speaking.contains(place));
                self.sets.push(own.map(|(_, it)| it).collect());
                self.numbers.insert(speaking, self.sets.len() - 1);
                self.sets.len() - 1
            }
        };
        self.methods.push(Spoken {
            number,
            set,
            method,
        });
    }

    /// Methods by their places here, in order and each once, whatever the number of their parts.
    fn once_each(&self, mut places: Vec<usize>) -> Vec<&CallableMethod<'a>> {
        places.sort_unstable();
        let mut found: Vec<&Spoken<'e, 'a>> = places
            .iter()
            .filter_map(|it| self.methods.get(*it))
            .collect();
        found.sort_by_key(|it| (it.number, it.method.verb));
        found.dedup_by_key(|it| (it.number, it.method.verb));
        found.into_iter().map(|it| it.method.as_ref()).collect()
    }

    /// Whether each set lists a holder.
    fn lists(&self, holder: &Holder, groups: &[String]) -> Vec<bool> {
        let sets = self.sets.iter();
        let lists = sets.map(|entries| entries.iter().any(|it| lists(it, holder, groups)));
        lists.collect()
    }

    /// Adds to each holder the places of what it may call and is not listed for, of APIs that have a policy of their
    /// own or of those that have none.
    fn find(
        &self,
        access: &AccessView<'a>,
        holders: &[Asked<'_>],
        has_policy: bool,
        unlisted: &mut [Vec<usize>],
    ) {
        let methods = self.methods.iter().enumerate();
        let methods: Vec<(usize, &Spoken<'e, 'a>)> = methods
            .filter(|(_, it)| it.method.api.resource_policy.is_some() == has_policy)
            .collect();
        let is_listed = |asked: &Asked<'_>, set: usize| asked.listed.get(set) != Some(&false);
        let concerned = holders.iter().zip(unlisted).filter(|(asked, _)| {
            let elsewhere = asked.by_groups_alone && !has_policy;
            !elsewhere && methods.iter().any(|(_, it)| !is_listed(asked, it.set))
        });
        let concerned: Vec<(&Asked<'_>, &mut Vec<usize>)> = concerned.collect();
        if concerned.is_empty() {
            return;
        }
        let holders: Vec<&Holder> = concerned.iter().map(|(asked, _)| asked.holder).collect();
        let asked: Vec<&CallableMethod<'a>> =
            methods.iter().map(|(_, it)| it.method.as_ref()).collect();
        let permits = access.estate.permits(&holders, &asked);
        for (place, (asked, unlisted)) in concerned.into_iter().enumerate() {
            let allowed = permits.of(place).filter_map(|it| methods.get(it));
            let allowed = allowed.filter(|(_, it)| !is_listed(asked, it.set));
            unlisted.extend(allowed.map(|(place, _)| *place));
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
    evidence.extend(inferred(unlisted));
    evidence.extend(mixed(unlisted));
    evidence.push(Evidence::new(
        finding::Source::PolicyFile,
        "no entry of `invokers` that speaks of these methods lists it",
    ));
    let kind = holder.kind.as_str();
    let (commands, withheld) = removals(context, access, holder, unlisted);
    Some(Finding {
        rule: RuleId::UnlistedInvoker,
        severity: Severity::Medium,
        confidence: if decided.access.conditional || unlisted.iter().all(|it| it.is_inferred()) {
            Confidence::Medium
        } else {
            Confidence::High
        },
        place: holders::place(context, holder),
        reach: None,
        message: format!("the {kind} is not listed and may call {}", names(unlisted)),
        evidence,
        remedy: Remedy {
            summary: remedy::summary(
                &format!(
                    "take the grant from the {kind}, or list it in `invokers` of the policy file"
                ),
                withheld,
            ),
            commands,
            infrastructure_as_code: None,
            references: vec![commands::PERMISSIONS],
        },
    })
}

/// The methods that are only inferred to ask for AWS_IAM, as evidence: the first by name, and how many more there are.
fn inferred(unlisted: &[&CallableMethod<'_>]) -> Option<Evidence> {
    let inferred = unlisted.iter().copied().filter(|it| it.is_inferred());
    let inferred: Vec<&CallableMethod<'_>> = inferred.collect();
    let says = match inferred.as_slice() {
        [] => return None,
        [one] => holders::inferred(one)?.says,
        _ => "their deployments do not tell the authorization types; the draft says AWS_IAM"
            .to_owned(),
    };
    let names = names(&inferred);
    Some(Evidence::new(
        finding::Source::Inferred,
        format!("{names}: {says}"),
    ))
}

/// The first method that only one of its stage's two deployments serves with AWS_IAM, as evidence.
fn mixed(unlisted: &[&CallableMethod<'_>]) -> Option<Evidence> {
    let (method, other) = unlisted.iter().find_map(|method| {
        let mut types = method.authorizations.iter();
        let other = types.find(|kind| **kind != AuthorizationType::AwsIam)?;
        Some((method, other))
    })?;
    Some(Evidence::new(
        finding::Source::Canary,
        format!(
            "{}: of the stage's deployment and its canary's, one serves AWS_IAM and the other {other}",
            method.name()
        ),
    ))
}

/// The commands that take away those of a holder's policies that allow what it is not listed for.
fn removals(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    unlisted: &[&CallableMethod<'_>],
) -> (Vec<String>, Option<String>) {
    let allows_one = |source: &&PolicySource| {
        let mut methods = unlisted.iter();
        methods.any(|it| {
            let alone = access.estate.allowed_by(holder, [*source], it);
            matches!(alone.verdict, Verdict::Some | Verdict::All)
        })
    };
    let policies = holders::policies(access.own_grants(holder)).into_iter();
    let policies: Vec<&PolicySource> = policies.filter(allows_one).collect();
    let place = |it: &CallableMethod<'_>| std::ptr::from_ref(it).cast::<()>();
    let own: HashSet<*const ()> = unlisted.iter().map(|it| place(it)).collect();
    let may_lose = MayLose {
        may: &|it| own.contains(&place(it)),
        otherwise: "which also allows",
    };
    let (commands, withheld) = removal::removals(context, access, holder, &policies, may_lose);
    if commands.is_empty() || holder.kind != HolderKind::Group {
        return (commands, withheld);
    }
    match listed_member(context, access, holder, unlisted) {
        None => (commands, withheld),
        Some(member) => {
            let why = format!(
                "no command is given, because user {member}, who is listed, may call them by this group alone"
            );
            (Vec::new(), Some(why))
        }
    }
}

/// A member of a group who is listed for one of these methods, and may not call all of it without the group.
fn listed_member<'h>(
    context: Context<'_>,
    access: &'h AccessView<'_>,
    group: &Holder,
    methods: &[&CallableMethod<'_>],
) -> Option<&'h str> {
    let iam = context.inventory.iam.as_ref()?;
    let groups = Groups::new(iam);
    let by_this =
        |it: &&PolicySource| matches!(&it.origin, Origin::Group(name) if *name == group.name);
    let needs_it = |user: &Holder, method: &CallableMethod<'_>| {
        let mut entries = context.policy.invokers.iter();
        let is_listed = entries.any(|it| {
            lists(it, user, groups.of(user)) && holders::selects(context, &it.selector, method)
        });
        let without = user.sources.iter().filter(|it| !by_this(it));
        let without = || access.estate.allowed_by(user, without, method);
        is_listed && without() != Cell::certainly(Verdict::All)
    };
    let mut users = access.estate.holders().iter();
    let member = users.find(|user| {
        user.kind == HolderKind::User
            && user.sources.iter().any(|it| by_this(&it))
            && methods.iter().any(|it| needs_it(user, it))
    });
    member.map(|it| it.name.as_str())
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
