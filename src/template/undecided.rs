//! What a condition comes to, or why that cannot be told.

/// Whether a condition holds.
pub(super) type Answer = Result<bool, Undecided>;

/// Why a condition cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undecided {
    /// In words that follow "it".
    pub(super) why: String,
    /// Whether it is no condition at all: CloudFormation takes no such template.
    pub(super) is_mistake: bool,
}

impl Undecided {
    pub(super) fn mistake(why: impl Into<String>) -> Undecided {
        Undecided {
            why: why.into(),
            is_mistake: true,
        }
    }
}

impl From<String> for Undecided {
    fn from(why: String) -> Undecided {
        Undecided {
            why,
            is_mistake: false,
        }
    }
}
