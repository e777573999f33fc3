//! One request that meets some patterns and misses others.
//!
//! A pattern to be met needs one way through it, so that one position of it is followed at a time, and the
//! search has at most as many positions as the pattern has tokens. A pattern to be missed needs all its ways
//! looked at: its positions are followed as a set. The sets are many (a `*`, a letter and eighteen `?` have
//! 2^18), but few of them matter: of two sets at the same place, whatever is missed from the larger is missed
//! from the smaller, so that the larger is dropped (the antichains of M. De Wulf, L. Doyen, T. A. Henzinger
//! and J.-F. Raskin, Antichains: a new algorithm for checking universality of finite automata, 2006). A letter
//! that no pattern names leads to the smallest set. Others are tried only where a pattern to be met names them.
//!
//! For patterns that only have to be missed, the work grows with their length, and for those that have to be
//! met, with the product of their lengths.

use foldhash::HashMap;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::template::Piece;

/// The last part of a request of the template that meets and misses these patterns. `None`: there is none.
/// Work is taken from the budget.
///
/// `other` is a letter that none of the patterns names.
pub(in crate::iam) fn witness(
    template: &[Piece],
    (met, missed): (&[&Ready], &[&Ready]),
    other: char,
    budget: &mut usize,
) -> Result<Option<String>, TooMuch> {
    let mut search = Search {
        pieces: template,
        met: met.iter().map(|it| it.tokens()).collect(),
        missed: Bank::new(missed),
        other,
        nodes: Vec::new(),
        reached: HashMap::default(),
        left: Vec::new(),
    };
    search.run(budget)
}

/// A letter that none of the patterns names.
pub(in crate::iam) fn other_letter<'p>(patterns: impl IntoIterator<Item = &'p Ready>) -> char {
    let mut named = Letters::default();
    for token in patterns.into_iter().flat_map(Ready::tokens) {
        if let Token::Letter(letter) = token {
            named.insert(*letter);
        }
    }
    named.other()
}

struct Search<'s> {
    pieces: &'s [Piece],
    met: Vec<&'s [Token]>,
    missed: Bank<'s>,
    other: char,
    nodes: Vec<Node>,
    /// The nodes that are at the same place of the template, and at the same positions of the patterns to be
    /// met. None of their sets holds another.
    reached: HashMap<(Place, Vec<usize>), Vec<usize>>,
    /// The nodes from which no letter was tried yet.
    left: Vec<usize>,
}

/// Where a request has come to.
struct Node {
    /// The node before, and the letter that leads on from it. The first node leads to itself.
    before: (usize, char),
    at: Place,
    /// One position of each pattern to be met.
    positions: Vec<usize>,
    /// All positions of the patterns to be missed.
    sets: Vec<u64>,
    /// Whether a node with smaller sets stands for this one.
    is_dropped: bool,
}

/// A place of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// Before the piece with this number.
    Before(usize),
    /// Behind a letter of a parameter, which may go on.
    Within(usize),
}

impl Search<'_> {
    fn run(&mut self, budget: &mut usize) -> Result<Option<String>, TooMuch> {
        let sets = self.missed.start();
        *budget = budget.checked_sub(sets.len() + 1).ok_or(TooMuch)?;
        let start = Node {
            before: (0, self.other),
            at: Place::Before(0),
            positions: vec![0; self.met.len()],
            sets,
            is_dropped: false,
        };
        if let Some(found) = self.reach(start, budget)? {
            return Ok(Some(found));
        }
        let mut letters = Letters::default();
        while let Some(number) = self.left.pop() {
            let Some(node) = self.nodes.get(number).filter(|it| !it.is_dropped) else {
                continue;
            };
            for (piece, to) in self.steps(node.at).into_iter().flatten() {
                let first = self.letters(number, piece, &mut letters);
                for letter in std::iter::once(first).chain(letters.iter()) {
                    if let Some(found) = self.go_on(number, letter, to, budget)? {
                        return Ok(Some(found));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The pieces that the next letter may be of, each with the place behind it.
    fn steps(&self, at: Place) -> [Option<(Piece, Place)>; 2] {
        let into = |number: usize| {
            let piece = self.pieces.get(number)?;
            let to = match piece {
                Piece::Letter(_) => Place::Before(number + 1),
                Piece::Parameter | Piece::Greedy => Place::Within(number),
            };
            Some((*piece, to))
        };
        match at {
            Place::Before(number) => [into(number), None],
            Place::Within(number) => [into(number), into(number + 1)],
        }
    }

    /// The letters to try: one, and those that are put into the set.
    fn letters(&self, number: usize, piece: Piece, letters: &mut Letters) -> char {
        letters.clear();
        if let Piece::Letter(letter) = piece {
            return letter;
        }
        let positions = self.nodes.get(number).map_or(&[][..], |it| &it.positions);
        for (tokens, position) in self.met.iter().zip(positions) {
            // A `*` may also take nothing.
            let behind = usize::from(tokens.get(*position) == Some(&Token::Many));
            if let Some(Token::Letter(letter)) = tokens.get(position + behind)
                && (*letter != '/' || piece == Piece::Greedy)
            {
                letters.insert(*letter);
            }
        }
        self.other
    }

    /// Takes one letter, in every way that leads on.
    fn go_on(
        &mut self,
        number: usize,
        letter: char,
        to: Place,
        budget: &mut usize,
    ) -> Result<Option<String>, TooMuch> {
        let Some(node) = self.nodes.get(number) else {
            return Ok(None);
        };
        *budget = budget.checked_sub(node.sets.len() + 2).ok_or(TooMuch)?;
        let mut sets = Vec::with_capacity(node.sets.len());
        self.missed.step(&node.sets, letter, &mut sets);
        let mut ways: Vec<Vec<usize>> = vec![Vec::with_capacity(self.met.len())];
        for (tokens, position) in self.met.iter().zip(&node.positions) {
            let mut longer = Vec::with_capacity(ways.len());
            for next in after(tokens, *position, letter).into_iter().flatten() {
                longer.extend(ways.iter().map(|way| {
                    let mut way = way.clone();
                    way.push(next);
                    way
                }));
            }
            *budget = budget.checked_sub(longer.len()).ok_or(TooMuch)?;
            ways = longer;
        }
        for positions in ways {
            let node = Node {
                before: (number, letter),
                at: to,
                positions,
                sets: sets.clone(),
                is_dropped: false,
            };
            if let Some(found) = self.reach(node, budget)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Keeps a node, unless another stands for it. Returns the request that ends there, if it is wanted.
    fn reach(&mut self, node: Node, budget: &mut usize) -> Result<Option<String>, TooMuch> {
        if self.missed.will_meet_any(&node.sets) {
            return Ok(None);
        }
        let number = self.nodes.len();
        let words = node.sets.len();
        let known = (node.at, node.positions.clone());
        let same = self.reached.entry(known).or_default();
        let work = (words + 1).saturating_mul(same.len()) + node.positions.len();
        *budget = budget.checked_sub(work).ok_or(TooMuch)?;
        let sets_of = |number: &usize| self.nodes.get(*number).map_or(&[][..], |it| &it.sets);
        let stands_for = |other: &usize| self.missed.is_within(sets_of(other), &node.sets);
        if same.iter().any(stands_for) {
            return Ok(None);
        }
        let (dropped, kept) = std::mem::take(same)
            .into_iter()
            .partition(|other| self.missed.is_within(&node.sets, sets_of(other)));
        *same = kept;
        same.push(number);
        let dropped: Vec<usize> = dropped;
        for other in dropped {
            if let Some(other) = self.nodes.get_mut(other) {
                other.is_dropped = true;
            }
        }
        let is_wanted = self.is_wanted(&node);
        self.nodes.push(node);
        self.left.push(number);
        Ok(is_wanted.then(|| self.text(number)))
    }

    fn is_wanted(&self, node: &Node) -> bool {
        let is_over = match node.at {
            Place::Before(number) => number >= self.pieces.len(),
            Place::Within(number) => number + 1 >= self.pieces.len(),
        };
        let mut each = self.met.iter().zip(&node.positions);
        is_over
            && each.all(|(tokens, position)| {
                matches!(tokens.get(*position..), None | Some([] | [Token::Many]))
            })
            && !self.missed.meets_any(&node.sets)
    }

    /// The letters that lead to a node.
    fn text(&self, number: usize) -> String {
        let mut letters = Vec::new();
        let mut number = number;
        while let Some(node) = self.nodes.get(number).filter(|_| number != 0) {
            letters.push(node.before.1);
            number = node.before.0;
        }
        letters.iter().rev().collect()
    }
}

/// The positions that a letter leads to from one position of a pattern.
fn after(tokens: &[Token], position: usize, letter: char) -> [Option<usize>; 2] {
    let is_many = |position: usize| tokens.get(position) == Some(&Token::Many);
    let takes = |position: usize| match tokens.get(position) {
        Some(Token::One) => true,
        Some(Token::Letter(own)) => *own == letter,
        Some(Token::Many) | None => false,
    };
    let stays = is_many(position);
    let next = if stays { position + 1 } else { position };
    let behind = takes(next).then_some(next + 1);
    match behind {
        // Whatever can be met from before the next `*` can be met from there.
        Some(behind) if is_many(behind) => [Some(behind), None],
        behind => [stays.then_some(position), behind],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::condition::variable::wildcards;
    use crate::iam::pattern::wildcards::matches;

    fn ready(pattern: &str) -> Ready {
        Ready::new(&wildcards(pattern).collect::<Vec<_>>())
    }

    /// Every text of at most so many of these letters, but for the empty one.
    fn texts(letters: &str, longest: usize) -> Vec<String> {
        let mut all = Vec::new();
        let mut last = vec![String::new()];
        for _ in 0..longest {
            let longer = last.iter().flat_map(|text| {
                let longer = letters.chars().map(move |it| format!("{text}{it}"));
                longer.collect::<Vec<_>>()
            });
            last = longer.collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn find(
        template: &[Piece],
        met: &[&str],
        missed: &[&str],
        mut budget: usize,
    ) -> Option<String> {
        let [met, missed] = [met, missed].map(|it| it.iter().map(|it| ready(it)).collect());
        let (met, missed): (Vec<Ready>, Vec<Ready>) = (met, missed);
        let (met, missed): (Vec<&Ready>, Vec<&Ready>) =
            (met.iter().collect(), missed.iter().collect());
        let other = other_letter(met.iter().chain(&missed).copied());
        witness(template, (&met, &missed), other, &mut budget).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

        /// Held against every short text, one by one.
        #[test]
        fn a_witness_is_found_where_trying_all_finds_one(
            met in prop::collection::vec(r"p(\*|[ab?]){0,3}(\?|\*){0,2}", 0..3),
            missed in prop::collection::vec(r"(\*|p)[ab?]{0,2}(\?|\*|[ab]){0,3}", 0..4),
            greedy in any::<bool>(),
            ends in prop::sample::select(vec!["", "a", "/b"]),
        ) {
            let piece = if greedy { Piece::Greedy } else { Piece::Parameter };
            let end = ends.chars().map(Piece::Letter);
            let template: Vec<Piece> = [Piece::Letter('p'), piece].into_iter().chain(end).collect();
            let [met, missed] = [&met, &missed].map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
            let fits = |text: &str| {
                met.iter().all(|it| matches(it, text)) && !missed.iter().any(|it| matches(it, text))
            };
            let letters = if greedy { "ab/x" } else { "abx" };
            let found = find(&template, &met, &missed, usize::MAX);
            if let Some(found) = &found {
                prop_assert!(fits(found), "{}", found);
                let value = found.strip_prefix('p').and_then(|it| it.strip_suffix(ends));
                prop_assert!(value.is_some_and(|it| !it.is_empty() && (greedy || !it.contains('/'))), "{}", found);
            } else {
                for value in texts(letters, 5) {
                    let text = format!("p{value}{ends}");
                    prop_assert!(!fits(&text), "{}", text);
                }
            }
        }
    }

    #[test]
    fn a_pattern_of_many_sets_takes_little_work() {
        let template = [Piece::Letter('/'), Piece::Parameter];
        for questions in [18, 60, 300] {
            let [b, c] = ["b", "c"].map(|it| format!("*{it}{}", "?".repeat(questions)));
            for (met, missed, is_there) in [
                (vec![b.as_str()], vec![], true),
                (vec![], vec![b.as_str()], true),
                (vec![b.as_str()], vec![c.as_str()], true),
                (vec![c.as_str()], vec![b.as_str()], true),
                (vec![], vec![b.as_str(), c.as_str()], true),
                (vec![b.as_str()], vec![b.as_str()], false),
                (vec![b.as_str(), c.as_str()], vec![], false),
            ] {
                let found = find(&template, &met, &missed, 400 * questions * questions);
                assert_eq!(found.is_some(), is_there, "{met:?} without {missed:?}");
            }
        }
    }
}
