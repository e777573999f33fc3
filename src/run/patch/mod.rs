//! A patch of sources: what is wrong in them, mended in their own text, and checked again.
//!
//! - In: files and folders as a check takes them, the policy file, and which findings are meant.
//! - Out: the files as they were and as they would be, and why other findings have no edit.
//! - Not known here: how a patch is printed. Nothing is written.
//!
//! Where and how a text is changed is a matter of [`template::patch`](crate::template::patch). Whatever that comes to is read and
//! judged again in the file's place: a change is given only where its findings are gone, no other is new, and all else that was
//! read is as before.

mod accepted;
mod candidates;
mod change;
mod plan;
mod terraform;
mod working_folder;

pub use plan::{Changed, Patch, PatchError, patch};
