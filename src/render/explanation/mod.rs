//! How methods are judged, for a terminal and as JSON.

mod json;
mod saved;
mod text;

pub use json::{ExplanationDocument, explanation_document, finding_explanation_document};
pub use saved::saved_finding;
pub use text::{explanation, finding_explanation};
