//! From findings to a plan: what is to be set, deployed and granted, in order, and who can call afterwards.
//!
//! - In: an inventory, a policy file, which findings are meant, and what is allowed besides.
//! - Out: a [`Plan`]: steps with before and after, and a [`Refusal`] for each finding that no step is given for. Of a plan that
//!   is carried out, its [`Journal`], and what is to be done next.
//! - Not known here: AWS. A plan is judged by the same rules as the account: the inventory as it would be after the steps must
//!   lack the findings, and have no method that is found open instead.

mod ahead;
mod attempt;
mod begin;
mod bound;
mod callers;
mod differs;
mod frozen;
mod grants;
mod journal;
mod managed;
mod mended;
mod needed;
mod plan;
mod projected;
mod refusal;
mod seal;
mod selection;
mod sound;
mod stage;
mod state;
mod step;

pub use ahead::{Ahead, UndoneStep, ahead, ahead_of_undo, is_in_effect};
pub use bound::Bound;
pub use callers::{Callers, MethodAfter};
pub use differs::differs;
pub use frozen::Frozen;
pub use journal::{Begun, Entry, Journal, JournalError, JournalMethod, JournalStep, Progress};
pub use mended::{Read, is_all_that_changed, left_alone, lost_preflights};
pub use needed::needed;
pub use plan::{Plan, plan};
pub use refusal::Refusal;
pub use selection::{CanaryChoice, MethodKey, Options, Selection};
pub use sound::Unsound;
pub use state::{CanaryState, State};
pub use step::{Action, Step};
