//! The values of a policy variable that are tried, to find one with which every request is allowed.

use std::collections::BTreeSet;

use crate::iam::condition::variable::{Hole, Token};
use crate::iam::decide::weigh::Weighed;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::{Piece, Template};

/// How many values of one variable are tried.
const MOST_VALUES: usize = 32;

/// A value of a variable. `None`: the request does not have the key.
pub(super) type Value = Option<String>;

/// Keys whose values have no slash.
pub(super) const NAMES: [&str; 4] = [
    "aws:username",
    "aws:userid",
    "aws:principalaccount",
    "cognito-identity.amazonaws.com:sub",
];

/// Where the values are looked for.
pub(super) struct Candidates<'s> {
    pub(super) weighed: &'s Weighed,
    pub(super) patterns: &'s Patterns,
    pub(super) template: &'s Template,
    /// The numbers of the patterns with unknown variables.
    pub(super) open: &'s [usize],
}

impl Candidates<'_> {
    /// The values of a key to try, and whether these are all.
    pub(super) fn of(&self, key: &str, budget: &mut usize) -> Result<(Vec<Value>, bool), TooMuch> {
        let fresh_letter = self.fresh_letter();
        let fresh = fresh_letter.to_string();
        // The value of another variable may stand at a parameter: `GET/${tag}` and `NotResource: GET/*/${username}` of
        // `a/{id}` allow everything together where the tag is `a/` and the name.
        let holes = self.open.iter().flat_map(|it| self.patterns.holes(*it));
        let at_parameters = holes
            .into_iter()
            .any(|it| it.key != key)
            .then_some(fresh_letter);
        // A value that no pattern names, short or long, comes first: as an example of what is refused, it is the clearest.
        let mut values: Vec<Value> = vec![Some(fresh.clone()), Some(fresh.repeat(40))];
        let mut may_be_absent = false;
        let mut spelled_out = Vec::new();
        for number in self.open {
            for hole in self
                .patterns
                .holes(*number)
                .iter()
                .filter(|it| it.key == key)
            {
                may_be_absent |= hole.may_be_absent;
                spelled_out.extend(self.spelled_out(*number, hole));
                // Where a pattern only denies, a value that meets it allows nothing more.
                if self.weighed.uses().any(|it| it == (*number, true)) {
                    let found = self.in_common(*number, hole, at_parameters, budget)?;
                    values.extend(found.into_iter().map(Some));
                }
            }
        }
        if may_be_absent {
            values.insert(2, None);
        }
        if NAMES.contains(&key) {
            values.retain(|it| it.as_ref().is_none_or(|it| !it.contains('/')));
            spelled_out.retain(|it| !it.contains('/'));
        }
        if key.starts_with("aws:principaltag/") {
            values.extend([Some(String::new()), Some(format!("{fresh}/{fresh}"))]);
        }
        values.extend(spelled_out.into_iter().map(Some));
        let mut seen = BTreeSet::new();
        values.retain(|it| seen.insert(it.clone()));
        let are_all = values.len() <= MOST_VALUES;
        values.truncate(MOST_VALUES);
        Ok((values, are_all))
    }

    /// A letter that no pattern names in its last part, and no request has to have.
    fn fresh_letter(&self) -> char {
        let mut named = Letters::default();
        for (number, _) in self.weighed.uses() {
            let pattern = self.patterns.all.get(number);
            // A pattern without a last part names no letter there.
            let last = pattern.and_then(|it| it.parts.last());
            for token in last.into_iter().flatten() {
                if let Token::Letter(letter) = token {
                    named.insert(*letter);
                }
            }
        }
        for piece in self.template.verbs.iter().flatten() {
            if let Piece::Letter(letter) = piece {
                named.insert(*letter);
            }
        }
        named.other()
    }

    /// The texts that a variable of a pattern can stand for among the letters that the requests have in common.
    /// Those with which the pattern takes in all of a verb come first. With a letter for the parameters come last those
    /// with which it takes in all requests that have this letter there.
    fn in_common(
        &self,
        number: usize,
        hole: &Hole,
        at_parameters: Option<char>,
        budget: &mut usize,
    ) -> Result<Vec<String>, TooMuch> {
        let Some((part, before, behind)) = self
            .patterns
            .all
            .get(number)
            .and_then(|it| it.parts.around(hole.at))
        else {
            return Ok(Vec::new());
        };
        let (before, behind) = (Ready::new(before), Ready::new(behind));
        let letters = |text: &String| text.chars().map(Piece::Letter).collect::<Vec<_>>();
        // Behind the parts of the head is the last one.
        let of_head = self.template.head.get(part).map(|it| vec![letters(it)]);
        let mut texts = Texts::default();
        for pieces in of_head.as_deref().unwrap_or(&self.template.verbs) {
            let mut begins = Vec::new();
            let mut ends = Vec::new();
            for place in 0..=pieces.len() {
                let (first, last) = pieces.split_at(place);
                *budget = budget.checked_sub(2).ok_or(TooMuch)?;
                begins.push(before.cover(first, budget)?);
                ends.push(behind.cover(last, budget)?);
            }
            for (begin, first) in begins.iter().enumerate() {
                if *first == Cover::None {
                    continue;
                }
                let mut text = String::new();
                let mut is_in_common = true;
                for (piece, last) in pieces.iter().zip(ends.iter().skip(1)).skip(begin) {
                    let letter = match (piece, at_parameters) {
                        (Piece::Letter(letter), _) => *letter,
                        (Piece::Parameter | Piece::Greedy, Some(letter)) => letter,
                        (Piece::Parameter | Piece::Greedy, None) => break,
                    };
                    is_in_common &= matches!(piece, Piece::Letter(_));
                    text.push(letter);
                    *budget = budget.checked_sub(1).ok_or(TooMuch)?;
                    if is_in_common {
                        texts.add(&text, (*first, *last));
                    } else if (*first, *last) == (Cover::All, Cover::All) {
                        texts.with_parameters.insert(text.clone());
                    }
                }
            }
        }
        let in_common = texts.of_all.into_iter().chain(texts.of_some);
        Ok(in_common.chain(texts.with_parameters).collect())
    }

    /// The texts that other patterns have where this one has a variable.
    fn spelled_out(&self, number: usize, hole: &Hole) -> Vec<String> {
        let tokens = |number: usize| self.patterns.all.get(number).map(|it| it.parts.tokens());
        // A `*` stands for the variable.
        let around = tokens(number).and_then(|own| {
            let (before, from) = own.split_at_checked(hole.at)?;
            Some((before, from.split_first()?.1))
        });
        let Some((before, behind)) = around else {
            return Vec::new();
        };
        let texts = self.weighed.uses().filter_map(|(other, _)| {
            let text = tokens(other)?.strip_prefix(before)?.strip_suffix(behind)?;
            let letters = text.iter().map(|token| match token {
                Token::Letter(letter) => Some(*letter),
                Token::One | Token::Many => None,
            });
            letters.collect::<Option<String>>()
        });
        texts.filter(|it| !it.is_empty()).collect()
    }
}

/// Texts that a variable can stand for.
#[derive(Default)]
struct Texts {
    /// With these, the pattern takes in all requests of a verb.
    of_all: BTreeSet<String>,
    /// With these, it takes in some.
    of_some: BTreeSet<String>,
    /// With these, it takes in all that have a certain letter at the parameters.
    with_parameters: BTreeSet<String>,
}

impl Texts {
    /// Takes in a text, with how much the pattern takes in before it and behind it.
    fn add(&mut self, text: &str, covers: (Cover, Cover)) {
        match covers {
            (Cover::None, _) | (_, Cover::None) => false,
            (Cover::All, Cover::All) => self.of_all.insert(text.to_owned()),
            _ => self.of_some.insert(text.to_owned()),
        };
    }
}
