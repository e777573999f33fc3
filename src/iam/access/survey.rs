//! Many policies, asked about one method after another.
//!
//! For a method, the ways in which its requests can meet the patterns of *all* policies are listed once, a
//! bit each. What a policy says of the method is then a few words, and what several come to is the same
//! formula as for one request, over those words. Where the ways are too many to list, a choice of requests
//! stands in for them: it can prove SOME, and nothing else.

use std::cell::RefCell;

use foldhash::{HashMap, HashSet};

use crate::iam::access::assignment::with_one_value;
use crate::iam::access::representatives::Chosen;
use crate::iam::access::speaking::{Finder, Found, Lane};
use crate::iam::access::tally::{Lanes, Place, Tally, of_lanes};
use crate::iam::access::verdict::Verdict;
use crate::iam::decide::weigh::{
    Attached, Live, Question, Resources, Said, Side, Sides, Weighed, compile,
};
use crate::iam::document::Policy;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::{BUDGET, TooMuch};
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::Template;
use crate::iam::pattern::walk::Bank;
use crate::iam::truth::{Logic, Truth, Truths};

/// How many words of sets are computed to list the ways of one method.
const FEW: usize = 30_000;

/// How many words of sets are computed for all questions about the same policies, whatever the methods, before
/// they have to make do with little.
const WHOLE_BUDGET: usize = 10 * BUDGET;

/// How many words of sets are computed for each question after that.
const LITTLE: usize = 20_000;

/// The number of a pattern that takes in all requests of a method.
const EVERYTHING: usize = usize::MAX;

/// Policies, made ready to be asked about many methods.
#[derive(Debug, Default)]
pub struct Survey {
    patterns: Patterns,
    policies: Vec<Vec<Live>>,
    numbers: HashMap<Vec<Live>, usize>,
    /// The policies that have each pattern.
    having: Vec<Vec<usize>>,
    /// The policies that speak of what they do not name.
    always: Vec<usize>,
    finder: Finder,
    /// How much work the questions about the same policies took, by the policies' numbers.
    spent: RefCell<HashMap<Vec<usize>, usize>>,
}

/// What all policies say of one method.
#[derive(Debug)]
pub struct Reading {
    /// How many ways, or requests in their stead.
    count: usize,
    /// The requests that stand in for the ways. `None`: the ways are all listed.
    chosen: Option<Chosen>,
    /// What each pattern takes in.
    slots: Vec<Slot>,
    /// The lanes of patterns that take in some requests and others not: one pattern of each, with where.
    part: Vec<(usize, u128)>,
    /// Where in `entries` each policy is, and one more.
    places: Vec<u32>,
    entries: Vec<Entry>,
}

/// What a pattern takes in of a method's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Nothing,
    Everything,
    /// Some, and others not: its lane.
    Part(u32),
}

#[derive(Debug)]
struct Entry {
    policy: usize,
    /// As far as it is the same for every request.
    rough: Said<Truth>,
    said: Said<Truths>,
    /// Whether nothing in it depends on what is not known.
    certain: bool,
    /// Whether it has variables whose values are not known, so that what it says of one request does not tell
    /// what it says of all.
    varies: bool,
}

/// What a policy, taken by itself, says of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// ALL: it allows every request, whatever is not known. NONE: it allows none. SOME: anything else.
    pub allows: Verdict,
    /// The same for Deny.
    pub denies: Verdict,
}

/// The policies that weigh on a caller of the API's own account, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weighing<'w> {
    /// The identity policies.
    pub identity: &'w [usize],
    /// The permissions boundary.
    pub boundary: Option<usize>,
    /// The API's resource policy.
    pub resource: Option<usize>,
}

impl Weighing<'_> {
    /// The numbers of all the policies.
    fn policies(&self) -> impl Iterator<Item = usize> {
        let others = [self.boundary, self.resource].into_iter().flatten();
        others.chain(self.identity.iter().copied())
    }
}

impl Survey {
    /// Takes a policy in, as it speaks to the caller of the question. Policies that say the same have the
    /// same number.
    pub fn add(&mut self, policy: &Policy, question: Question<'_>, attached: Attached) -> usize {
        let statements = compile(policy, question, attached, &mut self.patterns);
        if let Some(number) = self.numbers.get(&statements) {
            return *number;
        }
        let number = self.policies.len();
        self.having.resize(self.patterns.all.len(), Vec::new());
        let mut always = false;
        for statement in &statements {
            match &statement.resources {
                Resources::Everything => always = true,
                Resources::Patterns { negated, patterns } => {
                    always |= negated;
                    for (pattern, _) in patterns {
                        if let Some(having) = self.having.get_mut(*pattern)
                            && having.last() != Some(&number)
                        {
                            having.push(number);
                        }
                    }
                }
            }
        }
        if always {
            self.always.push(number);
        }
        self.finder.clear();
        self.numbers.insert(statements.clone(), number);
        self.policies.push(statements);
        number
    }

    /// How many policies were taken in.
    pub fn policies(&self) -> usize {
        self.policies.len()
    }

    /// A number for the stage of a template, whose requests' last parts all begin with these letters. Stages
    /// that no pattern tells apart have the same number: what the policies say of their methods is the same
    /// where verb and path are the same. Another policy may change it.
    pub fn stage(&mut self, template: &Template, before: &str) -> usize {
        self.finder.number(&self.patterns, template, before)
    }

    /// What the policies say of a method.
    pub fn of(&mut self, template: &Template) -> Reading {
        let found = self.finder.find(&self.patterns, template);
        let mut reading = Reading {
            count: 0,
            chosen: None,
            slots: vec![Slot::Nothing; self.patterns.all.len()],
            part: Vec::new(),
            places: vec![0; self.policies.len()],
            entries: Vec::new(),
        };
        let part = found.lanes.iter();
        let part = part.map(|(it, lane)| (*it, Slot::Part(*lane)));
        let whole = found.whole.iter().map(|it| (*it, Slot::Everything));
        for (pattern, slot) in part.chain(whole) {
            if let Some(own) = reading.slots.get_mut(pattern) {
                *own = slot;
            }
        }
        match self.ways(&found, template) {
            Some((count, part)) => (reading.count, reading.part) = (count, part),
            None => {
                reading.part = found.part.iter().map(|it| (it.pattern, 0)).collect();
                let known = (&found, &mut self.finder);
                let chosen = Chosen::new(&self.patterns, known, &mut reading.part, template);
                reading.count = chosen.count();
                reading.chosen = Some(chosen);
            }
        }
        self.say(&mut reading, &found);
        reading
    }

    /// Decides by itself what [`answer`](Reading::answer) leaves open, and learns from it.
    pub fn decide(
        &self,
        reading: &mut Reading,
        weighing: Weighing<'_>,
        template: &Template,
    ) -> (Verdict, bool) {
        let of = |number: usize| self.policies.get(number).map_or(&[][..], Vec::as_slice);
        let mut kept = Kept::default();
        let mut certain = true;
        let mut keep = |numbers: &[usize]| -> Vec<Live> {
            let speaking = numbers.iter().copied().filter(|it| reading.speaks(*it));
            let statements = speaking.flat_map(of);
            let statements = statements.inspect(|it| certain &= it.is_certain());
            statements
                .filter_map(|it| it.with_patterns(&mut |number| kept.number(reading, number)))
                .collect()
        };
        let weighed = Weighed::of_same_account(
            keep(weighing.identity),
            weighing.boundary.map(|it| keep(&[it])),
            weighing.resource.map_or(Vec::new(), |it| keep(&[it])),
        );
        let patterns = kept.patterns.iter();
        let varying: Vec<&Ready> = patterns.filter_map(|it| self.patterns.last(*it)).collect();
        let lanes = Lanes {
            patterns: &varying,
            place: &|number| match number {
                EVERYTHING => Place::Fixed(true),
                place => Place::Among(place),
            },
        };
        let look = |budget: &mut usize| -> Result<Tally, TooMuch> {
            let mut tally = Tally::default();
            for verb in &template.verbs {
                of_lanes((&weighed, certain), lanes, verb, &mut tally, budget)?;
                if tally.is_enough(certain) {
                    break;
                }
            }
            let whole = |numbers: &[usize]| -> Vec<Live> {
                let speaking = numbers.iter().copied().filter(|it| reading.speaks(*it));
                speaking.flat_map(of).cloned().collect()
            };
            let varies = |it: usize| reading.entry(it).is_some_and(|it| it.varies);
            if !weighing.policies().any(varies) {
                return Ok(tally);
            }
            let weighed = Weighed::of_same_account(
                whole(weighing.identity),
                weighing.boundary.map(|it| whole(&[it])),
                weighing.resource.map_or(Vec::new(), |it| whole(&[it])),
            );
            with_one_value((&weighed, &self.patterns), template, tally, budget)
        };
        let own = weighing.policies().filter(|it| reading.speaks(*it));
        let Ok(tally) = self.within_bounds(own.collect(), look) else {
            return (Verdict::Undecided, false);
        };
        let answer = (tally.verdict(), tally.conditional);
        let learned = [tally.allowed, tally.denied].into_iter().flatten();
        self.learn(reading, learned.map(|(_, last)| last));
        answer
    }

    /// Whether a statement has a variable whose value is not known, in a pattern that some requests meet.
    fn varies(&self, statement: &Live, slots: &[Slot]) -> bool {
        let Resources::Patterns { patterns, .. } = &statement.resources else {
            return false;
        };
        patterns.iter().any(|(number, _)| {
            let has_holes = self
                .patterns
                .all
                .get(*number)
                .is_some_and(|it| !it.holes.is_empty());
            has_holes && slots.get(*number).is_some_and(|it| *it != Slot::Nothing)
        })
    }

    /// How many words of sets were computed to decide questions one by one.
    pub fn work(&self) -> usize {
        self.spent.borrow().values().sum()
    }

    /// Does work for a question about these policies, within the bound for each question and that for all
    /// questions about them: who has policies that explode uses up nobody else's work.
    fn within_bounds<T>(
        &self,
        policies: Vec<usize>,
        work: impl FnOnce(&mut usize) -> Result<T, TooMuch>,
    ) -> Result<T, TooMuch> {
        let mut spent = self.spent.borrow_mut();
        let spent = spent.entry(policies).or_default();
        let given = WHOLE_BUDGET.saturating_sub(*spent).clamp(LITTLE, BUDGET);
        let mut left = given;
        let done = work(&mut left);
        *spent += given - left;
        done
    }

    fn learn(&self, reading: &mut Reading, lasts: impl Iterator<Item = String>) {
        let Some(chosen) = &mut reading.chosen else {
            return;
        };
        let mut new = false;
        for last in lasts {
            new |= chosen.add(&self.patterns, &mut reading.part, last);
        }
        if new {
            reading.count = chosen.count();
            self.say_exactly(reading);
        }
    }

    /// Lists the ways in which requests meet the patterns: how many, and where each pattern is met. `None`:
    /// they are too many.
    fn ways(&self, found: &Found, template: &Template) -> Option<(usize, Vec<(usize, u128)>)> {
        let mut part: Vec<(usize, u128)> = found.part.iter().map(|it| (it.pattern, 0)).collect();
        let mut seen: HashSet<Vec<bool>> = HashSet::default();
        let mut budget = FEW;
        let mut verbs = HashSet::default();
        for (number, verb) in template.verbs.iter().enumerate() {
            let cover = |lane: &Lane| lane.covers.get(number).copied().unwrap_or(Cover::None);
            let varying: Vec<&Ready> = found
                .part
                .iter()
                .filter(|lane| cover(lane) == Cover::Some)
                .map(|lane| self.patterns.last(lane.pattern))
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
            let ways = if varying.is_empty() {
                vec![Vec::new()]
            } else {
                Bank::new(&varying).walk(verb, &mut budget).ok()?
            };
            for way in ways {
                let mut way = way.into_iter();
                let met = found.part.iter().map(|lane| match cover(lane) {
                    Cover::All => true,
                    Cover::None => false,
                    Cover::Some => way.next().unwrap_or(false),
                });
                let met: Vec<bool> = met.collect();
                let bit = seen.len();
                if seen.contains(&met) {
                    continue;
                }
                if bit == Truths::MOST {
                    return None;
                }
                for ((_, mask), met) in part.iter_mut().zip(&met) {
                    *mask |= u128::from(*met) << bit;
                }
                seen.insert(met);
            }
        }
        Some((seen.len(), part))
    }

    fn say(&self, reading: &mut Reading, found: &Found) {
        let part = found.lanes.iter().map(|(it, _)| it);
        let having = found.whole.iter().chain(part);
        let having = having.flat_map(|it| self.having.get(*it).into_iter().flatten());
        for policy in having.chain(&self.always).copied() {
            let place = reading.entries.len() + 1;
            let slot = reading.places.get_mut(policy);
            let (Some(statements), Some(slot @ 0)) = (self.policies.get(policy), slot) else {
                continue;
            };
            *slot = u32::try_from(place).unwrap_or_default();
            let roughly = |pattern: usize| match reading.slots.get(pattern) {
                Some(Slot::Everything) => Truth::True,
                Some(Slot::Part(_)) => Truth::Unknown,
                Some(Slot::Nothing) | None => Truth::False,
            };
            reading.entries.push(Entry {
                policy,
                rough: Said::by(statements, &roughly),
                said: Said::nothing(),
                certain: statements.iter().all(Live::is_certain),
                varies: statements.iter().any(|it| self.varies(it, &reading.slots)),
            });
        }
        self.say_exactly(reading);
    }

    /// Says it again for the requests at hand.
    fn say_exactly(&self, reading: &mut Reading) {
        let (slots, part) = (&reading.slots, &reading.part);
        let exactly = |pattern: usize| {
            let mask = match slots.get(pattern) {
                Some(Slot::Everything) => u128::MAX,
                Some(Slot::Part(place)) => part.get(*place as usize).map_or(0, |(_, it)| *it),
                Some(Slot::Nothing) | None => 0,
            };
            Truths {
                certain: mask,
                possible: mask,
            }
        };
        for entry in &mut reading.entries {
            let statements = self.policies.get(entry.policy);
            entry.said = Said::by(statements.map_or(&[][..], Vec::as_slice), &exactly);
        }
    }
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

impl Reading {
    fn slot(&self, pattern: usize) -> Slot {
        self.slots.get(pattern).copied().unwrap_or(Slot::Nothing)
    }

    fn entry(&self, policy: usize) -> Option<&Entry> {
        let place = self.places.get(policy).copied().unwrap_or_default();
        self.entries.get((place as usize).checked_sub(1)?)
    }

    /// Whether a policy says anything of the method.
    pub fn speaks(&self, policy: usize) -> bool {
        self.entry(policy).is_some()
    }

    /// The policies that say anything of the method, with what.
    pub fn touched(&self) -> impl Iterator<Item = (usize, Touched)> {
        let listed = self.chosen.is_none();
        let all = self.all();
        self.entries.iter().map(move |entry| {
            let one = |rough: Truth, exact: Truths| match rough {
                Truth::True => Verdict::All,
                Truth::False => Verdict::None,
                Truth::Unknown if listed && exact.certain & all == all => Verdict::All,
                Truth::Unknown if listed && exact.possible & all == 0 => Verdict::None,
                Truth::Unknown => Verdict::Some,
            };
            let touched = Touched {
                allows: one(entry.rough.allows, entry.said.allows),
                denies: one(entry.rough.denies, entry.said.denies),
            };
            (entry.policy, touched)
        })
    }

    fn all(&self) -> u128 {
        match self.count {
            0 => 0,
            count => u128::MAX >> (Truths::MOST - count),
        }
    }

    /// How many of the method's requests a caller is allowed, and whether that depends on what is not
    /// known. `None`: the requests at hand do not tell.
    pub fn answer(&self, weighing: Weighing<'_>) -> Option<(Verdict, bool)> {
        let entries = || weighing.policies().filter_map(|it| self.entry(it));
        let exact = self.sides(weighing, |it| it.said);
        let allowed = exact.outcome(Side::SameAccount).allowed;
        let all = self.all();
        let possible = allowed.possible & all;
        let conditional = possible & !allowed.certain != 0;
        if conditional && entries().any(|it| it.varies) {
            return None;
        }
        if self.chosen.is_none() {
            let verdict = match possible {
                0 => Verdict::None,
                it if it == all => Verdict::All,
                _ => Verdict::Some,
            };
            return Some((verdict, conditional));
        }
        let is_some = possible != 0 && possible != all;
        if is_some && (conditional || entries().all(|it| it.certain)) {
            return Some((Verdict::Some, conditional));
        }
        let rough = self.sides(weighing, |it| it.rough);
        match rough.outcome(Side::SameAccount).allowed {
            Truth::False => Some((Verdict::None, false)),
            Truth::True => Some((Verdict::All, false)),
            Truth::Unknown => None,
        }
    }

    fn sides<T: Logic + Copy>(
        &self,
        weighing: Weighing<'_>,
        said: impl Fn(&Entry) -> Said<T>,
    ) -> Sides<T> {
        let mut sides = sides();
        for entry in weighing.identity.iter().filter_map(|it| self.entry(*it)) {
            let said = said(entry);
            sides.identity = sides.identity | said.allows;
            sides.denied = sides.denied | said.denies;
        }
        if let Some(boundary) = weighing.boundary {
            let said = self.entry(boundary).map_or_else(Said::nothing, &said);
            sides.boundary = said.allows;
            sides.denied = sides.denied | said.denies;
        }
        if let Some(entry) = weighing.resource.and_then(|it| self.entry(it)) {
            sides.resource = said(entry);
            sides.denied = sides.denied | sides.resource.denies;
        }
        sides
    }
}

fn sides<T: Logic + Copy>() -> Sides<T> {
    let (no, yes) = (T::from(Truth::False), T::from(Truth::True));
    Sides {
        denied: no,
        identity: no,
        boundary: yes,
        levels: yes,
        resource: Said::nothing(),
    }
}
