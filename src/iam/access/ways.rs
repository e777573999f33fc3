//! The ways in which a method's requests can meet the patterns of all policies.

use std::rc::Rc;

use foldhash::HashSet;

use crate::iam::access::speaking::{Finder, Found, Lane};
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::Template;
use crate::iam::truth::Truths;

/// How many words of sets are computed to list the ways of one method.
const FEW: usize = 4_000;

/// Every way in which requests meet the patterns, a bit each.
pub(super) struct Ways {
    /// How many there are.
    pub(super) count: usize,
    /// One pattern of each lane, with the ways in which it is met.
    pub(super) part: Vec<(usize, u128)>,
}

/// Lists the ways. `None`: they are too many.
pub(super) fn ways(
    patterns: &Patterns,
    (found, finder): (&Found, &mut Finder),
    template: &Template,
) -> Option<Ways> {
    let mut ways = Ways {
        count: 0,
        part: found.part.iter().map(|it| (it.pattern, 0)).collect(),
    };
    let mut seen: HashSet<Vec<bool>> = HashSet::default();
    let mut budget = FEW;
    let mut verbs = HashSet::default();
    for (number, verb) in template.verbs.iter().enumerate() {
        let cover = |lane: &Lane| lane.covers.get(number).copied().unwrap_or(Cover::None);
        let lanes = found.part.iter();
        let lanes: Vec<&Lane> = lanes.filter(|it| cover(it) == Cover::Some).collect();
        let varying: Vec<&Ready> = lanes
            .iter()
            .map(|lane| patterns.last(lane.pattern))
            .collect::<Option<_>>()?;
        // Verbs that no pattern tells apart are the same.
        let (before, _) = verb.split_at(Template::path_begins(verb));
        let states = varying.iter().map(|ready| {
            let state = ready.is_short().then(|| ready.after_all(before));
            state.unwrap_or(number as u64)
        });
        let covers = found.part.iter().map(cover);
        if !verbs.insert((covers.collect::<Vec<_>>(), states.collect::<Vec<_>>())) {
            continue;
        }
        let of_verb = if varying.is_empty() {
            Rc::new(vec![Vec::new()])
        } else {
            let walk = |budget: &mut usize| Bank::new(&varying).walk(verb, budget);
            let known = finder.ways((found, number), &lanes, &mut budget, walk);
            known.ok()?
        };
        for way in of_verb.iter() {
            let mut varying_met = way.iter().copied();
            let met_by = |lane: &Lane| match cover(lane) {
                Cover::All => true,
                Cover::None => false,
                Cover::Some => varying_met.next().unwrap_or(false),
            };
            let met: Vec<bool> = found.part.iter().map(met_by).collect();
            if !seen.contains(&met) {
                ways.add(&met)?;
                seen.insert(met);
            }
        }
    }
    Some(ways)
}

impl Ways {
    /// Adds a way, by whether each lane is met in it. `None`: there is no room for another.
    fn add(&mut self, met: &[bool]) -> Option<()> {
        if self.count == Truths::MOST {
            return None;
        }
        for ((_, mask), met) in self.part.iter_mut().zip(met) {
            *mask |= u128::from(*met) << self.count;
        }
        self.count += 1;
        Some(())
    }
}
