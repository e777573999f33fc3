//! Questions about access that take more work than the bound allows. Each is a gap, never a *no*.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::holder::Holder;
use super::method::CallableMethod;
use crate::model::{Gap, GapKind, Reason, listed};

/// As many holders, methods and policies are named in one gap.
const NAMED: usize = 3;

/// The policies are named in as many gaps: finding them takes work again.
const WITH_POLICIES: usize = 50;

/// What could not be decided so far.
///
/// Policies that explode are mostly one document that weighs on many methods, or on many holders. Pairs are
/// kept stage by stage, so that such a document makes one gap of a stage and not one of each pair.
#[derive(Debug, Default)]
pub(super) struct Undecided {
    /// By the number of the API and the name of the stage.
    stages: BTreeMap<(usize, String), Pairs>,
}

/// The numbers of the holders and of the methods of one stage that pairs were undecided of.
#[derive(Debug, Default)]
struct Pairs {
    holders: BTreeSet<usize>,
    methods: BTreeSet<usize>,
}

impl Undecided {
    fn add(&mut self, holder: &Holder, method: &CallableMethod<'_>) {
        let stage = (method.of_api, method.stage.name.clone());
        let pairs = self.stages.entry(stage).or_default();
        pairs.holders.insert(holder.number);
        pairs.methods.insert(method.number);
    }
}

impl<'a> Estate<'a> {
    /// Notes that it was not decided what a holder is allowed of a method. Whoever asks [`Estate`] gets the
    /// gap with [`undecided`](Self::undecided).
    ///
    /// Where a policy could not be read, that is a gap already, which says more.
    pub fn note_undecided(&self, holder: &Holder, method: &CallableMethod<'_>) {
        let is_gap_already =
            !holder.unread.is_empty() || matches!(self.resource_policy(method), Some(Err(_)));
        if !is_gap_already {
            self.undecided.borrow_mut().add(holder, method);
        }
    }

    /// What could not be decided of all that this estate was asked: a gap for each stage.
    pub fn undecided(&self) -> Vec<Gap> {
        let undecided = self.undecided.borrow();
        let stages = undecided.stages.values().enumerate();
        stages
            .filter_map(|(number, pairs)| self.gap(pairs, number < WITH_POLICIES))
            .collect()
    }

    fn gap(&self, pairs: &Pairs, with_policies: bool) -> Option<Gap> {
        let holders = pairs.holders.iter();
        let holders: Vec<&Holder> = holders.filter_map(|it| self.holders.get(*it)).collect();
        let methods = pairs.methods.iter();
        let methods: Vec<&CallableMethod<'a>> =
            methods.filter_map(|it| self.methods.get(*it)).collect();
        let first = methods.first()?;
        let mut policies: Vec<String> = Vec::new();
        for holder in holders.iter().take(if with_policies { NAMED } else { 0 }) {
            for policy in self.speaking(holder, first) {
                if !policies.contains(&policy) {
                    policies.push(policy);
                }
            }
        }
        let in_words = |it: &&Holder| format!("{} {}", it.kind.as_str(), it.name);
        let who = listed(holders.iter().map(in_words), NAMED);
        let what = listed(methods.iter().map(|it| it.name()), NAMED);
        let policies = if policies.is_empty() {
            "the policies that weigh on it".to_owned()
        } else {
            listed(policies.into_iter(), NAMED)
        };
        let message = format!(
            "it is not decided whether {who} may call {what}, as that takes more work than the bound allows: \
             write fewer `*` and `?` into the Resource elements of {policies}"
        );
        let gap = Gap {
            reason: Reason::TooMuchWork,
            ..Gap::malformed(GapKind::Access, message)
        };
        let gap = gap.at_stage(first.api, &first.stage.name);
        Some(match holders.as_slice() {
            [one] => gap.about(&one.arn),
            _ => gap,
        })
    }
}
