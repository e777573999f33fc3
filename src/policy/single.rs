//! How many of a template's requests one pattern takes in: most pairs of a pattern and a method are
//! settled here, before any patterns are weighed together.

use super::template::Piece;
use super::variable::Token;
use super::walk::{Bank, TooMuch};

/// As many sets of positions are looked through one by one.
const FEW: usize = 64;

/// How many of the requests a pattern takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    All,
    Some,
    None,
}

/// A pattern of fewer than 64 tokens, made ready: its positions fit into one word.
#[derive(Debug)]
pub(super) struct Ready {
    tokens: Vec<Token>,
    stars: u64,
    any: u64,
    /// The letters of the pattern with the positions that each leads on from, in order.
    by_letter: Vec<(char, u64)>,
    /// The same by number for the letters of ASCII, which nearly all are.
    ascii: Box<[u64]>,
    /// The position of a `*` at the end: whatever follows is met. Zero: there is none.
    open_end: u64,
    end: u32,
    /// Whether the positions fit.
    short: bool,
}

impl Ready {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut single = Ready {
            tokens: tokens.to_vec(),
            stars: 0,
            any: 0,
            by_letter: Vec::new(),
            ascii: Box::default(),
            open_end: 0,
            end: 0,
            short: tokens.len() < 64,
        };
        if !single.short {
            return single;
        }
        let mut earlier = None;
        let mut letters: Vec<(char, u64)> = Vec::new();
        for token in tokens {
            if *token == Token::Many && earlier == Some(Token::Many) {
                continue;
            }
            earlier = Some(*token);
            let bit = 1_u64 << single.end;
            match token {
                Token::Many => single.stars |= bit,
                Token::One => single.any |= bit,
                Token::Letter(letter) => letters.push((*letter, bit)),
            }
            single.end += 1;
        }
        letters.sort_unstable();
        for (letter, bit) in letters {
            match single.by_letter.last_mut() {
                Some((same, bits)) if *same == letter => *bits |= bit,
                _ => single.by_letter.push((letter, bit | single.any)),
            }
        }
        let mut ascii = vec![single.any; 128];
        for (letter, bits) in &single.by_letter {
            if let Some(slot) = ascii.get_mut(*letter as usize) {
                *slot = *bits;
            }
        }
        single.ascii = ascii.into();
        if earlier == Some(Token::Many) {
            single.open_end = 1 << (single.end - 1);
        }
        single
    }

    /// How many of the requests the pattern takes in. Work is taken from the budget.
    pub(super) fn cover(&self, template: &[Piece], budget: &mut usize) -> Result<Cover, TooMuch> {
        if self.differs_at_once(template) {
            return Ok(Cover::None);
        }
        if !self.short {
            return self.by_sets(template, budget);
        }
        // Most templates begin with many letters, and most patterns are settled by them.
        let mut state = self.skip_stars(1);
        let mut pieces = template.iter();
        for piece in pieces.by_ref() {
            let Piece::Letter(letter) = piece else {
                break;
            };
            state = self.step(state, self.leads_on(*letter));
            if state == 0 {
                return Ok(Cover::None);
            }
            if state & self.open_end != 0 {
                return Ok(Cover::All);
            }
        }
        let letters = template.len() - pieces.len();
        let rest = match template.get(letters.wrapping_sub(1)) {
            // The first piece that is no letter was taken, too.
            Some(Piece::Parameter | Piece::Greedy) => letters - 1,
            _ => letters,
        };
        let mut layer = vec![state];
        let mut next = Vec::new();
        for piece in template.get(rest..).unwrap_or_default() {
            next.clear();
            match piece {
                Piece::Letter(letter) => {
                    for state in &layer {
                        self.go(*state, Some(*letter), &mut next);
                    }
                }
                Piece::Parameter | Piece::Greedy => {
                    for state in &layer {
                        self.go_all(*state, *piece, &mut next);
                    }
                    let mut at = 0;
                    while let Some(state) = next.get(at).copied() {
                        if next.len() > FEW {
                            return self.by_sets(template, budget);
                        }
                        *budget = budget
                            .checked_sub(next.len() + self.by_letter.len())
                            .ok_or(TooMuch)?;
                        self.go_all(state, *piece, &mut next);
                        at += 1;
                    }
                }
            }
            *budget = budget.checked_sub(next.len()).ok_or(TooMuch)?;
            std::mem::swap(&mut layer, &mut next);
            // Nothing that follows can bring a dead automaton back, or end one that takes anything.
            match layer.as_slice() {
                [0] => return Ok(Cover::None),
                [state] if state & self.open_end != 0 => return Ok(Cover::All),
                _ => {}
            }
        }
        let met = |state: &u64| state & (1 << self.end) != 0;
        Ok(cover(layer.iter().any(met), !layer.iter().all(met)))
    }

    /// The same for patterns that are long, or lead to many sets of positions.
    fn by_sets(&self, template: &[Piece], budget: &mut usize) -> Result<Cover, TooMuch> {
        let ways = Bank::new(&[&self.tokens]).walk(template, budget)?;
        let met = |wanted| ways.ways.iter().any(|way| way.met.contains(&wanted));
        Ok(cover(met(true), met(false)))
    }

    /// Whether pattern and template differ in the letters that both begin with.
    pub(super) fn differs_at_once(&self, template: &[Piece]) -> bool {
        for (token, piece) in self.tokens.iter().zip(template) {
            match (token, piece) {
                (Token::Letter(one), Piece::Letter(other)) if one == other => {}
                (Token::Letter(_), Piece::Letter(_)) => return true,
                _ => return false,
            }
        }
        false
    }

    fn go_all(&self, state: u64, piece: Piece, next: &mut Vec<u64>) {
        self.go(state, None, next);
        for (letter, _) in &self.by_letter {
            if *letter != '/' || piece == Piece::Greedy {
                self.go(state, Some(*letter), next);
            }
        }
    }

    /// `None` stands for every letter that the pattern does not name.
    fn go(&self, state: u64, letter: Option<char>, next: &mut Vec<u64>) {
        let leads_on = match letter {
            None => self.any,
            Some(letter) => self.leads_on(letter),
        };
        let state = self.step(state, leads_on);
        if !next.contains(&state) {
            next.push(state);
        }
    }

    fn step(&self, state: u64, leads_on: u64) -> u64 {
        self.skip_stars(((state & leads_on) << 1) | (state & self.stars))
    }

    fn leads_on(&self, letter: char) -> u64 {
        let by_number = self.ascii.get(letter as usize).copied();
        by_number.unwrap_or_else(|| {
            let own = self.by_letter.iter().find(|(it, _)| *it == letter);
            own.map_or(self.any, |(_, bits)| *bits)
        })
    }

    fn skip_stars(&self, state: u64) -> u64 {
        state | ((state & self.stars) << 1)
    }
}

fn cover(met: bool, missed: bool) -> Cover {
    match (met, missed) {
        (true, false) => Cover::All,
        (true, true) => Cover::Some,
        (false, _) => Cover::None,
    }
}
