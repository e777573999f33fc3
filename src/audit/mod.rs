//! From an inventory and a policy file to a report: what is wrong, where, how sure that is, and who can call what.
//!
//! - In: an inventory and a policy file, and the day by which exemptions expire.
//! - Out: a [`Report`]: findings with evidence and remedies, exempted findings, gaps and assumptions.
//! - Not known here: AWS, clocks, files, and how a report is printed or sent.

pub mod access;
mod bound;
pub mod context;
pub mod exposure;
pub mod finding;
pub mod fix;
mod in_file;
pub mod method;
mod opened;
mod own_verbs;
pub mod remedy;
mod report;
pub mod rules;
pub mod surface;
pub mod warnings;

pub use bound::Bound;
pub use opened::Opened;
pub use own_verbs::OwnVerbs;
pub use report::{Report, Status};
