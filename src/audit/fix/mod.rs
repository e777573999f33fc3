//! From findings to a plan: what is to be set, deployed and granted, in order, and who can call afterwards.
//!
//! - In: an inventory, a policy file, which findings are meant, and what is allowed besides.
//! - Out: a [`Plan`]: steps with before and after, and a [`Refusal`] for each finding that no step is given for.
//! - Not known here: AWS. A plan is judged by the same rules as the account: the inventory as it would be after the steps must
//!   lack the findings, and have no method that is found open instead.

mod attempt;
mod bound;
mod callers;
mod grants;
mod managed;
mod plan;
mod projected;
mod refusal;
mod selection;
mod stage;
mod step;

pub use bound::Bound;
pub use callers::{Callers, MethodAfter};
pub use plan::{Plan, plan};
pub use refusal::Refusal;
pub use selection::{Options, Selection};
pub use step::{Action, Step};
