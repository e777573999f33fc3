//! The holders and the methods of an inventory, made ready to be asked about.

use std::cell::RefCell;

use super::holder::{self, Holder};
use super::method::{self, CallableMethod};
use super::undecided::Undecided;
use crate::inventory::Inventory;

/// The holders of policies and the methods of one inventory, made ready to be asked.
#[derive(Debug)]
pub struct Estate<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) holders: Vec<Holder>,
    pub(super) methods: Vec<CallableMethod<'a>>,
    pub(super) apis: Vec<method::OfApi>,
    pub(super) documents: Vec<holder::Read>,
    /// What it was asked and could not decide. Kept here, so that nobody who asks can pass over it.
    pub(super) undecided: RefCell<Undecided>,
}
