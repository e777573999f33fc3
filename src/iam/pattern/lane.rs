//! One pattern of a bank, whatever its length.

use crate::iam::condition::variable::Token;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::long_automaton::Long;
use crate::iam::pattern::template::Piece;
use crate::iam::truth::Truth;

/// One pattern: a word of the set, or several.
pub(super) enum Lane<'p> {
    Short(&'p Ready),
    Long(Long<'p>),
}

impl<'p> Lane<'p> {
    pub(super) fn new(ready: &'p Ready) -> Self {
        if ready.is_short() {
            Lane::Short(ready)
        } else {
            Lane::Long(Long::new(ready.tokens()))
        }
    }

    /// How many words its positions take.
    pub(super) fn words(&self) -> usize {
        match self {
            Lane::Short(_) => 1,
            Lane::Long(long) => long.words,
        }
    }

    pub(super) fn tokens(&self) -> &[Token] {
        match self {
            Lane::Short(ready) => ready.tokens(),
            Lane::Long(long) => long.tokens,
        }
    }

    /// Adds the positions before any letter.
    pub(super) fn start(&self, state: &mut Vec<u64>) {
        match self {
            Lane::Short(ready) => state.push(ready.start()),
            Lane::Long(long) => state.extend(long.start()),
        }
    }

    /// Adds the positions after a letter.
    #[inline]
    pub(super) fn step(&self, state: &[u64], letter: char, next: &mut Vec<u64>) {
        match (self, state) {
            (Lane::Short(ready), [state]) => next.push(ready.after(*state, letter)),
            (Lane::Short(_), _) => {}
            (Lane::Long(long), _) => next.extend(long.after(state, letter)),
        }
    }

    /// Adds the letters that lead on from these positions other than most letters do.
    #[inline]
    pub(super) fn letters(&self, state: &[u64], letters: &mut Letters) {
        match (self, state) {
            (Lane::Short(ready), [state]) => ready.letters(*state, letters),
            (Lane::Short(_), _) => {}
            (Lane::Long(long), _) => long.letters(state, letters),
        }
    }

    /// Whether it will be met, as far as that no longer depends on what follows.
    #[inline]
    pub(super) fn will_be_met(&self, state: &[u64]) -> Truth {
        if state.iter().all(|it| *it == 0) {
            return Truth::False;
        }
        let open = match (self, state) {
            (Lane::Short(ready), [state]) => ready.is_open(*state),
            (Lane::Short(_), _) => false,
            (Lane::Long(long), _) => long.is_open(state),
        };
        if open { Truth::True } else { Truth::Unknown }
    }

    /// Whether it is met if nothing follows.
    #[inline]
    pub(super) fn is_met(&self, state: &[u64]) -> bool {
        match (self, state) {
            (Lane::Short(ready), [state]) => ready.is_met(*state),
            (Lane::Short(_), _) => false,
            (Lane::Long(long), _) => long.is_met(state),
        }
    }

    /// Whether whatever meets it from the first positions meets it from the second, too. It may, even where
    /// this says no.
    #[inline]
    pub(super) fn is_within(&self, fewer: &[u64], more: &[u64]) -> bool {
        match (self, fewer, more) {
            (Lane::Short(ready), [fewer], [more]) => ready.is_within(*fewer, *more),
            _ => {
                let mut words = fewer.iter().zip(more);
                words.all(|(fewer, more)| fewer & !more == 0)
            }
        }
    }

    /// The tokens that may still be met, and the positions among them. Lanes of which these are the same
    /// stay the same.
    pub(super) fn rest(&self, state: &[u64]) -> (&[Token], Vec<u64>) {
        match (self, state) {
            (Lane::Short(ready), [state]) => {
                let (rest, state) = ready.rest(*state);
                (rest, vec![state])
            }
            (Lane::Short(ready), _) => (ready.tokens(), state.to_vec()),
            (Lane::Long(long), _) => (long.tokens, state.to_vec()),
        }
    }

    /// Adds, for each piece, the positions that still matter once a letter of it has been taken. Of a long
    /// pattern that is every position.
    pub(super) fn matter(&self, pieces: &[Piece], matter: &mut [Vec<u64>]) {
        match self {
            Lane::Short(ready) => {
                let last_first = ready.matter(pieces).into_iter();
                for (all, own) in matter.iter_mut().zip(last_first.rev()) {
                    all.push(own);
                }
            }
            Lane::Long(long) => {
                for all in matter {
                    all.resize(all.len() + long.words, u64::MAX);
                }
            }
        }
    }
}
