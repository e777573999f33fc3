//! YAML as a tree in which every value keeps its place.
//!
//! The grammar is the crate's (`saphyr-parser`); this adds the tree, and refuses what a file that judges,
//! or is judged, must not have: duplicate keys (the later would silently win), anchors and aliases (a
//! small file could grow without bound), several documents, and tags where they mean nothing.

mod mistakes;

pub use mistakes::{Mistake, Mistakes};

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

/// What a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Levels of nesting.
    pub(crate) depth: usize,
    /// Whether CloudFormation's short forms (`!Ref`, `!GetAtt`…) are read, each as its long form.
    pub(crate) short_forms: bool,
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) value: Value,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A scalar. `plain`: it was written without quotes, so that `null` and `~` mean nothing.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// A mistake at this place.
    pub(crate) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }

    /// The text of a scalar, however it is quoted: what tells one key from another.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text.trim()),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether nothing is written here: `key:`, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }
}

/// A list or mapping whose end has not come yet.
enum Open {
    List(Opened, Vec<Node>),
    /// With the lines of its keys, and the key that waits for its value.
    Map(
        Opened,
        Vec<(Node, Node)>,
        BTreeMap<String, usize>,
        Option<Node>,
    ),
}

/// Where a value begins, and the function that its tag calls.
struct Opened {
    line: usize,
    column: usize,
    function: Option<String>,
}

impl Opened {
    fn with(self, value: Value) -> Node {
        let (line, column) = (self.line, self.column);
        let node = |value| Node {
            value,
            line,
            column,
        };
        match self.function {
            // The short form is the long one: a mapping from the function to what it is given.
            Some(name) => {
                let name = Value::Scalar {
                    text: name,
                    plain: true,
                };
                node(Value::Map(vec![(node(name), node(value))]))
            }
            None => node(value),
        }
    }
}

/// Reads one document, and adds to `mistakes` what does not keep the rest from being read.
/// `None`: the text holds no document.
///
/// # Errors
/// The first mistake after which nothing more can be made out.
pub(crate) fn parse(
    text: &str,
    allowed: Allowed,
    mistakes: &mut Vec<Mistake>,
) -> Result<Option<Node>, Mistake> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Mistake {
            line: error.marker().line(),
            column: error.marker().col() + 1,
            message: format!("not valid YAML: {}", error.info()),
        })?;
        let opened = |function| Opened {
            line: span.start.line(),
            column: span.start.col() + 1,
            function,
        };
        let finished = match event {
            Event::Scalar(text, style, anchor, tag) => {
                mistakes.extend(anchored(anchor, &span));
                let function = function(tag.as_deref(), allowed, &span, mistakes);
                opened(function).with(Value::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                })
            }
            Event::SequenceStart(anchor, tag) => {
                mistakes.extend(anchored(anchor, &span));
                refuse_depth(&open, allowed, &span)?;
                let function = function(tag.as_deref(), allowed, &span, mistakes);
                open.push(Open::List(opened(function), Vec::new()));
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                mistakes.extend(anchored(anchor, &span));
                refuse_depth(&open, allowed, &span)?;
                let function = function(tag.as_deref(), allowed, &span, mistakes);
                open.push(Open::Map(
                    opened(function),
                    Vec::new(),
                    BTreeMap::new(),
                    None,
                ));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(begin, items)) => begin.with(Value::List(items)),
                Some(Open::Map(begin, entries, _, _)) => begin.with(Value::Map(entries)),
                None => continue,
            },
            Event::Alias(_) => {
                return Err(at(
                    &span,
                    "an alias (`*name`) is not supported here: write the value out".to_owned(),
                ));
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err(at(
                    &span,
                    "a second YAML document: only one is read".to_owned(),
                ));
            }
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => continue,
        };
        match open.last_mut() {
            Some(Open::List(_, items)) => items.push(finished),
            Some(Open::Map(_, entries, keys, waiting)) => match waiting.take() {
                Some(key) => entries.push((key, finished)),
                None => {
                    mistakes.extend(duplicate(keys, &finished));
                    // Read as a key like any other, it would hide what it brings.
                    if finished.name() == Some("<<") {
                        let message =
                            "a merge key (`<<`) is not supported here: write the keys out";
                        mistakes.push(finished.mistake(message));
                    }
                    *waiting = Some(finished);
                }
            },
            None => root = Some(finished),
        }
    }
    Ok(root)
}

fn anchored(anchor: usize, span: &Span) -> Option<Mistake> {
    let message = "an anchor (`&name`) is not supported here: write the value out";
    (anchor != 0).then(|| at(span, message.to_owned()))
}

/// The function that a tag calls, by its long name.
///
/// Source: the short forms in the
/// [intrinsic function reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
fn function(
    tag: Option<&Tag>,
    allowed: Allowed,
    span: &Span,
    mistakes: &mut Vec<Mistake>,
) -> Option<String> {
    let tag = tag?;
    if !allowed.short_forms {
        mistakes.push(at(span, "a tag (`!name`) is not supported here".to_owned()));
        return None;
    }
    // A tag of YAML itself, such as `!!str`, says what the value is already.
    if tag.handle != "!" {
        return None;
    }
    Some(match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    })
}

fn refuse_depth(open: &[Open], allowed: Allowed, span: &Span) -> Result<(), Mistake> {
    let depth = allowed.depth;
    if open.len() < depth {
        return Ok(());
    }
    Err(at(span, format!("nested more than {depth} levels deep")))
}

fn duplicate(keys: &mut BTreeMap<String, usize>, key: &Node) -> Option<Mistake> {
    let earlier = keys.insert(key.name()?.to_owned(), key.line)?;
    Some(key.mistake(format!("the same key stands on line {earlier} already")))
}

fn at(span: &Span, message: String) -> Mistake {
    Mistake {
        line: span.start.line(),
        column: span.start.col() + 1,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowed = Allowed {
        depth: 64,
        short_forms: true,
    };

    fn read(text: &str) -> Result<Node, Mistake> {
        let mut mistakes = Vec::new();
        let node = parse(text, ALLOWED, &mut mistakes)?;
        match mistakes.pop() {
            Some(mistake) => Err(mistake),
            None => Ok(node.unwrap()),
        }
    }

    #[test]
    fn json_is_yaml_too() {
        for text in [
            "{\"a\":1,\"b\":[true,null]}",
            "{\n\t\"a\":\t{\n\t\t\"b\": [\n\t\t\t1\n\t\t]\n\t}\n}",
            "{\"a\": \"\\/pets\\u00e9\\\"\"}",
            "{\r\n  \"a\" : 1\r\n}\r\n",
            "{\"a\": {}, \"b\": []}",
            "{\n\"a\"\n:\n1\n}",
        ] {
            let read = read(text);
            assert!(read.is_ok(), "{text}: {read:?}");
        }
        let long = format!("{{\"{}\": 1}}", "k".repeat(5000));
        assert!(read(&long).is_ok(), "{:?}", read(&long));
    }

    #[test]
    fn a_short_form_is_its_long_form() {
        let short = read("a: !GetAtt B.Arn").unwrap();
        let long = read("a: {Fn::GetAtt: B.Arn}").unwrap();
        assert_eq!(words(&short), words(&long));
        let short = read("a: !If [c, !Ref B, !Sub 'x']").unwrap();
        let long = read("a: {Fn::If: [c, {Ref: B}, {Fn::Sub: 'x'}]}").unwrap();
        assert_eq!(words(&short), words(&long));
    }

    /// The tree without its places.
    fn words(node: &Node) -> String {
        match &node.value {
            Value::Scalar { text, .. } => text.clone(),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(words).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", words(key), words(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
}
