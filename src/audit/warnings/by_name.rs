//! Open methods that the policy file accepts by a name that others choose.
//!
//! Whoever may make or change an API chooses its name and its tags. An entry that accepts `NONE` by them lets its owner
//! open every method of it, by a rename. The id is AWS's, and never another API's.

use std::collections::BTreeMap;

use super::Warning;
use crate::audit::finding::Place;
use crate::audit::method::{MethodView, stage_place};
use crate::inventory::{AuthorizationType, Inventory, listed};
use crate::policy_file::{PolicyFile, Requirement};

/// So many ids are proposed.
const NAMED: usize = 3;

/// An open method that is accepted because of the name or the tags of its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedByName {
    /// The line of the entry that accepts it.
    pub line: usize,
    /// What the entry goes by: `name`, `tags`, or both.
    pub by: &'static str,
    /// The method.
    pub place: Place,
}

/// The entries that accept NONE by name or by tag, each with what it goes by.
#[derive(Debug, Default)]
pub(in crate::audit) struct ByName(BTreeMap<usize, &'static str>);

impl ByName {
    /// Those of a policy file. Of a template none: its APIs have no ids yet.
    pub(in crate::audit) fn of(inventory: &Inventory, policy: &PolicyFile) -> Self {
        if inventory.scope.template.is_some() {
            return ByName::default();
        }
        let entries = policy.require.iter();
        let by_name = entries.filter_map(|it| Some((it.line, goes_by(inventory, it)?)));
        ByName(by_name.collect())
    }

    /// What the entry on this line goes by, where it accepts NONE by what others choose.
    pub(in crate::audit) fn at(&self, line: usize) -> Option<&'static str> {
        self.0.get(&line).copied()
    }

    /// A method that is open and accepted by such an entry.
    pub(in crate::audit) fn accepted(
        &self,
        inventory: &Inventory,
        method: &MethodView<'_>,
    ) -> Option<AcceptedByName> {
        let mut snapshots = method.deployed.into_iter().chain(method.canary);
        if self.0.is_empty() || !snapshots.any(|it| it.is(&AuthorizationType::None)) {
            return None;
        }
        let (line, by) = method
            .lines_that_open()
            .find_map(|it| Some((it, self.at(it)?)))?;
        Some(AcceptedByName {
            line,
            by,
            place: method.place(inventory),
        })
    }

    /// A warning for each entry.
    pub(in crate::audit) fn warnings(
        &self,
        inventory: &Inventory,
        policy: &PolicyFile,
    ) -> Vec<Warning> {
        let entries = policy.require.iter();
        let each = entries.filter_map(|entry| {
            let by = self.at(entry.line)?;
            let ids = ids(inventory, entry);
            let instead = if ids.is_empty() {
                "name APIs by `api-id`".to_owned()
            } else {
                let ids = listed(ids.into_iter().map(str::to_owned).collect::<Vec<_>>().into_iter(), NAMED);
                format!("name them by `api-id`, which today are {ids}")
            };
            Some(Warning {
                line: entry.line,
                says: format!(
                    "NONE is accepted by the {by} of an API, which whoever may change the API chooses: {instead}"
                ),
            })
        });
        each.collect()
    }
}

/// By what an entry accepts NONE, where others choose that.
fn goes_by(inventory: &Inventory, entry: &Requirement) -> Option<&'static str> {
    let selector = &entry.selector;
    if !entry.accepted.contains(&AuthorizationType::None) || !selector.api_id.is_empty() {
        return None;
    }
    // An exact id was the only way to write one before there was `api-id`. It is safe as long as nobody has an API of
    // that name.
    let is_id = |pattern: &String| {
        let mut apis = inventory.apis.iter();
        apis.any(|it| it.id == *pattern) && !inventory.apis.iter().any(|it| it.name == *pattern)
    };
    let by_name = selector
        .api
        .iter()
        .any(|it| !is_id(it) && !it.bytes().all(|it| it == b'*'));
    match (by_name, selector.tags.is_empty()) {
        (true, true) => Some("name"),
        (true, false) => Some("name and tags"),
        (false, false) if selector.api.is_empty() => Some("tags"),
        (false, _) => None,
    }
}

/// The ids of the APIs that an entry meets today.
fn ids<'a>(inventory: &'a Inventory, entry: &Requirement) -> Vec<&'a str> {
    let apis = inventory.apis.iter().filter(|api| {
        api.stages.iter().flatten().any(|stage| {
            let place = stage_place(api, &stage.name);
            entry.selector.at_stage(place).is_some()
        })
    });
    apis.map(|it| it.id.as_str()).collect()
}
