//! What changed between two readings, for people and for programs.

mod json;
mod markdown;
mod projection;
mod sections;
mod text;

pub use json::{DifferenceDocument, difference_document, projection_document};
pub use markdown::difference_markdown;
pub use projection::{projection_markdown, projection_text};
pub use text::difference_text;
