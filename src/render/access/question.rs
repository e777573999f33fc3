//! A question about access, and its answers as they are found.

use std::collections::{BTreeMap, BTreeSet};

use super::select::{NothingThere, Selection};
use crate::audit::access::{
    self, CallableMethod, Cell, Decided, Estate, Holder, KeptOut, NearMiss, NotAsked,
};
use crate::iam::Verdict;
use crate::inventory::{Api, Gap, Inventory};

/// So many answers are held at once: those of a whole account may not fit into memory.
const HELD: usize = 2_000_000;

/// What a selection asks of an account.
#[derive(Debug)]
pub struct AccessQuestion<'e> {
    /// What was read.
    pub(super) inventory: &'e Inventory,
    estate: &'e Estate<'e>,
    selection: &'e Selection,
    /// The methods that IAM decides about, in order.
    pub(super) methods: Vec<&'e CallableMethod<'e>>,
    /// How many of the methods that were asked about leave the decision to something else, by their
    /// authorization type.
    pub(super) elsewhere: BTreeMap<String, usize>,
    /// Those who are asked about, in order.
    pub(super) holders: Vec<&'e Holder>,
    /// Whom the resource policies of these methods' APIs let in besides, and who are no callers that can be asked about.
    pub(super) not_asked: Vec<NotAsked<'e>>,
    /// The statements of these policies that let nobody in, or not everybody whom they name.
    pub(super) kept_out: Vec<KeptOut<'e>>,
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
    pub decided: Option<Box<Decided>>,
    /// Where the statements that decide are wanted, the grants that were meant for the method and miss it.
    pub near_misses: Vec<NearMiss>,
}

impl<'e> AccessQuestion<'e> {
    /// Finds what a selection names.
    ///
    /// # Errors
    /// Where nothing in the account is called so.
    pub fn new(
        inventory: &'e Inventory,
        estate: &'e Estate<'e>,
        selection: &'e Selection,
    ) -> Result<Self, NothingThere> {
        let chosen = selection.methods(estate)?;
        let holders = selection.holders(estate)?;
        let (methods, others): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|it| it.asks_iam());
        let mut elsewhere = BTreeMap::new();
        for method in others {
            let types: Vec<&str> = method.authorizations.iter().map(|it| it.as_str()).collect();
            *elsewhere.entry(types.join(" or ")).or_insert(0) += 1;
        }
        let is_about = |api: &Api| methods.iter().any(|it| std::ptr::eq(it.api, api));
        let not_asked = estate.not_asked().filter(|it| is_about(it.api)).collect();
        let kept_out = estate.kept_out().filter(|it| is_about(it.api)).collect();
        Ok(AccessQuestion {
            not_asked,
            kept_out,
            inventory,
            estate,
            selection,
            methods,
            elsewhere,
            holders,
        })
    }

    /// Answers it, some methods after others. `take` gets the next of them, in order, and says whether to go on.
    pub(super) fn answer(&self, take: &mut dyn FnMut(Vec<MethodRow<'e>>) -> bool) {
        let mut asking = self.estate.asking(&self.holders, &self.methods);
        let at_once = (HELD / self.holders.len().max(1)).max(1);
        for methods in self.methods.chunks(at_once) {
            let mut rows: Vec<MethodRow<'e>> = methods
                .iter()
                .map(|method| MethodRow {
                    method,
                    callers: Vec::new(),
                })
                .collect();
            for (holder, cells) in self.holders.iter().zip(asking.rows(methods)) {
                for (row, cell) in rows.iter_mut().zip(cells) {
                    // Whatever answers are to be shown: one that is missing is missed.
                    if cell.verdict == Verdict::Undecided {
                        self.estate.note_undecided(holder, row.method);
                    }
                    if self.selection.wants(cell.verdict) {
                        row.callers.push(self.with_proof(holder, row.method, cell));
                    }
                }
            }
            if self.selection.is_about_callers() {
                rows.retain(|row| !row.callers.is_empty());
            }
            if !take(rows) {
                return;
            }
        }
    }

    /// What could not be read or understood, and what could not be decided of what was answered so far.
    pub(super) fn gaps(&self) -> BTreeSet<Gap> {
        let mut gaps = access::gaps(self.inventory);
        gaps.extend(self.estate.undecided(&gaps));
        gaps
    }

    fn with_proof(
        &self,
        holder: &'e Holder,
        method: &CallableMethod<'_>,
        cell: Cell,
    ) -> HolderAccess<'e> {
        let decide = || Box::new(self.estate.decide(holder, method));
        HolderAccess {
            holder,
            cell,
            decided: self.selection.proof().then(decide),
            near_misses: self.near_misses(holder, method, cell.verdict),
        }
    }

    /// The grants that were meant for a method, where it is asked why not all of its requests are allowed.
    fn near_misses(
        &self,
        holder: &Holder,
        method: &CallableMethod<'_>,
        verdict: Verdict,
    ) -> Vec<NearMiss> {
        match verdict {
            Verdict::None | Verdict::Some if self.selection.why => {
                self.estate.near_misses(holder, method)
            }
            _ => Vec::new(),
        }
    }
}
