//! A report for a terminal, as JSON, CSV, Markdown and OCSF, and as a person reads it in an e-mail.

mod accounts;
mod csv;
mod email;
mod exceptions;
pub(in crate::render) mod finding_json;
pub mod json;
mod markdown;
mod ocsf;
mod proof_json;
mod screen;
mod sections;
mod table;

pub use accounts::{AccountReport, AccountsDocument, accounts_document, accounts_table};
pub(in crate::render) use accounts::{status_of, word_of};
pub use csv::{write_accounts_csv, write_csv};
pub use email::email;
pub use markdown::{accounts_markdown, markdown};
pub use ocsf::{write_accounts_ocsf, write_ocsf};
pub use screen::{Detail, Filter, View, screen};
pub use table::table;
