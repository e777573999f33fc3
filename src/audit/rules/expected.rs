//! What the policy file expects of groups, and what they fall short of.

use std::borrow::Cow;

use super::holders;
use crate::audit::access::{self, CallableMethod, Decided, Holder, HolderKind, NearMiss};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Evidence, Source};
use crate::audit::method::AtStage;
use crate::iam::Verdict;
use crate::iam::document::Arn;
use crate::inventory::{ANY, AttachedPolicy, Group, Verbs};
use crate::policy_file::{GroupExpectation, WhichPolicy};

/// So many methods are asked about first, where one that can be called is enough.
const FIRST: usize = 16;

/// Whether the policy file says that a group must carry this very policy.
pub(super) fn is_expected(
    context: Context<'_>,
    holder: &Holder,
    source: &access::PolicySource,
) -> bool {
    let groups = context.policy.groups.iter();
    let mut expected = groups
        .filter(|it| holder.kind == HolderKind::Group && same_name(&it.name, &holder.name))
        .flat_map(|it| &it.policies);
    expected.any(|policy| match (policy, &source.arn) {
        (WhichPolicy::ManagedArn(arn), Some(known)) => arn == known,
        (WhichPolicy::ManagedName(name), Some(_)) => same_name(name, &source.name),
        (WhichPolicy::Inline(name), None) => *name == source.name,
        _ => false,
    })
}

/// Whether a group exists and carries everything that is named.
pub(super) fn is_carrying(context: Context<'_>, expected: &GroupExpectation) -> bool {
    let mut groups = context.inventory.iam.iter().flat_map(|it| &it.groups);
    let group = groups.find(|group| same_name(&group.name, &expected.name));
    group.is_some_and(|group| {
        expected
            .policies
            .iter()
            .all(|policy| carries(group, policy))
    })
}

/// IAM keeps the names of groups and managed policies unique whatever their case.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

pub(super) fn carries(group: &Group, policy: &WhichPolicy) -> bool {
    let attached = |is: &dyn Fn(&AttachedPolicy) -> bool| group.attached.iter().any(is);
    match policy {
        WhichPolicy::ManagedArn(arn) => attached(&|it| it.arn == *arn),
        WhichPolicy::ManagedName(name) => attached(&|it| same_name(&it.name, name)),
        WhichPolicy::Inline(name) => group.inline.iter().any(|it| it.name == *name),
    }
}

/// What a group cannot call though it should.
pub(super) struct Powerless<'v, 'a> {
    pub(super) holder: &'v Holder,
    /// The methods, those of which it can call no request first.
    pub(super) methods: Vec<CallableMethod<'a>>,
    /// Of so many of them it can call no request.
    none: usize,
    /// What is decided of the first of them.
    pub(super) decided: Decided,
    /// What is decided of the first of which it can call some requests, and not all.
    some: Option<Decided>,
    /// A grant that was meant for one of them and misses it, and which of them.
    pub(super) near_misses: Vec<(NearMiss, String)>,
}

/// Whether a holder can call some request of one of these methods, or may. Most can call one of the first: few are asked
/// about then.
fn can_call_any<'a>(
    access: &AccessView<'a>,
    holder: &Holder,
    methods: &[&CallableMethod<'a>],
) -> bool {
    let mut rest = methods;
    let mut next = FIRST;
    while !rest.is_empty() {
        let (now, others) = rest.split_at(next.min(rest.len()));
        let cells = access.estate.cells(holder, now);
        if cells.iter().any(|it| it.verdict != Verdict::None) {
            return true;
        }
        (rest, next) = (others, next.saturating_mul(FIRST));
    }
    false
}

/// What the group cannot call though it should, if its policies set out to grant invoke (`means_to`) or do not. `None`:
/// nothing, or it cannot be told.
pub(super) fn powerless<'v, 'a>(
    context: Context<'_>,
    access: &'v AccessView<'a>,
    expected: &GroupExpectation,
    means_to: bool,
) -> Option<Powerless<'v, 'a>> {
    let holder = access.group(&expected.name)?;
    if access.own_grants(holder).next().is_some() != means_to {
        return None;
    }
    let mut some: Vec<CallableMethod<'a>> = Vec::new();
    let mut methods: Vec<CallableMethod<'a>> = if expected.invoke.is_empty() {
        if !means_to {
            return None;
        }
        let asked = access.estate.methods().iter().filter(|it| it.asks_iam());
        let methods: Vec<&CallableMethod<'a>> = asked.collect();
        if can_call_any(access, holder, &methods) {
            Vec::new()
        } else {
            methods.into_iter().cloned().collect()
        }
    } else {
        let stages = access.estate.methods_by_stage();
        let wanted: Vec<Cow<'_, CallableMethod<'a>>> = stages
            .flat_map(|methods| wanted_at_stage(context, expected, methods))
            .collect();
        let asked: Vec<&CallableMethod<'a>> = wanted.iter().map(AsRef::as_ref).collect();
        let cells = access.estate.cells(holder, &asked);
        let mut none = Vec::new();
        for (method, cell) in asked.into_iter().zip(cells) {
            match cell.verdict {
                Verdict::None => none.push(method.clone()),
                Verdict::Some => some.push(method.clone()),
                Verdict::All | Verdict::Undecided => {}
            }
        }
        none
    };
    let none = methods.len();
    let decided_of_some = some.first().map(|it| access.estate.decide(holder, it));
    methods.append(&mut some);
    let first = methods.first()?;
    Some(Powerless {
        decided: access.estate.decide(holder, first),
        some: decided_of_some,
        near_misses: near_misses(access, holder, &methods),
        holder,
        methods,
        none,
    })
}

/// As many methods are looked at for grants that were meant for them.
const LOOKED_AT: usize = 10;

/// The first grants that were meant for one of these methods and miss it, with the method.
fn near_misses(
    access: &AccessView<'_>,
    holder: &Holder,
    methods: &[CallableMethod<'_>],
) -> Vec<(NearMiss, String)> {
    let looked_at = methods.iter().take(LOOKED_AT);
    let mut each = looked_at.map(|it| (access.estate.near_misses(holder, it), it.name()));
    let first = each.find(|(near, _)| !near.is_empty());
    let (near, method) = first.unwrap_or_default();
    near.into_iter().map(|it| (it, method.clone())).collect()
}

impl Powerless<'_, '_> {
    /// How much the group cannot call: nothing of some methods, and only some requests of others.
    pub(super) fn how_much(&self) -> String {
        let (none, some) = self.methods.split_at_checked(self.none).unwrap_or_default();
        let in_words = |it: &[CallableMethod<'_>]| access::names(&it.iter().collect::<Vec<_>>());
        let only_some = self.some.as_ref().map(|decided| {
            let example = |arn: &Option<String>| arn.as_deref().map(request);
            let examples = match (
                example(&decided.access.allowed),
                example(&decided.access.denied),
            ) {
                (Some(allowed), Some(refused)) => {
                    format!(", such as `{allowed}` and not `{refused}`")
                }
                _ => String::new(),
            };
            format!(
                "can call only some of the requests of {}{examples}",
                in_words(some)
            )
        });
        match (none, only_some) {
            ([], Some(only_some)) => only_some,
            (none, None) => format!("cannot call {}", in_words(none)),
            (none, Some(only_some)) => format!("cannot call {}, and {only_some}", in_words(none)),
        }
    }
}

/// The verb and path of a request, or the key of a route, from its ARN.
fn request(arn: &str) -> String {
    let last = Arn::read(arn).map_or(arn, |it| it.resource);
    let parts: Vec<&str> = last.splitn(4, '/').collect();
    match parts.as_slice() {
        [_, _, verb, path] => format!("{verb} /{path}"),
        [_, _, route] => (*route).to_owned(),
        _ => last.to_owned(),
    }
}

/// What a group should be able to call of the methods of a stage, which are given, as far as they ask for AWS_IAM, or may.
fn wanted_at_stage<'v, 'a>(
    context: Context<'_>,
    expected: &GroupExpectation,
    methods: &'v [CallableMethod<'a>],
) -> Vec<Cow<'v, CallableMethod<'a>>> {
    let Some(first) = methods.first() else {
        return Vec::new();
    };
    let selectors = AtStage::all(&expected.invoke, first.api, first.stage);
    if selectors.is_empty() {
        return Vec::new();
    }
    let asked = methods.iter().filter(|it| it.asks_iam());
    let wanted = asked.flat_map(|method| wanted(context, &selectors, method));
    wanted.collect()
}

/// What a group should be able to call of a method: all of it, or, of `ANY`, the requests with the verbs that are asked
/// for.
fn wanted<'v, 'a>(
    context: Context<'_>,
    selectors: &[AtStage<'_>],
    method: &'v CallableMethod<'a>,
) -> Vec<Cow<'v, CallableMethod<'a>>> {
    // Most methods have one verb, or open connections: they are wanted as a whole.
    if method.verb != ANY || method.verbs().is_empty() {
        let mut selectors = selectors.iter();
        let is_wanted = selectors.any(|it| holders::selects(context, *it, method));
        return is_wanted
            .then_some(Cow::Borrowed(method))
            .into_iter()
            .collect();
    }
    let selectors = selectors.iter();
    let verbs = selectors.map(|it| holders::selected(context, *it, method));
    let verbs = verbs.fold(Verbs::NONE, Verbs::or);
    if verbs == method.verbs() {
        return vec![Cow::Borrowed(method)];
    }
    let each = verbs.iter().map(|verb| Cow::Owned(method.with_verb(verb)));
    each.collect()
}

/// What is decided of the first method, and of the first that the group can call in part; then the grants that were
/// meant for one of them.
pub(super) fn evidence(powerless: &Powerless<'_, '_>) -> Vec<Evidence> {
    let proof = |method, decided| holders::proof(powerless.holder, method, decided);
    let first = powerless.methods.first();
    let mut all = first.map_or_else(Vec::new, |it| proof(it, &powerless.decided));
    let some = powerless.methods.get(powerless.none);
    if let Some((some, decided)) = some.zip(powerless.some.as_ref())
        && powerless.none > 0
    {
        all.extend(proof(some, decided));
    }
    let near = powerless.near_misses.iter();
    all.extend(near.map(|(near, method)| holders::near_miss(powerless.holder, near, method)));
    all
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
