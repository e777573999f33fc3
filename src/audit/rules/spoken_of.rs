//! The methods that entries of `invokers` speak of, and the holders who may call them and are not listed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use super::holders;
use crate::audit::access::{CallableMethod, Holder, HolderKind, Origin};
use crate::audit::context::{AccessView, Context};
use crate::audit::method::{AtStage, MethodAt};
use crate::iam::Verdict;
use crate::iam::document::units_around;
use crate::iam::pattern::matches;
use crate::inventory::{ANY, AuthorizationType, Verbs};
use crate::policy_file::{Invokers, Selector};

/// A holder who may call what it is not listed for.
pub(super) struct Asked<'h> {
    pub(super) holder: &'h Holder,
    /// Whether each set of entries lists it.
    pub(super) listed: Vec<bool>,
    /// Whether it is a user who gets all grants from groups: the finding about the group names it already, unless the
    /// API's own policy lets the user in.
    pub(super) by_groups_alone: bool,
}

/// What a holder may call and is not listed for.
#[derive(Default)]
pub(super) struct Unlisted {
    /// The places of the methods.
    pub(super) places: Vec<usize>,
    /// The places, among the holder's sources, of its own policies that allow one of them by themselves.
    pub(super) allowing: BTreeSet<usize>,
}

/// The methods that entries speak of.
pub(super) struct SpokenOf<'p, 'e, 'a> {
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
    pub(super) fn new(context: Context<'p>, access: &'e AccessView<'a>) -> Self {
        let mut spoken_of = SpokenOf {
            sets: Vec::new(),
            numbers: HashMap::default(),
            methods: Vec::new(),
        };
        for methods in access.estate.methods_by_stage() {
            spoken_of.at_stage(context, methods);
        }
        spoken_of
    }

    /// Adds those of a stage's methods that entries speak of.
    fn at_stage(&mut self, context: Context<'p>, methods: &'e [CallableMethod<'a>]) {
        let Some(first) = methods.first() else {
            return;
        };
        let invokers = context.policy.invokers.iter().enumerate();
        let entries = invokers.filter_map(|(place, entry)| {
            let at = AtStage::new(&entry.selector, first.api, first.stage)?;
            Some((place, at))
        });
        let entries: Vec<(usize, AtStage<'p>)> = entries.collect();
        if entries.is_empty() {
            return;
        }
        let any = |is: fn(&Selector) -> bool| entries.iter().any(|(_, it)| is(it.selector));
        let by_exposure = any(|it| !it.exposure.is_empty());
        let by_verb = any(|it| !it.verb.is_empty());
        let asking = methods
            .iter()
            .filter(|it| it.authorizations.contains(&AuthorizationType::AwsIam));
        for method in asking {
            // A holder must be listed for every exposure that the method may have.
            let exposures = if by_exposure {
                let exposures = holders::exposures(context, method).into_iter();
                exposures.map(Some).collect()
            } else {
                vec![None]
            };
            for exposure in exposures {
                self.method(context, method, by_verb, &|verb| {
                    let at = MethodAt {
                        verb,
                        ..MethodAt::from(method)
                    };
                    let own = entries
                        .iter()
                        .filter(|(_, it)| it.selects_just(at, exposure));
                    own.map(|(place, _)| *place).collect()
                });
            }
        }
    }

    /// Adds a method, as a whole or in parts. `speaking` are the entries that speak of the requests with one verb, or of
    /// `ANY` itself; where none of them asks for a verb, they speak of all or of none.
    fn method(
        &mut self,
        context: Context<'p>,
        method: &'e CallableMethod<'a>,
        by_verb: bool,
        speaking: &dyn Fn(&str) -> Vec<usize>,
    ) {
        let (number, parts) = (method.number(), method.verbs());
        let of_method = speaking(method.verb);
        if method.verb != ANY || parts.is_empty() || !by_verb {
            self.add(context, number, of_method, Cow::Borrowed(method));
            return;
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
                self.add(context, number, set, Cow::Borrowed(method));
                continue;
            }
            for verb in verbs.iter() {
                let part = Cow::Owned(method.with_verb(verb));
                self.add(context, number, set.clone(), part);
            }
        }
    }

    /// Adds a method, or a part of one, that these entries speak of. If there is no entry, nobody has to be listed.
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
    pub(super) fn once_each(&self, places: &[usize]) -> Vec<&CallableMethod<'a>> {
        let mut found: Vec<&Spoken<'e, 'a>> = places
            .iter()
            .filter_map(|it| self.methods.get(*it))
            .collect();
        found.sort_by_key(|it| (it.number, it.method.verb));
        found.dedup_by_key(|it| (it.number, it.method.verb));
        found.into_iter().map(|it| it.method.as_ref()).collect()
    }

    /// Whether each set lists a holder.
    pub(super) fn lists(&self, holder: &Holder, groups: &[String]) -> Vec<bool> {
        let sets = self.sets.iter();
        let lists = sets.map(|entries| entries.iter().any(|it| lists(it, holder, groups)));
        lists.collect()
    }

    /// Adds to each holder what it may call and is not listed for, of APIs that have a policy of their own or of those
    /// that have none.
    pub(super) fn find(
        &self,
        access: &AccessView<'a>,
        holders: &[Asked<'_>],
        has_policy: bool,
        unlisted: &mut [Unlisted],
    ) {
        let methods: Vec<(usize, &Spoken<'e, 'a>)> = self
            .methods
            .iter()
            .enumerate()
            .filter(|(_, it)| it.method.api.resource_policy.is_some() == has_policy)
            .collect();
        let is_listed = |asked: &Asked<'_>, set: usize| asked.listed.get(set) != Some(&false);
        let concerned: Vec<(&Asked<'_>, &mut Unlisted)> = holders
            .iter()
            .zip(unlisted)
            .filter(|(asked, _)| {
                // Without a policy of the API, nobody of another account gets in.
                let is_elsewhere = asked.by_groups_alone || asked.holder.kind.is_outside();
                let elsewhere = is_elsewhere && !has_policy;
                !elsewhere && methods.iter().any(|(_, it)| !is_listed(asked, it.set))
            })
            .collect();
        if concerned.is_empty() {
            return;
        }
        let holders: Vec<&Holder> = concerned.iter().map(|(asked, _)| asked.holder).collect();
        let asked: Vec<&CallableMethod<'a>> =
            methods.iter().map(|(_, it)| it.method.as_ref()).collect();
        let permits = access.estate.permits(&holders, &asked);
        for (holder, (of_holder, unlisted)) in concerned.into_iter().enumerate() {
            let mut kinds: HashSet<usize> = HashSet::default();
            let mut of_each_kind: Vec<usize> = Vec::new();
            for at in permits.of(holder) {
                let found = methods.get(at);
                let Some((place, _)) = found.filter(|(_, it)| !is_listed(of_holder, it.set)) else {
                    continue;
                };
                unlisted.places.push(*place);
                if permits.kind(at).is_some_and(|it| kinds.insert(it)) {
                    of_each_kind.push(at);
                }
            }
            let sources = of_holder.holder.sources.iter().enumerate();
            let own =
                sources.filter(|(_, it)| matches!(it.origin, Origin::Inline | Origin::Attached));
            let allowing = own.filter(|(number, source)| {
                let may = of_each_kind
                    .iter()
                    .filter(|at| permits.may_allow(holder, *number, **at));
                let mut methods = may.filter_map(|at| asked.get(*at));
                methods.any(|method| {
                    let alone = access
                        .estate
                        .allowed_by(of_holder.holder, [*source], method);
                    matches!(alone.verdict, Verdict::Some | Verdict::All)
                })
            });
            unlisted.allowing.extend(allowing.map(|(number, _)| number));
        }
    }
}

/// Whether an entry lists a holder, by its name or id or, of a user, by one of its groups. The principals of an account are
/// listed with it.
pub(super) fn lists(entry: &Invokers, holder: &Holder, groups: &[String]) -> bool {
    let any = |patterns: &[String], name: &str| patterns.iter().any(|it| matches(it, name));
    match holder.kind {
        HolderKind::Group => any(&entry.groups, &holder.name),
        HolderKind::Role => any(&entry.roles, &holder.name),
        HolderKind::Account => any(&entry.accounts, &holder.name),
        // A unit is listed with what it is in, and never lists that.
        HolderKind::Organization => {
            units_around(&holder.name).any(|it| any(&entry.organizations, it))
        }
        HolderKind::User => {
            any(&entry.users, &holder.name) || groups.iter().any(|it| any(&entry.groups, it))
        }
    }
}
