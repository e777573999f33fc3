//! Who can call what: every group, user and role against every method that IAM decides about.
//!
//! Pure. What could not be read makes a cell undecided, never NONE.

mod alike;
mod decide;
mod gaps;
mod holder;
mod matrix;
mod method;
mod permits;
mod planes;
mod uncallable;
mod undecided;

pub use decide::{Cell, Decided, Reason};
pub use gaps::gaps;
pub use holder::{Holder, HolderKind, Origin, Source};

pub use method::{Authorizations, CallableMethod};
pub use permits::Permits;

use std::cell::RefCell;

use undecided::Undecided;

use crate::model::Inventory;

/// The action that calls a method.
const INVOKE: &str = "execute-api:Invoke";

/// The holders of policies and the methods of one inventory, made ready to be asked.
#[derive(Debug)]
pub struct Estate<'a> {
    inventory: &'a Inventory,
    holders: Vec<Holder>,
    methods: Vec<CallableMethod<'a>>,
    apis: Vec<method::OfApi>,
    documents: Vec<holder::Read>,
    /// What it was asked and could not decide. Kept here, so that nobody who asks can pass over it.
    undecided: RefCell<Undecided>,
}
