//! Which verbs an `ANY` method does not answer, as its path has methods of their own for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::inventory::served::ServedMethods;
use crate::inventory::{ANY, Api, Stage};

/// A stage: Region, id of the API, name.
type Key = (String, String, String);

/// The verbs at each path template.
type AtPaths = BTreeMap<String, BTreeSet<String>>;

/// The verbs that have a method of their own in every deployment that a stage serves there, on paths that have an `ANY`
/// as well. Stages that serve the same mostly have the same, which is kept once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnVerbs(BTreeMap<Key, Arc<AtPaths>>);

impl OwnVerbs {
    /// Adds those of a stage, which serves these methods.
    pub(in crate::audit) fn add(&mut self, api: &Api, stage: &Stage, served: &ServedMethods<'_>) {
        let mut paths = AtPaths::new();
        for method in served.iter().filter(|it| it.is_served()) {
            let is_own = method.snapshots().all(|it| it.verb == method.verb);
            let has_any = || {
                served
                    .get(ANY, method.path)
                    .is_some_and(|it| it.is_served())
            };
            if method.verb != ANY && is_own && has_any() {
                let verbs = paths.entry(method.path.to_owned()).or_default();
                verbs.insert(method.verb.to_owned());
            }
        }
        if paths.is_empty() {
            return;
        }
        let key = |stage: &str| (api.region.clone(), api.id.clone(), stage.to_owned());
        let mut stages = self.0.range(key("")..);
        let first = stages
            .next()
            .filter(|((region, id, _), _)| (region, id) == (&api.region, &api.id));
        let same = first.map(|(_, it)| it).filter(|it| ***it == paths);
        let paths = same.cloned().unwrap_or_else(|| Arc::new(paths));
        self.0.insert(key(&stage.name), paths);
    }

    /// The verbs at a path of a stage: Region, id of the API, stage, path template.
    pub fn at(&self, [region, api, stage, path]: [&str; 4]) -> impl Iterator<Item = &str> {
        let key = (region.to_owned(), api.to_owned(), stage.to_owned());
        let verbs = self.0.get(&key).and_then(|it| it.get(path));
        verbs.into_iter().flatten().map(String::as_str)
    }
}
