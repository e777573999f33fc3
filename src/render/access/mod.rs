//! Who can call what, as a table, as JSON and as CSV.

mod csv;
mod document;
mod select;
mod sets;
mod text;

pub use csv::access_csv;
pub use document::{AccessDocument, access_document};
pub use select::{NothingThere, Selection};
pub use text::access_text;

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::access::{self, CallableMethod, Cell, Decided, Estate, Holder, NearMiss};
use crate::iam::Verdict;
use crate::inventory::{Gap, Inventory};

/// The answers to one question about access.
#[derive(Debug)]
pub struct AccessReport<'e> {
    /// What was read.
    pub inventory: &'e Inventory,
    /// The methods that IAM decides about, with their callers.
    pub rows: Vec<MethodRow<'e>>,
    /// How many of the methods that were asked about leave the decision to something else, by their
    /// authorization type.
    pub elsewhere: BTreeMap<String, usize>,
    /// Those who were asked about, in order.
    pub holders: Vec<&'e Holder>,
    /// Whether the statements that decide are wanted.
    pub why: bool,
    /// What could not be read or understood, and what could not be decided of what was asked about.
    pub gaps: BTreeSet<Gap>,
}

/// One method and its callers.
#[derive(Debug)]
pub struct MethodRow<'e> {
    /// The method.
    pub method: &'e CallableMethod<'e>,
    /// The answers, in the order of those who were asked about, without those that were not asked for.
    pub callers: Vec<HolderAccess<'e>>,
}

/// What one holder is allowed of one method.
#[derive(Debug)]
pub struct HolderAccess<'e> {
    /// Who.
    pub holder: &'e Holder,
    /// How many requests.
    pub cell: Cell,
    /// The proof, where it was asked for.
    pub decided: Option<Decided>,
    /// Where the statements that decide are wanted, the grants that were meant for the method and miss it.
    pub near_misses: Vec<NearMiss>,
}

impl<'e> AccessReport<'e> {
    /// Answers what a selection asks of an account.
    ///
    /// # Errors
    /// Where nothing in the account is called what the selection names.
    pub fn new(
        inventory: &'e Inventory,
        estate: &'e Estate<'e>,
        selection: &Selection,
    ) -> Result<Self, NothingThere> {
        let chosen = selection.methods(estate)?;
        let holders = selection.holders(estate)?;
        let mut elsewhere = BTreeMap::new();
        for (_, method) in chosen.iter().filter(|(_, it)| !it.asks_iam()) {
            let types: Vec<&str> = method.authorizations.iter().map(|it| it.as_str()).collect();
            *elsewhere.entry(types.join(" or ")).or_insert(0) += 1;
        }
        let mut rows: Vec<MethodRow<'e>> = chosen
            .iter()
            .filter(|(_, method)| method.asks_iam())
            .map(|(_, method)| MethodRow {
                method,
                callers: Vec::new(),
            })
            .collect();
        let asking: Vec<usize> = chosen
            .iter()
            .filter(|(_, method)| method.asks_iam())
            .map(|(number, _)| *number)
            .collect();
        // One row of the matrix at a time: that of a whole account is large.
        for (holder, cells) in estate.matrix(holders.iter().copied()) {
            for (row, number) in rows.iter_mut().zip(&asking) {
                let Some(cell) = cells.get(*number) else {
                    continue;
                };
                // Whatever answers are to be shown: one that is missing is missed.
                if cell.verdict == Verdict::Undecided {
                    estate.note_undecided(holder, row.method);
                }
                if !selection.wants(cell.verdict) {
                    continue;
                }
                row.callers.push(HolderAccess {
                    holder,
                    cell: *cell,
                    decided: selection.proof().then(|| estate.decide(holder, row.method)),
                    near_misses: near_misses(selection, estate, holder, row.method, cell.verdict),
                });
            }
        }
        if selection.is_about_callers() {
            rows.retain(|row| !row.callers.is_empty());
        }
        let mut gaps = access::gaps(inventory);
        gaps.extend(estate.undecided(&gaps));
        Ok(AccessReport {
            inventory,
            rows,
            elsewhere,
            holders,
            why: selection.why,
            gaps,
        })
    }
}

/// The grants that were meant for a method, where it is asked why not all of its requests are allowed.
fn near_misses(
    selection: &Selection,
    estate: &Estate<'_>,
    holder: &Holder,
    method: &CallableMethod<'_>,
    verdict: Verdict,
) -> Vec<NearMiss> {
    match verdict {
        Verdict::None | Verdict::Some if selection.why => estate.near_misses(holder, method),
        _ => Vec::new(),
    }
}
