//! From an inventory and a policy file to a report: what is wrong, where, how sure that is, and who can call what.
//!
//! - In: an inventory and a policy file, and the day by which exemptions expire.
//! - Out: a [`Report`]: findings with evidence and remedies, exempted findings, gaps and assumptions.
//! - Not known here: AWS, clocks, files, and how a report is printed or sent.

pub mod access;
mod alternatives;
mod baseline;
mod bound;
mod comments;
pub mod context;
pub mod difference;
mod explain_in_file;
pub mod exposure;
mod files;
pub mod finding;
pub mod fix;
mod in_file;
mod known;
mod located;
pub mod method;
mod of_files;
mod of_owner;
mod opened;
pub mod operation;
pub mod overlay;
mod own_verbs;
mod owners;
pub mod probe;
pub mod proposal;
pub mod remedy;
mod report;
pub mod rules;
pub mod surface;
pub mod warnings;

pub use bound::Bound;
pub use explain_in_file::{explain_finding_in_file, explain_in_file};
pub use files::{CheckedFiles, PassedOver};
pub use known::Known;
pub use of_files::FilesReport;
pub use opened::Opened;
pub use own_verbs::OwnVerbs;
pub use owners::Owners;
pub use report::{Report, Status};
