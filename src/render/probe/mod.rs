//! A probe of the deployed URLs: what is to be asked, and what was answered.

mod document;
mod json;
mod policy;
mod text;

pub use document::{PlanDocument, plan_document};
pub(in crate::render) use json::{ProbeJson, probe_json};
pub(in crate::render) use text::{asked, left_out};
pub use text::{plan_text, requests_in_words};
