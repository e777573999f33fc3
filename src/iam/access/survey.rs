//! Many policies, asked about one method after another.
//!
//! For a method, the ways in which its requests can meet the patterns of *all* policies are listed once, a
//! bit each. What a policy says of the method is then a few words, and what several come to is the same
//! formula as for one request, over those words. Where the ways are too many to list, a choice of requests
//! stands in for them: it can prove SOME, and nothing else.

use std::cell::RefCell;
use std::num::NonZeroU32;

use foldhash::HashMap;

use crate::iam::access::assignment::with_one_value;
use crate::iam::access::narrowed::{Narrowed, whole};
use crate::iam::access::reading::{Entry, Reading, Slot, Weighing};
use crate::iam::access::representatives::Chosen;
use crate::iam::access::speaking::{Finder, Found, StageKind};
use crate::iam::access::tally::{Lanes, Tally, of_lanes};
use crate::iam::access::verdict::Verdict;
use crate::iam::access::ways::ways;
use crate::iam::decide::compile::compile;
use crate::iam::decide::outcome::Said;
use crate::iam::decide::question::{Attached, Question};
use crate::iam::decide::statement::{Live, Resources};
use crate::iam::document::Policy;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::{BUDGET, TooMuch};
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::Template;
use crate::iam::truth::{Truth, Truths};

/// How many words of sets are computed for all questions about the same policies, whatever the methods, before
/// they have to make do with little.
const WHOLE_BUDGET: usize = 10 * BUDGET;

/// How many words of sets are computed for each question after that.
const LITTLE: usize = 20_000;

/// Policies, made ready to be asked about many methods.
///
/// ```
/// use gatewatch::iam::document::{INVOKE, Policy};
/// use gatewatch::iam::{Attached, Caller, Context, Question, Survey, Template, Verdict, Weighing};
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
///         "Resource": "arn:aws:execute-api:*:*:a1b2c3d4e5/prod/GET/*"}}"#,
/// )
/// .unwrap();
/// let account = "111122223333".to_owned();
/// let question = Question {
///     caller: &Caller::Member { account },
///     action: INVOKE,
///     resource_account: "111122223333",
///     api: "a1b2c3d4e5",
///     context: &Context::open(),
/// };
/// let mut survey = Survey::default();
/// let number = survey.add(&policy, question, Attached::ToCaller);
/// let weighing = Weighing {
///     identity: &[number],
///     boundary: None,
///     resource: None,
///     is_outside: false,
/// };
/// let mut answer = |verb: &str| {
///     let place = ["aws", "eu-west-1", "111122223333"];
///     let method = Template::of_method(place, ["a1b2c3d4e5", "prod"], &[verb], "/pets");
///     survey.of(&method).answer(weighing)
/// };
/// assert_eq!(answer("GET"), Some((Verdict::All, false)));
/// assert_eq!(answer("POST"), Some((Verdict::None, false)));
/// ```
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

impl Survey {
    /// Takes a policy in, as it speaks to the caller of the question, and returns its number. Policies that say the same
    /// have the same number.
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

    /// What the policies tell of the stage of a template, whose requests' last parts all begin with these letters.
    /// What they say of methods of stages with the same number is the same where verb and path are the same, and in a
    /// uniform stage whatever the path. Another policy may change it.
    pub fn stage(&mut self, template: &Template, before: &str) -> StageKind {
        self.finder.kind(&self.patterns, template, before)
    }

    /// What the policies that were taken in so far say of a method.
    pub fn of(&mut self, template: &Template) -> Reading {
        let found = self.finder.find(&self.patterns, template);
        let mut reading = Reading {
            count: 0,
            chosen: None,
            slots: vec![Slot::Nothing; self.patterns.all.len()],
            part: Vec::new(),
            places: vec![None; self.policies.len()],
            entries: Vec::new(),
        };
        let part = found.lanes.iter().map(|(it, lane)| (it, Slot::Part(*lane)));
        let whole = found.whole.iter().map(|it| (it, Slot::Everything));
        for (pattern, slot) in part.chain(whole) {
            if let Some(own) = reading.slots.get_mut(*pattern) {
                *own = slot;
            }
        }
        match ways(&self.patterns, (&found, &mut self.finder), template) {
            Some(ways) => (reading.count, reading.part) = (ways.count, ways.part),
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
        let own = weighing.policies().filter(|it| reading.speaks(*it));
        let look = |budget: &mut usize| self.look(reading, weighing, template, budget);
        let Ok(tally) = self.within_bounds(own.collect(), look) else {
            return (Verdict::Undecided, false);
        };
        let answer = (tally.verdict(), tally.conditional);
        let learned = [tally.allowed, tally.denied].into_iter().flatten();
        self.learn(reading, learned.map(|(_, last)| last));
        answer
    }

    /// Looks at the requests of the method, as far as the answer depends on them.
    fn look(
        &self,
        reading: &Reading,
        weighing: Weighing<'_>,
        template: &Template,
        budget: &mut usize,
    ) -> Result<Tally, TooMuch> {
        let narrowed = Narrowed::new(&self.policies, reading, weighing);
        let patterns = narrowed.patterns.iter();
        let varying: Vec<&Ready> = patterns.filter_map(|it| self.patterns.last(*it)).collect();
        let lanes = Lanes {
            patterns: &varying,
            place: &Narrowed::place,
        };
        let own = (&narrowed.weighed, narrowed.certain);
        let mut tally = Tally::default();
        for verb in &template.verbs {
            of_lanes(own, lanes, verb, &mut tally, budget)?;
            if tally.is_enough(narrowed.certain) {
                break;
            }
        }
        if !weighing.policies().any(|it| reading.varies(it)) {
            return Ok(tally);
        }
        let whole = whole(&self.policies, reading, weighing);
        with_one_value((&whole, &self.patterns), template, tally, budget)
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

    /// How much work [`decide`](Self::decide) has done, in words of sets that were computed.
    pub fn work(&self) -> usize {
        self.spent.borrow().values().sum()
    }

    /// Does work for a question about these policies, within the bound for each question and the bound for all
    /// questions about them. Policies that take much work leave the bounds of others untouched.
    fn within_bounds<T>(
        &self,
        policies: Vec<usize>,
        work: impl FnOnce(&mut usize) -> Result<T, TooMuch>,
    ) -> Result<T, TooMuch> {
        let mut all = self.spent.borrow_mut();
        let spent = all.entry(policies).or_default();
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

    /// Puts down what each policy says of the method.
    fn say(&self, reading: &mut Reading, found: &Found) {
        let part = found.lanes.iter().map(|(it, _)| it);
        let met = found.whole.iter().chain(part);
        let having = met.filter_map(|it| self.having.get(*it)).flatten();
        for policy in having.chain(&self.always).copied() {
            let place = reading.places.get_mut(policy);
            let (Some(statements), Some(place @ None)) = (self.policies.get(policy), place) else {
                continue;
            };
            // More policies than a `u32` counts do not fit into memory.
            let next = u32::try_from(reading.entries.len() + 1);
            *place = next.ok().and_then(NonZeroU32::new);
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
