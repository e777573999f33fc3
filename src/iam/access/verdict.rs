//! How many of the requests of a method are allowed, and examples of both.

use strum::IntoStaticStr;

/// How many of a method's requests are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "UPPERCASE")]
pub enum Verdict {
    /// None.
    None,
    /// More work than the bound allows, or a policy that could not be read.
    Undecided,
    /// Some, and others not.
    Some,
    /// Every one.
    All,
}

impl Verdict {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What the policies say of a method's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// How many are allowed, where every condition that is not known turns out in the caller's favor.
    pub verdict: Verdict,
    /// Whether that depends on a condition whose keys are not known.
    pub conditional: bool,
    /// A request that is allowed. `None`: there is none.
    pub allowed: Option<String>,
    /// A request that is not allowed. `None`: there is none.
    pub denied: Option<String>,
}

impl Access {
    /// Undecided, without examples.
    pub const UNDECIDED: Access = Access {
        verdict: Verdict::Undecided,
        conditional: false,
        allowed: None,
        denied: None,
    };
}
