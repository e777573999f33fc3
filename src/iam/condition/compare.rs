//! One value of a condition held against one value of a request.

use std::cmp::Ordering;

use crate::iam::condition::context::Context;
use crate::iam::condition::variable::{Filled, Token, fill};
use crate::iam::document::values::{address, date, number::Decimal};
use crate::iam::document::{Comparison, Version};
use crate::iam::pattern::parts::split;
use crate::iam::pattern::tokens::{tokens_match, tokens_match_ignoring_case};
use crate::iam::truth::Truth;

/// Whether the request's value meets the condition's.
pub(in crate::iam) fn compare(
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
        | Comparison::NumericGreaterThanEquals => {
            let numbers = Decimal::read(found).zip(Decimal::read(wanted));
            ordered(
                comparison,
                numbers.map(|(found, wanted)| found.order(&wanted)),
            )
        }
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => {
            let dates = date::read(found).zip(date::read(wanted));
            ordered(comparison, dates.map(|(found, wanted)| found.cmp(&wanted)))
        }
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
        Comparison::IpAddress => address::is_within_any([wanted].into_iter(), found).into(),
        // Answered before any value is looked at.
        Comparison::Null => Truth::Unknown,
    }
}

/// Whether the request's value stands to the condition's as asked. `None`: one of them is no number or date, and
/// compares to nothing.
fn ordered(comparison: Comparison, order: Option<Ordering>) -> Truth {
    let meets = order.is_some_and(|order| match comparison {
        Comparison::NumericEquals | Comparison::DateEquals => order.is_eq(),
        Comparison::NumericLessThan | Comparison::DateLessThan => order.is_lt(),
        Comparison::NumericLessThanEquals | Comparison::DateLessThanEquals => order.is_le(),
        Comparison::NumericGreaterThan | Comparison::DateGreaterThan => order.is_gt(),
        Comparison::NumericGreaterThanEquals | Comparison::DateGreaterThanEquals => order.is_ge(),
        _ => false,
    });
    meets.into()
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
        Filled::Widened { .. } => Truth::Unknown,
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
