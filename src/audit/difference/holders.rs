//! Those who may call, on both sides.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::changes::{Direction, Which};
use crate::audit::access::{Cell, Estate, Holder, HolderKind};
use crate::audit::context::AccessView;
use crate::iam::Verdict;
use crate::inventory::{Inventory, User};

/// From one answer to another. `None`: they are the same.
pub(super) fn direction(before: Cell, after: Cell) -> Option<Direction> {
    // More requests count first. Of as many, those without a condition are more.
    let rank = |cell: Cell| (cell.verdict, !cell.conditional);
    match rank(before).cmp(&rank(after)) {
        Ordering::Less => Some(Direction::Gained),
        Ordering::Equal => None,
        Ordering::Greater => Some(Direction::Lost),
    }
}

/// An answer in words.
pub(super) fn in_words(cell: Cell) -> String {
    let mark = match cell.conditional && cell.verdict != Verdict::None {
        true => "*",
        false => "",
    };
    format!("{}{mark}", cell.verdict.as_str())
}

/// One who may call, on each side that has it: its place among those who are asked there.
pub(super) struct Person {
    pub(super) kind: HolderKind,
    pub(super) name: String,
    pub(super) places: [Option<usize>; 2],
}

impl Person {
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.name)
    }
}

/// All who are asked on a side, in the order of their places.
pub(super) fn everybody<'e>(estate: &'e Estate<'_>) -> Vec<&'e Holder> {
    estate.holders().iter().chain(estate.outside()).collect()
}

/// Those of both sides, without users who have what their groups give them, and the same groups as before: what changed
/// for them is said of the groups.
pub(super) fn people(views: [&AccessView<'_>; 2]) -> Vec<Person> {
    let mut people: BTreeMap<(HolderKind, String), Person> = BTreeMap::new();
    for (side, view) in views.into_iter().enumerate() {
        for (place, holder) in everybody(&view.estate).into_iter().enumerate() {
            let name = holder.full_name();
            // IAM keeps names unique whatever their case.
            let key = match holder.kind.is_outside() {
                true => name.clone(),
                false => name.to_ascii_lowercase(),
            };
            let person = people.entry((holder.kind, key)).or_insert_with(|| Person {
                kind: holder.kind,
                name: String::new(),
                places: [None, None],
            });
            person.name = name;
            if let Some(slot) = person.places.get_mut(side) {
                *slot = Some(place);
            }
        }
    }
    let all = people.into_values();
    all.filter(|it| !is_by_groups_alone(it, views)).collect()
}

fn is_by_groups_alone(person: &Person, views: [&AccessView<'_>; 2]) -> bool {
    if person.kind != HolderKind::User {
        return false;
    }
    let mut belongs = views.into_iter().zip(person.places).map(|(view, place)| {
        let holder = view.estate.holders().get(place?)?;
        let has_own = view.own_grants(holder).next().is_some();
        let user = user(view.estate.inventory(), &holder.name).filter(|_| !has_own)?;
        let mut groups: Vec<String> = user
            .groups
            .iter()
            .map(|it| it.to_ascii_lowercase())
            .collect();
        groups.sort();
        // Policies of the user that deny, and the boundary, must be the same, too.
        let own = (&user.inline, &user.attached, &user.permissions_boundary);
        Some((groups, own))
    });
    match (belongs.next().flatten(), belongs.next().flatten()) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    }
}

fn user<'a>(inventory: &'a Inventory, name: &str) -> Option<&'a User> {
    let mut users = inventory.iam.iter().flat_map(|it| &it.users);
    users.find(|it| it.name.eq_ignore_ascii_case(name))
}

/// The sides, by the order of the places of a [`Person`].
pub(super) const SIDES: [Which; 2] = [Which::Before, Which::After];
