//! How many of a template's requests one pattern takes in: most pairs of a pattern and a method are
//! settled here, before any patterns are weighed together.

use super::automaton::Ready;
use super::budget::TooMuch;
use super::template::Piece;
use super::witness::{other_letter, witness};

/// As many sets of positions are looked through one by one.
const FEW: usize = 64;

/// How many of the requests a pattern takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::iam) enum Cover {
    All,
    Some,
    None,
}

impl Ready {
    /// How many of the requests the pattern takes in. Work is taken from the budget.
    pub(in crate::iam) fn cover(
        &self,
        template: &[Piece],
        budget: &mut usize,
    ) -> Result<Cover, TooMuch> {
        if self.differs_at_once(template) {
            return Ok(Cover::None);
        }
        if !self.is_short() {
            return self.by_witnesses(template, budget);
        }
        match self.cover_from(self.start(), template, budget)? {
            Some(cover) => Ok(cover),
            None => self.by_witnesses(template, budget),
        }
    }

    /// The same for a short pattern from these positions on. `None`: it leads to many sets of positions.
    pub(in crate::iam) fn cover_from(
        &self,
        state: u64,
        template: &[Piece],
        budget: &mut usize,
    ) -> Result<Option<Cover>, TooMuch> {
        if state == 0 {
            return Ok(Some(Cover::None));
        }
        if self.is_open(state) {
            return Ok(Some(Cover::All));
        }
        // Most templates begin with many letters, and most patterns are settled by them.
        let mut state = state;
        let mut pieces = template;
        while let Some((Piece::Letter(letter), rest)) = pieces.split_first() {
            state = self.after(state, *letter);
            if state == 0 {
                return Ok(Some(Cover::None));
            }
            if self.is_open(state) {
                return Ok(Some(Cover::All));
            }
            pieces = rest;
        }
        let mut layer = vec![state];
        let mut next = Vec::new();
        for piece in pieces {
            next.clear();
            match piece {
                Piece::Letter(letter) => {
                    for state in &layer {
                        self.go(*state, Some(*letter), &mut next);
                    }
                }
                Piece::Parameter | Piece::Greedy => {
                    for state in &layer {
                        self.go_all(*state, *piece, &mut next);
                    }
                    let mut at = 0;
                    while let Some(state) = next.get(at).copied() {
                        if next.len() > FEW {
                            return Ok(None);
                        }
                        *budget = budget
                            .checked_sub(next.len() + self.named_letters())
                            .ok_or(TooMuch)?;
                        self.go_all(state, *piece, &mut next);
                        at += 1;
                    }
                }
            }
            *budget = budget.checked_sub(next.len()).ok_or(TooMuch)?;
            std::mem::swap(&mut layer, &mut next);
            // Nothing that follows can bring a dead automaton back, or end one that takes anything.
            match layer.as_slice() {
                [0] => return Ok(Some(Cover::None)),
                [state] if self.is_open(*state) => return Ok(Some(Cover::All)),
                _ => {}
            }
        }
        let met = |state: &u64| self.is_met(*state);
        Ok(Some(cover(layer.iter().any(met), !layer.iter().all(met))))
    }

    /// The same for patterns that are long, or lead to many sets of positions.
    fn by_witnesses(&self, template: &[Piece], budget: &mut usize) -> Result<Cover, TooMuch> {
        let other = other_letter([self]);
        let met = witness(template, (&[self], &[]), other, budget)?;
        let missed = witness(template, (&[], &[self]), other, budget)?;
        Ok(cover(met.is_some(), missed.is_some()))
    }
}

fn cover(met: bool, missed: bool) -> Cover {
    match (met, missed) {
        (true, false) => Cover::All,
        (true, true) => Cover::Some,
        (false, _) => Cover::None,
    }
}
