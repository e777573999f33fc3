//! A report for a terminal, as JSON, and as a person reads it in an e-mail.

mod accounts;
mod email;
mod exceptions;
pub mod json;
mod table;

pub use accounts::{AccountReport, AccountsDocument, accounts_document, accounts_table};
pub use email::email;
pub use table::table;
