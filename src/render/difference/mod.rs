//! What changed between two readings, for people and for programs.

mod json;
mod markdown;
mod sections;
mod text;

pub use json::{DifferenceDocument, difference_document};
pub use markdown::difference_markdown;
pub use text::difference_text;
