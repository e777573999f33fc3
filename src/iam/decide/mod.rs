//! One request, one decision: who asks, which policies weigh on it, and what they come to.

pub(in crate::iam) mod caller;
pub(in crate::iam) mod compile;
pub(in crate::iam) mod outcome;
pub(in crate::iam) mod question;
pub(in crate::iam) mod request;
mod spared;
pub(in crate::iam) mod statement;
pub(in crate::iam) mod weigh;
