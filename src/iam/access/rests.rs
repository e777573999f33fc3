//! What is left of patterns behind the letters that a method begins with.

use foldhash::HashMap;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::automaton::Ready;

/// What is left of patterns behind some letters, each by a number of its own.
#[derive(Debug, Default)]
pub(super) struct Rests {
    /// The numbers by pattern and positions.
    known: HashMap<(usize, u64), u32>,
    /// The numbers by the tokens that are left, and the positions among them.
    numbers: HashMap<(Vec<Token>, u64), u32>,
}

impl Rests {
    /// How many there are, that of a dead pattern included.
    pub(super) fn count(&self) -> usize {
        self.numbers.len() + 1
    }

    /// The number of what is left of a short pattern at these positions: the same for the same rest. 0: nothing can be
    /// met any more.
    pub(super) fn number(&mut self, pattern: usize, ready: &Ready, state: u64) -> u32 {
        if state == 0 {
            return 0;
        }
        let numbers = &mut self.numbers;
        let number = || {
            let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
            let (tokens, state) = ready.rest(state);
            *numbers.entry((tokens.to_vec(), state)).or_insert(next)
        };
        *self.known.entry((pattern, state)).or_insert_with(number)
    }
}
