//! What of the account is taken to stay.

use crate::inventory::Location;

/// Something of the account that a file which makes it does not mention: whether it stays cannot be told by the file alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// What, in words.
    pub what: String,
    /// Where the file makes what it belongs to.
    pub at: Option<Location>,
}
