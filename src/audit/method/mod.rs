//! One method as the rules judge it: what callers get, what the draft says beside it, and what the policy file demands.

mod acceptance;
mod assumption;
mod at;
mod demanded;
mod preflight;
mod stage;
pub(in crate::audit) mod taken_over;
mod view;
mod violation;

pub use acceptance::{MethodKey, acceptances};
pub use assumption::{About, Assumption};
pub(in crate::audit) use at::{AtStage, MethodAt, stage_place};
pub(in crate::audit) use stage::StageView;
pub use taken_over::answers_for;
pub use view::{MethodView, Opening, Pending, Snapshot};
pub(in crate::audit) use violation::drafted_in_words;
