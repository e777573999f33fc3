//! The IAM groups, users, roles and policies of a file, as an inventory's.
//!
//! A file is not the account: of a principal, what it says here is known, and of an account's other principals nothing is.
//! What its policies name by references is held against the APIs of the same file. What stays unknown makes a policy that
//! is not understood, which is a gap and never a grant that is not there.

mod cloudformation;
mod document;
mod estate;
mod finished;
mod kind;
mod managed;
mod marks;
mod part;
mod places;
mod sam;
mod statement;

pub(super) use cloudformation::read;
pub(super) use document::marked;
pub(super) use estate::{IamDraft, Named, Principal};
pub(super) use finished::Finished;
pub(super) use kind::Kind;
pub(super) use marks::{Mark, Marks, SIGN};
pub(super) use places::Places;
