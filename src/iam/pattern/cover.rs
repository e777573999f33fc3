//! How many of a template's requests one pattern takes in: most pairs of a pattern and a method are
//! settled here, before any patterns are weighed together.

use super::automaton::Ready;
use super::budget::TooMuch;
use super::guess;
use super::template::Piece;
use super::witness::{other_letter, witness};

/// How many sets of positions are looked through one by one.
const FEW: usize = 64;

/// How many of the requests a pattern takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::iam) enum Cover {
    All,
    /// Some, and others not.
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
        // Most templates begin with many letters, and most patterns are settled by them.
        let (mut state, mut pieces) = (state, template);
        loop {
            if let Some(cover) = self.settled(state) {
                return Ok(Some(cover));
            }
            let Some((Piece::Letter(letter), rest)) = pieces.split_first() else {
                break;
            };
            state = self.after(state, *letter);
            pieces = rest;
        }
        let mut layer = vec![state];
        let mut next = Vec::new();
        for piece in pieces {
            if !self.pass(&layer, *piece, &mut next, budget)? {
                return Ok(None);
            }
            std::mem::swap(&mut layer, &mut next);
            if let [state] = layer.as_slice()
                && let Some(cover) = self.settled(*state)
            {
                return Ok(Some(cover));
            }
        }
        let met = |state: &u64| self.is_met(*state);
        Ok(Some(cover(layer.iter().any(met), !layer.iter().all(met))))
    }

    /// What the pattern takes in, where nothing that follows can change it: nothing brings a dead automaton
    /// back, or ends one that takes anything.
    #[inline]
    fn settled(&self, state: u64) -> Option<Cover> {
        if state == 0 {
            Some(Cover::None)
        } else if self.is_open(state) {
            Some(Cover::All)
        } else {
            None
        }
    }

    /// Puts into `next` the sets of positions that a piece leads to from those of a layer. `false`: they are
    /// many, and not all of them are there.
    #[inline]
    fn pass(
        &self,
        layer: &[u64],
        piece: Piece,
        next: &mut Vec<u64>,
        budget: &mut usize,
    ) -> Result<bool, TooMuch> {
        next.clear();
        match piece {
            Piece::Letter(letter) => {
                for state in layer {
                    self.go(*state, Some(letter), next);
                }
            }
            Piece::Parameter | Piece::Greedy => {
                for state in layer {
                    self.go_all(*state, piece, next);
                }
                // It goes on from where it came to.
                let mut at = 0;
                while let Some(state) = next.get(at).copied() {
                    if next.len() > FEW {
                        return Ok(false);
                    }
                    *budget = budget
                        .checked_sub(next.len() + self.named_letters())
                        .ok_or(TooMuch)?;
                    self.go_all(state, piece, next);
                    at += 1;
                }
            }
        }
        *budget = budget.checked_sub(next.len()).ok_or(TooMuch)?;
        Ok(true)
    }

    /// The same for patterns that are long, or lead to many sets of positions.
    fn by_witnesses(&self, template: &[Piece], budget: &mut usize) -> Result<Cover, TooMuch> {
        let other = other_letter([self]);
        let is_met = match guess::met(self, template, other) {
            Some(_) => true,
            None => witness(template, (&[self], &[]), other, budget)?.is_some(),
        };
        let is_missed = match guess::missed(self, template, other) {
            Some(_) => true,
            None => witness(template, (&[], &[self]), other, budget)?.is_some(),
        };
        Ok(cover(is_met, is_missed))
    }
}

fn cover(met: bool, missed: bool) -> Cover {
    match (met, missed) {
        (true, false) => Cover::All,
        (true, true) => Cover::Some,
        (false, _) => Cover::None,
    }
}
