//! Whether a plan says the same everywhere: what it leaves out is no less there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::document::{Change, Document};
use super::instances::{Instances, printable};
use super::types::{bearing, is_a_template, is_read};
use crate::template::reading::Reading;
use crate::template::tree::{Spot, Unknown};
use crate::template::types::Bearing;

/// The changes of one plan, by address.
pub(super) struct Changes<'d, 'a> {
    changes: BTreeMap<String, &'d Change<'a>>,
    is_plan: bool,
}

impl<'d, 'a> Changes<'d, 'a> {
    pub(super) fn of(document: &'d Document<'a>) -> Self {
        let changes = document.resource_changes.iter().flatten();
        let changes = changes.filter(|it| it.mode == "managed" && it.deposed.is_none());
        Changes {
            changes: changes.map(|it| (printable(&it.address), it)).collect(),
            is_plan: document.planned_values.is_some(),
        }
    }

    /// What is known of an instance only later.
    pub(super) fn unknown(&self, address: &str) -> Option<&'a RawValue> {
        self.changes.get(address)?.change.after_unknown
    }

    /// Whether an instance is made, or made anew.
    pub(super) fn is_made(&self, address: &str) -> bool {
        let change = self.changes.get(address);
        change.is_some_and(|it| it.change.actions.iter().any(|action| action == "create"))
    }

    /// Whether an instance is made, made anew or changed.
    pub(super) fn is_touched(&self, address: &str) -> bool {
        self.is_made(address) || self.is_changed(address)
    }

    /// Whether an instance stays, and changes.
    pub(super) fn is_changed(&self, address: &str) -> bool {
        let change = self.changes.get(address);
        change.is_some_and(|it| it.change.actions == ["update"])
    }

    /// The instances of a type that are taken away, by their addresses.
    pub(super) fn taken_away(&self, kind: &str) -> impl Iterator<Item = &str> {
        let all = self.changes.iter();
        let gone = all.filter(move |(_, it)| it.kind == kind && it.change.actions == ["delete"]);
        gone.map(|(address, _)| address.as_str())
    }

    /// What an attribute was before, where it was a text.
    pub(super) fn text_before(&self, address: &str, attribute: &str) -> Option<String> {
        let before = self.changes.get(address)?.change.before?;
        let before: Value = serde_json::from_str(before.get()).ok()?;
        Some(before.get(attribute)?.as_str()?.to_owned())
    }

    /// A gap for each resource of an API that the plan speaks of in one place and not in another.
    pub(super) fn gaps(&self, instances: &Instances<'_>) -> Vec<Unknown> {
        if !self.is_plan {
            return Vec::new();
        }
        let mut gaps = Vec::new();
        for (address, change) in &self.changes {
            if bearing(&change.kind) == Bearing::Nothing {
                continue;
            }
            let actions = &change.change.actions;
            let planned = instances.managed.get(address);
            let why = match planned {
                // Terraform lists it among the planned values without any.
                _ if *actions == ["forget"] => {
                    "leaves Terraform and stays in the account, where it was not looked at"
                }
                Some(kind) if *kind == change.kind => continue,
                Some(_) => "has another type among the planned values",
                None if *actions == ["delete"] => continue,
                None => "changes, and is not among the planned values",
            };
            gaps.push(Unknown {
                why: format!("`{address}` {why}"),
                at: Spot::START,
            });
        }
        for instance in &instances.read {
            let unknown = self
                .changes
                .get(&instance.address)
                .map(|it| it.change.after_unknown);
            let why = match unknown {
                None => "is not among the changes of the plan",
                Some(None) => "has no `after_unknown`",
                Some(Some(raw)) if !is_object(raw) => {
                    "has an `after_unknown` that is not understood"
                }
                Some(Some(_)) => continue,
            };
            let why = format!("{why}: what of it is known only later cannot be told");
            gaps.push(Unknown {
                why: format!("it {why}"),
                at: instance.at,
            });
        }
        gaps
    }
}

fn is_object(raw: &RawValue) -> bool {
    matches!(serde_json::from_str(raw.get()), Ok(Value::Object(_)))
}

/// The data sources that are read only when the plan is applied.
pub(super) fn deferred(document: &Document<'_>) -> BTreeSet<String> {
    let changes = document.resource_changes.iter().flatten();
    let data = changes.filter(|it| it.mode == "data");
    data.filter(|it| it.change.actions != ["no-op"])
        .filter_map(|it| super::instances::data_place(&it.address))
        .collect()
}

/// What a file says of itself, and of what is not in it.
pub(super) fn left_out(document: &Document<'_>, instances: &Instances<'_>, reading: &mut Reading) {
    let mut gap = |why: String| {
        reading.gaps.push(Unknown {
            why,
            at: Spot::START,
        });
    };
    if document.prior_state.is_none() && document.resource_changes.iter().flatten().any(was_there) {
        gap(
            "the plan has no `prior_state`: what is deployed and may stay so cannot be told"
                .to_owned(),
        );
    }
    if document.errored == Some(true) {
        gap("the plan ended with an error, and does not hold all that was to come".to_owned());
    }
    if document.complete == Some(false) && document.errored != Some(true) {
        gap("the plan is not complete (`-target`, or changes that are deferred): what it leaves out was not looked at".to_owned());
    }
    for deferred in document.deferred_changes.iter().flatten() {
        let change = &deferred.resource_change;
        if change.mode == "managed" && bearing(&change.kind) != Bearing::Nothing {
            let address = printable(&change.address);
            gap(format!(
                "the change of `{address}` is deferred to a later plan"
            ));
        }
    }
    for (address, kind) in &instances.managed {
        if is_a_template(kind) {
            gap(format!(
                "`{address}` is another template, which was not looked at: check it too"
            ));
        }
    }
}

/// Whether a change is one of a resource of an API that is there already.
fn was_there(change: &Change<'_>) -> bool {
    let before = change.change.before;
    is_read(&change.kind) && before.is_some_and(|it| it.get().trim() != "null")
}
