//! A plan that mends findings, as a table, as JSON and as commands.

mod applied;
mod commands;
mod document;
mod role;
mod text;

pub use applied::{Went, applied_text, not_resumed_text, undoing_text, undone_text};
pub use commands::fix_commands;
pub use document::{PlanDocument, plan_document};
pub use role::fix_role;
pub use text::fix_text;
