//! Who may call what, on both sides.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::{AccessChange, Difference, Direction};
use super::holders::{Person, SIDES, direction, everybody, in_words, people};
use super::pair::{Pair, at, pairs, stage_of};
use super::stage::{self, Answer};
use crate::audit::access::{Asking, CallableMethod, Cell, Estate};
use crate::audit::context::AccessView;
use crate::audit::finding::Place;
use crate::iam::Verdict;
use crate::inventory::{Api, Gap, GapKind, Inventory};

const NONE: Cell = Cell::certainly(Verdict::None);

/// Compares who may call the methods that IAM decides about. Stage by stage, as all answers of a large account take much
/// memory.
pub(super) fn compare(before: &Inventory, after: &Inventory, difference: &mut Difference) {
    let estates = [before, after].map(|it| Estate::new(it).map(AccessView::new));
    for (side, estate) in SIDES.into_iter().zip(&estates) {
        if estate.is_none() {
            let why = "the IAM principals could not be read";
            difference.not_known(side, "who can call what", why);
        }
    }
    let [Some(earlier), Some(later)] = &estates else {
        return;
    };
    let views = [earlier, later];
    let people = people(views);
    let people = known(people, difference);
    let holders = views.map(|it| everybody(&it.estate));
    let asked = views.map(|it| asking_iam(&it.estate));
    let [of_before, of_after] = &holders;
    let [asked_before, asked_after] = &asked;
    let asking = [
        earlier.estate.asking(of_before, asked_before),
        later.estate.asking(of_after, asked_after),
    ];
    let mut comparing = Comparing {
        people: &people,
        views,
        asking,
    };
    for pair in pairs(before, after) {
        comparing.api(&pair, difference);
    }
}

fn asking_iam<'e, 'a>(estate: &'e Estate<'a>) -> Vec<&'e CallableMethod<'a>> {
    estate.methods().iter().filter(|it| it.asks_iam()).collect()
}

/// Without those who are missing on a side that may have them all the same.
fn known(people: Vec<Person>, difference: &mut Difference) -> Vec<Person> {
    let mut known = Vec::with_capacity(people.len());
    for person in people {
        let mut is_known = true;
        for (side, place) in SIDES.into_iter().zip(person.places) {
            let kind = person.kind.as_str();
            let hides = |gap: &&Gap| !person.kind.is_outside() && gap.hides_some(kind);
            let gap = difference.side(side).gaps.iter().find(hides);
            if let Some(why) = gap.filter(|_| place.is_none()).map(Gap::in_words) {
                is_known = false;
                difference.not_known(side, format!("what {} can call", person.label()), why);
            }
        }
        if is_known {
            known.push(person);
        }
    }
    known
}

struct Comparing<'c, 'a> {
    people: &'c [Person],
    views: [&'c AccessView<'a>; 2],
    asking: [Asking<'c, 'a>; 2],
}

/// The methods of a stage, by path and verb: on each side, its place among those that are asked about there.
type Methods = Vec<Method>;

/// A method in words, and its places.
type Method = (String, [Option<usize>; 2]);

impl Comparing<'_, '_> {
    fn api(&mut self, pair: &Pair<'_>, difference: &mut Difference) {
        let Some(api) = pair.api() else {
            return;
        };
        // That it was not read is said already, where the methods are compared.
        let is_blind = SIDES
            .into_iter()
            .any(|side| difference.side(side).blind(at(api, None)).is_some());
        let sides = [pair.before, pair.after];
        if is_blind || sides.iter().flatten().any(|it| it.stages.is_none()) {
            return;
        }
        let is_policy_known = self.is_policy_known(api, difference);
        let stages = sides
            .iter()
            .flatten()
            .flat_map(|it| it.stages.iter().flatten());
        let names: BTreeSet<&str> = stages.map(|it| it.name.as_str()).collect();
        for name in names {
            let at = at(api, Some(name));
            let mut all = SIDES.into_iter();
            if all.all(|side| difference.side(side).blind(at).is_none()) {
                let place = Place::of_stage(pair.account, api, name);
                self.stage(pair, (name, place, is_policy_known), difference);
            }
        }
    }

    /// Whether the callers of other accounts whom an API lets in are known. Where not, it is said among the settings.
    fn is_policy_known(&self, api: &Api, difference: &Difference) -> bool {
        let hides = |gap: &Gap| {
            gap.kind == GapKind::ResourcePolicy
                && gap.region.as_ref() == Some(&api.region)
                && gap.api.as_ref() == Some(&api.id)
        };
        let mut all = SIDES.into_iter();
        all.all(|side| !difference.side(side).gaps.iter().any(hides))
    }

    fn stage(
        &mut self,
        pair: &Pair<'_>,
        (name, place, is_policy_known): (&str, Place, bool),
        difference: &mut Difference,
    ) {
        let (methods, rows) = self.rows(pair, name);
        let mut changed: BTreeMap<(usize, Direction, String, String), Vec<String>> =
            BTreeMap::new();
        for (number, person) in self.people.iter().enumerate() {
            if person.kind.is_outside() && !is_policy_known {
                continue;
            }
            let mut undecided = [false, false];
            for (method, at) in &methods {
                let cells: Vec<Cell> = rows
                    .iter()
                    .zip(person.places)
                    .zip(at)
                    .map(|((rows, place), at)| {
                        let cell = place
                            .zip(*at)
                            .and_then(|(place, at)| rows.get(place)?.get(at));
                        cell.copied().unwrap_or(NONE)
                    })
                    .collect();
                let &[before, after] = cells.as_slice() else {
                    continue;
                };
                let is_undecided = [before, after].map(|it| it.verdict == Verdict::Undecided);
                if is_undecided.contains(&true) {
                    undecided = [
                        undecided[0] | is_undecided[0],
                        undecided[1] | is_undecided[1],
                    ];
                } else if let Some(direction) = direction(before, after) {
                    let key = (number, direction, in_words(before), in_words(after));
                    changed.entry(key).or_default().push(method.clone());
                }
            }
            for (side, _) in SIDES.into_iter().zip(undecided).filter(|it| it.1) {
                let what = format!("what {} can call of {}", person.label(), place.in_words());
                difference.not_known(side, what, "it could not be decided");
            }
        }
        for ((number, direction, before, after), methods) in changed {
            let Some(person) = self.people.get(number) else {
                continue;
            };
            difference.access.push(AccessChange {
                direction,
                kind: person.kind,
                name: person.name.clone(),
                place: place.clone(),
                before,
                after,
                methods,
            });
        }
    }

    /// The methods of a stage that can be compared, and the answers of each side, a row for each who is asked there.
    fn rows(&mut self, pair: &Pair<'_>, stage: &str) -> (Methods, [Vec<Vec<Cell>>; 2]) {
        let sides = [pair.before, pair.after];
        let of_stage = [0, 1].map(|side| {
            let view = self.views.get(side);
            let api = sides.get(side).copied().flatten();
            let methods = view
                .zip(api)
                .and_then(|(view, api)| view.estate.api(&api.region, &api.id));
            let methods = methods.map_or(&[][..], |it| it.1).iter();
            let own = methods.filter(|it| it.stage.name == stage && it.asks_iam());
            own.collect::<Vec<_>>()
        });
        let methods = comparable(pair, stage, &of_stage);
        let mut rows = self.asking.iter_mut().zip(&of_stage);
        let mut next = || {
            rows.next()
                .map_or_else(Vec::new, |(asking, methods)| asking.rows(methods))
        };
        let rows = [next(), next()];
        (methods, rows)
    }
}

/// The methods that IAM decides about on a side, and that nobody else answers, or everybody may call, on the other.
fn comparable(pair: &Pair<'_>, stage: &str, of_stage: &[Vec<&CallableMethod<'_>>; 2]) -> Methods {
    let mut named: BTreeMap<(&str, &str), Method> = BTreeMap::new();
    for (side, methods) in of_stage.iter().enumerate() {
        for (at, method) in methods.iter().enumerate() {
            let entry = named.entry((method.path, method.verb));
            let (_, places) = entry.or_insert_with(|| (method.name(), [None, None]));
            if let Some(slot) = places.get_mut(side) {
                *slot = Some(at);
            }
        }
    }
    let sides = [pair.before, pair.after];
    let stages = sides.map(|api| api.zip(stage_of(api, stage)));
    let [before, after] = stages;
    let keys = named
        .keys()
        .map(|(path, verb)| ((*verb).to_owned(), (*path).to_owned()));
    let answers = stage::answers((before, after), keys.collect::<Vec<_>>());
    let is_plain = |answer: &Option<Answer>| {
        answer
            .as_ref()
            .is_none_or(|it| it.is_itself && !it.is_open && !it.is_unknown)
    };
    let both = named.into_values().zip(answers);
    both.filter(|(_, answers)| answers.iter().all(is_plain))
        .map(|(method, _)| method)
        .collect()
}
