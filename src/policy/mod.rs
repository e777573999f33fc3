//! The IAM policy language.
//!
//! Pure: documents in, answers out. Nothing here reads AWS, a clock or a file.

mod condition;
mod coverage;
mod document;
mod grants;
mod outsider;
pub mod pattern;
mod statement;

pub use coverage::MethodArn;
pub use document::{parse_document, parse_resource_policy};
pub use grants::grants_invoke;
pub use outsider::{Outcome, Outsider, outsider};
