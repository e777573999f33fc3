//! All holders and all methods.

use foldhash::HashMap;

use super::decide::Cell;
use super::holder::Holder;
use super::method::CallableMethod;
use super::planes::{BLOCK, Block};
use super::{Estate, INVOKE};
use crate::policy::{Question, Reading, Survey, Verdict, Weighing};

const UNDECIDED: Cell = Cell::certainly(Verdict::Undecided);

/// The numbers of the policies that weigh on a holder. `None`: one could not be read.
type Numbers = Option<(Vec<usize>, Option<usize>)>;

/// The resource policy of one API, as it speaks to each of the holders. `None`: there is none.
type Spoken = Option<Vec<usize>>;

impl<'a> Estate<'a> {
    /// The answers for each of these holders, a row each, in the order of the methods.
    ///
    /// They are the same as [`decide`](Self::decide) gives one by one. Of a method, the ways in which its
    /// requests can meet anybody's policies are listed once, and what each policy says of them. Most
    /// answers are put together from that; the few that are left are decided one by one.
    pub fn matrix<'m>(
        &'m self,
        holders: impl IntoIterator<Item = &'m Holder>,
    ) -> Vec<(&'m Holder, Vec<Cell>)> {
        let holders: Vec<&Holder> = holders.into_iter().collect();
        let mut survey = Survey::default();
        let numbers = self.numbers(&mut survey, &holders);
        let spoken: Vec<Spoken> = (0..self.apis.len())
            .map(|api| self.spoken(&mut survey, api, &holders))
            .collect();
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(holders.len());
        rows.resize_with(holders.len(), || Vec::with_capacity(self.methods.len()));
        for methods in self.methods.chunks(BLOCK) {
            let readings = methods.iter().map(|it| survey.of(&it.template));
            let readings: Vec<Reading> = readings.collect();
            let alone = methods
                .iter()
                .enumerate()
                .map(|(at, method)| u64::from(self.resource_policy(method).is_none()) << at);
            let mut asked = Asked {
                estate: self,
                survey: &survey,
                methods,
                block: Block::new(&survey, &readings),
                readings,
                alone: alone.fold(0, std::ops::BitOr::bitor),
                spoken: &spoken,
                memo: HashMap::default(),
            };
            for (number, row) in rows.iter_mut().enumerate() {
                if let Some(numbers) = numbers.get(number) {
                    asked.row(number, numbers, row);
                }
            }
        }
        holders.into_iter().zip(rows).collect()
    }

    fn numbers(&self, survey: &mut Survey, holders: &[&Holder]) -> Vec<Numbers> {
        // What says the same to everybody is taken in once.
        let mut plain: HashMap<usize, usize> = HashMap::default();
        let mut number = |holder: &Holder, document: usize| {
            if let Some(known) = plain.get(&document) {
                return Some(*known);
            }
            let read = self.documents.get(document)?;
            let number = survey.add(read.policy.as_ref().ok()?, self.asks(holder, ""), false);
            if read.plain {
                plain.insert(document, number);
            }
            Some(number)
        };
        let mut of = |holder: &Holder| -> Numbers {
            let sources = holder.sources.iter();
            let identity = sources.map(|it| number(holder, it.document));
            let mut identity: Vec<usize> = identity.collect::<Option<_>>()?;
            identity.sort_unstable();
            identity.dedup();
            let boundary = match &holder.boundary {
                Some(boundary) => Some(number(holder, boundary.document)?),
                None => None,
            };
            holder.unread.is_empty().then_some((identity, boundary))
        };
        holders.iter().map(|it| of(it)).collect()
    }

    fn spoken(&self, survey: &mut Survey, api: usize, holders: &[&Holder]) -> Spoken {
        let policy = self.apis.get(api)?.resource_policy.as_ref()?;
        let policy = policy.as_ref().ok()?;
        let id = &self.inventory.apis.get(api)?.id;
        let holders = holders.iter();
        let numbers = holders.map(|holder| survey.add(policy, self.asks(holder, id), true));
        Some(numbers.collect())
    }

    fn asks<'q>(&'q self, holder: &'q Holder, api: &'q str) -> Question<'q> {
        Question {
            caller: &holder.caller,
            action: INVOKE,
            resource_account: &self.inventory.account,
            api,
            context: &holder.context,
        }
    }
}

/// The methods of one block, and what all policies say of them.
struct Asked<'m, 'a> {
    estate: &'m Estate<'a>,
    survey: &'m Survey,
    methods: &'m [CallableMethod<'a>],
    readings: Vec<Reading>,
    block: Block,
    /// The methods, a bit each, of APIs without a resource policy.
    alone: u64,
    spoken: &'m [Spoken],
    /// Answers that were decided one by one, by the method and the policies that say anything of it.
    memo: HashMap<(usize, Vec<Option<usize>>), Cell>,
}

impl Asked<'_, '_> {
    fn row(&mut self, number: usize, numbers: &Numbers, row: &mut Vec<Cell>) {
        let Some((identity, boundary)) = numbers else {
            row.extend(self.methods.iter().map(|_| UNDECIDED));
            return;
        };
        let said = self.block.said(identity);
        // Where nothing else weighs, what is settled is settled for all methods of the block at once.
        let alone = if boundary.is_none() { self.alone } else { 0 };
        let (none, all) = (said.none() & alone, said.all() & alone);
        let begin = row.len();
        row.resize(begin + self.methods.len(), Cell::certainly(Verdict::None));
        // Most cells are NONE already.
        let mut left = !none;
        while let Some(method) = self.methods.get(left.trailing_zeros() as usize) {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let cell = if all & (1 << at) != 0 {
                Cell::certainly(Verdict::All)
            } else {
                match self.estate.resource_policy(method) {
                    Some(Err(_)) => UNDECIDED,
                    resource => {
                        let resource = resource.and_then(|_| {
                            let spoken = self.spoken.get(method.of_api)?.as_ref()?;
                            spoken.get(number).copied()
                        });
                        let weighing = Weighing {
                            identity,
                            boundary: *boundary,
                            resource,
                        };
                        self.cell(at, method, weighing)
                    }
                }
            };
            if let Some(slot) = row.get_mut(begin + at) {
                *slot = cell;
            }
        }
    }

    fn cell(&mut self, at: usize, method: &CallableMethod<'_>, weighing: Weighing<'_>) -> Cell {
        let Some(reading) = self.readings.get_mut(at) else {
            return UNDECIDED;
        };
        if let Some((verdict, conditional)) = reading.answer(weighing) {
            return Cell {
                verdict,
                conditional,
            };
        }
        let identity = weighing.identity.iter().copied();
        let speaking = identity.filter(|it| reading.speaks(*it)).map(Some);
        let others = [weighing.boundary, weighing.resource];
        let key = (at, others.into_iter().chain(speaking).collect());
        if let Some(cell) = self.memo.get(&key) {
            return *cell;
        }
        let (verdict, conditional) = self.survey.decide(reading, weighing, &method.template);
        let cell = Cell {
            verdict,
            conditional,
        };
        self.memo.insert(key, cell);
        cell
    }
}
