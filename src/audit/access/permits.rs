//! Who may call what, a bit each.

use foldhash::HashSet;

use super::Estate;
use super::decide::Cell;
use super::holder::Holder;
use super::matrix::{Answered, Kinds, Wanted};
use super::method::CallableMethod;
use crate::iam::Verdict;

/// Whether holders are allowed any request of methods.
#[derive(Debug)]
pub struct Permits {
    /// Of each holder: a bit for each kind of methods, in words as they were asked about.
    holders: Vec<Vec<u64>>,
    /// The kind of each method.
    kinds: Vec<usize>,
    /// The number of each holder's policies, in the order of its sources. `None`: it could not be read.
    sources: Vec<Vec<Option<usize>>>,
    /// Of each policy, by its number, the kinds of which it allows a request by itself, or may.
    allowing: Vec<Vec<u64>>,
}

impl Permits {
    /// The places, among the methods that were asked about, of those that a holder may call, in order. The
    /// holder is told by its place.
    pub fn of(&self, holder: usize) -> impl Iterator<Item = usize> {
        let words = self.holders.get(holder).map_or(&[][..], Vec::as_slice);
        let kinds = self.kinds.iter().enumerate();
        let allowed = kinds.filter(move |(_, kind)| has(words, **kind));
        allowed.map(|(place, _)| place)
    }

    /// Whether one of a holder's policies, told by its place among its sources, may by itself allow a request of the
    /// method at a place. It is *no* only where it allows none.
    pub fn may_allow(&self, holder: usize, source: usize, place: usize) -> bool {
        let sources = self.sources.get(holder).map_or(&[][..], Vec::as_slice);
        let number = sources.get(source).copied().flatten();
        let words = number.and_then(|it| self.allowing.get(it));
        match words.zip(self.kinds.get(place)) {
            Some((words, kind)) => has(words, *kind),
            None => true,
        }
    }

    /// The kind of the method at a place, from 0: no policy of any of the holders tells methods of one kind apart.
    pub fn kind(&self, place: usize) -> Option<usize> {
        self.kinds.get(place).copied()
    }
}

fn has(words: &[u64], kind: usize) -> bool {
    let word = words.get(kind / WORD).copied();
    word.is_some_and(|it| it & (1 << (kind % WORD)) != 0)
}

/// The answers of a block fit into one word.
const WORD: usize = super::planes::BLOCK;

impl<'a> Estate<'a> {
    /// Which of these methods each of these holders is allowed some request of, or all. What could not be
    /// decided is not among them, and is noted as [`undecided`](Self::undecided).
    pub fn permits(&self, holders: &[&Holder], methods: &[&CallableMethod<'a>]) -> Permits {
        let mut words: Vec<Vec<u64>> = vec![Vec::new(); holders.len()];
        let mut undecided: HashSet<(usize, usize)> = HashSet::default();
        let mut asking = self.asking(holders, methods);
        let kinds = asking.ask(methods, Wanted::AnyRequest, &mut |answered| {
            let Answered { holder, cells } = answered;
            if let Some(words) = words.get_mut(holder) {
                let kind = words.len() * WORD;
                let open = cells.iter().enumerate();
                let open = open.filter(|(_, it)| it.verdict == Verdict::Undecided);
                undecided.extend(open.map(|(at, _)| (holder, kind + at)));
                let allowed = |it: &Cell| matches!(it.verdict, Verdict::Some | Verdict::All);
                let bits = cells.iter().enumerate();
                let bits = bits.map(|(at, cell)| u64::from(allowed(cell)) << at);
                words.push(bits.fold(0, std::ops::BitOr::bitor));
            }
        });
        let Kinds {
            places: kinds,
            allowing,
        } = kinds;
        if !undecided.is_empty() {
            for (method, kind) in methods.iter().zip(&kinds) {
                let holders = holders.iter().enumerate();
                for (_, holder) in holders.filter(|(at, _)| undecided.contains(&(*at, *kind))) {
                    self.note_undecided(holder, method);
                }
            }
        }
        Permits {
            holders: words,
            kinds,
            sources: asking.sources,
            allowing,
        }
    }
}
