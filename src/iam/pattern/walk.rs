//! Patterns walked along a template, all of them at once.
//!
//! The template is a line of pieces, so the sets of positions are walked layer by layer: after the last
//! piece, the sets that are left are all the ways in which requests of the method can meet the patterns.
//! Nothing is sampled. The positions from which what is left of the template cannot lead to the pattern's end
//! are dropped, which keeps the sets few.
//!
//! Where the sets are many all the same, the walk is given up, and `access` looks for requests that settle
//! the answer (`satisfy.rs`, `witness.rs`).

use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::seen::Seen;
use crate::iam::pattern::template::Piece;

/// Every way in which the requests of a template can meet the patterns of a bank: whether each is met, in
/// the bank's order. Some may be there twice.
pub(in crate::iam) type Walked = Vec<Vec<bool>>;

impl Bank<'_> {
    /// Lists every way.
    pub(in crate::iam) fn walk(
        mut self,
        template: &[Piece],
        budget: &mut usize,
    ) -> Result<Walked, TooMuch> {
        let begun = self.begin(template, budget)?;
        let mut letters = Letters::default();
        let mut after: Vec<u64> = Vec::new();
        let mut now: Vec<u64> = Vec::new();
        let words = begun.state.len();
        // The sets that a piece begins with.
        let mut layer = begun.state;
        let mut count = 1;
        for (piece, matter) in begun.pieces.iter().zip(&begun.matter) {
            let many = piece.is_many();
            let mut next: Vec<u64> = Vec::new();
            let mut seen = Seen::default();
            let mut done = 0;
            // A parameter goes on from where it came to.
            while done < count || (many && done < count + seen.len()) {
                let (from, at) = match done.checked_sub(count) {
                    None => (&layer, done),
                    Some(at) => (&next, at),
                };
                now.clear();
                now.extend_from_slice(set(from, words, at));
                done += 1;
                for letter in self.steps(*piece, begun.other, &now, &mut letters) {
                    *budget = budget.checked_sub(words + 2).ok_or(TooMuch)?;
                    self.step_on(&now, letter, matter, &mut after);
                    let number = seen.len();
                    seen.add(&mut next, &after, number);
                }
            }
            layer = next;
            count = seen.len();
        }
        let ways = (0..count).map(|at| self.way(set(&layer, words, at), &begun.places));
        Ok(ways.collect())
    }

    /// Whether each pattern is met, by the lane of each.
    fn way(&self, state: &[u64], places: &[usize]) -> Vec<bool> {
        let lanes: Vec<bool> = self
            .each(state)
            .map(|(lane, own)| lane.is_met(own))
            .collect();
        let met = places.iter().map(|it| lanes.get(*it) == Some(&true));
        met.collect()
    }
}

/// The set with this number in a list of sets, each of so many words.
fn set(sets: &[u64], words: usize, at: usize) -> &[u64] {
    sets.get(at * words..(at + 1) * words).unwrap_or(&[])
}
