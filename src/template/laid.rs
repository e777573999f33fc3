//! An API of a file that is laid over an account.

use strum::IntoStaticStr;

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
    /// The stages that the file names. Where it names none, one stands in.
    pub stages: Vec<String>,
}

/// Which API of the account an API of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The one with this id.
    Known {
        /// The id in the account.
        id: String,
        /// What tells it.
        by: ToldBy,
    },
    /// None: it will be made.
    New {
        /// What makes that doubtful, in words that follow the API, and what to do. `None`: nothing.
        doubt: Option<String>,
    },
}

/// What tells which API of the account one of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ToldBy {
    /// The user.
    User,
    /// Its id, which is in the file.
    Id,
    /// The tags that its stack gave it.
    Stack,
    /// Its name, which no other API of its kind has in the Region.
    Name,
}

impl ToldBy {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
