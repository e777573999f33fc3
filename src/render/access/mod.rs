//! Who can call what, as a table, as JSON and as CSV.

mod csv;
mod document;
mod question;
mod screen;
mod select;
mod sets;
mod text;
mod words;

pub use csv::access_csv;
pub use document::write_access;
pub use question::AccessQuestion;
pub(super) use question::{HolderAccess, MethodRow};
pub use screen::AccessView;
pub use select::{NothingThere, Selection};
pub use text::access_text;

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::access::{Estate, Holder, KeptOut, NotAsked};
use crate::inventory::{Gap, Inventory};

/// The answers to one question about access.
#[derive(Debug)]
pub struct AccessReport<'e> {
    /// What was read.
    pub inventory: &'e Inventory,
    /// How many methods that IAM decides about were asked about.
    pub methods: usize,
    /// These methods, with their callers; where callers or answers were asked for, those that have one.
    pub rows: Vec<MethodRow<'e>>,
    /// How many of the methods that were asked about leave the decision to something else, by their
    /// authorization type.
    pub elsewhere: BTreeMap<String, usize>,
    /// Those who were asked about, in order.
    pub holders: Vec<&'e Holder>,
    /// Whom resource policies let in besides, and who are no callers that can be asked about.
    pub not_asked: Vec<NotAsked<'e>>,
    /// The statements of resource policies that let nobody in, or not everybody whom they name.
    pub kept_out: Vec<KeptOut<'e>>,
    /// Whether the statements that decide are wanted.
    pub why: bool,
    /// What could not be read or understood, and what could not be decided of what was asked about.
    pub gaps: BTreeSet<Gap>,
}

impl<'e> AccessReport<'e> {
    /// Answers what a selection asks of an account.
    ///
    /// # Errors
    /// Where nothing in the account is called what the selection names.
    pub fn new(
        inventory: &'e Inventory,
        estate: &'e Estate<'e>,
        selection: &'e Selection,
    ) -> Result<Self, NothingThere> {
        let question = AccessQuestion::new(inventory, estate, selection)?;
        let mut rows = Vec::new();
        question.answer(&mut |some| {
            rows.extend(some);
            true
        });
        let gaps = question.gaps();
        Ok(AccessReport {
            inventory,
            methods: question.methods.len(),
            rows,
            elsewhere: question.elsewhere,
            holders: question.holders,
            not_asked: question.not_asked,
            kept_out: question.kept_out,
            why: selection.why,
            gaps,
        })
    }
}
