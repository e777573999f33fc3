//! Several patterns side by side, as one automaton.
//!
//! Each pattern is a small position automaton: bit `i` says that its first `i` tokens have been matched.
//! The bits of all patterns stand side by side in one set, and a letter takes every set to exactly one
//! other. (Position automata: V. M. Glushkov, The abstract theory of automata, 1961; bits side by side:
//! R. Baeza-Yates and G. H. Gonnet, A new approach to text searching, 1992.)
//!
//! Once a `*` is reached, the positions before it are dropped: whatever they could still meet can be met
//! from the `*`. This keeps the sets few where patterns have many stars.

use foldhash::HashMap;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::lane::Lane;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::template::Piece;
use crate::iam::truth::Truth;

/// Several patterns, side by side.
pub(in crate::iam) struct Bank<'p> {
    lanes: Vec<Lane<'p>>,
}

impl<'p> Bank<'p> {
    pub(in crate::iam) fn new(patterns: &[&'p Ready]) -> Self {
        let lanes = patterns.iter().map(|ready| Lane::new(ready));
        Bank {
            lanes: lanes.collect(),
        }
    }

    /// The positions before any letter.
    pub(in crate::iam) fn start(&self) -> Vec<u64> {
        let mut state = Vec::new();
        for lane in &self.lanes {
            lane.start(&mut state);
        }
        state
    }

    /// The positions after a letter.
    pub(in crate::iam) fn step(&self, state: &[u64], letter: char, next: &mut Vec<u64>) {
        next.clear();
        let mut rest = state;
        for lane in &self.lanes {
            let Some((own, others)) = rest.split_at_checked(lane.words()) else {
                break;
            };
            lane.step(own, letter, next);
            rest = others;
        }
    }

    /// The positions after a letter, without those that do not matter any more.
    pub(super) fn step_on(&self, state: &[u64], letter: char, matter: &[u64], next: &mut Vec<u64>) {
        self.step(state, letter, next);
        for (own, matters) in next.iter_mut().zip(matter) {
            *own &= matters;
        }
    }

    /// Whether a pattern is met here.
    pub(in crate::iam) fn meets_any(&self, state: &[u64]) -> bool {
        self.each(state).any(|(lane, own)| lane.is_met(own))
    }

    /// Whether a pattern is met whatever follows.
    pub(in crate::iam) fn will_meet_any(&self, state: &[u64]) -> bool {
        let mut each = self.each(state);
        each.any(|(lane, own)| lane.will_be_met(own) == Truth::True)
    }

    /// Whether whatever meets a pattern from the first positions meets it from the second, too. It may, even
    /// where this says no.
    pub(in crate::iam) fn is_within(&self, fewer: &[u64], more: &[u64]) -> bool {
        let mut each = self.each(fewer).zip(self.each(more));
        each.all(|((lane, fewer), (_, more))| lane.is_within(fewer, more))
    }

    /// Each lane with its positions.
    pub(super) fn each<'s>(
        &'s self,
        state: &'s [u64],
    ) -> impl Iterator<Item = (&'s Lane<'p>, &'s [u64])> {
        let mut begin = 0;
        self.lanes.iter().map(move |lane| {
            let end = begin + lane.words();
            let own = state.get(begin..end).unwrap_or(&[]);
            begin = end;
            (lane, own)
        })
    }

    /// The letters to try for a piece: one stands for all that lead on alike. `other` is one that no pattern
    /// names.
    pub(super) fn steps<'l>(
        &self,
        piece: Piece,
        other: char,
        state: &[u64],
        letters: &'l mut Letters,
    ) -> impl Iterator<Item = char> + use<'l> {
        letters.clear();
        let first = match piece {
            Piece::Letter(letter) => letter,
            Piece::Parameter | Piece::Greedy => {
                for (lane, own) in self.each(state) {
                    lane.letters(own, letters);
                }
                other
            }
        };
        let fits = move |letter: &char| *letter != '/' || piece == Piece::Greedy;
        std::iter::once(first).chain(letters.iter().filter(fits))
    }

    /// A letter that no pattern names.
    pub(super) fn other(&self) -> char {
        let mut named = Letters::default();
        for token in self.lanes.iter().flat_map(Lane::tokens) {
            if let Token::Letter(letter) = token {
                named.insert(*letter);
            }
        }
        named.other()
    }

    /// Which positions still matter once a letter of each piece has been taken: from the others, what is left
    /// of the template cannot lead to the pattern's end.
    pub(super) fn matter(&self, pieces: &[Piece]) -> Vec<Vec<u64>> {
        let mut matter = vec![Vec::new(); pieces.len()];
        for lane in &self.lanes {
            lane.matter(pieces, &mut matter);
        }
        matter
    }

    /// Keeps one lane of those that stay the same. Returns what is left of the state, and the lane of each
    /// pattern.
    pub(super) fn unite(&mut self, state: &[u64]) -> (Vec<u64>, Vec<usize>) {
        let mut known: HashMap<(&[Token], Vec<u64>), usize> = HashMap::default();
        let mut is_first: Vec<bool> = Vec::with_capacity(self.lanes.len());
        let mut places = Vec::with_capacity(self.lanes.len());
        let mut left = Vec::new();
        for (lane, own) in self.each(state) {
            let next = known.len();
            let place = *known.entry(lane.rest(own)).or_insert(next);
            places.push(place);
            is_first.push(place == next);
            if place == next {
                left.extend_from_slice(own);
            }
        }
        let mut kept = is_first.into_iter();
        self.lanes.retain(|_| kept.next().unwrap_or(true));
        (left, places)
    }
}
