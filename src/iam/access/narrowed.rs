//! What weighs on one caller's requests of one method.

use std::rc::Rc;

use foldhash::HashMap;

use crate::iam::access::reading::{Reading, Slot, Weighing};
use crate::iam::access::tally::Place;
use crate::iam::decide::statement::Live;
use crate::iam::decide::weigh::Weighed;

/// The number of a pattern that takes in all requests of a method.
const EVERYTHING: usize = usize::MAX;

/// The statements that say anything of the method, by the lanes of their patterns.
pub(super) struct Narrowed {
    /// Its patterns' numbers are places among `patterns`.
    pub(super) weighed: Weighed,
    /// Whether nothing in it depends on what is not known.
    pub(super) certain: bool,
    /// One pattern of each lane.
    pub(super) patterns: Vec<usize>,
}

impl Narrowed {
    pub(super) fn new(policies: &[Vec<Live>], reading: &Reading, weighing: Weighing<'_>) -> Self {
        let mut kept = Kept::default();
        let mut certain = true;
        let weighed = weighed(policies, reading, weighing, |it| {
            certain &= it.is_certain();
            it.with_patterns(&mut |number| kept.number(reading, number))
        });
        Narrowed {
            weighed,
            certain,
            patterns: kept.patterns,
        }
    }

    /// What a pattern's number stands for.
    pub(super) fn place(number: usize) -> Place {
        match number {
            EVERYTHING => Place::Fixed(true),
            place => Place::Among(place),
        }
    }
}

/// The statements of the policies that say anything of the method, as they are.
pub(super) fn whole(policies: &[Vec<Live>], reading: &Reading, weighing: Weighing<'_>) -> Weighed {
    weighed(policies, reading, weighing, |it| Some(it.clone()))
}

fn weighed(
    policies: &[Vec<Live>],
    reading: &Reading,
    weighing: Weighing<'_>,
    mut keep: impl FnMut(&Live) -> Option<Live>,
) -> Weighed {
    let mut statements = |numbers: &[usize]| -> Vec<Live> {
        let speaking = numbers.iter().filter(|it| reading.speaks(**it));
        let all = speaking.filter_map(|it| policies.get(*it)).flatten();
        all.filter_map(&mut keep).collect()
    };
    if weighing.is_outside {
        let resource = weighing.resource.map_or(Vec::new(), |it| statements(&[it]));
        return Weighed::of_outsider(resource, Rc::default());
    }
    Weighed::of_same_account(
        statements(weighing.identity),
        weighing.boundary.map(|it| statements(&[it])),
        weighing.resource.map_or(Vec::new(), |it| statements(&[it])),
    )
}

/// The lanes that a decision depends on.
#[derive(Default)]
struct Kept {
    numbers: HashMap<u32, usize>,
    /// One pattern of each.
    patterns: Vec<usize>,
}

impl Kept {
    /// The number of a pattern's lane among those kept, or one that is none where it takes in all
    /// requests. `None`: it takes in nothing.
    fn number(&mut self, reading: &Reading, pattern: usize) -> Option<usize> {
        match reading.slot(pattern) {
            Slot::Nothing => None,
            Slot::Everything => Some(EVERYTHING),
            Slot::Part(lane) => Some(*self.numbers.entry(lane).or_insert_with(|| {
                self.patterns.push(pattern);
                self.patterns.len() - 1
            })),
        }
    }
}
