//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'default'}`, `${*}`.
//!
//! Source: [policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).

use crate::iam::condition::context::{Context, Lookup};
use crate::iam::document::Version;

/// A character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This very character, also where it is `*` or `?`.
    Letter(char),
    /// `?`: one character.
    One,
    /// `*`: any number of characters.
    Many,
}

impl std::hash::Hash for Token {
    /// One word a token: patterns are looked up often.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let after_all_letters = u32::from(char::MAX) + 1;
        state.write_u32(match self {
            Token::Letter(letter) => u32::from(*letter),
            Token::One => after_all_letters,
            Token::Many => after_all_letters + 1,
        });
    }
}

/// A pattern or value with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filled {
    /// This.
    Known(Vec<Token>),
    /// A variable's value is not known.
    Widened {
        /// With a `*` in its place, which takes in everything that it may be.
        tokens: Vec<Token>,
        /// The variables, in order.
        holes: Vec<Hole>,
    },
    /// A variable has no value in this request, and no default: nothing matches.
    Nothing,
}

/// A variable whose value is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Hole {
    /// Where the `*` is that stands for it, among the tokens.
    pub(crate) at: usize,
    /// The condition key, in lower case.
    pub(crate) key: String,
    /// What stands for it where the request does not have the key. `None`: nothing matches then.
    pub(crate) default: Option<String>,
    /// Whether the request may come without the key.
    pub(crate) may_be_absent: bool,
}

/// Replaces the variables of a text. What a variable stands for is plain text, whatever it holds.
pub(crate) fn fill(text: &str, version: Version, context: &Context) -> Filled {
    let mut tokens = Vec::new();
    let mut holes = Vec::new();
    let mut rest = text;
    if version == Version::V2012 {
        while let Some(begin) = rest.find("${") {
            let (before, from) = rest.split_at(begin);
            let Some((inside, after)) = from.strip_prefix("${").and_then(|it| it.split_once('}'))
            else {
                break;
            };
            tokens.extend(wildcards(before));
            rest = after;
            match inside {
                "*" => tokens.push(Token::Letter('*')),
                "?" => tokens.push(Token::Letter('?')),
                "$" => tokens.push(Token::Letter('$')),
                variable => match value(variable, context) {
                    Value::Text(text) => tokens.extend(text.chars().map(Token::Letter)),
                    Value::Unknown(hole) => {
                        holes.push(Hole {
                            at: tokens.len(),
                            ..hole
                        });
                        tokens.push(Token::Many);
                    }
                    Value::Missing => return Filled::Nothing,
                },
            }
        }
    }
    tokens.extend(wildcards(rest));
    if holes.is_empty() {
        Filled::Known(tokens)
    } else {
        Filled::Widened { tokens, holes }
    }
}

/// The tokens of a text with wildcards and no variables.
pub(crate) fn wildcards(text: &str) -> impl Iterator<Item = Token> + Clone {
    text.chars().map(|letter| match letter {
        '*' => Token::Many,
        '?' => Token::One,
        letter => Token::Letter(letter),
    })
}

enum Value {
    Text(String),
    Unknown(Hole),
    Missing,
}

fn value(variable: &str, context: &Context) -> Value {
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), default_text(default)),
        None => (variable.trim(), None),
    };
    let missing = || default.clone().map_or(Value::Missing, Value::Text);
    let key = key.to_lowercase();
    let found = context.get(&key);
    match found {
        // A key of several values is no variable.
        Lookup::Values([one]) => Value::Text(one.clone()),
        Lookup::Values(_) | Lookup::Absent => missing(),
        Lookup::Present
        | Lookup::Internet
        | Lookup::Sample(_)
        | Lookup::Foreign { .. }
        | Lookup::Owned(_)
        | Lookup::Unknown => {
            let may_be_absent = match found {
                Lookup::Foreign { may_be_absent } => may_be_absent,
                other => other == Lookup::Unknown,
            };
            Value::Unknown(Hole {
                at: 0,
                key,
                default,
                may_be_absent,
            })
        }
    }
}

/// The text between single quotes.
fn default_text(text: &str) -> Option<String> {
    let inside = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inside.to_owned())
}
