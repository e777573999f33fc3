//! Methods that no policy tells apart: an account has many, and one is asked about for all of them.

use foldhash::HashMap;

use super::decide::Cell;
use super::method::CallableMethod;
use crate::iam::{StageKind, Survey, Template};
use crate::inventory::Inventory;
use crate::inventory::served::Answers;

/// One method, for all that are like it.
#[derive(Debug, Clone, Copy)]
pub(super) struct One<'m, 'a> {
    pub(super) method: &'m CallableMethod<'a>,
    /// A method of a stage that no policy tells from the method's own: all methods of such stages are asked
    /// about as if they were served there.
    served_with: &'m CallableMethod<'a>,
}

/// The methods that are asked about, one of each kind.
#[derive(Debug)]
pub(super) struct Alike<'m, 'a> {
    /// One of each kind. Those of one stage come one after another.
    pub(super) each: Vec<One<'m, 'a>>,
    /// Which of them stands for each method.
    pub(super) places: Vec<usize>,
}

/// All that a policy can tell methods by.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind<'m> {
    /// The number of the stage, as the policies tell stages apart.
    stage: usize,
    /// The number of the API, where it has a policy of its own.
    policy: Option<usize>,
    verb: &'m str,
    asked: Answers,
    /// `None`: no policy tells paths of the stage apart.
    path: Option<&'m str>,
}

impl One<'_, '_> {
    pub(super) fn template(&self, inventory: &Inventory) -> Template {
        self.method.template_at(inventory, self.served_with)
    }
}

impl<'m, 'a> Alike<'m, 'a> {
    /// `survey` has all the policies.
    pub(super) fn new(
        inventory: &Inventory,
        survey: &mut Survey,
        methods: &[&'m CallableMethod<'a>],
    ) -> Self {
        let mut kinds: HashMap<Kind<'m>, usize> = HashMap::default();
        let mut stages: HashMap<usize, &'m CallableMethod<'a>> = HashMap::default();
        let mut each: Vec<(usize, One<'m, 'a>)> = Vec::new();
        let mut places = Vec::with_capacity(methods.len());
        let mut last: Option<(&'m CallableMethod<'a>, StageKind)> = None;
        for method in methods.iter().copied() {
            let stage = match last {
                Some((other, stage)) if std::ptr::eq(other.stage, method.stage) => stage,
                _ => {
                    let before = format!("{}/{}/", method.api.id, method.stage.name);
                    survey.stage(&method.template(inventory), &before)
                }
            };
            last = Some((method, stage));
            let served_with = *stages.entry(stage.number).or_insert(method);
            let kind = Kind {
                stage: stage.number,
                policy: method
                    .api
                    .resource_policy
                    .is_some()
                    .then_some(method.of_api),
                verb: method.verb,
                asked: method.asked,
                path: (!stage.is_uniform).then_some(method.path),
            };
            let one = One {
                method,
                served_with,
            };
            places.push(*kinds.entry(kind).or_insert_with(|| {
                each.push((stage.number, one));
                each.len() - 1
            }));
        }
        Alike {
            each: stage_by_stage(each, &mut places),
            places,
        }
    }
}

/// The answers of all methods from those of one of each kind, by the places of the latter.
pub(super) fn of_each(places: &[usize], cells: &[Cell]) -> Vec<Cell> {
    let cells = places.iter().filter_map(|place| cells.get(*place));
    cells.copied().collect()
}

/// Orders methods by the numbers of their stages: what is known of one stage serves the next method, if it is of the
/// same. `places` name methods by their places, before and after.
fn stage_by_stage<'m, 'a>(
    each: Vec<(usize, One<'m, 'a>)>,
    places: &mut [usize],
) -> Vec<One<'m, 'a>> {
    let mut ordered: Vec<(usize, (usize, One<'m, 'a>))> = each.into_iter().enumerate().collect();
    ordered.sort_by_key(|(_, (stage, _))| *stage);
    let mut ranks = vec![0; ordered.len()];
    for (rank, (place, _)) in ordered.iter().enumerate() {
        if let Some(slot) = ranks.get_mut(*place) {
            *slot = rank;
        }
    }
    // Each place is one of the methods, so that it has a rank.
    for place in places {
        if let Some(rank) = ranks.get(*place) {
            *place = *rank;
        }
    }
    ordered.into_iter().map(|(_, (_, one))| one).collect()
}
