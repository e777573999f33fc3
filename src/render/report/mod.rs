//! A report for a terminal, as JSON, CSV, Markdown and OCSF, for a pipeline, and as a person reads it in an e-mail.

mod accounts;
mod csv;
mod email;
mod exceptions;
pub(in crate::render) mod finding_json;
pub mod json;
mod markdown;
mod ocsf;
mod pipeline;
mod proof_json;
mod screen;
mod sections;
mod table;
pub(in crate::render) mod tags;

pub use accounts::{AccountReport, AccountsDocument, accounts_document, accounts_table};
pub(in crate::render) use accounts::{status_of, word_of};
pub use csv::{write_accounts_csv, write_csv};
pub use email::email;
pub(in crate::render) use markdown::escape;
pub use markdown::{accounts_markdown, markdown};
pub use ocsf::{write_accounts_ocsf, write_ocsf};
pub use pipeline::{Judged, write_github, write_gitlab, write_junit, write_sarif};
pub use screen::{Detail, Filter, View, screen};
pub(in crate::render) use screen::{Paint, columns, wrapped};
pub(in crate::render) use table::detail;
pub use table::table;
