//! Policy variables whose value is not known: one value for one caller.
//!
//! `pets/${aws:username}` is first taken for `pets/*`, which is right for the question whether a request may be
//! allowed to somebody. But a caller has one name: where every request of a method may be allowed, and each to
//! another caller, the answer is SOME and not ALL. And where an Allow and a Deny have the same variable at the
//! same place, nobody is allowed anything.
//!
//! ALL is proven by values: one for each variable, with which every request is allowed. A value that does this
//! stands for letters that all requests have in common, such as the stage's name or the Region, or else it is one
//! at which a variable does no harm: no value at all, one that nothing else speaks of, or one that another
//! pattern spells out. These are tried (`candidates.rs`).

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::access::candidates::{Candidates, NAMES, Value, texts};
use crate::iam::access::tally::{Tally, tally};
use crate::iam::condition::variable::Token;
use crate::iam::decide::weigh::{Fate, Weighed};
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::library::{Patterns, Reach};
use crate::iam::pattern::template::{Piece, Template};
use crate::iam::truth::Truth;

/// How many sets of values are tried.
const MOST_SETS: usize = 1_024;

/// How many places with one variable are looked at one by one.
const MOST_PLACES: usize = 6;

/// Corrects an answer that takes each variable for a `*`. Work is taken from the budget.
pub(in crate::iam) fn with_one_value(
    (weighed, patterns): (&Weighed, &Patterns),
    template: &Template,
    mut seen: Tally,
    budget: &mut usize,
) -> Result<Tally, TooMuch> {
    if !seen.conditional || seen.allowed.is_none() {
        return Ok(seen);
    }
    let search = Search {
        weighed,
        patterns,
        template,
        open: open(weighed, patterns, template),
    };
    if search.open.is_empty() {
        return Ok(seen);
    }
    if let Some(at_places) = search.place_by_place(budget)? {
        if at_places.allowed.is_none() {
            return Ok(at_places);
        }
        seen.allowed = at_places.allowed;
    }
    if seen.denied.is_none() {
        seen.denied = search.refused(budget)?;
    }
    Ok(seen)
}

/// The numbers of the patterns with unknown variables that some request of the method may meet.
fn open(weighed: &Weighed, patterns: &Patterns, template: &Template) -> Vec<usize> {
    let numbers: BTreeSet<usize> = weighed.uses().map(|(number, _)| number).collect();
    let open = numbers.into_iter().filter(|number| {
        let pattern = patterns.all.get(*number);
        pattern.is_some_and(|it| {
            let reaches = !matches!(it.reach(&template.head), Reach::Nothing);
            !it.holes.is_empty() && reaches
        })
    });
    open.collect()
}

struct Search<'s> {
    weighed: &'s Weighed,
    patterns: &'s Patterns,
    template: &'s Template,
    open: Vec<usize>,
}

/// Where a pattern with a variable is met if it is met at all: patterns with the same are met together, as far
/// as nothing else keeps one of them from being met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    /// Where a parameter, by its place in the template, has the value of this key.
    Parameter(usize, String),
    /// This pattern itself is met.
    Pattern(usize),
}

impl Search<'_> {
    /// What the answer is if patterns that have the same variable at the same place are met together. `None`:
    /// that is no other answer.
    fn place_by_place(&self, budget: &mut usize) -> Result<Option<Tally>, TooMuch> {
        let mut signs: BTreeMap<Met, (bool, bool)> = BTreeMap::new();
        let mut places: BTreeMap<usize, Met> = BTreeMap::new();
        for (number, allows) in self.weighed.uses() {
            if self.open.contains(&number) {
                let place = self.place(number);
                let sign = signs.entry(place.clone()).or_default();
                *if allows { &mut sign.0 } else { &mut sign.1 } = true;
                places.insert(number, place);
            }
        }
        signs.retain(|_, sign| *sign == (true, true));
        if signs.is_empty() || signs.len() > MOST_PLACES {
            return Ok(None);
        }
        let mut all = Tally::default();
        for met in 0..1_usize << signs.len() {
            let weighed = self.weighed.with(self.patterns, &|number| {
                let bit = places
                    .get(&number)
                    .and_then(|it| signs.keys().position(|own| own == it));
                match bit {
                    Some(bit) if met & (1 << bit) != 0 => Fate::Known(None),
                    Some(_) => Fate::Never,
                    None => Fate::Same,
                }
            });
            let one = tally(&weighed, self.template, Tally::default(), budget)?;
            // Which of these hold is not known.
            if let Some((_, last)) = one.allowed {
                all.allowed.get_or_insert((Truth::Unknown, last));
                all.conditional = true;
            }
            if let Some(denied) = one.denied {
                all.denied.get_or_insert(denied);
            }
        }
        Ok(Some(all))
    }

    /// Where a pattern is met.
    fn place(&self, number: usize) -> Met {
        let mut places = self.template.verbs.iter().filter_map(|verb| {
            let ready = self.patterns.last(number)?;
            let is_out = ready.differs_at_once(verb);
            (!is_out).then(|| self.parameter(number, verb))
        });
        match places.next() {
            Some(Some(first)) if places.all(|it| it.as_ref() == Some(&first)) => first,
            _ => Met::Pattern(number),
        }
    }

    /// The parameter of a verb that has the value of the variable wherever the pattern is met.
    fn parameter(&self, number: usize, verb: &[Piece]) -> Option<Met> {
        let parts = &self.patterns.all.get(number)?.parts;
        let [hole] = self.patterns.holes(number) else {
            return None;
        };
        let (last, begin) = (parts.last()?, parts.last_begins()?);
        let at = hole.at.checked_sub(begin)?;
        let mut before = last.get(..at)?.iter().zip(verb.get(..at)?);
        let are_the_same = before.all(|it| match it {
            (Token::Letter(one), Piece::Letter(other)) => one == other,
            (Token::One, Piece::Letter(_)) => true,
            _ => false,
        });
        if !are_the_same || verb.get(at) != Some(&Piece::Parameter) {
            return None;
        }
        let behind = verb.get(at + 1..)?;
        let is_whole = match last.get(at + 1) {
            None => behind.is_empty(),
            Some(Token::Letter('/')) => {
                // With more slashes behind, a value with a slash could reach across one.
                let slashes = behind.iter().filter(|it| **it == Piece::Letter('/'));
                let is_name = NAMES.contains(&hole.key.as_str());
                behind.first() == Some(&Piece::Letter('/'))
                    && !behind.contains(&Piece::Greedy)
                    && (is_name || slashes.count() == 1)
            }
            Some(_) => false,
        };
        let parameters = verb.iter().take(at).filter(|it| it.is_many());
        is_whole.then(|| Met::Parameter(parameters.count(), hole.key.clone()))
    }

    /// A request that is refused to a caller with some values, if it is so whatever the values are.
    fn refused(&self, budget: &mut usize) -> Result<Option<(Truth, String)>, TooMuch> {
        let mut values: Vec<(&str, Vec<Value<'_>>)> = Vec::new();
        let mut are_all = true;
        let candidates = Candidates {
            weighed: self.weighed,
            patterns: self.patterns,
            template: self.template,
            open: &self.open,
        };
        for hole in self.open.iter().flat_map(|it| self.patterns.holes(*it)) {
            if values.iter().all(|(key, _)| *key != hole.key) {
                let (of_key, complete) = candidates.of(&hole.key, budget)?;
                values.push((&hole.key, of_key));
                are_all &= complete;
            }
        }
        let counts = values.iter().map(|(_, it)| it.len());
        let sets = counts.fold(1, usize::saturating_mul);
        are_all &= sets <= MOST_SETS;
        let mut refused = None;
        for set in 0..sets.min(MOST_SETS) {
            let mut left = set;
            let chosen: BTreeMap<&str, &Value<'_>> = values
                .iter()
                .filter_map(|(key, values)| {
                    let place = left % values.len();
                    left /= values.len();
                    Some((*key, values.get(place)?))
                })
                .collect();
            let Some(texts) = texts(&chosen) else {
                continue;
            };
            let weighed = self.weighed.with(self.patterns, &|number| {
                let Some(pattern) = self.patterns.all.get(number) else {
                    return Fate::Never;
                };
                if !self.open.contains(&number) {
                    return Fate::Same;
                }
                let value = |key: &str| texts.get(key).and_then(|it| it.as_deref());
                match pattern.parts.filled(&pattern.holes, &value) {
                    Some(parts) => Fate::Known(Some(parts)),
                    None => Fate::Never,
                }
            });
            let one = tally(&weighed, self.template, Tally::default(), budget)?;
            match one.denied {
                None => return Ok(None),
                denied => refused = refused.or(denied),
            }
        }
        if are_all { Ok(refused) } else { Err(TooMuch) }
    }
}
