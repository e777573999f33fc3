//! The IAM policy language.
//!
//! Pure: documents in, answers out. Nothing here reads AWS, a clock or a file.

mod document;
mod grants;
pub mod pattern;

pub use document::{parse_document, parse_resource_policy};
pub use grants::grants_invoke;
