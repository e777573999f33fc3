//! Who may call what, a bit each.

use foldhash::HashSet;

use super::Estate;
use super::decide::Cell;
use super::holder::Holder;
use super::method::CallableMethod;
use crate::iam::Verdict;

/// Whether holders are allowed any request of methods.
#[derive(Debug)]
pub struct Permits {
    /// Of each holder: a bit for each kind of methods, in words as they were asked about.
    holders: Vec<Vec<u64>>,
    /// The kind of each method.
    kinds: Vec<usize>,
}

impl Permits {
    /// The places, among the methods that were asked about, of those that a holder may call, in order. The
    /// holder is told by its place.
    pub fn of(&self, holder: usize) -> impl Iterator<Item = usize> {
        let words = self.holders.get(holder).map_or(&[][..], Vec::as_slice);
        let kinds = self.kinds.iter().enumerate();
        let allowed = kinds.filter(move |(_, kind)| {
            let word = words.get(**kind / WORD).copied();
            word.is_some_and(|it| it & (1 << (**kind % WORD)) != 0)
        });
        allowed.map(|(place, _)| place)
    }
}

/// The answers of a block fit into one word.
const WORD: usize = super::planes::BLOCK;

impl<'a> Estate<'a> {
    /// Which of these methods each of these holders is allowed some request of, or all. What could not be
    /// decided is not among them, and is noted as [`undecided`](Self::undecided).
    pub fn permits(&self, holders: &[&Holder], methods: &[&CallableMethod<'a>]) -> Permits {
        let mut words: Vec<Vec<u64>> = vec![Vec::new(); holders.len()];
        let mut undecided: HashSet<(usize, usize)> = HashSet::default();
        let kinds = self.ask(holders, methods, &mut |holder, cells| {
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
        }
    }
}
