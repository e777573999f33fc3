//! One request, one decision: who asks, which policies weigh on it, and what they come to.

pub(in crate::iam) mod caller;
pub(in crate::iam) mod request;
pub(in crate::iam) mod weigh;
