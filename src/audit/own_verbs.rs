//! Which verbs an `ANY` method does not answer, as its path has methods of their own for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::served::ServedMethods;
use crate::inventory::{ANY, Inventory};

/// A path of a stage: Region, id of the API, stage, path template.
type Key = (String, String, String, String);

/// The verbs that have a method of their own in every deployment that a stage serves there, on paths that have an `ANY`
/// as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnVerbs(BTreeMap<Key, BTreeSet<String>>);

impl OwnVerbs {
    /// Those of all stages.
    pub(in crate::audit) fn of(inventory: &Inventory) -> Self {
        let mut all: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
        for api in &inventory.apis {
            for stage in api.stages.iter().flatten() {
                let served = ServedMethods::of(api, stage);
                for method in served.iter().filter(|it| it.is_served()) {
                    let is_own = method.snapshots().all(|it| it.verb == method.verb);
                    let has_any = || {
                        served
                            .get(ANY, method.path)
                            .is_some_and(|it| it.is_served())
                    };
                    if method.verb != ANY && is_own && has_any() {
                        let key = (
                            api.region.clone(),
                            api.id.clone(),
                            stage.name.clone(),
                            method.path.to_owned(),
                        );
                        all.entry(key).or_default().insert(method.verb.to_owned());
                    }
                }
            }
        }
        OwnVerbs(all)
    }

    /// The verbs at a path of a stage: Region, id of the API, stage, path template.
    pub fn at(&self, [region, api, stage, path]: [&str; 4]) -> impl Iterator<Item = &str> {
        let key = [region, api, stage, path].map(str::to_owned);
        let [region, api, stage, path] = key;
        let verbs = self.0.get(&(region, api, stage, path));
        verbs.into_iter().flatten().map(String::as_str)
    }
}
