//! The IAM policy language.
//!
//! Pure: documents in, answers out. Nothing here reads AWS, a clock or a file.

mod access;
mod admission;
mod caller;
mod chosen;
mod compare;

mod context;

mod decide;
mod document;
mod found;
mod granting;

mod holds;
pub mod language;
mod letters;
mod long;

mod parts;
pub mod pattern;
mod prepared;
mod single;

mod survey;
mod template;
mod tokens;
mod truth;
mod vantage;
mod variable;
mod walk;
mod weigh;

pub use access::{Access, Deciding, Verdict, access, across_colons, deciding, speaking};
pub use admission::{Admission, Admissions, Outsider};
pub use caller::Caller;
pub use context::{Context, Lookup};

pub use decide::{Decision, decide, may};
pub use document::{parse_document, parse_resource_policy, resource_policy};
pub use granting::{allows_every_call, denies_calls, invoke_grants, is_blanket, named_api};

pub use holds::holds;

pub use survey::{Reading, Survey, Touched, Weighing};
pub use template::{NoTemplate, Template};
pub use truth::Truth;
pub use weigh::{Attached, Policies, Question};
