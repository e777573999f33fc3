//! Sets of methods, a bit each, so that thousands of users in tens of groups are combined at once.

/// A set of methods by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(methods: usize) -> Self {
        Bits(vec![0; methods.div_ceil(64)])
    }

    pub(super) fn add(&mut self, method: usize) {
        if let Some(word) = self.0.get_mut(method / 64) {
            *word |= 1 << (method % 64);
        }
    }

    pub(super) fn has(&self, method: usize) -> bool {
        let word = self.0.get(method / 64);
        word.is_some_and(|word| word & (1 << (method % 64)) != 0)
    }

    pub(super) fn join(&mut self, other: &Bits) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }
}

/// What one document, taken by itself, says of each method.
#[derive(Debug, Clone)]
pub(super) struct Planes {
    /// Allows all of its requests, whatever the conditions.
    pub(super) allows_all: Bits,
    /// May allow some.
    pub(super) allows_some: Bits,
    /// Denies all, whatever the conditions.
    pub(super) denies_all: Bits,
    /// May deny some.
    pub(super) denies_some: Bits,
}

impl Planes {
    pub(super) fn none(methods: usize) -> Self {
        let none = || Bits::none(methods);
        Planes {
            allows_all: none(),
            allows_some: none(),
            denies_all: none(),
            denies_some: none(),
        }
    }

    pub(super) fn join(&mut self, other: &Planes) {
        self.allows_all.join(&other.allows_all);
        self.allows_some.join(&other.allows_some);
        self.denies_all.join(&other.denies_all);
        self.denies_some.join(&other.denies_some);
    }
}
