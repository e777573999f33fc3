//! All requests of a method: ALL, SOME, NONE or UNDECIDED, with an example of each answer and the statements that
//! decide.
//!
//! In come policies and a template, out comes an [`Access`](verdict::Access); work is bounded, whatever a document says.

pub(in crate::iam) mod admission;
mod alignment;
pub(in crate::iam) mod assignment;
mod candidates;
pub(in crate::iam) mod deciding;
pub(in crate::iam) mod elsewhere;
pub(in crate::iam) mod endpoints;
pub(in crate::iam) mod formula;
pub(in crate::iam) mod granting;
mod guest_request;
pub(in crate::iam) mod guests;
mod heads;
mod narrowed;
pub(in crate::iam) mod networks;
pub(in crate::iam) mod not_asked;
pub(in crate::iam) mod other_accounts;
pub(in crate::iam) mod outsider;
pub(in crate::iam) mod reading;
pub(in crate::iam) mod representatives;
mod rests;
pub(in crate::iam) mod satisfy;
pub(in crate::iam) mod speaking;
pub(in crate::iam) mod survey;
pub(in crate::iam) mod tally;
pub(in crate::iam) mod vantage;
pub(in crate::iam) mod verdict;
mod ways;
