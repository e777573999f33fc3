//! What some of a holder's policies allow by themselves, whatever else weighs on its requests.

use super::Estate;
use super::alike::Alike;
use super::decide::Cell;
use super::holder::{Holder, PolicySource};
use super::method::CallableMethod;
use crate::iam::{Policies, Survey, Verdict, access};

/// As many methods are asked about one by one, before it is found out which of the others are alike: who looks for one
/// that is allowed mostly finds it there.
const SOON: usize = 4;

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
        let question = self.asks(holder, Some(method.api));
        let access = access(&policies, question, &method.template(self.inventory));
        Cell {
            verdict: access.verdict,
            conditional: access.conditional,
        }
    }

    /// The same of many methods, in their order, as far as it is asked for: one is asked about for all that these
    /// policies do not tell apart.
    pub fn allowed_by_of_each<'m>(
        &'m self,
        holder: &'m Holder,
        sources: &'m [&PolicySource],
        methods: &'m [&'m CallableMethod<'a>],
    ) -> impl Iterator<Item = Cell> {
        let (first, rest) = methods.split_at(methods.len().min(SOON));
        let ask = |it: &CallableMethod<'_>| self.allowed_by(holder, sources.iter().copied(), it);
        let one_by_one = first.iter().map(move |it| ask(it));
        let alike = move || {
            let mut survey = Survey::default();
            for source in sources {
                self.number(&mut survey, holder, source);
            }
            let Alike { each, places } = Alike::new(self.inventory, &mut survey, rest);
            let mut known: Vec<Option<Cell>> = vec![None; each.len()];
            places.into_iter().filter_map(move |place| {
                let (one, cell) = (each.get(place)?, known.get_mut(place)?);
                Some(*cell.get_or_insert_with(|| ask(one.method)))
            })
        };
        one_by_one.chain(std::iter::once_with(alike).flatten())
    }
}
