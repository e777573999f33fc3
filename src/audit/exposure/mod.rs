//! Who reaches a method: its endpoint, its resource policy, and the custom domain names.

pub(in crate::audit) mod outsiders;
mod reach;

pub use reach::Reach;
pub(in crate::audit) use reach::{DomainNames, NOT_KNOWN_TO_BE_SERVED, StageReach, may_be_wider};
