//! Wildcards, and the requests of one method as a template of their ARNs.
//!
//! In come patterns and templates, out come which patterns the requests can meet, all ways at once, without trying
//! requests one by one. Nothing here knows a statement or a condition.

pub(in crate::iam) mod automaton;
pub(in crate::iam) mod bank;
mod begun;
pub(in crate::iam) mod budget;
pub(in crate::iam) mod cover;
mod example;
pub(in crate::iam) mod guess;
mod lane;
pub(in crate::iam) mod letters;
pub(in crate::iam) mod library;
pub(in crate::iam) mod long_automaton;
pub(in crate::iam) mod meets;
pub(in crate::iam) mod parts;
pub(in crate::iam) mod search;
mod seen;
pub(in crate::iam) mod template;
pub(in crate::iam) mod tokens;
pub(in crate::iam) mod walk;
pub(in crate::iam) mod wildcards;
pub(in crate::iam) mod witness;

pub use wildcards::{matches, matches_arn, matches_ignoring_case};
