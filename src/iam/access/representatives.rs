//! Requests that stand in for all ways in which a method's requests meet the patterns.

use crate::iam::access::speaking::{Finder, Found};
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::{Piece, Template};
use crate::iam::truth::Truths;

/// How many requests are chosen at first. The others are learned from later answers.
const FIRST: usize = 96;

/// A choice of requests, by their last parts.
#[derive(Debug)]
pub(in crate::iam) struct Chosen {
    lasts: Vec<String>,
    begins: Vec<Begin>,
}

/// The letters that all requests of one verb begin with.
#[derive(Debug)]
struct Begin {
    text: String,
    /// The positions of each pattern after them. `None`: it is not short.
    states: Vec<Option<u64>>,
}

impl Chosen {
    /// Requests that meet one pattern or another.
    pub(in crate::iam) fn new(
        patterns: &Patterns,
        (found, finder): (&Found, &mut Finder),
        part: &mut [(usize, u128)],
        template: &Template,
    ) -> Self {
        let begins = template.verbs.iter().map(|verb| {
            let letters = verb.iter().map_while(|piece| match piece {
                Piece::Letter(letter) => Some(*letter),
                _ => None,
            });
            let states = part.iter().map(|(pattern, _)| {
                let ready = patterns.last(*pattern)?;
                ready.is_short().then(|| ready.after_all(verb))
            });
            Begin {
                text: letters.collect(),
                states: states.collect(),
            }
        });
        let mut chosen = Chosen {
            begins: begins.collect(),
            lasts: Vec::new(),
        };
        for last in template.lasts() {
            chosen.add(patterns, part, last);
        }
        for (place, lane) in found.part.iter().enumerate() {
            let met = part.get(place).is_none_or(|(_, met)| *met != 0);
            if met || chosen.lasts.len() >= FIRST {
                continue;
            }
            if let Some(last) = finder.example(patterns, found, lane, template) {
                chosen.add(patterns, part, last);
            }
        }
        chosen
    }

    /// How many there are.
    pub(in crate::iam) fn count(&self) -> usize {
        self.lasts.len()
    }

    /// Whether it was not among them yet, and there was room.
    pub(in crate::iam) fn add(
        &mut self,
        patterns: &Patterns,
        part: &mut [(usize, u128)],
        last: String,
    ) -> bool {
        if self.count() == Truths::MOST || self.lasts.contains(&last) {
            return false;
        }
        let mut begins = self.begins.iter();
        let begin = begins.find_map(|it| Some((it, last.strip_prefix(it.text.as_str())?)));
        for (place, (pattern, mask)) in part.iter_mut().enumerate() {
            let Some(ready) = patterns.last(*pattern) else {
                continue;
            };
            let begun = begin.and_then(|(it, rest)| Some(((*it.states.get(place)?)?, rest)));
            let met = match begun {
                Some((state, rest)) => ready.matches_from(state, rest),
                None => ready.matches(&last),
            };
            *mask |= u128::from(met) << self.lasts.len();
        }
        self.lasts.push(last);
        true
    }
}
