//! A report for a terminal, as JSON, and as a person reads it in an e-mail.

mod accounts;
mod email;
mod exceptions;
pub(in crate::render) mod finding_json;
pub mod json;
mod screen;
mod sections;
mod table;

pub use accounts::{AccountReport, AccountsDocument, accounts_document, accounts_table};
pub use email::email;
pub use screen::{Detail, Filter, View, screen};
pub use table::table;
