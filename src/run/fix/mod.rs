//! A plan that is carried out: step by step, with a journal, so that it can be gone on with after a crash, and undone.
//!
//! - In: a plan or a journal, whoever changes things, and where the journal is written.
//! - Out: which steps took effect, and why the others did not.
//! - Not known here: how AWS is called, and what is printed.
//!
//! Before each call that changes something, what it changes is read, and the journal notes it. After the call it is read
//! again: what an answer says is not relied on. API Gateway and IAM take no condition with a change, so that a moment is left
//! between reading and changing, in which somebody else may change the same thing: the reading after the change shows most
//! of that. A deployment has no such moment. It is made for no stage at first, is read, and only then the stage is pointed
//! to it.

mod answered;
mod approved;
mod changes;
mod confirmed;
mod foreseen;
mod go;
mod left;
mod stopped;
mod undo;
mod verified;

pub use answered::{answered, to_be_asked};
pub use approved::{Approved, NotApproved, approved};
pub use changes::{Changes, Notes, Patience};
pub use foreseen::foreseen;
pub use go::go;
pub use left::{left, renewed, selection};
pub use stopped::{Stopped, Told, Worker};
pub use undo::{Allowed, undo};
pub use verified::{Verified, needing, scope, verified};
