//! A request for which a formula over patterns holds.
//!
//! What the formula demands in any case is asked for first, and the request that is found mostly does the
//! rest by chance. Where it does not, one choice that it fails is taken up, with one of its alternatives after
//! another. So few of the formula's many cases are ever looked at, and none where the first request does.

use crate::iam::access::formula::Formula;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::template::Piece;
use crate::iam::pattern::witness::{other_letter, witness};

/// The last part of a request of the template for which the formula holds. `None`: there is none. Work is taken
/// from the budget.
///
/// The formula's numbers are places among `patterns`.
pub(in crate::iam) fn satisfy(
    formula: &Formula,
    patterns: &[&Ready],
    template: &[Piece],
    budget: &mut usize,
) -> Result<Option<String>, TooMuch> {
    let mut search = Search {
        other: other_letter(patterns.iter().copied()),
        patterns,
        template,
        budget,
    };
    search.with(&[formula], &Demands::default())
}

struct Search<'s> {
    patterns: &'s [&'s Ready],
    template: &'s [Piece],
    other: char,
    budget: &'s mut usize,
}

/// The patterns that a request has to meet and to miss.
#[derive(Debug, Clone, Default)]
struct Demands {
    met: Vec<usize>,
    missed: Vec<usize>,
}

impl Search<'_> {
    /// A request that does what is demanded, and for which these hold.
    fn with(
        &mut self,
        formulas: &[&Formula],
        demands: &Demands,
    ) -> Result<Option<String>, TooMuch> {
        let mut demanded = demands.clone();
        let mut choices: Vec<(&Formula, &[Formula])> = Vec::new();
        let mut left: Vec<&Formula> = formulas.to_vec();
        while let Some(formula) = left.pop() {
            self.work(1)?;
            match formula {
                Formula::Always(true) => {}
                Formula::Always(false) => return Ok(None),
                Formula::Met(pattern) => demanded.met.push(*pattern),
                Formula::Missed(pattern) => demanded.missed.push(*pattern),
                Formula::All(all) => left.extend(all),
                Formula::Any(any) => choices.push((formula, any)),
            }
        }
        let Some(found) = self.request(&mut demanded)? else {
            return Ok(None);
        };
        let mut failed: Option<(usize, &[Formula])> = None;
        for (place, (formula, any)) in choices.iter().enumerate() {
            self.work(any.len())?;
            let fewer = failed.is_none_or(|(_, other)| any.len() < other.len());
            if fewer && !formula.holds(&|it| self.meets(it, &found)) {
                failed = Some((place, any));
            }
        }
        let Some((failed, any)) = failed else {
            return Ok(Some(found));
        };
        let all = choices.iter().enumerate();
        let others = all.filter(|(place, _)| *place != failed);
        let mut wanted: Vec<&Formula> = others.map(|(_, (formula, _))| *formula).collect();
        for alternative in any {
            wanted.push(alternative);
            if let Some(found) = self.with(&wanted, &demanded)? {
                return Ok(Some(found));
            }
            wanted.pop();
        }
        Ok(None)
    }

    /// A request that does what is demanded, whatever else.
    fn request(&mut self, demands: &mut Demands) -> Result<Option<String>, TooMuch> {
        for patterns in [&mut demands.met, &mut demands.missed] {
            patterns.sort_unstable();
            patterns.dedup();
        }
        let both = |it: &usize| demands.missed.binary_search(it).is_ok();
        if demands.met.iter().any(both) {
            return Ok(None);
        }
        let of = |patterns: &[usize]| -> Vec<&Ready> {
            let patterns = patterns.iter();
            patterns
                .filter_map(|it| self.patterns.get(*it).copied())
                .collect()
        };
        let (met, missed) = (of(&demands.met), of(&demands.missed));
        witness(self.template, (&met, &missed), self.other, self.budget)
    }

    fn meets(&self, pattern: usize, text: &str) -> bool {
        self.patterns
            .get(pattern)
            .is_some_and(|it| it.matches(text))
    }

    fn work(&mut self, words: usize) -> Result<(), TooMuch> {
        *self.budget = self.budget.checked_sub(words).ok_or(TooMuch)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::condition::variable::wildcards;

    fn formula() -> impl Strategy<Value = Formula> {
        let one = (0..5_usize, any::<bool>()).prop_map(|(pattern, met)| match met {
            true => Formula::Met(pattern),
            false => Formula::Missed(pattern),
        });
        one.prop_recursive(3, 16, 3, |inner| {
            let several = prop::collection::vec(inner, 2..4);
            (several, any::<bool>()).prop_map(|(several, all)| match all {
                true => Formula::All(several),
                false => Formula::Any(several),
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        /// Held against every short text, one by one.
        #[test]
        fn a_request_is_found_where_trying_all_finds_one(
            formula in formula(),
            patterns in prop::collection::vec(r"(\*|[ab?])[ab?*]{0,2}\?{0,3}", 5),
        ) {
            let made_ready = |it: &String| Ready::new(&wildcards(it).collect::<Vec<_>>());
            let all: Vec<Ready> = patterns.iter().map(made_ready).collect();
            let ready: Vec<&Ready> = all.iter().collect();
            let found = satisfy(&formula, &ready, &[Piece::Parameter], &mut usize::MAX.clone()).unwrap();
            let holds = |text: &str| formula.holds(&|it| ready[it].matches(text));
            if let Some(found) = &found {
                prop_assert!(holds(found), "{}", found);
                return Ok(());
            }
            let mut last = vec![String::new()];
            for _ in 0..6 {
                let longer = last.iter().flat_map(|text| ["a", "b", "x"].map(|it| format!("{text}{it}")));
                last = longer.collect();
                for text in &last {
                    prop_assert!(!holds(text), "{}", text);
                }
            }
        }
    }
}
