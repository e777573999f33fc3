//! Questions about access that take more work than the bound allows. Each is a gap, never a *no*.

use std::collections::BTreeSet;

use super::Estate;
use super::holder::Holder;
use super::method::CallableMethod;
use super::undecided::Pairs;
use crate::inventory::{Gap, GapKind, Reason, listed};

/// As many holders, methods and policies are named in one gap.
const NAMED: usize = 3;

/// The policies are named in as many gaps: finding them takes work again.
const WITH_POLICIES: usize = 50;

impl<'a> Estate<'a> {
    /// Notes that it was not decided what a holder is allowed of a method. Whoever asks [`Estate`] gets the
    /// gap with [`undecided`](Self::undecided).
    ///
    /// Where a policy could not be read, that is a gap already, which says more.
    pub fn note_undecided(&self, holder: &Holder, method: &CallableMethod<'_>) {
        let mut undecided = self.undecided.borrow_mut();
        if !holder.unread.is_empty() {
            undecided.unread.insert(holder.number);
        } else if !matches!(self.resource_policy(method), Some(Err(_))) {
            undecided.add(holder, method);
        }
    }

    /// What could not be decided of all that this estate was asked: a gap for each stage. `known` are the gaps of the
    /// reading, which say what is not known of a holder.
    pub fn undecided(&self, known: &BTreeSet<Gap>) -> Vec<Gap> {
        let undecided = self.undecided.borrow();
        let stages = undecided.stages.values().enumerate();
        let stages = stages.filter_map(|(number, pairs)| self.gap(pairs, number < WITH_POLICIES));
        let unread = undecided
            .unread
            .iter()
            .filter_map(|it| self.holders.get(*it));
        stages.chain(unread_of(unread, known)).collect()
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
        let who = listed(holders.iter().map(|it| it.in_words()), NAMED);
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

/// The gaps of holders something of which was not read, unless the reading of the principals has a gap that says so.
fn unread_of<'h>(holders: impl Iterator<Item = &'h Holder>, known: &BTreeSet<Gap>) -> Vec<Gap> {
    let is_said = |gap: &Gap| matches!(gap.kind, GapKind::Iam | GapKind::PolicyDocument);
    if known.iter().any(is_said) {
        return Vec::new();
    }
    let gaps = holders.map(|holder| {
        let message = format!(
            "it is not decided what {} may call: {} could not be read",
            holder.in_words(),
            listed(holder.unread.iter().cloned(), NAMED)
        );
        Gap::malformed(GapKind::Access, message).about(&holder.arn)
    });
    gaps.collect()
}
