//! The accounts of a run over an organization, and what became of each, as the run writes it down.
//!
//! Pure: JSON in, JSON out. [`run::organization`](crate::run::organization) reads and writes it. The last step of a
//! run knows only what is written down: an account of which nothing is written was not read.

mod outcome;
mod roll;

pub use outcome::{NotRead, Outcome, OutcomeError, Read, Result};
pub use roll::{Member, Roll, RollError, account_id, run_name};

/// The version of what a run writes down.
pub const SCHEMA_VERSION: u32 = 1;
