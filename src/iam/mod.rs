//! The IAM policy engine: who is allowed what by which policies.
//!
//! ```text
//! JSON ─▶ document ─▶ Policy ─┐
//!                             ├─▶ decide ─▶ one decision
//! request, what is known ─────┤
//!                             └─▶ access ─▶ ALL, SOME, NONE of a method's requests, with reasons
//!         (condition and pattern are what both ask)
//! ```
//!
//! A library of its own: it imports nothing of the rest, reads no AWS, no clock and no file. The README beside it has the
//! glossary, and what is proven.

mod access;
mod condition;
mod decide;
pub mod document;
pub mod pattern;
mod truth;

pub use access::admission::{Admission, Admissions, Outsider};
pub use access::deciding::{Deciding, access, across_colons, deciding, speaking};
pub use access::granting::{allows_every_call, denies_calls, invoke_grants, is_blanket, named_api};
pub use access::reading::{Reading, Touched, Weighing};
pub use access::survey::Survey;
pub use access::verdict::{Access, Verdict};
pub use condition::context::{Context, Lookup};
pub use condition::evaluate::holds;
pub use decide::caller::Caller;
pub use decide::question::{Attached, Policies, Question};
pub use decide::request::{Decision, decide, may};
pub use document::{Document, parse_document, parse_resource_policy, resource_policy};
pub use pattern::template::{NoTemplate, Template};
pub use truth::Truth;
