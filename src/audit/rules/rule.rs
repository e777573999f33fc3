//! What a rule is.

use std::fmt;

use super::{Concern, ExemptionUse, Look, Subject};
use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Violation};
use crate::audit::method::MethodView;
use crate::inventory::{Group, Iam};

/// One rule. It implements the question that fits it; the others answer nothing. It answers with [`Violation`]s, which
/// have evidence and a remedy; the evaluation makes findings of them under the rule's name.
pub trait Rule: Sync {
    /// Its name.
    fn id(&self) -> RuleId;

    /// What it means when the rule fires, in one line.
    fn summary(&self) -> &'static str;

    /// What it looks at. There is no default: a rule that leaves something out has its findings called resolved by
    /// runs that did not look.
    fn looks_at(&self) -> &'static [Look];

    /// What it looks at one after the other, to be counted. There is no default, either: what a rule did not look at did not
    /// pass it.
    fn subject(&self) -> Subject;

    /// Whether it can say anything of a method. Asked only where its [`subject`](Self::subject) is methods.
    fn is_about(&self, _method: &MethodView<'_>) -> bool {
        true
    }

    /// What it is about, where other rules are about the same.
    fn concern(&self) -> Concern {
        Concern::Own
    }

    /// Asked once for every method of every stage.
    fn method(&self, _context: Context<'_>, _method: &MethodView<'_>) -> Option<Violation> {
        None
    }

    /// Asked once for every IAM group, where IAM was read.
    fn group(&self, _context: Context<'_>, _iam: &Iam, _group: &Group) -> Option<Violation> {
        None
    }

    /// Asked once for every exemption of the policy file, when all other findings are known.
    fn exemption(&self, _context: Context<'_>, _exemption: &ExemptionUse) -> Option<Violation> {
        None
    }

    /// Asked once for the whole inventory.
    fn inventory<'c>(&self, _context: Context<'c>) -> Violations<'c> {
        Violations::none()
    }
}

/// What a rule answers about the whole inventory, made one after the other: an account may have very many.
pub struct Violations<'c>(Box<dyn Iterator<Item = Violation> + 'c>);

impl<'c> Violations<'c> {
    /// Nothing is wrong.
    pub fn none() -> Self {
        Violations::of([])
    }

    /// These.
    pub fn of(violations: impl IntoIterator<Item = Violation> + 'c) -> Self {
        Violations(Box::new(violations.into_iter()))
    }
}

impl Iterator for Violations<'_> {
    type Item = Violation;

    fn next(&mut self) -> Option<Violation> {
        self.0.next()
    }

    /// Whoever keeps them makes room for as many.
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl fmt::Debug for Violations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violations").finish_non_exhaustive()
    }
}
