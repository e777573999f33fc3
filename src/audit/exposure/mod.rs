//! Who reaches a method, by its endpoint, its resource policy, and the custom domain names that lead to it.
//!
//! - In: an inventory.
//! - Out: the exposure of each method, with what decides in words. What could not be read widens it.
//! - Not known here: the policy file, and whether the method asks for authorization.

mod domains;
pub(in crate::audit) mod outsiders;
mod reach;
mod urls;

pub(in crate::audit) use domains::DomainNames;
pub use reach::Reach;
pub(in crate::audit) use reach::{NOT_KNOWN_TO_BE_SERVED, StageReach, may_be_wider};
pub(in crate::audit) use urls::{default_url, domain_url};
