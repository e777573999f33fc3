//! Who can call what: every group, user and role against every method that IAM decides about.
//!
//! Pure. What could not be read makes a cell undecided, never NONE.

mod alike;
mod decide;
mod estate;
mod gaps;
mod holder;
mod matrix;
mod method;
mod permits;
mod planes;
mod unanswered;
mod uncallable;
mod undecided;

pub use decide::{Cell, Decided, Reason};
pub use estate::Estate;
pub use gaps::gaps;
pub use holder::{Holder, HolderKind, Origin, PolicySource};
pub use method::{Authorizations, CallableMethod, names, requests};
pub use permits::Permits;
