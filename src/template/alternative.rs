//! Methods that stand at the same place of an API, of which only a deployment tells which one is made.

use super::options::STAGE;
use super::origin::Origins;
use super::tree::Spot;
use crate::inventory::{DraftMethod, Inventory, Location};

/// A method beside the one that is judged at its place: two conditions may make the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The id of its API.
    pub api: String,
    /// The method.
    pub method: DraftMethod,
    /// Whether it is judged by something else than the one that is judged first.
    pub differs: bool,
    pub(super) at: Spot,
    pub(super) location: Location,
    /// Why it came to its authorization type, where the place does not show that.
    pub(super) note: Option<String>,
}

impl Alternative {
    /// Its route key, or its verb and path.
    pub fn name(&self) -> String {
        match &self.method.route_key {
            Some(key) => key.to_string(),
            None => format!("{} {}", self.method.verb, self.method.path),
        }
    }

    /// Where it stands.
    pub fn location(&self) -> Location {
        self.location.clone()
    }

    /// Makes it the method of its place.
    pub fn put_into(&self, inventory: &mut Inventory, origins: &mut Origins) {
        let method = &self.method;
        for api in inventory.apis.iter_mut().filter(|it| it.id == self.api) {
            for drafted in api.draft.iter_mut().flatten() {
                if drafted.verb == method.verb && drafted.path == method.path {
                    drafted.clone_from(method);
                }
            }
            let made = api.deployments.iter_mut().filter(|it| it.id == STAGE);
            for deployed in made.flat_map(|it| it.methods.iter_mut().flatten()) {
                if deployed.verb == method.verb && deployed.path == method.path {
                    *deployed = method.as_deployed();
                }
            }
        }
        origins.add_method(&self.api, self.name(), self.at, self.note.clone());
    }
}
