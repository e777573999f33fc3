//! Many holders and many methods.

use foldhash::HashMap;

use super::Estate;
use super::alike::{Alike, One, of_each};
use super::decide::Cell;
use super::holder::{Holder, PolicySource};
use super::method::CallableMethod;
use super::planes::{BLOCK, Block};
use crate::iam::document::INVOKE;
use crate::iam::{Attached, Question, Reading, Survey, Template, Verdict, Weighing};
use crate::inventory::Api;

const UNDECIDED: Cell = Cell::certainly(Verdict::Undecided);

/// The numbers of the policies that weigh on a holder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Numbers {
    identity: Vec<usize>,
    boundary: Option<usize>,
    /// Whether the holder is of another account.
    is_outside: bool,
}

/// The policies of one holder.
pub(super) struct Numbered {
    /// The number of each, in the order of its sources. `None`: it could not be read.
    pub(super) sources: Vec<Option<usize>>,
    /// Those that weigh. `None`: one could not be read.
    pub(super) weighing: Option<Numbers>,
}

/// The policies that weigh on a holder. `boundary`: `None`, where it has none, and `Some(None)`, where it could not be
/// read.
fn weighing(
    holder: &Holder,
    sources: &[Option<usize>],
    boundary: Option<Option<usize>>,
) -> Option<Numbers> {
    let mut identity: Vec<usize> = sources.iter().copied().collect::<Option<_>>()?;
    identity.sort_unstable();
    identity.dedup();
    let boundary = match boundary {
        Some(boundary) => Some(boundary?),
        None => None,
    };
    let is_read = holder.unread.is_empty();
    is_read.then_some(Numbers {
        identity,
        boundary,
        is_outside: holder.kind.is_outside(),
    })
}

/// What is asked of holders and methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// How many of the requests are allowed.
    Verdict,
    /// Whether any is. SOME stands for ALL, too, and nothing is said of conditions.
    AnyRequest,
}

/// The resource policy of one API, as it speaks to each of the holders. `None`: there is none, or nobody
/// asks about its methods.
pub(super) type Spoken = Option<Vec<usize>>;

/// The next answers for one holder.
pub(super) struct Answered<'c> {
    /// Its place among those that are asked about.
    pub(super) holder: usize,
    pub(super) cells: &'c [Cell],
}

/// What was found out of methods that are asked about by kinds, those that no policy tells apart.
pub(super) struct Kinds {
    /// Which of the answers is that of each method.
    pub(super) places: Vec<usize>,
    /// Of each policy, by its number: a bit for each kind of which it allows a request by itself, or may.
    pub(super) allowing: Vec<Vec<u64>>,
}

/// Holders whose policies are ready to be asked about, method after method.
#[derive(Debug)]
pub struct Asking<'m, 'a> {
    estate: &'m Estate<'a>,
    survey: Survey,
    /// The policies that weigh on each holder. `None`: one could not be read.
    numbers: Vec<Option<Numbers>>,
    /// The numbers of each holder's policies, in the order of its sources. `None`: it could not be read.
    pub(super) sources: Vec<Vec<Option<usize>>>,
    spoken: Vec<Spoken>,
}

impl<'m, 'a> Asking<'m, 'a> {
    /// The answers for each of the holders, in their order: those for these methods, in theirs. They are among the methods
    /// that were named before.
    pub fn rows(&mut self, methods: &[&'m CallableMethod<'a>]) -> Vec<Vec<Cell>> {
        let mut rows: Vec<Vec<Cell>> = vec![Vec::new(); self.numbers.len()];
        let kinds = self.ask(methods, Wanted::Verdict, &mut |answered| {
            if let Some(row) = rows.get_mut(answered.holder) {
                row.extend_from_slice(answered.cells);
            }
        });
        let rows = rows.into_iter().map(|row| of_each(&kinds.places, &row));
        rows.collect()
    }

    /// Asks about these methods, one for all that are alike, a block after the other. `take` is told the next
    /// answers of each holder.
    pub(super) fn ask(
        &mut self,
        methods: &[&'m CallableMethod<'a>],
        wanted: Wanted,
        take: &mut dyn FnMut(Answered<'_>),
    ) -> Kinds {
        let survey = &mut self.survey;
        let alike = Alike::new(self.estate.inventory, survey, methods);
        let mut cells = Vec::with_capacity(BLOCK);
        let mut allowing: Vec<Vec<u64>> = vec![Vec::new(); survey.policies()];
        for methods in alike.each.chunks(BLOCK) {
            let mut asked = Asked::new(self.estate, survey, methods, (&self.spoken, wanted));
            for (number, numbers) in self.numbers.iter().enumerate() {
                cells.clear();
                asked.row(number, numbers.as_ref(), &mut cells);
                take(Answered {
                    holder: number,
                    cells: &cells,
                });
            }
            for (words, word) in allowing.iter_mut().zip(asked.block.allowing()) {
                words.push(word);
            }
        }
        Kinds {
            places: alike.places,
            allowing,
        }
    }
}

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
        let methods: Vec<&CallableMethod<'a>> = self.methods.iter().collect();
        let rows = self.asking(&holders, &methods).rows(&methods);
        holders.into_iter().zip(rows).collect()
    }

    /// The answers for one holder and these methods, in their order. Where one is not reached, a gap is noted.
    pub fn cells<'m>(&'m self, holder: &Holder, methods: &[&'m CallableMethod<'a>]) -> Vec<Cell> {
        let mut rows = self.asking(&[holder], methods).rows(methods);
        let cells = rows.pop().unwrap_or_default();
        for (method, cell) in methods.iter().zip(&cells) {
            if cell.verdict == Verdict::Undecided {
                self.note_undecided(holder, method);
            }
        }
        cells
    }

    /// Gets ready to ask what these holders are allowed of these methods, or of some of them after others.
    pub fn asking<'m>(
        &'m self,
        holders: &[&Holder],
        methods: &[&'m CallableMethod<'a>],
    ) -> Asking<'m, 'a> {
        let mut survey = Survey::default();
        let numbered = self.numbers(&mut survey, holders).into_iter();
        let (sources, numbers): (Vec<_>, Vec<_>) =
            numbered.map(|it| (it.sources, it.weighing)).unzip();
        let spoken = self.all_spoken(&mut survey, holders, methods);
        Asking {
            estate: self,
            survey,
            numbers,
            sources,
            spoken,
        }
    }

    /// The number of one of a holder's policies. `None`: it could not be read.
    pub(super) fn number(
        &self,
        survey: &mut Survey,
        holder: &Holder,
        source: &PolicySource,
    ) -> Option<usize> {
        let policy = self.policy(source)?;
        Some(survey.add(policy, self.asks(holder, None), Attached::ToCaller))
    }

    /// The policies of each holder, by their numbers.
    pub(super) fn numbers(&self, survey: &mut Survey, holders: &[&Holder]) -> Vec<Numbered> {
        // A policy that says the same to everybody is added once.
        let mut plain: HashMap<usize, usize> = HashMap::default();
        let mut number = |holder: &Holder, source: &PolicySource| {
            if let Some(known) = plain.get(&source.document) {
                return Some(*known);
            }
            let number = self.number(survey, holder, source)?;
            if self.documents.get(source.document)?.plain {
                plain.insert(source.document, number);
            }
            Some(number)
        };
        let numbered = holders.iter().map(|holder| {
            let sources = holder.sources.iter();
            let sources: Vec<Option<usize>> = sources.map(|it| number(holder, it)).collect();
            let boundary = holder.boundary.as_ref().map(|it| number(holder, it));
            Numbered {
                weighing: weighing(holder, &sources, boundary),
                sources,
            }
        });
        numbered.collect()
    }

    /// The resource policies of the APIs of these methods.
    fn all_spoken(
        &self,
        survey: &mut Survey,
        holders: &[&Holder],
        methods: &[&CallableMethod<'a>],
    ) -> Vec<Spoken> {
        let mut spoken: Vec<Spoken> = vec![None; self.apis.len()];
        for method in methods {
            if let Some(spoken @ None) = spoken.get_mut(method.of_api) {
                *spoken = self.spoken(survey, method.of_api, holders);
            }
        }
        spoken
    }

    fn spoken(&self, survey: &mut Survey, api: usize, holders: &[&Holder]) -> Spoken {
        let policy = self.apis.get(api)?.resource_policy.as_ref()?;
        let policy = policy.as_ref().ok()?;
        let api = self.inventory.apis.get(api)?;
        let holders = holders.iter();
        let numbers = holders.map(|holder| {
            let attached = Attached::ToResource {
                caller_has_boundary: holder.boundary.is_some(),
            };
            survey.add(policy, self.asks(holder, Some(api)), attached)
        });
        Some(numbers.collect())
    }

    /// Whether a holder may invoke methods of an API. `None`: of any.
    pub(super) fn asks<'q>(&'q self, holder: &'q Holder, api: Option<&'q Api>) -> Question<'q> {
        Question {
            caller: &holder.caller,
            action: INVOKE,
            resource_account: &self.inventory.account,
            api: api.map_or("", |it| &it.id),
            context: holder.context_at(api),
        }
    }
}

/// The methods of one block, and what all policies say of them.
pub(super) struct Asked<'b, 'a> {
    estate: &'b Estate<'a>,
    survey: &'b Survey,
    methods: &'b [One<'b, 'a>],
    templates: Vec<Template>,
    readings: Vec<Reading>,
    block: Block,
    /// The methods, a bit each, of APIs without a resource policy.
    alone: u64,
    spoken: &'b [Spoken],
    wanted: Wanted,
    /// Answers that were decided one by one, by the method, whether the caller is of another account, and the policies
    /// that say anything of the method.
    memo: HashMap<(usize, bool, Vec<Option<usize>>), Cell>,
}

impl<'b, 'a> Asked<'b, 'a> {
    /// `survey` has all the policies, and there are at most [`BLOCK`] methods.
    pub(super) fn new(
        estate: &'b Estate<'a>,
        survey: &'b mut Survey,
        methods: &'b [One<'b, 'a>],
        (spoken, wanted): (&'b [Spoken], Wanted),
    ) -> Self {
        let templates = methods.iter().map(|it| it.template(estate.inventory));
        let templates: Vec<Template> = templates.collect();
        let readings: Vec<Reading> = templates.iter().map(|it| survey.of(it)).collect();
        let survey: &'b Survey = survey;
        let alone = methods
            .iter()
            .enumerate()
            .map(|(at, it)| u64::from(estate.resource_policy(it.method).is_none()) << at);
        Asked {
            estate,
            survey,
            methods,
            templates,
            block: Block::new(survey, &readings),
            readings,
            alone: alone.fold(0, std::ops::BitOr::bitor),
            spoken,
            wanted,
            memo: HashMap::default(),
        }
    }

    /// Where nothing else weighs, what is settled is settled for all methods of the block at once: those of
    /// which a holder is allowed no request, and those of which all, a bit each.
    pub(super) fn settled(&self, numbers: &Numbers) -> (u64, u64) {
        let said = self.block.said(&numbers.identity);
        let alone = match numbers.boundary {
            None => self.alone,
            Some(_) => 0,
        };
        (said.none() & alone, said.all() & alone)
    }

    /// The answers for a holder, by its number among all and the policies that it has.
    fn row(&mut self, holder: usize, numbers: Option<&Numbers>, row: &mut Vec<Cell>) {
        let Some(numbers) = numbers else {
            row.resize(self.methods.len(), UNDECIDED);
            return;
        };
        let (none, all) = self.settled(numbers);
        // Most cells are NONE already.
        row.resize(self.methods.len(), Cell::certainly(Verdict::None));
        let mut left = !none;
        while let Some(slot) = row.get_mut(left.trailing_zeros() as usize) {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            *slot = if all & (1 << at) != 0 {
                Cell::certainly(Verdict::All)
            } else {
                self.cell(at, holder, numbers)
            };
        }
    }

    /// The answer for a holder and one of the methods.
    pub(super) fn cell(&mut self, at: usize, holder: usize, numbers: &Numbers) -> Cell {
        let Some(method) = self.methods.get(at).map(|it| it.method) else {
            return UNDECIDED;
        };
        let resource = match self.estate.resource_policy(method) {
            Some(Err(_)) => return UNDECIDED,
            Some(Ok(_)) => {
                let spoken = self.spoken.get(method.of_api).and_then(Option::as_ref);
                match spoken.and_then(|it| it.get(holder)) {
                    Some(number) => Some(*number),
                    // There is a resource policy, and it was not asked what it says to this holder.
                    None => return UNDECIDED,
                }
            }
            None => None,
        };
        self.weighed(
            at,
            Weighing {
                identity: &numbers.identity,
                boundary: numbers.boundary,
                resource,
                is_outside: numbers.is_outside,
            },
        )
    }

    fn weighed(&mut self, at: usize, weighing: Weighing<'_>) -> Cell {
        let reading = self.readings.get_mut(at).zip(self.templates.get(at));
        let Some((reading, template)) = reading else {
            return UNDECIDED;
        };
        if self.wanted == Wanted::AnyRequest && reading.allows_one(weighing) {
            return Cell::certainly(Verdict::Some);
        }
        if let Some((verdict, conditional)) = reading.answer(weighing) {
            return Cell {
                verdict,
                conditional,
            };
        }
        let identity = weighing.identity.iter().copied();
        let speaking = identity.filter(|it| reading.speaks(*it)).map(Some);
        let others = [weighing.boundary, weighing.resource];
        // The same policies say another thing of a caller of another account.
        let others = others.into_iter().chain(speaking).collect();
        let key = (at, weighing.is_outside, others);
        if let Some(cell) = self.memo.get(&key) {
            return *cell;
        }
        let (verdict, conditional) = self.survey.decide(reading, weighing, template);
        let cell = Cell {
            verdict,
            conditional,
        };
        self.memo.insert(key, cell);
        cell
    }
}
