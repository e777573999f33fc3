//! One value of a condition held against one value of a request.

mod address;
mod date;
mod number;

pub(super) use address::{is_within, range};

use super::context::Context;
use super::language::{Comparison, Version};
use super::parts::split;
use super::tokens::{tokens_match, tokens_match_ignoring_case};
use super::truth::Truth;
use super::variable::{Filled, Token, fill};

/// Whether the request's value meets the condition's.
pub(super) fn compare(
    comparison: Comparison,
    wanted: &str,
    found: &str,
    version: Version,
    context: &Context,
) -> Truth {
    let texts = |matches: &dyn Fn(&[Token]) -> bool| text(wanted, version, context, matches);
    match comparison {
        Comparison::StringEquals => texts(&|tokens| tokens_match(&exact(tokens), found)),
        Comparison::StringEqualsIgnoreCase => {
            texts(&|tokens| tokens_match_ignoring_case(&exact(tokens), found))
        }
        Comparison::StringLike => texts(&|tokens| tokens_match(tokens, found)),
        Comparison::ArnLike => texts(&|tokens| arn(tokens, found)),
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => number::compare(comparison, wanted, found).into(),
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => date::compare(comparison, wanted, found).into(),
        Comparison::Bool => {
            let known = |text: &str| {
                ["true", "false"]
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(text))
            };
            Truth::from(known(wanted) && wanted.eq_ignore_ascii_case(found))
        }
        Comparison::BinaryEquals => {
            Truth::from(wanted.trim_end_matches('=') == found.trim_end_matches('='))
        }
        Comparison::IpAddress => address::is_within(wanted, found).into(),
        // Answered before any value is looked at.
        Comparison::Null => Truth::Unknown,
    }
}

fn text(
    wanted: &str,
    version: Version,
    context: &Context,
    matches: &dyn Fn(&[Token]) -> bool,
) -> Truth {
    match fill(wanted, version, context) {
        Filled::Known(tokens) => matches(&tokens).into(),
        // What a variable may hold is not known: it may match, unless nothing could.
        Filled::Widened(_) => Truth::Unknown,
        Filled::Nothing => Truth::False,
    }
}

/// The tokens as a text that has no wildcards.
fn exact(tokens: &[Token]) -> Vec<Token> {
    let letter = |token: &Token| match token {
        Token::Many => Token::Letter('*'),
        Token::One => Token::Letter('?'),
        letter => *letter,
    };
    tokens.iter().map(letter).collect()
}

/// Each of the six parts by itself.
fn arn(tokens: &[Token], found: &str) -> bool {
    let patterns: Vec<&[Token]> = split(tokens).collect();
    let parts: Vec<&str> = found.splitn(6, ':').collect();
    patterns.len() == 6
        && parts.len() == 6
        && patterns
            .iter()
            .zip(parts)
            .all(|(pattern, part)| tokens_match(pattern, part))
}
