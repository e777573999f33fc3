//! What a policy file would say of an account as it is today.
//!
//! - In: an inventory.
//! - Out: a [`Proposal`]: the authorization types in use, the policies that groups carry, and who may call. It accepts no
//!   open method, and no policy that lets its holder call every API.
//! - Not known here: how a policy file is written.

mod account;
mod apis;
mod callers;
mod groups;
mod types;

pub use account::Proposal;
pub use apis::{ApiToday, ApisToday};
pub use callers::CallersToday;
pub use groups::GroupToday;
pub use types::TypesToday;
