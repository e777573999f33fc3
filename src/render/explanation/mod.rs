//! How methods are judged, for a terminal and as JSON.

mod json;
mod text;

pub use json::{ExplanationDocument, explanation_document};
pub use text::explanation;
