//! The APIs and stages of two inventories.

use std::collections::BTreeSet;

use super::changes::{Change, ChangeKind, Difference, Which};
use super::pair::{Pair, at, in_words, pairs, stage_of};
use super::{settings, stage};
use crate::audit::finding::Place;
use crate::inventory::{Api, Inventory, quoted};

/// Compares what is served.
pub(super) fn compare(before: &Inventory, after: &Inventory, difference: &mut Difference) {
    for pair in pairs(before, after) {
        if let (Some(earlier), Some(later)) = (pair.before, pair.after) {
            settings::compare(&pair, (earlier, later), difference);
        }
        if is_there(&pair, difference) {
            stages(&pair, difference);
        }
    }
}

/// Says where an API is new or gone. Whether its stages can be compared.
fn is_there(pair: &Pair<'_>, difference: &mut Difference) -> bool {
    let Some(api) = pair.api() else {
        return false;
    };
    let (absent, kind) = match (pair.before, pair.after) {
        (None, _) => (Which::Before, ChangeKind::ApiAdded),
        (_, None) => (Which::After, ChangeKind::ApiRemoved),
        _ => return true,
    };
    let blind = difference.side(absent).blind(at(api, None));
    if let Some(why) = blind {
        difference.not_known(absent, in_words(api), why);
        return false;
    }
    let said = Some(format!("{} API", api.kind.as_str()));
    let (before, after) = one_sided(absent, said);
    difference.changes.push(Change {
        kind,
        place: pair.place(api),
        before,
        after,
    });
    true
}

fn stages(pair: &Pair<'_>, difference: &mut Difference) {
    let (Some(api), Some(names)) = (pair.api(), stage_names(pair, difference)) else {
        return;
    };
    for name in names {
        let [earlier, later] = [pair.before, pair.after].map(|it| it.zip(stage_of(it, name)));
        let place = Place::of_stage(pair.account, api, name);
        if !is_read(api, name, difference) {
            continue;
        }
        let absent = match (earlier, later) {
            (None, _) => Some((Which::Before, ChangeKind::StageAdded)),
            (_, None) => Some((Which::After, ChangeKind::StageRemoved)),
            _ => None,
        };
        // That an API is new says it of its stages, too.
        if let Some((absent, kind)) = absent.filter(|_| pair.before.and(pair.after).is_some()) {
            let (before, after) = one_sided(absent, Some("stage".to_owned()));
            let place = place.clone();
            difference.changes.push(Change {
                kind,
                place,
                before,
                after,
            });
        }
        stage::compare(&place, (earlier, later), difference);
    }
}

/// What is there on the side that has it.
fn one_sided<T>(absent: Which, what: Option<T>) -> (Option<T>, Option<T>) {
    match absent {
        Which::Before => (None, what),
        Which::After => (what, None),
    }
}

/// The names of the stages of both sides. `None`: those of a side could not be read, which is said.
fn stage_names<'a>(pair: &Pair<'a>, difference: &mut Difference) -> Option<BTreeSet<&'a str>> {
    let mut names = BTreeSet::new();
    let mut is_known = true;
    for side in [Which::Before, Which::After] {
        let Some(api) = pair.of(side) else {
            continue;
        };
        match (&api.stages, difference.side(side).blind(at(api, None))) {
            (Some(stages), None) => names.extend(stages.iter().map(|it| it.name.as_str())),
            (_, why) => {
                is_known = false;
                let why = why.unwrap_or_else(|| "the stages could not be read".to_owned());
                difference.not_known(side, in_words(api), why);
            }
        }
    }
    is_known.then_some(names)
}

/// Whether a side that does not have a stage would have it, and whether what it serves was read. What was not is said.
fn is_read(api: &Api, stage: &str, difference: &mut Difference) -> bool {
    let mut is_read = true;
    for side in [Which::Before, Which::After] {
        if let Some(why) = difference.side(side).blind(at(api, Some(stage))) {
            is_read = false;
            let what = format!("stage {} of {}", quoted(stage), in_words(api));
            difference.not_known(side, what, why);
        }
    }
    is_read
}
