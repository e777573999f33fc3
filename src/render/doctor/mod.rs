//! What `gatewatch doctor` found, for people and for programs.

mod checkup;
mod json;
mod text;

pub use checkup::{Check, Checkup, Light, Telling};
pub use json::{CheckupDocument, checkup_document};
pub use text::checkup_text;
