//! Patterns walked along a template, all of them at once.
//!
//! Each pattern is a small position automaton: bit `i` says that its first `i` tokens have been matched.
//! The bits of all patterns stand side by side in one set, and a letter takes every set to exactly one
//! other. The template is a line of pieces, so the sets are walked layer by layer: after the last piece,
//! the sets that are left are all the ways in which requests of the method can meet the patterns. Nothing
//! is sampled. (Position automata: V. M. Glushkov, The abstract theory of automata, 1961; bits side by
//! side: R. Baeza-Yates and G. H. Gonnet, A new approach to text searching, 1992.)
//!
//! Once a `*` is reached, the positions before it are dropped: whatever they could still meet can be met
//! from the `*`. This keeps the sets few where patterns have many stars.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};

use super::long::Long;
use super::single::Ready;
use super::template::Piece;
use super::truth::Truth;
use super::variable::Token;

/// How many words of sets are computed for one question. Whoever needs more has made patterns to explode.
pub(super) const BUDGET: usize = 3_000_000;

/// The bound on the work was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Several patterns, side by side.
pub(super) struct Bank<'p> {
    lanes: Vec<Lane<'p>>,
}

/// One pattern: a word of the set, or several.
enum Lane<'p> {
    Short(&'p Ready),
    Long(Long<'p>),
}

/// Every way in which the requests of a template can meet the patterns of a bank: whether each is met, in
/// the bank's order. Some may be there twice.
type Ways = Vec<Vec<bool>>;

/// What is to become of a set of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// What follows matters.
    On,
    /// What follows cannot change the answer.
    Settled,
    /// Enough was seen.
    Stop,
}

/// Is told whether each pattern is met, as far as that is settled, and can ask for a text that gets there.
type Visit<'v> = dyn FnMut(&[Truth], &dyn Fn() -> String) -> Next + 'v;

/// The first letters of a template are behind.
struct Begun<'t> {
    prefix: String,
    /// The pieces that follow.
    pieces: &'t [Piece],
    state: Vec<u64>,
    /// The lane of each pattern.
    places: Vec<usize>,
    letters: Vec<char>,
}

impl Lane<'_> {
    /// Whether it will be met, as far as that no longer depends on what follows.
    fn will_be_met(&self, state: &[u64]) -> Truth {
        if state.iter().all(|it| *it == 0) {
            return Truth::False;
        }
        let open = match (self, state) {
            (Lane::Short(ready), [state]) => ready.is_open(*state),
            (Lane::Short(_), _) => false,
            (Lane::Long(long), _) => long.is_open(state),
        };
        if open { Truth::True } else { Truth::Unknown }
    }

    fn words(&self) -> usize {
        match self {
            Lane::Short(_) => 1,
            Lane::Long(long) => long.words,
        }
    }

    /// The tokens that may still be met, and the positions among them. Lanes of which these are the same
    /// stay the same.
    fn rest(&self, state: &[u64]) -> (&[Token], Vec<u64>) {
        match (self, state) {
            (Lane::Short(_), [0]) => (&[], Vec::new()),
            (Lane::Short(ready), [state]) => {
                let passed = state.trailing_zeros();
                let rest = ready.tokens().get(passed as usize..);
                (rest.unwrap_or_default(), vec![state >> passed])
            }
            (Lane::Short(ready), _) => (ready.tokens(), state.to_vec()),
            (Lane::Long(long), _) => (long.tokens, state.to_vec()),
        }
    }

    fn is_met(&self, state: &[u64]) -> bool {
        match (self, state) {
            (Lane::Short(ready), [state]) => ready.is_met(*state),
            (Lane::Short(_), _) => false,
            (Lane::Long(long), _) => long.is_met(state),
        }
    }
}

impl<'p> Bank<'p> {
    pub(super) fn new(patterns: &[&'p Ready]) -> Self {
        let lanes = patterns.iter().map(|ready| {
            if ready.is_short() {
                Lane::Short(ready)
            } else {
                Lane::Long(Long::new(ready.tokens()))
            }
        });
        Bank {
            lanes: lanes.collect(),
        }
    }

    fn start(&self) -> Vec<u64> {
        let mut state = Vec::new();
        for lane in &self.lanes {
            match lane {
                Lane::Short(ready) => state.push(ready.start()),
                Lane::Long(long) => state.extend(long.start()),
            }
        }
        state
    }

    fn step(&self, state: &[u64], letter: char) -> Vec<u64> {
        let mut next = Vec::with_capacity(state.len());
        let mut rest = state;
        for lane in &self.lanes {
            let Some((own, others)) = rest.split_at_checked(lane.words()) else {
                break;
            };
            match (lane, own) {
                (Lane::Short(ready), [own]) => next.push(ready.after(*own, letter)),
                (Lane::Short(_), _) => {}
                (Lane::Long(long), _) => next.extend(long.after(own, letter)),
            }
            rest = others;
        }
        next
    }

    /// The state of each lane.
    fn each<'s>(&'s self, state: &'s [u64]) -> impl Iterator<Item = (&'s Lane<'p>, &'s [u64])> {
        let mut begin = 0;
        self.lanes.iter().map(move |lane| {
            let end = begin + lane.words();
            let own = state.get(begin..end).unwrap_or_default();
            begin = end;
            (lane, own)
        })
    }

    fn begin<'t>(
        &mut self,
        template: &'t [Piece],
        budget: &mut usize,
    ) -> Result<Begun<'t>, TooMuch> {
        let mut state = self.start();
        let mut prefix = String::new();
        let mut pieces = template;
        while let Some((Piece::Letter(letter), rest)) = pieces.split_first() {
            *budget = budget.checked_sub(state.len() + 2).ok_or(TooMuch)?;
            state = self.step(&state, *letter);
            prefix.push(*letter);
            pieces = rest;
        }
        let (state, places) = self.unite(&state);
        Ok(Begun {
            prefix,
            pieces,
            letters: self.letters(&state),
            state,
            places,
        })
    }

    /// Walks the template only as far as the answer depends on it.
    ///
    /// `visit` is asked at every set of positions that is reached.
    pub(super) fn search(
        mut self,
        template: &[Piece],
        budget: &mut usize,
        visit: &mut Visit<'_>,
    ) -> Result<(), TooMuch> {
        let begun = self.begin(template, budget)?;
        let mut nodes: Vec<(usize, char)> = vec![(0, ' ')];
        let mut met: Vec<Truth> = Vec::new();
        let mut ask =
            |state: &[u64], node: usize, rest: Option<&[Piece]>, nodes: &[(usize, char)]| {
                let lanes = self.each(state).map(|(lane, own)| match rest {
                    Some(_) => lane.will_be_met(own),
                    None => Truth::from(lane.is_met(own)),
                });
                let lanes: Vec<Truth> = lanes.collect();
                met.clear();
                let each = begun.places.iter();
                met.extend(each.map(|it| lanes.get(*it).copied().unwrap_or(Truth::False)));
                let rest = rest.unwrap_or_default();
                let other = begun.letters.first().copied().unwrap_or('x');
                let example = || {
                    let rest = rest.iter().map(|piece| match piece {
                        Piece::Letter(letter) => *letter,
                        Piece::Parameter | Piece::Greedy => other,
                    });
                    let way = backwards(nodes, node);
                    let way = way.into_iter().rev();
                    begun.prefix.chars().chain(way).chain(rest).collect()
                };
                visit(&met, &example)
            };
        let begins = (!begun.pieces.is_empty()).then_some(begun.pieces);
        if ask(&begun.state, 0, begins, &nodes) != Next::On {
            return Ok(());
        }
        let mut layer = vec![(begun.state.clone(), 0)];
        for (at, piece) in begun.pieces.iter().enumerate() {
            let rest = begun.pieces.get(at + 1..).unwrap_or_default();
            let mut next: Vec<(Vec<u64>, usize)> = Vec::new();
            let mut seen: HashSet<Vec<u64>> = HashSet::default();
            let fits = |letter: &&char| match piece {
                Piece::Letter(own) => *letter == own,
                Piece::Parameter => **letter != '/',
                Piece::Greedy => true,
            };
            let own = match piece {
                Piece::Letter(letter) => Some(*letter),
                _ => None,
            };
            let letters = own.as_slice().iter();
            let others = if own.is_some() {
                &[][..]
            } else {
                &begun.letters
            };
            let letters: Vec<char> = letters.chain(others).filter(fits).copied().collect();
            let mut from = layer;
            let mut done = 0;
            while let Some((state, node)) = from.get(done).cloned() {
                done += 1;
                for letter in &letters {
                    *budget = budget.checked_sub(2 * state.len() + 2).ok_or(TooMuch)?;
                    let state = self.step(&state, *letter);
                    if seen.contains(&state) {
                        continue;
                    }
                    seen.insert(state.clone());
                    nodes.push((node, *letter));
                    let node = nodes.len() - 1;
                    // Where a parameter may go on, what is met is settled only if nothing can change it.
                    let rest = (own.is_none() || !rest.is_empty()).then_some(rest);
                    match ask(&state, node, rest, &nodes) {
                        Next::Stop => return Ok(()),
                        Next::Settled => continue,
                        Next::On => {}
                    }
                    if own.is_none() {
                        from.push((state.clone(), node));
                    }
                    next.push((state, node));
                }
            }
            if rest.is_empty() && own.is_none() {
                for (state, node) in &next {
                    if ask(state, *node, None, &nodes) == Next::Stop {
                        return Ok(());
                    }
                }
            }
            layer = next;
        }
        Ok(())
    }

    /// Lists every way.
    pub(super) fn walk(mut self, template: &[Piece], budget: &mut usize) -> Result<Ways, TooMuch> {
        let Begun {
            pieces,
            state,
            places,
            letters,
            ..
        } = self.begin(template, budget)?;
        let mut layer = vec![state];
        for piece in pieces {
            let mut next: Vec<Vec<u64>> = Vec::new();
            let mut seen: HashSet<Vec<u64>> = HashSet::default();
            let mut go = |from: &[u64], letter: char, next: &mut Vec<Vec<u64>>| {
                *budget = budget.checked_sub(from.len() + 2).ok_or(TooMuch)?;
                let state = self.step(from, letter);
                if !seen.contains(&state) {
                    seen.insert(state.clone());
                    next.push(state);
                }
                Ok(())
            };
            match piece {
                Piece::Letter(letter) => {
                    for state in &layer {
                        go(state, *letter, &mut next)?;
                    }
                }
                Piece::Parameter | Piece::Greedy => {
                    let fits = |letter: &&char| *piece == Piece::Greedy || **letter != '/';
                    for state in &layer {
                        for letter in letters.iter().filter(fits) {
                            go(state, *letter, &mut next)?;
                        }
                    }
                    let mut at = 0;
                    while let Some(state) = next.get(at).cloned() {
                        for letter in letters.iter().filter(fits) {
                            go(&state, *letter, &mut next)?;
                        }
                        at += 1;
                    }
                }
            }
            layer = next;
        }
        let ways = layer.into_iter().map(|state| {
            let lanes: Vec<bool> = self.each(&state).map(|(it, own)| it.is_met(own)).collect();
            let met = places.iter().map(|it| lanes.get(*it).copied());
            met.map(|it| it.unwrap_or(false)).collect()
        });
        Ok(ways.collect())
    }

    /// Keeps one lane of those that stay the same. Returns what is left of the state, and the lane of each
    /// pattern.
    fn unite(&mut self, state: &[u64]) -> (Vec<u64>, Vec<usize>) {
        let mut known: HashMap<(&[Token], Vec<u64>), usize> = HashMap::default();
        let mut kept: Vec<bool> = Vec::with_capacity(self.lanes.len());
        let mut places = Vec::with_capacity(self.lanes.len());
        let mut left = Vec::new();
        for (lane, own) in self.each(state) {
            let next = known.len();
            let place = *known.entry(lane.rest(own)).or_insert(next);
            places.push(place);
            kept.push(place == next);
            if place == next {
                left.extend_from_slice(own);
            }
        }
        let mut kept = kept.into_iter();
        self.lanes.retain(|_| kept.next().unwrap_or(true));
        (left, places)
    }

    /// The letters that tell the patterns' positions apart from here on, and one that stands for all
    /// others, first.
    fn letters(&self, state: &[u64]) -> Vec<char> {
        let own = self.each(state).flat_map(|(lane, own)| lane.rest(own).0);
        let own = own.filter_map(|token| match token {
            Token::Letter(letter) => Some(*letter),
            _ => None,
        });
        let own: BTreeSet<char> = own.chain(['/']).collect();
        let readable = ('x'..='z')
            .chain('a'..='w')
            .chain('0'..='9')
            .chain('A'..='Z');
        let mut others = readable.chain('\u{a1}'..).filter(|it| !own.contains(it));
        let other = others.next();
        other.into_iter().chain(own.iter().copied()).collect()
    }
}

/// The letters that lead to a node, the last one first.
fn backwards(nodes: &[(usize, char)], node: usize) -> Vec<char> {
    let mut letters = Vec::new();
    let mut node = node;
    while node != 0 {
        let Some((earlier, letter)) = nodes.get(node) else {
            break;
        };
        letters.push(*letter);
        node = *earlier;
    }
    letters
}
