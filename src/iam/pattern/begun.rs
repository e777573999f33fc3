//! The first letters of a template. Every request has them, so a walk takes them once, before it branches.

use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::template::Piece;

/// A walk behind the first letters of its template.
pub(super) struct Begun<'t> {
    /// The first letters.
    pub(super) prefix: String,
    /// The pieces that follow.
    pub(super) pieces: &'t [Piece],
    /// The positions behind them.
    pub(super) state: Vec<u64>,
    /// The lane of each pattern.
    pub(super) places: Vec<usize>,
    /// A letter that no pattern names.
    pub(super) other: char,
    /// Which positions still matter once a letter of each piece has been taken.
    pub(super) matter: Vec<Vec<u64>>,
}

impl Bank<'_> {
    /// Takes the first letters of a template. Patterns of which the same is left share a lane from then on.
    pub(super) fn begin<'t>(
        &mut self,
        template: &'t [Piece],
        budget: &mut usize,
    ) -> Result<Begun<'t>, TooMuch> {
        let mut state = self.start();
        let mut next = Vec::with_capacity(state.len());
        let mut prefix = String::new();
        let mut pieces = template;
        while let Some((Piece::Letter(letter), rest)) = pieces.split_first() {
            *budget = budget.checked_sub(state.len() + 2).ok_or(TooMuch)?;
            self.step(&state, *letter, &mut next);
            std::mem::swap(&mut state, &mut next);
            prefix.push(*letter);
            pieces = rest;
        }
        let (left, places) = self.unite(&state);
        *budget = budget
            .checked_sub(pieces.len() * left.len())
            .ok_or(TooMuch)?;
        Ok(Begun {
            prefix,
            pieces,
            other: self.other(),
            matter: self.matter(pieces),
            state: left,
            places,
        })
    }
}
