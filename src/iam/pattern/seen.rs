//! Sets of positions, each kept once.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// The sets that were reached so far, by their numbers. The sets themselves stand one behind the other in a list of the
/// caller's.
#[derive(Default)]
pub(super) struct Seen {
    numbers: HashTable<usize>,
    hasher: FixedState,
}

impl Seen {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Adds a set to the list, unless it is there. `number` is how many are there. Returns whether it was added.
    pub(super) fn add(&mut self, states: &mut Vec<u64>, state: &[u64], number: usize) -> bool {
        let words = state.len();
        let hasher = &self.hasher;
        let hash = hasher.hash_one(state);
        let is_this = |other: &usize| states.get(other * words..(other + 1) * words) == Some(state);
        if self.numbers.find(hash, is_this).is_some() {
            return false;
        }
        states.extend_from_slice(state);
        self.numbers.insert_unique(hash, number, |it| {
            // Every number that was added has its state.
            let own = states.get(it * words..(it + 1) * words);
            hasher.hash_one(own.unwrap_or(&[]))
        });
        true
    }
}
