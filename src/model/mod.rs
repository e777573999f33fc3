//! The inventory: everything that one scan read, as plain data that can be saved and checked again
//! offline.
//!
//! Nothing here judges. A fact that was not read is absent (`None`), never a default, and
//! [`Inventory::gaps`] names every such hole, also in a file that was written or edited by hand.

mod api;
mod authorization;
mod domain;
mod gap;
mod holes;
mod iam;
mod index;
mod inventory;
mod region;
mod resource_policy;
mod soundness;
mod words;

pub use api::{
    Api, ApiKind, Authorizer, Canary, DeployedMethod, Deployment, DeploymentSource, DraftMethod,
    Stage,
};
pub use authorization::AuthorizationType;
pub use domain::{CustomDomain, DomainMapping};
pub use gap::{Gap, GapKind, Reason};
pub(crate) use iam::NO_OBJECT;
pub use iam::{AttachedPolicy, Document, Group, Iam, InlinePolicy, ManagedPolicy, Role, User};
pub(crate) use index::{DeployedIndex, DraftIndex};
pub use inventory::{Inventory, InventoryError, SCHEMA_VERSION, Scope};
pub use region::{KNOWN_REGIONS, region_name, regions_by_default, unknown_region};
pub use soundness::VERBS;
pub(crate) use words::listed;
