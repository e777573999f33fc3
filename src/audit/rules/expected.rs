//! What the policy file expects of groups, and what they fall short of.

use std::borrow::Cow;

use super::holders;
use crate::audit::access::{self, CallableMethod, Decided, Holder, HolderKind};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{Evidence, Source};
use crate::iam::Verdict;
use crate::inventory::{ANY, AttachedPolicy, Group, Verbs};
use crate::policy_file::{GroupExpectation, WhichPolicy};

/// As many methods are asked about at once, where one that can be called is enough.
const AT_ONCE: usize = 4_096;

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
    pub(super) methods: Vec<CallableMethod<'a>>,
    /// What is decided of the first of them.
    pub(super) decided: Decided,
    /// Whether its policies set out to grant invoke.
    pub(super) means_to: bool,
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
    let methods: Vec<CallableMethod<'a>> = if expected.invoke.is_empty() {
        let methods: Vec<&CallableMethod<'a>> = asked.collect();
        // Most groups can call one of the first.
        let mut some = methods.chunks(AT_ONCE);
        let able = some.any(|some| {
            let cells = access.estate.cells(holder, some);
            cells.iter().any(|it| it.verdict != Verdict::None)
        });
        if able || !means_to {
            Vec::new()
        } else {
            methods.into_iter().cloned().collect()
        }
    } else {
        let wanted: Vec<Cow<'_, CallableMethod<'a>>> = asked
            .flat_map(|method| wanted(context, expected, method))
            .collect();
        let asked: Vec<&CallableMethod<'a>> = wanted.iter().map(AsRef::as_ref).collect();
        let cells = access.estate.cells(holder, &asked);
        let short = asked
            .into_iter()
            .zip(cells)
            .filter(|(_, it)| matches!(it.verdict, Verdict::None | Verdict::Some));
        short.map(|(method, _)| method.clone()).collect()
    };
    let first = methods.first()?;
    Some(Powerless {
        decided: access.estate.decide(holder, first),
        holder,
        methods,
        means_to,
    })
}

/// What a group should be able to call of a method: all of it, or, of `ANY`, the requests with the verbs that are asked
/// for.
fn wanted<'v, 'a>(
    context: Context<'_>,
    expected: &GroupExpectation,
    method: &'v CallableMethod<'a>,
) -> Vec<Cow<'v, CallableMethod<'a>>> {
    // Most methods have one verb, or open connections: they are wanted as a whole.
    if method.verb != ANY || method.verbs().is_empty() {
        let mut selectors = expected.invoke.iter();
        let is_wanted = selectors.any(|it| holders::selects(context, it, method));
        return is_wanted
            .then_some(Cow::Borrowed(method))
            .into_iter()
            .collect();
    }
    let selectors = expected.invoke.iter();
    let verbs = selectors.map(|it| holders::selected(context, it, method));
    let verbs = verbs.fold(Verbs::NONE, Verbs::or);
    if verbs == method.verbs() {
        return vec![Cow::Borrowed(method)];
    }
    let each = verbs.iter().map(|verb| Cow::Owned(method.with_verb(verb)));
    each.collect()
}

/// What is decided of the first method.
pub(super) fn evidence(powerless: &Powerless<'_, '_>) -> Vec<Evidence> {
    let proof = |first| holders::proof(powerless.holder, first, &powerless.decided);
    powerless.methods.first().map_or_else(Vec::new, proof)
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
