//! The questions about access that could not be decided so far.

use std::collections::{BTreeMap, BTreeSet};

use super::holder::Holder;
use super::method::CallableMethod;

/// What could not be decided so far.
///
/// Policies that explode are mostly one document that weighs on many methods, or on many holders. Pairs are
/// kept stage by stage, so that such a document makes one gap of a stage and not one of each pair.
#[derive(Debug, Default)]
pub(super) struct Undecided {
    /// By the number of the API and the name of the stage.
    pub(super) stages: BTreeMap<(usize, String), Pairs>,
    /// The numbers of the holders, something of which was not read.
    pub(super) unread: BTreeSet<usize>,
}

/// The numbers of the holders and of the methods of one stage that pairs were undecided of.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) holders: BTreeSet<usize>,
    pub(super) methods: BTreeSet<usize>,
}

impl Undecided {
    pub(super) fn add(&mut self, holder: &Holder, method: &CallableMethod<'_>) {
        let stage = (method.of_api, method.stage.name.clone());
        let pairs = self.stages.entry(stage).or_default();
        pairs.holders.insert(holder.number);
        pairs.methods.insert(method.number);
    }
}
