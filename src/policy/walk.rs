//! Patterns walked along a template, all of them at once.
//!
//! Each pattern is a small position automaton: bit `i` says that its first `i` tokens have been matched.
//! The bits of all patterns stand side by side in one set, and a letter takes every set to exactly one
//! other. The template is a line of pieces, so the sets are walked layer by layer: after the last piece,
//! the sets that are left are all the ways in which requests of the method can meet the patterns. Nothing
//! is sampled. (Position automata: V. M. Glushkov, The abstract theory of automata, 1961; bits side by
//! side: R. Baeza-Yates and G. H. Gonnet, A new approach to text searching, 1992.)

use std::collections::{BTreeSet, HashMap, HashSet};

use super::template::Piece;
use super::variable::Token;

/// How many words of sets are computed for one question. Whoever needs more has made patterns to explode.
pub(super) const BUDGET: usize = 3_000_000;

/// The bound on the work was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Several patterns, side by side.
pub(super) struct Bank {
    words: usize,
    /// Where `*` stands: its position is kept whatever comes.
    stars: Vec<u64>,
    /// The positions that any letter leads on from.
    any: Vec<u64>,
    /// The positions that a letter leads on from, `any` among them.
    by_letter: HashMap<char, Vec<u64>>,
    /// Where each pattern begins, and where it is matched as a whole.
    ends: Vec<(usize, usize)>,
}

/// One way in which requests can meet the patterns.
pub(super) struct Way {
    /// Whether each pattern is met, in the order of the bank.
    pub(super) met: Vec<bool>,
    node: usize,
}

/// Every way in which the requests of a template can meet the patterns of a bank.
pub(super) struct Ways {
    pub(super) ways: Vec<Way>,
    nodes: Vec<(usize, char)>,
}

impl Bank {
    pub(super) fn new(patterns: &[&[Token]]) -> Self {
        let mut bits = 0;
        let mut ends = Vec::new();
        let mut placed: Vec<(usize, Token)> = Vec::new();
        for pattern in patterns {
            let begin = bits;
            let mut earlier = None;
            for token in pattern.iter() {
                // Two stars in a row are one.
                if *token == Token::Many && earlier == Some(Token::Many) {
                    continue;
                }
                placed.push((bits, *token));
                earlier = Some(*token);
                bits += 1;
            }
            ends.push((begin, bits));
            bits += 1;
        }
        let words = bits.div_ceil(64);
        let mut bank = Bank {
            words,
            stars: vec![0; words],
            any: vec![0; words],
            by_letter: HashMap::new(),
            ends,
        };
        for (bit, token) in &placed {
            match token {
                Token::Many => set(&mut bank.stars, *bit),
                Token::One => set(&mut bank.any, *bit),
                Token::Letter(_) => {}
            }
        }
        for (bit, token) in &placed {
            if let Token::Letter(letter) = token {
                let any = || bank.any.clone();
                set(bank.by_letter.entry(*letter).or_insert_with(any), *bit);
            }
        }
        bank
    }

    fn start(&self) -> Vec<u64> {
        let mut state = vec![0; self.words];
        for (begin, _) in &self.ends {
            set(&mut state, *begin);
        }
        self.skip_stars(&mut state);
        state
    }

    /// A `*` may also take nothing.
    fn skip_stars(&self, state: &mut [u64]) {
        let mut carry = 0;
        for (word, stars) in state.iter_mut().zip(&self.stars) {
            let at_star = *word & stars;
            *word |= (at_star << 1) | carry;
            carry = at_star >> 63;
        }
    }

    fn step(&self, state: &[u64], letter: char) -> Vec<u64> {
        let leads_on = self.by_letter.get(&letter).unwrap_or(&self.any);
        let mut carry = 0;
        let mut next: Vec<u64> = state
            .iter()
            .zip(leads_on)
            .zip(&self.stars)
            .map(|((word, leads_on), stars)| {
                let moved = word & leads_on;
                let next = (moved << 1) | carry | (word & stars);
                carry = moved >> 63;
                next
            })
            .collect();
        self.skip_stars(&mut next);
        next
    }

    /// The letters that tell the patterns' positions apart, and one that stands for all others, first.
    fn letters(&self) -> Vec<char> {
        let own: BTreeSet<char> = self.by_letter.keys().copied().chain(['/']).collect();
        let readable = ('x'..='z')
            .chain('a'..='w')
            .chain('0'..='9')
            .chain('A'..='Z');
        let mut others = readable.chain('\u{a1}'..).filter(|it| !own.contains(it));
        let other = others.next();
        other.into_iter().chain(own.iter().copied()).collect()
    }

    /// Walks the template.
    pub(super) fn walk(&self, template: &[Piece], budget: &mut usize) -> Result<Ways, TooMuch> {
        let letters = self.letters();
        let mut nodes: Vec<(usize, char)> = vec![(0, ' ')];
        let mut layer = vec![(self.start(), 0)];
        for piece in template {
            let mut next: Vec<(Vec<u64>, usize)> = Vec::new();
            let mut seen: HashSet<Vec<u64>> = HashSet::new();
            let mut go = |from: &[u64],
                          node: usize,
                          letter: char,
                          next: &mut Vec<(Vec<u64>, usize)>,
                          budget: &mut usize| {
                *budget = budget.checked_sub(self.words + 2).ok_or(TooMuch)?;
                let state = self.step(from, letter);
                if seen.insert(state.clone()) {
                    nodes.push((node, letter));
                    next.push((state, nodes.len() - 1));
                }
                Ok(())
            };
            match piece {
                Piece::Letter(letter) => {
                    for (state, node) in &layer {
                        go(state, *node, *letter, &mut next, budget)?;
                    }
                }
                Piece::Parameter | Piece::Greedy => {
                    let fits = |letter: &&char| *piece == Piece::Greedy || **letter != '/';
                    for (state, node) in &layer {
                        for letter in letters.iter().filter(fits) {
                            go(state, *node, *letter, &mut next, budget)?;
                        }
                    }
                    let mut at = 0;
                    while let Some((state, node)) = next.get(at).cloned() {
                        for letter in letters.iter().filter(fits) {
                            go(&state, node, *letter, &mut next, budget)?;
                        }
                        at += 1;
                    }
                }
            }
            layer = next;
        }
        let ways = layer.into_iter().map(|(state, node)| Way {
            met: self.ends.iter().map(|(_, end)| has(&state, *end)).collect(),
            node,
        });
        Ok(Ways {
            ways: ways.collect(),
            nodes,
        })
    }
}

impl Ways {
    /// A text that meets the patterns in this way.
    pub(super) fn example(&self, way: &Way) -> String {
        let mut letters = Vec::new();
        let mut node = way.node;
        while node != 0 {
            let Some((earlier, letter)) = self.nodes.get(node) else {
                break;
            };
            letters.push(*letter);
            node = *earlier;
        }
        letters.iter().rev().collect()
    }
}

fn set(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

fn has(words: &[u64], bit: usize) -> bool {
    words
        .get(bit / 64)
        .is_some_and(|word| word & (1 << (bit % 64)) != 0)
}
