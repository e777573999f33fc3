//! YAML as a tree in which every value keeps its place.
//!
//! The grammar is the crate's (`saphyr-parser`); this adds the tree, and refuses what a policy file must
//! not have: duplicate keys (the later would silently win), anchors and aliases (a small file could grow
//! without bound), tags, several documents.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::Mistake;

/// Deeper nesting is refused; a policy file needs six levels.
const MAX_DEPTH: usize = 32;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// The value.
    pub(super) value: Value,
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A scalar. `plain`: it was written without quotes, so that `null` and `~` mean nothing.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// A mistake at this place.
    pub(super) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }

    /// The text of a scalar, however it is quoted: what tells one key from another.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text.trim()),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether nothing is written here: `key:`, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }
}

/// A list or mapping whose end has not come yet.
enum Open {
    List(Node, Vec<Node>),
    /// With the key that waits for its value.
    Map(Node, Vec<(Node, Node)>, Option<Node>),
}

/// Reads one document, and adds to `mistakes` what does not keep the rest from being read.
/// `None`: the text holds no document.
///
/// # Errors
/// The first mistake after which nothing more can be made out.
pub(super) fn parse(text: &str, mistakes: &mut Vec<Mistake>) -> Result<Option<Node>, Mistake> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Mistake {
            line: error.marker().line(),
            column: error.marker().col() + 1,
            message: format!("not valid YAML: {}", error.info()),
        })?;
        let begin = |value| Node {
            value,
            line: span.start.line(),
            column: span.start.col() + 1,
        };
        let finished = match event {
            Event::Scalar(text, style, anchor, tag) => {
                mistakes.extend(extras(anchor, tag.is_some(), &span));
                begin(Value::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                })
            }
            Event::SequenceStart(anchor, tag) => {
                mistakes.extend(extras(anchor, tag.is_some(), &span));
                refuse_depth(&open, &span)?;
                open.push(Open::List(begin(Value::List(Vec::new())), Vec::new()));
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                mistakes.extend(extras(anchor, tag.is_some(), &span));
                refuse_depth(&open, &span)?;
                open.push(Open::Map(begin(Value::Map(Vec::new())), Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(node, items)) => Node {
                    value: Value::List(items),
                    ..node
                },
                Some(Open::Map(node, entries, _)) => Node {
                    value: Value::Map(entries),
                    ..node
                },
                None => continue,
            },
            Event::Alias(_) => {
                return Err(begin(Value::List(Vec::new()))
                    .mistake("an alias (`*name`) is not supported here: write the value out"));
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err(begin(Value::List(Vec::new()))
                    .mistake("a second YAML document: only one is read"));
            }
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => continue,
        };
        match open.last_mut() {
            Some(Open::List(_, items)) => items.push(finished),
            Some(Open::Map(_, entries, waiting)) => match waiting.take() {
                Some(key) => entries.push((key, finished)),
                None => {
                    mistakes.extend(duplicate(entries, &finished));
                    *waiting = Some(finished);
                }
            },
            None => root = Some(finished),
        }
    }
    Ok(root)
}

fn extras(anchor: usize, tagged: bool, span: &Span) -> Option<Mistake> {
    let message = if anchor != 0 {
        "an anchor (`&name`) is not supported here: write the value out"
    } else if tagged {
        "a tag (`!name`) is not supported here"
    } else {
        return None;
    };
    Some(at(span, message.to_owned()))
}

fn refuse_depth(open: &[Open], span: &Span) -> Result<(), Mistake> {
    if open.len() < MAX_DEPTH {
        return Ok(());
    }
    Err(at(
        span,
        format!("nested more than {MAX_DEPTH} levels deep"),
    ))
}

fn duplicate(entries: &[(Node, Node)], key: &Node) -> Option<Mistake> {
    let (earlier, _) = entries
        .iter()
        .find(|(earlier, _)| earlier.name() == key.name() && key.name().is_some())?;
    Some(key.mistake(format!(
        "the same key stands on line {} already",
        earlier.line
    )))
}

fn at(span: &Span, message: String) -> Mistake {
    Mistake {
        line: span.start.line(),
        column: span.start.col() + 1,
        message,
    }
}
