//! How much work one question may take.

/// How many words of sets are computed for one question. Only policies that were written to take much work need more.
pub(in crate::iam) const BUDGET: usize = 1_000_000;

/// The bound on the work was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct TooMuch;
