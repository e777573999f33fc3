//! What policies say of a block of methods, a bit each, so that those of a holder are combined at once.

use crate::iam::{Reading, Survey, Verdict};

/// The methods of a block: a bit of a word each.
pub(super) const BLOCK: usize = 64;

/// What each policy, taken by itself, says of the methods of a block.
pub(super) struct Block(Vec<Planes>);

/// Sets of methods of a block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Planes {
    /// All requests are allowed, whatever is not known.
    allows_all: u64,
    /// Some may be.
    allows_some: u64,
    /// All are denied, whatever is not known.
    denies_all: u64,
    /// Some may be.
    denies_some: u64,
}

impl Block {
    pub(super) fn new(survey: &Survey, readings: &[Reading]) -> Self {
        let mut block = Block(vec![Planes::default(); survey.policies()]);
        for (at, reading) in readings.iter().enumerate() {
            let bit = |when: bool| u64::from(when) << at;
            for (policy, touched) in reading.touched() {
                if let Some(planes) = block.0.get_mut(policy) {
                    planes.allows_all |= bit(touched.allows == Verdict::All);
                    planes.allows_some |= bit(touched.allows != Verdict::None);
                    planes.denies_all |= bit(touched.denies == Verdict::All);
                    planes.denies_some |= bit(touched.denies != Verdict::None);
                }
            }
        }
        block
    }

    /// Of each policy, by its number, the methods of which it allows some request by itself, or may.
    pub(super) fn allowing(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|it| it.allows_some & !it.denies_all)
    }

    /// What these policies say together.
    pub(super) fn said(&self, policies: &[usize]) -> Planes {
        let mut all = Planes::default();
        for planes in policies.iter().filter_map(|it| self.0.get(*it)) {
            all.allows_all |= planes.allows_all;
            all.allows_some |= planes.allows_some;
            all.denies_all |= planes.denies_all;
            all.denies_some |= planes.denies_some;
        }
        all
    }
}

impl Planes {
    /// The methods of which no request is allowed, if no other policies weigh.
    pub(super) fn none(self) -> u64 {
        self.denies_all | !self.allows_some
    }

    /// The methods of which all requests are allowed, if no other policies weigh.
    pub(super) fn all(self) -> u64 {
        self.allows_all & !self.denies_some
    }
}
