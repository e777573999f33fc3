//! Patterns of tokens, matched against whole texts.

use crate::iam::condition::variable::Token;

/// Whether a text as a whole matches the tokens. Case counts.
pub(crate) fn tokens_match(tokens: &[Token], text: &str) -> bool {
    all_match(tokens.iter().copied(), text)
}

/// The same of tokens that are made as they are asked for.
///
/// Takes no memory, and at most tokens times text steps: where something fails after a `*`, only the last
/// `*` needs to take one character more.
pub(in crate::iam) fn all_match(tokens: impl Iterator<Item = Token> + Clone, text: &str) -> bool {
    let (mut wanted, mut left) = (tokens, text.chars());
    // The tokens after the last `*`, and the text that the `*` has not taken yet.
    let mut last_star = None;
    loop {
        let (mut next_wanted, mut next_left) = (wanted.clone(), left.clone());
        match (next_wanted.next(), next_left.next()) {
            (Some(Token::Many), _) => {
                wanted = next_wanted;
                last_star = Some((wanted.clone(), left.clone()));
                continue;
            }
            (Some(Token::One), Some(_)) => {
                (wanted, left) = (next_wanted, next_left);
                continue;
            }
            (Some(Token::Letter(one)), Some(other)) if one == other => {
                (wanted, left) = (next_wanted, next_left);
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
        (wanted, left) = (after.clone(), taken.clone());
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
