//! One pattern as an automaton of positions.

use crate::iam::condition::variable::Token;
use crate::iam::pattern::letters::Letters;
use crate::iam::pattern::template::Piece;
use crate::iam::pattern::tokens::tokens_match;

/// A pattern of fewer than 64 tokens, made ready: its positions fit into one word.
#[derive(Debug)]
pub(in crate::iam) struct Ready {
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
    pub(in crate::iam) fn new(tokens: &[Token]) -> Self {
        let mut own = tokens.to_vec();
        own.dedup_by(|one, other| *one == Token::Many && one == other);
        let mut single = Ready {
            short: own.len() < 64,
            tokens: own,
            stars: 0,
            any: 0,
            by_letter: Vec::new(),
            ascii: Box::default(),
            open_end: 0,
            end: 0,
        };
        if !single.short {
            return single;
        }
        let mut letters: Vec<(char, u64)> = Vec::new();
        for token in &single.tokens {
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
        if single.tokens.last() == Some(&Token::Many) {
            single.open_end = 1 << (single.end - 1);
        }
        single
    }

    /// The pattern, two stars in a row being one.
    pub(in crate::iam) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// How many letters the pattern names.
    pub(in crate::iam) fn named_letters(&self) -> usize {
        self.by_letter.len()
    }

    /// Whether the positions fit into one word.
    pub(in crate::iam) fn is_short(&self) -> bool {
        self.short
    }

    /// The positions of a short pattern before any letter.
    pub(in crate::iam) fn start(&self) -> u64 {
        self.skip_stars(1)
    }

    /// The positions of a short pattern after a letter.
    pub(in crate::iam) fn after(&self, state: u64, letter: char) -> u64 {
        self.step(state, self.leads_on(letter))
    }

    /// The letters that lead on from these positions of a short pattern other than most letters do.
    pub(in crate::iam) fn letters(&self, state: u64, letters: &mut Letters) {
        let mut left = state;
        while left != 0 {
            if let Some(Token::Letter(letter)) = self.tokens.get(left.trailing_zeros() as usize) {
                letters.insert(*letter);
            }
            left &= left - 1;
        }
    }

    /// Whether a short pattern is met as a whole.
    pub(in crate::iam) fn is_met(&self, state: u64) -> bool {
        state & (1 << self.end) != 0
    }

    /// Whether a short pattern is met whatever follows.
    pub(in crate::iam) fn is_open(&self, state: u64) -> bool {
        state & self.open_end != 0
    }

    /// Whether whatever meets a short pattern from the first positions meets it from the second, too.
    pub(in crate::iam) fn is_within(&self, fewer: u64, more: u64) -> bool {
        fewer & self.since_last_star(more) & !more == 0
    }

    /// The positions of a short pattern after these letters.
    pub(in crate::iam) fn after_all(&self, letters: &[Piece]) -> u64 {
        let mut state = self.start();
        for piece in letters {
            let Piece::Letter(letter) = piece else {
                break;
            };
            state = self.after(state, *letter);
            if state == 0 {
                break;
            }
        }
        state
    }

    /// The tokens that a short pattern may still meet from these positions on, and the positions among
    /// them: where they are the same, so is all that follows.
    pub(in crate::iam) fn rest(&self, state: u64) -> (&[Token], u64) {
        if state == 0 {
            return (&[], 0);
        }
        let passed = state.trailing_zeros();
        // At the end, no token is left.
        let rest = self.tokens.get(passed as usize..).unwrap_or(&[]);
        (rest, state >> passed)
    }

    /// Which positions of a short pattern still matter once a letter of each piece has been taken, the last
    /// piece first: from the others, what is left of the template cannot lead to the end.
    pub(in crate::iam) fn matter(&self, pieces: &[Piece]) -> Vec<u64> {
        let slashes = self.leads_on('/') & !self.any;
        let letters = !self.stars;
        // Those from which the pieces behind lead to the end.
        let mut before = 1_u64 << self.end;
        let mut matter = Vec::with_capacity(pieces.len());
        for piece in pieces.iter().rev() {
            match piece {
                Piece::Letter(letter) => {
                    matter.push(before);
                    before = self.back(before, self.leads_on(*letter));
                }
                Piece::Parameter | Piece::Greedy => {
                    let leads_on = match piece {
                        Piece::Greedy => letters,
                        _ => letters & !slashes,
                    };
                    // It may go on, or be over.
                    let mut inside = before;
                    loop {
                        let more = inside | self.back(inside, leads_on);
                        if more == inside {
                            break;
                        }
                        inside = more;
                    }
                    matter.push(inside);
                    before = self.back(inside, leads_on);
                }
            }
        }
        matter
    }

    /// The positions from which one letter leads to one of these.
    fn back(&self, state: u64, leads_on: u64) -> u64 {
        let state = state | ((state >> 1) & self.stars);
        ((state >> 1) & leads_on) | (state & self.stars)
    }

    /// Whether the pattern takes in this last part.
    pub(in crate::iam) fn matches(&self, text: &str) -> bool {
        if !self.short {
            return tokens_match(&self.tokens, text);
        }
        self.matches_from(self.start(), text)
    }

    /// Whether a short pattern takes this in from these positions on.
    pub(in crate::iam) fn matches_from(&self, state: u64, text: &str) -> bool {
        let mut state = state;
        for letter in text.chars() {
            // Nothing is compared with another set here, so that no position needs to be dropped.
            state = ((state & self.leads_on(letter)) << 1) | (state & self.stars);
            state = self.skip_stars(state);
            if state == 0 || self.is_open(state) {
                break;
            }
        }
        self.is_met(state)
    }

    /// Whether pattern and template differ in the letters that both begin with.
    pub(in crate::iam) fn differs_at_once(&self, template: &[Piece]) -> bool {
        for (token, piece) in self.tokens.iter().zip(template) {
            match (token, piece) {
                (Token::Letter(one), Piece::Letter(other)) if one == other => {}
                (Token::Letter(_), Piece::Letter(_)) => return true,
                _ => return false,
            }
        }
        false
    }

    pub(in crate::iam) fn go_all(&self, state: u64, piece: Piece, next: &mut Vec<u64>) {
        self.go(state, None, next);
        for letter in self.named_on(state, piece) {
            self.go(state, Some(letter), next);
        }
    }

    /// The letters of a parameter that lead on from these positions of a short pattern other than most letters do.
    pub(in crate::iam) fn named_on(&self, state: u64, piece: Piece) -> impl Iterator<Item = char> {
        let by_letter = self.by_letter.iter();
        let named = by_letter.filter(move |(letter, bits)| {
            let fits = *letter != '/' || piece == Piece::Greedy;
            // A letter that no live position names leads on as most letters do.
            fits && state & bits & !self.any != 0
        });
        named.map(|(letter, _)| *letter)
    }

    /// `None` stands for every letter that the pattern does not name.
    pub(in crate::iam) fn go(&self, state: u64, letter: Option<char>, next: &mut Vec<u64>) {
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
        let next = ((state & leads_on) << 1) | (state & self.stars);
        self.skip_stars(next & self.since_last_star(next))
    }

    /// The positions from the last `*` that was reached on: whatever can still be met from before it can be met
    /// from there.
    fn since_last_star(&self, state: u64) -> u64 {
        let reached = state & self.stars;
        u64::MAX << (63 - (reached | 1).leading_zeros())
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
