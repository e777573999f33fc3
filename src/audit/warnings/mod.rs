//! What a reader of a report should know of the policy file, and is no finding: entries that match nothing, and entries
//! that accept open methods by a name that others choose.
//!
//! In come an inventory and a policy file, out come warnings with the line of each entry.

mod by_name;
mod nobody;
mod unmatched;
mod values;

pub use by_name::AcceptedByName;
pub(in crate::audit) use by_name::ByName;
pub(in crate::audit) use unmatched::unmatched;

/// Something that a reader of the report should know of an entry of the policy file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The line of the policy file that the entry stands on.
    pub line: usize,
    /// What is to be known.
    pub says: String,
}

impl Warning {
    /// With its line.
    pub fn in_words(&self) -> String {
        format!("line {} of the policy file: {}", self.line, self.says)
    }
}
