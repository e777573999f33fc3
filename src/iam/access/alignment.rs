//! A pattern with a variable, laid over a row of letters: which of them the variable stands for.
//!
//! The row is what a method's requests have in common, or another pattern. Where a parameter or another variable stands in
//! it, a value is made of the value of another key: `GET/${tag}` is laid over `GET/x-${username}` where the tag is `x-`
//! and the name.

use std::collections::BTreeSet;

use crate::iam::condition::variable::{Hole, Token};
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::template::Piece;

/// How many values another pattern gives at most: the shortest and the longest of them.
const MOST_OF_ONE: usize = 8;

/// A bit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bit<'k> {
    /// This character.
    Letter(char),
    /// The value of this key.
    Of(&'k str),
}

/// A row that a pattern is laid over.
#[derive(Debug, Clone, Default)]
pub(super) struct Row<'k> {
    /// `None`: what no value can spell out.
    bits: Vec<Option<Bit<'k>>>,
    pieces: Vec<Piece>,
}

/// What a row is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the requests of a method have in common.
    Requests,
    /// Another pattern.
    Pattern,
}

impl<'k> Row<'k> {
    /// The letters of a text.
    pub(super) fn of_text(text: &str) -> Self {
        let pieces: Vec<Piece> = text.chars().map(Piece::Letter).collect();
        Row::of_requests(&pieces, None)
    }

    /// What requests have in common. Where they have parameters stands the value of this key, if one is given.
    pub(super) fn of_requests(pieces: &[Piece], at_parameters: Option<&'k str>) -> Self {
        let bits = pieces.iter().map(|piece| match piece {
            Piece::Letter(letter) => Some(Bit::Letter(*letter)),
            Piece::Parameter | Piece::Greedy => at_parameters.map(Bit::Of),
        });
        Row {
            bits: bits.collect(),
            pieces: pieces.to_vec(),
        }
    }

    /// A part of a pattern, which begins at this place among the pattern's tokens. A variable in it stands for the value of
    /// its key, unless that is the one that is asked about.
    pub(super) fn of_pattern(
        (begin, part): (usize, &[Token]),
        holes: &'k [Hole],
        asked: &str,
    ) -> Self {
        let mut row = Row::default();
        for (at, token) in part.iter().enumerate() {
            let (bit, piece) = match token {
                Token::Letter(letter) => (Some(Bit::Letter(*letter)), Piece::Letter(*letter)),
                Token::One => (None, Piece::Parameter),
                Token::Many => {
                    let hole = holes.iter().find(|it| it.at == begin + at);
                    let other = hole.filter(|it| it.key != asked);
                    (other.map(|it| Bit::Of(&it.key)), Piece::Greedy)
                }
            };
            row.bits.push(bit);
            row.pieces.push(piece);
        }
        row
    }

    /// The pieces, as those of a method's requests.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Puts the values of a variable that has these patterns before it and behind it among the others. Work is taken from
    /// the budget.
    pub(super) fn align(
        &self,
        (before, behind): (&Ready, &Ready),
        kind: Kind,
        found: &mut Found<'k>,
        budget: &mut usize,
    ) -> Result<(), TooMuch> {
        let mut begins = Vec::new();
        let mut ends = Vec::new();
        for place in 0..=self.pieces.len() {
            let (first, last) = self.pieces.split_at(place);
            *budget = budget.checked_sub(2).ok_or(TooMuch)?;
            begins.push(before.cover(first, budget)?);
            ends.push(behind.cover(last, budget)?);
        }
        let mut of_pattern = Vec::new();
        for (begin, first) in begins.iter().enumerate() {
            if *first == Cover::None {
                continue;
            }
            let mut value = Vec::new();
            for (bit, last) in self.bits.iter().zip(ends.iter().skip(1)).skip(begin) {
                let Some(bit) = bit else {
                    break;
                };
                value.push(*bit);
                *budget = budget.checked_sub(1).ok_or(TooMuch)?;
                match kind {
                    Kind::Requests => found.add(&value, (*first, *last)),
                    Kind::Pattern if (*first, *last) == (Cover::All, Cover::All) => {
                        of_pattern.push(value.clone());
                    }
                    Kind::Pattern => {}
                }
            }
        }
        found.add_from_pattern(of_pattern);
        Ok(())
    }
}

/// Values that a variable can have.
#[derive(Debug, Default)]
pub(super) struct Found<'k> {
    /// With these, the pattern takes in all requests of a verb.
    of_all: BTreeSet<Vec<Bit<'k>>>,
    /// With these, it takes in some.
    of_some: BTreeSet<Vec<Bit<'k>>>,
    /// With these, it takes in all that have the value of a certain key at the parameters.
    with_parameters: BTreeSet<Vec<Bit<'k>>>,
    /// With these, it takes in all that another pattern takes in.
    of_patterns: BTreeSet<Vec<Bit<'k>>>,
}

impl<'k> Found<'k> {
    fn add(&mut self, value: &[Bit<'k>], covers: (Cover, Cover)) {
        let are_letters = value.iter().all(|it| matches!(it, Bit::Letter(_)));
        let place = match (covers, are_letters) {
            ((Cover::None, _) | (_, Cover::None), _) => return,
            ((Cover::All, Cover::All), true) => &mut self.of_all,
            ((Cover::All, Cover::All), false) => &mut self.with_parameters,
            (_, true) => &mut self.of_some,
            (_, false) => return,
        };
        place.insert(value.to_vec());
    }

    fn add_from_pattern(&mut self, mut values: Vec<Vec<Bit<'k>>>) {
        values.sort_by_key(Vec::len);
        let longest = values.len().saturating_sub(MOST_OF_ONE / 2);
        let kept = values.into_iter().enumerate();
        let kept = kept.filter(|(place, _)| *place < MOST_OF_ONE / 2 || *place >= longest);
        self.of_patterns.extend(kept.map(|(_, value)| value));
    }

    /// All of them, those that take in most first.
    pub(super) fn values(self) -> impl Iterator<Item = Vec<Bit<'k>>> {
        let of_requests = self.of_all.into_iter().chain(self.of_some);
        of_requests
            .chain(self.with_parameters)
            .chain(self.of_patterns)
    }
}
