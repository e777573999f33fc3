//! A plan that mends findings, as a table, as JSON and as commands.

mod commands;
mod document;
mod text;

pub use commands::fix_commands;
pub use document::{PlanDocument, plan_document};
pub use text::fix_text;
