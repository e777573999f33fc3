//! What a report would say had nobody opened a method.
//!
//! Findings about who may call a method that asks for AWS_IAM are no longer made once it asks for nothing: anyone can call
//! it then, and nothing was mended. The same inventory, in which such methods ask for AWS_IAM, still shows them.

use std::collections::BTreeSet;

use super::access::{CallableMethod, Estate, Holder};
use super::exposure::DomainNames;
use super::finding::Place;
use super::method::{MethodView, StageView};
use crate::iam::Verdict;
use crate::inventory::{AuthorizationType, Inventory};
use crate::policy_file::PolicyFile;

/// For so many methods it is asked who may call them.
const ASKED: usize = 100;

/// Open methods, and the inventory as it would be if they asked for AWS_IAM.
#[derive(Debug)]
pub struct Opened {
    /// The inventory, in which the open methods ask for AWS_IAM.
    pub protected: Inventory,
    /// The open methods, in the order of the inventory.
    pub places: Vec<Place>,
}

/// A method in the inventory: the place of its API there, its verb and its path.
type Key = (usize, String, String);

impl Opened {
    /// The open methods of an inventory that count. Proven preflights do not: they call nothing. `counts` is asked with the
    /// place of a method, and whether its route may answer requests for others. `None`: there is none.
    pub fn of(inventory: &Inventory, counts: impl Fn(&Place, bool) -> bool) -> Option<Self> {
        let policy = PolicyFile::of_iam_alone();
        let names = DomainNames::new(inventory);
        let mut places = Vec::new();
        let mut opened: BTreeSet<Key> = BTreeSet::new();
        for (number, api) in inventory.apis.iter().enumerate() {
            for stage in api.stages.iter().flatten() {
                let view = StageView::new(inventory, &policy, &names, api, stage);
                for method in MethodView::of_stage(&view) {
                    let place = method.place(inventory);
                    if is_open(&method) && counts(&place, is_wide(method.path)) {
                        places.push(place);
                        opened.insert((number, method.verb.to_owned(), method.path.to_owned()));
                    }
                }
            }
        }
        (!places.is_empty()).then(|| Opened {
            protected: protected(inventory, &opened),
            places,
        })
    }

    /// Who can call the methods while they ask for AWS_IAM. `None`: the principals could not be read.
    pub fn estate(&self) -> Option<Estate<'_>> {
        Estate::new(&self.protected)
    }

    /// Those of the open methods that a principal may call by the policies that weigh on it, by its kind and its name. Only
    /// the first are asked about: if it may call none of these, all are given.
    pub fn called_by(&self, estate: &Estate<'_>, (kind, name): (&str, &str)) -> Vec<&Place> {
        let holders = estate.holders().iter().chain(estate.outside());
        // A finding about an account from before its principals were told apart is about these as well.
        let is_named = |it: &&Holder| it.name == name || it.full_name() == name;
        let holders = holders.filter(|it| it.kind.as_str() == kind);
        let holders: Vec<&Holder> = holders.filter(is_named).collect();
        let may_call = |method: &CallableMethod<'_>| {
            let mut verdicts = holders.iter().map(|it| estate.decide(it, method));
            verdicts.any(|it| it.access.verdict != Verdict::None)
        };
        let asked = self.places.iter().take(ASKED);
        let called = asked.filter(|place| {
            let mut methods = methods_of(estate, place);
            methods.any(&may_call)
        });
        let called: Vec<&Place> = called.collect();
        if called.is_empty() && self.places.len() > ASKED {
            return self.places.iter().collect();
        }
        called
    }
}

/// The methods of an estate at a place.
fn methods_of<'e, 'a>(
    estate: &'e Estate<'a>,
    place: &'e Place,
) -> impl Iterator<Item = &'e CallableMethod<'a>> {
    let api = place.api.as_ref().zip(place.region.as_ref());
    let methods = api.and_then(|(api, region)| Some(estate.api(region, &api.id)?.1));
    let methods = methods.unwrap_or_default().iter();
    methods.filter(|it| {
        Some(it.stage.name.as_str()) == place.stage.as_deref()
            && place.method() == Some((it.verb, it.path))
    })
}

/// Whether a deployment of the stage is known, or inferred, to let anyone in by exactly this method.
fn is_open(method: &MethodView<'_>) -> bool {
    let snapshots = method.deployed.iter().chain(&method.canary);
    let mut own = snapshots.filter(|it| it.verb == method.verb);
    let is_preflight =
        method.accepted_preflight().is_some() && method.open_without_proof().is_none();
    method.frozen && !is_preflight && own.any(|it| it.is(&AuthorizationType::None))
}

/// Whether a route may answer requests for which there are other routes.
fn is_wide(path: &str) -> bool {
    !path.starts_with('/') || path.contains('{')
}

/// The inventory in which these methods ask for AWS_IAM, in the draft as well: what a deployment does not tell is inferred
/// from it.
fn protected(inventory: &Inventory, opened: &BTreeSet<Key>) -> Inventory {
    let mut inventory = inventory.clone();
    for (number, api) in inventory.apis.iter_mut().enumerate() {
        let protect = |verb: &str, path: &str, authorization: &mut Option<AuthorizationType>| {
            let is_none = *authorization == Some(AuthorizationType::None);
            if is_none && opened.contains(&(number, verb.to_owned(), path.to_owned())) {
                *authorization = Some(AuthorizationType::AwsIam);
            }
        };
        let deployed = api.deployments.iter_mut();
        for method in deployed.flat_map(|it| it.methods.iter_mut().flatten()) {
            protect(&method.verb, &method.path, &mut method.authorization);
        }
        for method in api.draft.iter_mut().flatten() {
            protect(&method.verb, &method.path, &mut method.authorization);
        }
    }
    inventory
}
