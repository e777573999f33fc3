//! What some of a holder's policies allow by themselves, whatever else weighs on its requests.

use std::cell::RefCell;

use foldhash::HashMap;

use super::Estate;
use super::alike::Alike;
use super::decide::Cell;
use super::holder::{Holder, PolicySource};
use super::method::CallableMethod;
use crate::iam::{Policies, StageKind, Survey, Verdict, access};
use crate::inventory::served::Answers;

/// As many methods are asked about one by one, before it is found out which of the others are alike: who looks for one
/// that is allowed mostly finds it there.
const SOON: usize = 4;

/// Some of a holder's policies, asked about what they allow by themselves, method after method: one is asked about for
/// all that they do not tell apart.
#[derive(Debug)]
pub struct AllowedBy<'e, 'a> {
    estate: &'e Estate<'a>,
    holder: &'e Holder,
    sources: Vec<&'e PolicySource>,
    learned: RefCell<Learned>,
}

/// What is known of methods that were asked about.
#[derive(Debug, Default)]
struct Learned {
    survey: Survey,
    /// The stage that was asked about last: the place of its API, and its name.
    last: Option<(usize, String, StageKind)>,
    cells: HashMap<Kind, Cell>,
}

/// All that policies can tell methods by: the number of the stage, as they tell stages apart, the API, where it has a
/// policy of its own, the verb, the requests, and the path, where one of them tells paths apart.
type Kind = (usize, Option<usize>, String, Answers, Option<String>);

impl AllowedBy<'_, '_> {
    /// What they allow of a method, as [`Estate::allowed_by`] says it.
    pub fn of(&self, method: &CallableMethod<'_>) -> Cell {
        let ask = || {
            let sources = self.sources.iter().copied();
            self.estate.allowed_by(self.holder, sources, method)
        };
        let mut learned = self.learned.borrow_mut();
        let kind = learned.kind(self.estate, method);
        *learned.cells.entry(kind).or_insert_with(ask)
    }
}

impl Learned {
    fn kind(&mut self, estate: &Estate<'_>, method: &CallableMethod<'_>) -> Kind {
        let stage = match &self.last {
            Some((api, name, stage)) if *api == method.of_api && *name == method.stage.name => {
                *stage
            }
            _ => {
                let before = format!("{}/{}/", method.api.id, method.stage.name);
                let template = method.template(estate.inventory);
                let stage = self.survey.stage(&template, &before);
                self.last = Some((method.of_api, method.stage.name.clone(), stage));
                stage
            }
        };
        let has_policy = method.api.resource_policy.is_some();
        (
            stage.number,
            has_policy.then_some(method.of_api),
            method.verb.to_owned(),
            method.asked,
            (!stage.is_uniform).then(|| method.path.to_owned()),
        )
    }
}

impl<'a> Estate<'a> {
    /// Gets ready to ask what these of a holder's policies allow by themselves.
    pub fn ask_allowed_by<'e>(
        &'e self,
        holder: &'e Holder,
        sources: impl IntoIterator<Item = &'e PolicySource>,
    ) -> AllowedBy<'e, 'a> {
        let sources: Vec<&PolicySource> = sources.into_iter().collect();
        let mut learned = Learned::default();
        for source in &sources {
            self.number(&mut learned.survey, holder, source);
        }
        AllowedBy {
            estate: self,
            holder,
            sources,
            learned: RefCell::new(learned),
        }
    }

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
