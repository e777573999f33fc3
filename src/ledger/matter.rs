//! What a finding is about, whichever rule describes it.

use std::collections::BTreeMap;

use super::spot::{PrincipalName, Spot};
use crate::audit::finding::PrincipalKind;
use crate::audit::rules::{Concern, concern};
use crate::inventory::ANY;

/// What a finding is about: the concern of its rule, at a method or a principal. Names that can change have no part in
/// it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Matter {
    concern: Concern,
    region: Option<String>,
    api: Option<String>,
    stage: Option<String>,
    /// The path, or the key of a route without one.
    path: Option<String>,
    /// The kind and the name of a principal.
    principal: Option<(String, String)>,
}

/// Something of each finding, by what it is about.
#[derive(Debug)]
pub struct ByMatter<T>(BTreeMap<Matter, Vec<(Option<String>, T)>>);

impl<T> Default for ByMatter<T> {
    fn default() -> Self {
        ByMatter(BTreeMap::new())
    }
}

impl<T> ByMatter<T> {
    /// Adds something of a finding of a rule. What no other rule describes is not looked up, and not kept.
    pub fn add(&mut self, rule: &str, place: &Spot, of_it: T) {
        if let Some(matter) = Matter::of(rule, place) {
            let all = self.0.entry(matter).or_default();
            all.push((place.verb.clone(), of_it));
        }
    }

    /// What was added of findings about the same, whichever rule made them. `ANY` is about each of the verbs: one method
    /// may become several, and several one.
    pub fn about<'s>(&'s self, rule: &str, place: &'s Spot) -> impl Iterator<Item = &'s T> {
        let known = Matter::of(rule, place).and_then(|it| self.0.get(&it));
        let meets = |one: &Option<String>, other: &Option<String>| {
            one == other || [one, other].iter().any(|it| it.as_deref() == Some(ANY))
        };
        known
            .into_iter()
            .flatten()
            .filter(move |(verb, _)| meets(verb, &place.verb))
            .map(|(_, it)| it)
    }
}

impl Matter {
    /// `None`: no other rule describes what this one does.
    fn of(rule: &str, place: &Spot) -> Option<Self> {
        let concern = concern(rule);
        if concern == Concern::Own {
            return None;
        }
        let principal = place.principal.as_ref();
        Some(Matter {
            concern,
            region: place.region.clone(),
            api: place.api.as_ref().map(|it| it.id.clone()),
            stage: place.stage.clone(),
            path: place.path.clone().or_else(|| place.route_key.clone()),
            principal: principal.map(|it| (it.kind.clone(), subject(it))),
        })
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
