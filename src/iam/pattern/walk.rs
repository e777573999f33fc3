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
//! from the `*`. This keeps the sets few where patterns have many stars. So does dropping the positions
//! from which what is left of the template cannot lead to the pattern's end.
//!
//! Where the sets are many all the same, the walk is given up, and `access.rs` looks for requests that settle
//! the answer (`satisfy.rs`, `witness.rs`).

use std::hash::BuildHasher as _;

use foldhash::HashMap;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::long_automaton::Long;
use crate::iam::pattern::template::Piece;
use crate::iam::truth::Truth;

/// Several patterns, side by side.
pub(in crate::iam) struct Bank<'p> {
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
pub(in crate::iam) enum Next {
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
    /// A letter that no pattern names.
    other: char,
    /// Which positions still matter once a letter of each piece has been taken.
    matter: Vec<Vec<u64>>,
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
            (Lane::Short(ready), [state]) => {
                let (rest, state) = ready.rest(*state);
                (rest, vec![state])
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

/// States that were met already. They lie one behind the other, and only their numbers are kept here.
#[derive(Default)]
struct Seen {
    numbers: HashTable<usize>,
    hasher: FixedState,
}

impl Seen {
    fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Puts a state behind the others, unless it was met. `number` is how many are there.
    fn add(&mut self, states: &mut Vec<u64>, state: &[u64], number: usize) -> bool {
        let words = state.len();
        let hasher = &self.hasher;
        let hash = hasher.hash_one(state);
        let of = |states: &[u64], number: usize| -> bool {
            states.get(number * words..(number + 1) * words) == Some(state)
        };
        if self.numbers.find(hash, |it| of(states, *it)).is_some() {
            return false;
        }
        states.extend_from_slice(state);
        self.numbers.insert_unique(hash, number, |it| {
            let own = states.get(it * words..(it + 1) * words);
            hasher.hash_one(own.unwrap_or_default())
        });
        true
    }
}

impl<'p> Bank<'p> {
    pub(in crate::iam) fn new(patterns: &[&'p Ready]) -> Self {
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

    /// The positions before any letter.
    pub(in crate::iam) fn start(&self) -> Vec<u64> {
        let mut state = Vec::new();
        for lane in &self.lanes {
            match lane {
                Lane::Short(ready) => state.push(ready.start()),
                Lane::Long(long) => state.extend(long.start()),
            }
        }
        state
    }

    /// The same, without the positions that do not matter any more.
    fn step_on(&self, state: &[u64], letter: char, matter: &[u64], next: &mut Vec<u64>) {
        self.step(state, letter, next);
        for (own, matters) in next.iter_mut().zip(matter) {
            *own &= matters;
        }
    }

    /// The positions after a letter.
    pub(in crate::iam) fn step(&self, state: &[u64], letter: char, next: &mut Vec<u64>) {
        next.clear();
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
    }

    /// Whether a pattern is met here.
    pub(in crate::iam) fn meets_any(&self, state: &[u64]) -> bool {
        self.each(state).any(|(lane, own)| lane.is_met(own))
    }

    /// Whether a pattern is met whatever follows.
    pub(in crate::iam) fn will_meet_any(&self, state: &[u64]) -> bool {
        let mut each = self.each(state);
        each.any(|(lane, own)| lane.will_be_met(own) == Truth::True)
    }

    /// Whether whatever meets a pattern from the first positions meets it from the second, too. It may, even
    /// where this says no.
    pub(in crate::iam) fn is_within(&self, fewer: &[u64], more: &[u64]) -> bool {
        let mut each = self.each(fewer).zip(self.each(more));
        each.all(|((lane, fewer), (_, more))| match (lane, fewer, more) {
            (Lane::Short(ready), [fewer], [more]) => ready.is_within(*fewer, *more),
            _ => fewer
                .iter()
                .zip(more)
                .all(|(fewer, more)| fewer & !more == 0),
        })
    }

    /// The letters that lead on from these positions other than most letters do.
    fn letters(&self, state: &[u64], letters: &mut Letters) {
        letters.clear();
        for (lane, own) in self.each(state) {
            match (lane, own) {
                (Lane::Short(ready), [own]) => ready.letters(*own, letters),
                (Lane::Short(_), _) => {}
                (Lane::Long(long), _) => long.letters(own, letters),
            }
        }
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
        let mut next = Vec::with_capacity(state.len());
        let mut prefix = String::new();
        let mut pieces = template;
        while let Some((Piece::Letter(letter), rest)) = pieces.split_first() {
            *budget = budget.checked_sub(state.len() + 2).ok_or(TooMuch)?;
            self.step(&state, *letter, &mut next);
            std::mem::swap(&mut state, &mut next);
            prefix.push(*letter);
            pieces = rest;
        }
        let (state, places) = self.unite(&state);
        *budget = budget
            .checked_sub(pieces.len() * state.len())
            .ok_or(TooMuch)?;
        Ok(Begun {
            prefix,
            pieces,
            other: self.other(),
            matter: self.matter(pieces),
            state,
            places,
        })
    }

    fn matter(&self, pieces: &[Piece]) -> Vec<Vec<u64>> {
        let mut matter = vec![Vec::new(); pieces.len()];
        for lane in &self.lanes {
            match lane {
                Lane::Short(ready) => {
                    let each = ready.matter(pieces).into_iter().rev();
                    for (all, own) in matter.iter_mut().zip(each) {
                        all.push(own);
                    }
                }
                Lane::Long(long) => {
                    for all in &mut matter {
                        all.resize(all.len() + long.words, u64::MAX);
                    }
                }
            }
        }
        matter
    }

    /// Walks the template only as far as the answer depends on it.
    ///
    /// `visit` is asked at every set of positions that is reached.
    pub(in crate::iam) fn search(
        mut self,
        template: &[Piece],
        budget: &mut usize,
        visit: &mut Visit<'_>,
    ) -> Result<(), TooMuch> {
        let begun = self.begin(template, budget)?;
        let mut nodes: Vec<(usize, char)> = vec![(0, ' ')];
        let mut lanes: Vec<Truth> = Vec::new();
        let mut met: Vec<Truth> = Vec::new();
        let mut ask =
            |state: &[u64], node: usize, rest: Option<&[Piece]>, nodes: &[(usize, char)]| {
                lanes.clear();
                lanes.extend(self.each(state).map(|(lane, own)| match rest {
                    Some(_) => lane.will_be_met(own),
                    None => Truth::from(lane.is_met(own)),
                }));
                met.clear();
                let each = begun.places.iter();
                met.extend(each.map(|it| lanes.get(*it).copied().unwrap_or(Truth::False)));
                let rest = rest.unwrap_or_default();
                let example = || {
                    let rest = rest.iter().map(|piece| match piece {
                        Piece::Letter(letter) => *letter,
                        Piece::Parameter | Piece::Greedy => begun.other,
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
        let mut letters = Letters::default();
        let mut now: Vec<u64> = Vec::new();
        let mut after: Vec<u64> = Vec::new();
        // The nodes whose states the next piece begins with, and the state of every node.
        let mut layer = vec![0];
        let mut states: Vec<u64> = begun.state.clone();
        let words = begun.state.len();
        for (at, piece) in begun.pieces.iter().enumerate() {
            let rest = begun.pieces.get(at + 1..).unwrap_or_default();
            let matter = begun.matter.get(at).map_or(&[][..], Vec::as_slice);
            let many = !matches!(piece, Piece::Letter(_));
            // Where a parameter may go on, what is met is settled only if nothing can change it.
            let open = (many || !rest.is_empty()).then_some(rest);
            let mut seen = Seen::default();
            let mut from = layer;
            let mut next: Vec<usize> = Vec::new();
            let mut done = 0;
            while let Some(node) = from.get(done).copied() {
                done += 1;
                now.clear();
                let own = node * words..(node + 1) * words;
                now.extend_from_slice(states.get(own).unwrap_or_default());
                for letter in self.steps(*piece, begun.other, &now, &mut letters) {
                    *budget = budget.checked_sub(2 * words + 2).ok_or(TooMuch)?;
                    self.step_on(&now, letter, matter, &mut after);
                    if !seen.add(&mut states, &after, nodes.len()) {
                        continue;
                    }
                    nodes.push((node, letter));
                    let node = nodes.len() - 1;
                    match ask(&after, node, open, &nodes) {
                        Next::Stop => return Ok(()),
                        Next::Settled => continue,
                        Next::On => {}
                    }
                    if many {
                        from.push(node);
                    }
                    next.push(node);
                }
            }
            if rest.is_empty() && many {
                for node in &next {
                    let own = node * words..(node + 1) * words;
                    let state = states.get(own).unwrap_or_default();
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
    pub(in crate::iam) fn walk(
        mut self,
        template: &[Piece],
        budget: &mut usize,
    ) -> Result<Ways, TooMuch> {
        let begun = self.begin(template, budget)?;
        let mut letters = Letters::default();
        let mut after: Vec<u64> = Vec::new();
        let mut now: Vec<u64> = Vec::new();
        let words = begun.state.len();
        // The sets that a piece begins with, one behind the other.
        let mut layer = begun.state;
        let mut count = 1;
        for (piece, matter) in begun.pieces.iter().zip(&begun.matter) {
            let many = !matches!(piece, Piece::Letter(_));
            let mut next: Vec<u64> = Vec::new();
            let mut seen = Seen::default();
            let mut done = 0;
            // A parameter goes on from where it came to.
            while done < count || (many && done < count + seen.len()) {
                let (from, at) = match done.checked_sub(count) {
                    None => (&layer, done),
                    Some(at) => (&next, at),
                };
                now.clear();
                let own = from.get(at * words..(at + 1) * words);
                now.extend_from_slice(own.unwrap_or_default());
                done += 1;
                for letter in self.steps(*piece, begun.other, &now, &mut letters) {
                    *budget = budget.checked_sub(words + 2).ok_or(TooMuch)?;
                    self.step_on(&now, letter, matter, &mut after);
                    let number = seen.len();
                    seen.add(&mut next, &after, number);
                }
            }
            layer = next;
            count = seen.len();
        }
        let ways = (0..count).map(|at| {
            let state = layer.get(at * words..(at + 1) * words);
            let lanes = self.each(state.unwrap_or_default());
            let lanes: Vec<bool> = lanes.map(|(it, own)| it.is_met(own)).collect();
            let met = begun.places.iter().map(|it| lanes.get(*it).copied());
            met.map(|it| it.unwrap_or(false)).collect()
        });
        Ok(ways.collect())
    }

    /// The letters to try for a piece: one stands for all that lead on alike.
    fn steps<'l>(
        &self,
        piece: Piece,
        other: char,
        state: &[u64],
        letters: &'l mut Letters,
    ) -> impl Iterator<Item = char> + use<'l> {
        let first = match piece {
            Piece::Letter(letter) => {
                letters.clear();
                letter
            }
            Piece::Parameter | Piece::Greedy => {
                self.letters(state, letters);
                other
            }
        };
        let fits = move |letter: &char| *letter != '/' || piece == Piece::Greedy;
        std::iter::once(first).chain(letters.iter().filter(fits))
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

    fn other(&self) -> char {
        let mut own = Letters::default();
        for lane in &self.lanes {
            let tokens = match lane {
                Lane::Short(ready) => ready.tokens(),
                Lane::Long(long) => long.tokens,
            };
            for token in tokens {
                if let Token::Letter(letter) = token {
                    own.insert(*letter);
                }
            }
        }
        own.other()
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
