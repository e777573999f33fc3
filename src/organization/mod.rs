//! A run over an organisation's accounts: which they are, and what became of each.
//!
//! Pure. What is written down of a run is all that its last step knows: an account of which nothing is
//! written was not read.

mod outcome;
mod roll;

pub use outcome::{NotRead, Outcome, OutcomeError, Read, Result};
pub use roll::{Member, Roll, RollError, account_id, run_name};

/// The version of what is written down of a run.
pub const SCHEMA_VERSION: u32 = 1;
