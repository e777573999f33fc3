//! A pattern whose positions do not fit into one word.

use foldhash::HashMap;

use crate::iam::condition::variable::Token;
use crate::iam::pattern::letters::Letters;

/// A pattern of 64 tokens or more, made ready.
pub(in crate::iam) struct Long<'p> {
    pub(in crate::iam) tokens: &'p [Token],
    pub(in crate::iam) words: usize,
    /// Where `*` stands: its position is kept whatever comes.
    stars: Vec<u64>,
    /// The positions that any letter leads on from.
    any: Vec<u64>,
    /// The positions that a letter leads on from, `any` among them.
    by_letter: HashMap<char, Vec<u64>>,
}

impl<'p> Long<'p> {
    pub(in crate::iam) fn new(tokens: &'p [Token]) -> Self {
        let words = (tokens.len() + 1).div_ceil(64);
        let mut long = Long {
            tokens,
            words,
            stars: vec![0; words],
            any: vec![0; words],
            by_letter: HashMap::default(),
        };
        for (bit, token) in tokens.iter().enumerate() {
            match token {
                Token::Many => set(&mut long.stars, bit),
                Token::One => set(&mut long.any, bit),
                Token::Letter(_) => {}
            }
        }
        for (bit, token) in tokens.iter().enumerate() {
            if let Token::Letter(letter) = token {
                let any = || long.any.clone();
                set(long.by_letter.entry(*letter).or_insert_with(any), bit);
            }
        }
        long
    }

    pub(in crate::iam) fn start(&self) -> Vec<u64> {
        let mut state = vec![0; self.words];
        set(&mut state, 0);
        self.skip_stars(&mut state);
        state
    }

    pub(in crate::iam) fn after(&self, state: &[u64], letter: char) -> Vec<u64> {
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
        self.drop_before_star(&mut next);
        self.skip_stars(&mut next);
        next
    }

    /// The letters that lead on from these positions other than most letters do.
    pub(in crate::iam) fn letters(&self, state: &[u64], letters: &mut Letters) {
        for (at, word) in state.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = at * 64 + left.trailing_zeros() as usize;
                if let Some(Token::Letter(letter)) = self.tokens.get(bit) {
                    letters.insert(*letter);
                }
                left &= left - 1;
            }
        }
    }

    pub(in crate::iam) fn is_met(&self, state: &[u64]) -> bool {
        let bit = self.tokens.len();
        let word = state.get(bit / 64);
        word.is_some_and(|word| word & (1 << (bit % 64)) != 0)
    }

    /// Whether it is met whatever follows: it ends in a `*`, which was reached.
    pub(in crate::iam) fn is_open(&self, state: &[u64]) -> bool {
        let Some(bit) = self.tokens.len().checked_sub(1) else {
            return false;
        };
        let word = state.get(bit / 64);
        self.tokens.last() == Some(&Token::Many)
            && word.is_some_and(|word| word & (1 << (bit % 64)) != 0)
    }

    /// Whatever can still be met from before a `*` that was reached can be met from there.
    fn drop_before_star(&self, state: &mut [u64]) {
        let mut reached = false;
        for (word, stars) in state.iter_mut().zip(&self.stars).rev() {
            let at_star = *word & stars;
            if reached {
                *word = 0;
            } else if at_star != 0 {
                reached = true;
                *word &= u64::MAX << (63 - at_star.leading_zeros());
            }
        }
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
}

fn set(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}
