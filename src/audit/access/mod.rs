//! Who can call what: every group, user and role, and everybody of other accounts whom a resource policy lets in, against
//! every method that IAM decides about.
//!
//! - In: an inventory.
//! - Out: an [`Estate`], which decides for one holder and one method, or for all of them. A policy that could not be read
//!   makes an answer UNDECIDED, never NONE.
//! - Not known here: the policy file, and how answers are printed.

mod alike;
mod allowed_by;
mod decide;
mod estate;
mod gaps;
mod holder;
mod kept_out;
mod matrix;
mod method;
mod near_misses;
mod outside;
mod permits;
mod planes;
mod unanswered;
mod uncallable;
mod undecided;

pub use allowed_by::AllowedBy;
pub use decide::{Cell, Decided, Reason};
pub use estate::Estate;
pub use gaps::gaps;
pub use holder::{Holder, HolderKind, Origin, PolicySource};
pub use kept_out::KeptOut;
pub use matrix::Asking;
pub use method::{Authorizations, CallableMethod, names, requests};
pub use near_misses::NearMiss;
pub use outside::{NamedBeside, NotAsked};
pub use permits::Permits;
