//! What changed between two readings of an account.
//!
//! - In: two inventories with a policy file, or two reports as they were saved.
//! - Out: a [`Difference`]: what was opened and closed, added and removed, who gained and lost access, which findings came
//!   and went. What one of the two did not read is *unknown*, and never taken for unchanged, added or gone.
//! - Not known here: files, and how it is printed.

mod callers;
mod changes;
mod compare;
mod findings;
mod holders;
mod pair;
mod saved;
mod served;
mod settings;
mod side;
mod stage;

pub use changes::{
    AccessChange, Change, ChangeKind, Difference, Direction, FindingChange, Grade, Outcome,
    Unknown, Which,
};
pub use compare::NotComparable;
pub use saved::{SavedError, SavedEvidence, SavedFinding, SavedRemedy, SavedReport};
pub use side::Side;
