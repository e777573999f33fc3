//! How much a page lists.

/// How much of an account its page lists. What is left out is counted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageBound {
    /// The most findings, the worst ones, and the most exempted ones.
    pub findings: usize,
    /// The most answers to who can call what. Where there are more, none is shown.
    pub answers: usize,
    /// The most of these answers that say why. Each is decided by itself.
    pub reasons: usize,
}

impl Default for PageBound {
    /// All findings, and as many answers as fit into a page that a browser opens at once.
    fn default() -> Self {
        PageBound {
            findings: usize::MAX,
            answers: 2_000_000,
            reasons: 4_000,
        }
    }
}

impl PageBound {
    /// The bound of each of so many accounts that share a page: the same share of the answers for each of them, so that
    /// the size of one is no other's problem.
    pub fn shared_by(self, accounts: usize) -> Self {
        let accounts = accounts.max(1);
        PageBound {
            answers: self.answers / accounts,
            reasons: self.reasons / accounts,
            ..self
        }
    }
}
