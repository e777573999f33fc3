//! From an inventory and a policy file to a report: what is wrong, where, how sure that is, and who can call what.
//!
//! Pure: it reads no clock, no file and no AWS. It must not know how a report is printed or sent.

pub mod access;
pub mod context;
pub mod exposure;
pub mod finding;
mod in_file;
pub mod method;
pub mod remedy;
mod report;
pub mod rules;

pub use report::{Report, Status};
