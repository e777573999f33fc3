//! What a stage serves: each method that its callers can reach, and how it is authorized.
//!
//! Comes in: one stage of an [`Api`](super::Api), as it was read. Goes out: its methods, each with what the stage's own
//! deployment and the canary's answer there, what the draft says, and the verbs that are left to an `ANY`.
//!
//! This is the one answer to that question: the rules, who can call and the gaps all ask [`ServedMethods`].
//!
//! What a deployment says is believed first. Where it does not say an authorization type, or was not read, the draft
//! stands in, and the type is [`Inferred`](Authorization::Inferred). Where the draft does not tell it either, it is
//! [`Unknown`](Authorization::Unknown): never NONE, and always a gap.
//!
//! It knows nothing of policies, policy files and findings.

mod authorization;
mod deployment;
mod gaps;
mod method;
mod path;
mod routing;
mod stage;

pub use authorization::{Authorization, Untold};
pub use deployment::{Known, ServedDeployment};
pub(super) use gaps::gaps;
pub use method::{Answers, Presence, ServedMethod, Snapshot};
pub use routing::Routed;
pub(crate) use routing::is_narrower;
pub use stage::ServedMethods;
pub(super) use stage::authorizes;
