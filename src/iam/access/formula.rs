//! What policies come to, as a formula over the patterns that a request meets.
//!
//! It is made by the code that decides one request: only the values that it reckons with are others.

use std::ops::{BitAnd, BitOr, Not};

use crate::iam::truth::{Logic, Truth};

/// A formula over patterns, with each negation at a pattern itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Formula {
    /// The same for every request.
    Always(bool),
    /// The request meets the pattern with this number.
    Met(usize),
    /// The request does not meet it.
    Missed(usize),
    /// All of these hold. There are at least two.
    All(Vec<Formula>),
    /// One of these holds. There are at least two.
    Any(Vec<Formula>),
}

/// When something holds for certain, and when it may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) struct Formulas {
    /// It holds, whatever is not known.
    pub(in crate::iam) certain: Formula,
    /// It holds if what is not known turns out well.
    pub(in crate::iam) possible: Formula,
}

impl Formula {
    pub(in crate::iam) fn and(self, other: Formula) -> Formula {
        match (self, other) {
            (Formula::Always(true), same) | (same, Formula::Always(true)) => same,
            (Formula::Always(false), _) | (_, Formula::Always(false)) => Formula::Always(false),
            (Formula::All(mut all), Formula::All(more)) => {
                all.extend(more);
                Formula::All(all)
            }
            (Formula::All(mut all), one) | (one, Formula::All(mut all)) => {
                all.push(one);
                Formula::All(all)
            }
            (one, other) => Formula::All(vec![one, other]),
        }
    }

    pub(in crate::iam) fn negated(self) -> Formula {
        let each = |all: Vec<Formula>| all.into_iter().map(Formula::negated).collect();
        match self {
            Formula::Always(constant) => Formula::Always(!constant),
            Formula::Met(pattern) => Formula::Missed(pattern),
            Formula::Missed(pattern) => Formula::Met(pattern),
            Formula::All(all) => Formula::Any(each(all)),
            Formula::Any(any) => Formula::All(each(any)),
        }
    }

    fn or(self, other: Formula) -> Formula {
        match (self, other) {
            (Formula::Always(false), same) | (same, Formula::Always(false)) => same,
            (Formula::Always(true), _) | (_, Formula::Always(true)) => Formula::Always(true),
            (Formula::Any(mut any), Formula::Any(more)) => {
                any.extend(more);
                Formula::Any(any)
            }
            (Formula::Any(mut any), one) | (one, Formula::Any(mut any)) => {
                any.push(one);
                Formula::Any(any)
            }
            (one, other) => Formula::Any(vec![one, other]),
        }
    }

    /// Whether it holds for a request that meets these patterns.
    pub(in crate::iam) fn holds(&self, met: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Formula::Always(constant) => *constant,
            Formula::Met(pattern) => met(*pattern),
            Formula::Missed(pattern) => !met(*pattern),
            Formula::All(all) => all.iter().all(|it| it.holds(met)),
            Formula::Any(any) => any.iter().any(|it| it.holds(met)),
        }
    }
}

impl Formulas {
    /// A request meets the pattern with this number.
    pub(in crate::iam) fn met(pattern: usize) -> Self {
        Formulas {
            certain: Formula::Met(pattern),
            possible: Formula::Met(pattern),
        }
    }
}

impl Logic for Formulas {}

impl From<Truth> for Formulas {
    fn from(truth: Truth) -> Self {
        Formulas {
            certain: Formula::Always(truth == Truth::True),
            possible: Formula::Always(truth != Truth::False),
        }
    }
}

impl Not for Formulas {
    type Output = Formulas;

    fn not(self) -> Formulas {
        Formulas {
            certain: self.possible.negated(),
            possible: self.certain.negated(),
        }
    }
}

impl BitAnd for Formulas {
    type Output = Formulas;

    fn bitand(self, other: Formulas) -> Formulas {
        Formulas {
            certain: self.certain.and(other.certain),
            possible: self.possible.and(other.possible),
        }
    }
}

impl BitOr for Formulas {
    type Output = Formulas;

    fn bitor(self, other: Formulas) -> Formulas {
        Formulas {
            certain: self.certain.or(other.certain),
            possible: self.possible.or(other.possible),
        }
    }
}
