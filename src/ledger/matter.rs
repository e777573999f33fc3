//! What a finding is about, whichever rule describes it.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::spot::{PrincipalName, Spot};
use crate::audit::OwnVerbs;
use crate::audit::finding::{Finding, PrincipalKind};
use crate::audit::rules::{Concern, concern};
use crate::inventory::{ANY, Text};

/// What a finding is about: the concern of its rule, at a method or a principal. Names that can change have no part in
/// it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Matter {
    topic: Topic,
    region: Option<Text>,
    api: Option<Text>,
    stage: Option<Text>,
    /// The path, or the key of a route without one.
    path: Option<Text>,
    /// The kind and the name of a principal.
    principal: Option<(Text, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    /// What several rules describe.
    Shared(Concern),
    /// What a rule alone describes of a method, by its name: several methods may take the place of an `ANY`.
    OfRule(String),
}

/// What some entries are about: findings that can tell of them are told from others without being kept.
#[derive(Debug, Default)]
pub struct Matters {
    matters: BTreeSet<Matter>,
    /// The ids of those whose place no other finding can take.
    ids: BTreeSet<String>,
}

impl Matters {
    /// What these entries are about.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut all = Matters::default();
        for entry in entries {
            match Matter::of(&entry.rule, &entry.place) {
                Some(matter) => all.matters.insert(matter),
                None => all.ids.insert(entry.id.clone()),
            };
        }
        all
    }

    /// And what is missing of the authorization of methods, at these places.
    pub(super) fn and_of_authorization<'s>(
        mut self,
        places: impl IntoIterator<Item = &'s Spot>,
    ) -> Self {
        self.matters
            .extend(places.into_iter().map(of_authorization));
        self
    }

    /// Whether a finding is one of them, or about the same, whichever rule made it.
    pub fn have(&self, finding: &Finding, partition: &str) -> bool {
        let place = Spot::of(&finding.place, partition);
        match Matter::of(finding.rule.as_str(), &place) {
            Some(matter) => self.matters.contains(&matter),
            None => self.ids.contains(&finding.fingerprint().to_string()),
        }
    }
}

/// Something of each finding, by what it is about.
#[derive(Debug)]
pub struct ByMatter<T> {
    of: BTreeMap<Matter, Vec<(Option<Text>, T)>>,
    /// What anybody asks about. `None`: about anything.
    asked: Option<BTreeSet<Matter>>,
}

impl<T> Default for ByMatter<T> {
    fn default() -> Self {
        ByMatter {
            of: BTreeMap::new(),
            asked: None,
        }
    }
}

impl<T> ByMatter<T> {
    /// Keeps what is about these alone: nobody asks about anything else.
    pub(super) fn of(asked: Matters) -> Self {
        ByMatter {
            of: BTreeMap::new(),
            asked: Some(asked.matters),
        }
    }

    /// Adds something of a finding of a rule. What no other finding can take the place of is not looked up, and not kept.
    pub fn add(&mut self, rule: &str, place: &Spot, of_it: T) {
        let asked = self.asked.as_ref();
        let matter = Matter::of(rule, place).filter(|it| asked.is_none_or(|all| all.contains(it)));
        if let Some(matter) = matter {
            let all = self.of.entry(matter).or_default();
            all.push((place.verb.clone(), of_it));
        }
    }

    /// What was added of findings about the same as an entry, whichever rule made them. `ANY` is about each of the verbs
    /// that it answers: one method may become several, and several one. `now`: the verbs that it does not answer now.
    pub fn about<'s>(&'s self, entry: &'s Entry, now: &'s OwnVerbs) -> impl Iterator<Item = &'s T> {
        let matter = Matter::of(&entry.rule, &entry.place);
        let meets = |verb: &Option<Text>| may_be_of_verb(entry, verb.as_deref(), now);
        self.found(matter, meets)
    }

    /// What was added of findings that a method does not ask for the authorization that is required, at exactly this
    /// method.
    pub fn of_authorization<'s>(&'s self, place: &'s Spot) -> impl Iterator<Item = &'s T> {
        self.found(Some(of_authorization(place)), |verb| *verb == place.verb)
    }

    fn found<'s>(
        &'s self,
        matter: Option<Matter>,
        meets: impl Fn(&Option<Text>) -> bool + 's,
    ) -> impl Iterator<Item = &'s T> {
        let known = matter.and_then(|it| self.of.get(&it));
        let known = known.into_iter().flatten();
        known.filter(move |(verb, _)| meets(verb)).map(|(_, it)| it)
    }
}

/// That the method of a place does not ask for the authorization that is required.
fn of_authorization(place: &Spot) -> Matter {
    Matter::at(Topic::Shared(Concern::Authorization), place)
}

/// Whether requests that an entry is about may be answered by a method of this verb on the same path. An `ANY` answers
/// what no other method of the path does: `now` says which verbs have one at present, and the entry of an `ANY` which had
/// one when it was last seen.
pub(super) fn may_be_of_verb(entry: &Entry, verb: Option<&str>, now: &OwnVerbs) -> bool {
    let place = &entry.place;
    let own = place.verb.as_deref();
    if own == verb {
        return true;
    }
    match (own, verb) {
        (Some(ANY), Some(verb)) => !entry.own_verbs.iter().any(|it| it == verb),
        (Some(own), Some(ANY)) => !place.own_verbs(now).any(|it| it == own),
        _ => false,
    }
}

impl Matter {
    /// `None`: no other finding describes what this one does.
    fn of(rule: &str, place: &Spot) -> Option<Self> {
        let topic = match concern(rule) {
            Concern::Own if place.verb.is_some() => Topic::OfRule(rule.to_owned()),
            Concern::Own => return None,
            concern => Topic::Shared(concern),
        };
        Some(Matter::at(topic, place))
    }

    fn at(topic: Topic, place: &Spot) -> Self {
        let principal = place.principal.as_ref();
        Matter {
            topic,
            region: place.region.clone(),
            api: place.api.as_ref().map(|it| it.id.clone()),
            stage: place.stage.clone(),
            path: place.path_or_key().map(Text::from),
            principal: principal.map(|it| (it.kind.clone(), subject(it))),
        }
    }
}

/// The name of a principal, as IAM tells names apart: whatever their case. One principal of another account stands for the
/// account, which is what else a resource policy may let in instead.
fn subject(principal: &PrincipalName) -> String {
    let name = principal.name.as_str();
    let is_of_account = principal.kind == PrincipalKind::Account.as_str();
    let account = name.split(' ').next().filter(|_| is_of_account);
    account.unwrap_or(name).to_lowercase()
}
