//! Yes, no, and what cannot be told at audit time.

use std::ops::{BitAnd, BitOr, Not};

/// A truth value of Kleene's strong logic of three values.
///
/// ```
/// use gatewatch::iam::Truth;
///
/// assert_eq!(Truth::Unknown & Truth::False, Truth::False);
/// assert_eq!(Truth::Unknown | Truth::True, Truth::True);
/// assert_eq!(!Truth::Unknown, Truth::Unknown);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It depends on what is not known at audit time.
    Unknown,
    /// It holds.
    True,
}

/// A value, or several side by side, in this logic.
pub(in crate::iam) trait Logic:
    Clone + From<Truth> + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
}

impl Logic for Truth {}

/// The truth values of one statement about up to [`Truths::MOST`] requests, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::iam) struct Truths {
    /// Where it holds.
    pub(in crate::iam) certain: u128,
    /// Where it holds, or may.
    pub(in crate::iam) possible: u128,
}

impl Truths {
    pub(in crate::iam) const MOST: usize = 128;
}

impl Logic for Truths {}

impl From<Truth> for Truths {
    fn from(truth: Truth) -> Self {
        let all = |when: bool| if when { u128::MAX } else { 0 };
        Truths {
            certain: all(truth == Truth::True),
            possible: all(truth != Truth::False),
        }
    }
}

impl Not for Truths {
    type Output = Truths;

    fn not(self) -> Truths {
        Truths {
            certain: !self.possible,
            possible: !self.certain,
        }
    }
}

impl BitAnd for Truths {
    type Output = Truths;

    fn bitand(self, other: Truths) -> Truths {
        Truths {
            certain: self.certain & other.certain,
            possible: self.possible & other.possible,
        }
    }
}

impl BitOr for Truths {
    type Output = Truths;

    fn bitor(self, other: Truths) -> Truths {
        Truths {
            certain: self.certain | other.certain,
            possible: self.possible | other.possible,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

impl BitAnd for Truth {
    type Output = Truth;

    fn bitand(self, other: Truth) -> Truth {
        self.min(other)
    }
}

impl BitOr for Truth {
    type Output = Truth;

    fn bitor(self, other: Truth) -> Truth {
        self.max(other)
    }
}
