//! The ways in which requests can meet the patterns, as far as an answer depends on them.
//!
//! The walk is the one of `walk.rs`, and keeps the way to each set of positions, so that an example can be
//! given. It does not go on from a set where the answer is settled, and ends where enough was seen.

use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::begun::Begun;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::seen::Seen;
use crate::iam::pattern::template::Piece;
use crate::iam::truth::Truth;

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

impl Bank<'_> {
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
        let mut search = Search {
            bank: &self,
            begun: &begun,
            reached: Reached {
                nodes: vec![(0, ' ')],
                states: begun.state.clone(),
                words: begun.state.len(),
            },
            visitor: Visitor {
                visit,
                lanes: Vec::new(),
                met: Vec::new(),
            },
            letters: Letters::default(),
            now: Vec::new(),
            after: Vec::new(),
        };
        search.run(budget)
    }
}

struct Search<'s, 'v> {
    bank: &'s Bank<'s>,
    begun: &'s Begun<'s>,
    reached: Reached,
    visitor: Visitor<'s, 'v>,
    letters: Letters,
    now: Vec<u64>,
    after: Vec<u64>,
}

impl Search<'_, '_> {
    fn run(&mut self, budget: &mut usize) -> Result<(), TooMuch> {
        let mut pieces = self.begun.pieces;
        let first = Place {
            node: 0,
            rest: (!pieces.is_empty()).then_some(pieces),
        };
        let state = &self.begun.state;
        if self
            .visitor
            .ask((self.bank, self.begun), &self.reached, state, first)
            != Next::On
        {
            return Ok(());
        }
        // The nodes whose states the next piece begins with.
        let mut layer = vec![0];
        let mut matter = self.begun.matter.iter();
        while let Some(((piece, rest), matter)) = pieces.split_first().zip(matter.next()) {
            let Some(next) = self.pass(layer, (*piece, rest), matter, budget)? else {
                return Ok(());
            };
            layer = next;
            pieces = rest;
        }
        if self.begun.pieces.last().is_some_and(|it| it.is_many()) {
            self.end(&layer);
        }
        Ok(())
    }

    /// Takes a piece from each node of a layer. Returns the layer behind it. `None`: enough was seen.
    fn pass(
        &mut self,
        layer: Vec<usize>,
        (piece, rest): (Piece, &[Piece]),
        matter: &[u64],
        budget: &mut usize,
    ) -> Result<Option<Vec<usize>>, TooMuch> {
        let many = piece.is_many();
        // Where a parameter may go on, what is met is settled only if nothing can change it.
        let rest = (many || !rest.is_empty()).then_some(rest);
        let work = 2 * self.reached.words + 2;
        let mut seen = Seen::default();
        let mut from = layer;
        let mut next: Vec<usize> = Vec::new();
        let mut done = 0;
        while let Some(before) = from.get(done).copied() {
            done += 1;
            self.now.clear();
            self.now.extend_from_slice(self.reached.state(before));
            let other = self.begun.other;
            for letter in self.bank.steps(piece, other, &self.now, &mut self.letters) {
                *budget = budget.checked_sub(work).ok_or(TooMuch)?;
                self.bank
                    .step_on(&self.now, letter, matter, &mut self.after);
                let added = self.reached.add(&mut seen, &self.after, (before, letter));
                let Some(node) = added else {
                    continue;
                };
                let place = Place { node, rest };
                let walked = (self.bank, self.begun);
                match self.visitor.ask(walked, &self.reached, &self.after, place) {
                    Next::Stop => return Ok(None),
                    Next::Settled => continue,
                    Next::On => {}
                }
                // A parameter goes on from where it came to.
                if many {
                    from.push(node);
                }
                next.push(node);
            }
        }
        Ok(Some(next))
    }

    /// Asks what is met where a parameter at the end of the template goes on no further.
    fn end(&mut self, layer: &[usize]) {
        for node in layer.iter().copied() {
            let state = self.reached.state(node);
            let over = Place { node, rest: None };
            let walked = (self.bank, self.begun);
            if self.visitor.ask(walked, &self.reached, state, over) == Next::Stop {
                return;
            }
        }
    }
}

/// Where a search has come to.
#[derive(Clone, Copy)]
struct Place<'t> {
    node: usize,
    /// The pieces that follow. `None`: the template is over.
    rest: Option<&'t [Piece]>,
}

/// The sets of positions that were reached, each with the way there.
struct Reached {
    /// The node before, and the letter that leads on from it. The first node leads to itself.
    nodes: Vec<(usize, char)>,
    /// The state of every node, one behind the other.
    states: Vec<u64>,
    /// How many words a state has.
    words: usize,
}

impl Reached {
    fn state(&self, node: usize) -> &[u64] {
        let own = node * self.words..(node + 1) * self.words;
        self.states.get(own).unwrap_or(&[])
    }

    /// The number of a new node. `None`: its state was seen.
    fn add(&mut self, seen: &mut Seen, state: &[u64], way: (usize, char)) -> Option<usize> {
        let number = self.nodes.len();
        let is_new = seen.add(&mut self.states, state, number);
        is_new.then(|| {
            self.nodes.push(way);
            number
        })
    }

    /// The letters that lead to a node, the last one first.
    fn backwards(&self, node: usize) -> Vec<char> {
        let mut letters = Vec::new();
        let mut at = node;
        while at != 0 {
            let Some((earlier, letter)) = self.nodes.get(at) else {
                break;
            };
            letters.push(*letter);
            at = *earlier;
        }
        letters
    }
}

/// Tells `visit` what is met.
struct Visitor<'s, 'v> {
    visit: &'s mut Visit<'v>,
    /// Whether each lane is met, as far as that is settled.
    lanes: Vec<Truth>,
    /// The same of each pattern.
    met: Vec<Truth>,
}

impl Visitor<'_, '_> {
    fn ask(
        &mut self,
        (bank, begun): (&Bank<'_>, &Begun<'_>),
        reached: &Reached,
        state: &[u64],
        place: Place<'_>,
    ) -> Next {
        let lanes = &mut self.lanes;
        lanes.clear();
        lanes.extend(bank.each(state).map(|(lane, own)| match place.rest {
            Some(_) => lane.will_be_met(own),
            None => Truth::from(lane.is_met(own)),
        }));
        let of_lane = |it: &usize| lanes.get(*it).copied().unwrap_or(Truth::False);
        self.met.clear();
        self.met.extend(begun.places.iter().map(of_lane));
        let example = || {
            let rest = place.rest.into_iter().flatten().map(|piece| match piece {
                Piece::Letter(letter) => *letter,
                Piece::Parameter | Piece::Greedy => begun.other,
            });
            let way = reached.backwards(place.node).into_iter().rev();
            begun.prefix.chars().chain(way).chain(rest).collect()
        };
        (self.visit)(&self.met, &example)
    }
}
