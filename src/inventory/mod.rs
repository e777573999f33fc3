//! The inventory: everything that one scan read, as plain data that can be saved and checked again offline.
//!
//! - In: what [`collect`](crate::aws::collect) or [`template`](crate::template) read, or the JSON of an earlier reading.
//! - Out: APIs with what their stages serve ([`served`]), principals, domain names, and gaps. A fact that was not read is
//!   absent (`None`), never a default, and [`Inventory::gaps`] names every such hole, also in a file that was written or
//!   edited by hand.
//! - Not known here: what is demanded. Nothing is judged.

mod account;
mod api;
mod authorization;
mod domain;
mod file;
mod gap;
mod holes;
mod iam;
mod json_text;
mod lists;
mod location;
mod owner;
mod partition;
mod region;
mod requested;
pub mod served;
mod soundness;
mod text;
mod verbs;
mod words;

pub use account::{Inventory, SCHEMA_VERSION, Scope};
pub use api::{
    Api, ApiKind, Authorizer, Canary, DeployedMethod, Deployment, DeploymentSource, DraftMethod,
    Stage,
};
pub use authorization::AuthorizationType;
pub use domain::{CustomDomain, DomainMapping};
pub use file::InventoryError;
pub use gap::{Gap, GapKind, KEYS_UNKNOWN, Reason, SESSION_EXPIRED};
pub use iam::{AttachedPolicy, Group, Iam, InlinePolicy, ManagedPolicy, Role, User};
pub(crate) use json_text::json_text;
pub(crate) use lists::without_slack;
pub use location::Location;
pub use owner::{OWNER_TAGS, owner};
pub use partition::{partition_of, url_suffix};
pub use region::{KNOWN_REGIONS, region_name, regions_by_default, unknown_region};
pub use requested::{Ambiguous, Answering, Lacking, Requested};
pub(crate) use text::Pool;
pub use text::Text;
pub use verbs::{ANY, OPTIONS, VERBS, Verbs, WRITING_VERBS};
pub(crate) use words::{all_quoted, listed, quoted};
