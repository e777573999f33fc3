//! An API of a file that is laid over an account.

use super::around::Identity;
use crate::inventory::Location;

/// An API of a file that is laid over an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// What the file calls it: a logical id, an address, a title.
    pub name: String,
    /// Where in the file.
    pub at: Location,
    /// Its Region.
    pub region: String,
    /// Its id in the inventory.
    pub id: String,
    /// Which API of the account it is.
    pub identity: Identity,
    /// Whether the file has only some of its methods: the API itself is elsewhere.
    pub is_partial: bool,
    /// Whether the file says of stages which there are. Where it does not, one stands in.
    pub has_stages: bool,
}
