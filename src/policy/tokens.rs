//! Patterns of tokens, matched against whole texts.

use super::variable::Token;

/// Whether a text as a whole matches the tokens. Case counts.
///
/// Takes no memory, and at most tokens times text steps: where something fails after a `*`, only the last
/// `*` needs to take one character more.
pub(crate) fn tokens_match(tokens: &[Token], text: &str) -> bool {
    let (mut wanted, mut left) = (tokens, text.chars());
    let mut last_star: Option<(&[Token], std::str::Chars<'_>)> = None;
    loop {
        let mut next_left = left.clone();
        match (wanted.split_first(), next_left.next()) {
            (Some((Token::Many, rest)), _) => {
                wanted = rest;
                last_star = Some((rest, left.clone()));
                continue;
            }
            (Some((Token::One, rest)), Some(_)) => {
                (wanted, left) = (rest, next_left);
                continue;
            }
            (Some((Token::Letter(one), rest)), Some(other)) if *one == other => {
                (wanted, left) = (rest, next_left);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, mut taken)) = last_star.take() else {
            return false;
        };
        if taken.next().is_none() {
            return false;
        }
        (wanted, left) = (after, taken.clone());
        last_star = Some((after, taken));
    }
}

/// The same, whatever the case.
pub(crate) fn tokens_match_ignoring_case(tokens: &[Token], text: &str) -> bool {
    let lower = |token: &Token| match token {
        Token::Letter(letter) => letter.to_lowercase().map(Token::Letter).collect(),
        other => vec![*other],
    };
    let tokens: Vec<Token> = tokens.iter().flat_map(lower).collect();
    tokens_match(&tokens, &text.to_lowercase())
}
