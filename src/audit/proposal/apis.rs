//! The APIs that an entry names.

use crate::inventory::{Api, Inventory};

/// Some APIs of which the same holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApisToday {
    /// The Region, where an id of the inventory stands for APIs of several.
    pub region: Option<String>,
    /// The APIs.
    pub apis: Vec<ApiToday>,
}

/// An API, as an entry names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiToday {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its Region.
    pub region: String,
}

impl From<&Api> for ApiToday {
    fn from(api: &Api) -> Self {
        ApiToday {
            id: api.id.clone(),
            name: api.name.clone(),
            region: api.region.clone(),
        }
    }
}

/// Whether an id of the inventory is that of APIs in several Regions: an entry must name the Region then.
pub(super) fn has_ambiguous_id(inventory: &Inventory) -> bool {
    let mut ids: Vec<&str> = inventory.apis.iter().map(|it| it.id.as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    ids.len() < all
}
