//! How much a run keeps of what it finds.

/// As many findings are kept where nothing else is said. Each takes between one and four kilobytes.
const FINDINGS: usize = 1_000_000;

/// How much a run keeps of what it finds. More is left out, the same number of each API and the worst first, and each API
/// that has more is a [`Gap`](crate::inventory::Gap): nobody's size ends the run for the others.
///
/// ```
/// use gatewatch::audit::Bound;
///
/// assert_eq!(Bound::default().findings, 1_000_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The most findings, exempted ones included.
    pub findings: usize,
}

/// What a run takes besides its findings and what it read, in kilobytes.
const BESIDES: usize = 120_000;

/// What a method that was read takes, of a deployment or of the draft, with the text that it is kept as, in kilobytes.
const METHOD: usize = 1;

/// What a finding takes until it is announced, itself and in the ledger, in kilobytes. Of an API with 24,000 findings these are
/// 2.6 (`benches/large.py`), and some rules say more.
const FINDING: usize = 5;

/// As many findings are kept however little room there is.
const LEAST: usize = 1_000;

impl Bound {
    /// What fits into so many megabytes beside so many methods that were read.
    ///
    /// ```
    /// use gatewatch::audit::Bound;
    ///
    /// let bound = Bound::in_memory(512, 4_800);
    /// assert!(bound.findings > Bound::in_memory(512, 100_000).findings);
    /// assert!(bound.findings < Bound::in_memory(1024, 4_800).findings);
    /// // However little room there is, the worst is found.
    /// assert_eq!(Bound::in_memory(128, 1_000_000).findings, 1_000);
    /// ```
    pub fn in_memory(megabytes: u32, methods: usize) -> Self {
        let all = usize::try_from(megabytes).unwrap_or(usize::MAX);
        let taken = methods.saturating_mul(METHOD).saturating_add(BESIDES);
        let left = all.saturating_mul(1_000).saturating_sub(taken);
        Bound {
            findings: (left / FINDING).clamp(LEAST, FINDINGS),
        }
    }
}

impl Default for Bound {
    fn default() -> Self {
        Bound { findings: FINDINGS }
    }
}
