//! The IAM policy language.
//!
//! Pure: documents in, answers out. Nothing here reads AWS, a clock or a file.

mod condition;
mod context;
mod coverage;
mod document;
mod grants;
mod holds;
pub mod language;
mod outsider;
pub mod pattern;
mod statement;
mod truth;
mod variable;

pub use context::{Context, Lookup};
pub use coverage::MethodArn;
pub use document::{parse_document, parse_resource_policy};
pub use grants::grants_invoke;
pub use holds::holds;
pub use outsider::{Outcome, Outsider, outsider};
pub use truth::Truth;
