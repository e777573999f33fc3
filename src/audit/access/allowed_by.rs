//! What some of a holder's policies allow by themselves, whatever else weighs on its requests.

use super::Estate;
use super::alike::{Alike, of_each};
use super::decide::Cell;
use super::holder::{Holder, PolicySource};
use super::method::CallableMethod;
use crate::iam::{Attached, Policies, Survey, Verdict, access};

impl<'a> Estate<'a> {
    /// What these of a holder's policies allow of a method by themselves. No gap is noted where that is not decided: it
    /// is not what the holder may call.
    pub fn allowed_by<'s>(
        &self,
        holder: &Holder,
        sources: impl IntoIterator<Item = &'s PolicySource>,
        method: &CallableMethod<'_>,
    ) -> Cell {
        let identity = sources.into_iter().map(|it| self.policy(it));
        let Some(identity) = identity.collect::<Option<Vec<_>>>() else {
            return Cell::certainly(Verdict::Undecided);
        };
        let policies = Policies {
            identity,
            ..Policies::default()
        };
        let question = self.asks(holder, &method.api.id);
        let access = access(&policies, question, &method.template(self.inventory));
        Cell {
            verdict: access.verdict,
            conditional: access.conditional,
        }
    }

    /// The same of many methods, in their order: one is asked about for all that these policies do not tell apart.
    pub fn allowed_by_of_each<'m>(
        &'m self,
        holder: &Holder,
        sources: &[&PolicySource],
        methods: &[&'m CallableMethod<'a>],
    ) -> Vec<Cell> {
        let mut survey = Survey::default();
        for policy in sources.iter().filter_map(|it| self.policy(it)) {
            survey.add(policy, self.asks(holder, ""), Attached::ToCaller);
        }
        let alike = Alike::new(self.inventory, &mut survey, methods);
        let each = alike.each.iter();
        let cells = each.map(|it| self.allowed_by(holder, sources.iter().copied(), it.method));
        of_each(&alike.places, &cells.collect::<Vec<Cell>>())
    }
}
