//! YAML as it is written: every value with the bytes that it takes up, for who changes a text and leaves the rest alone.
//!
//! Nothing is resolved here: an alias is an alias, a merge key is a key, and of keys that stand twice both are there.

use std::collections::BTreeSet;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag};

use super::Mistake;
use super::parse::{no_yaml, options};

/// Levels of lists and mappings. What is read as a template has fewer.
const DEEPEST: usize = 200;

/// A value as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) shape: Shape,
    /// The first byte of the value, behind its tag and anchor.
    pub(crate) start: usize,
    /// The byte behind the value. Of a mapping or list in block style it is where the next thing begins.
    pub(crate) end: usize,
    /// The line, from 1, as [`Node`](super::Node) counts.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
    /// The parser's number for its anchor, 0 where there is none.
    pub(crate) anchor: usize,
    /// The function that its tag calls, such as `Ref`. Tags of YAML itself call none.
    pub(crate) function: Option<String>,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Scalar {
        text: String,
        quotes: Quotes,
    },
    List {
        is_flow: bool,
        items: Vec<Part>,
    },
    Map {
        is_flow: bool,
        entries: Vec<(Part, Part)>,
    },
    /// An alias of a value with an anchor.
    Alias,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    None,
    Single,
    Double,
    /// As a block: `|` or `>`.
    Block,
}

/// A text with its values.
#[derive(Debug)]
pub(crate) struct Syntax {
    pub(crate) root: Part,
    /// The anchors that some alias stands for.
    pub(crate) used_again: BTreeSet<usize>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    part: Part,
    key: Option<Part>,
}

/// Reads the one document of a text that has no byte order mark.
///
/// # Errors
/// Where it is no YAML, or has no document or several.
pub(crate) fn syntax(text: &str) -> Result<Syntax, Mistake> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut used_again = BTreeSet::new();
    for event in Parser::new_from_str_with_options(text, options(false)) {
        let (event, span) = event.map_err(|error| no_yaml(&error))?;
        if open.len() > DEEPEST {
            return Err(at(&span, "nested too deep"));
        }
        let whole = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let quotes = match style {
                    ScalarStyle::SingleQuoted => Quotes::Single,
                    ScalarStyle::DoubleQuoted => Quotes::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Quotes::Block,
                    _ => Quotes::None,
                };
                let text = text.into_owned();
                part(
                    Shape::Scalar { text, quotes },
                    anchor,
                    tag.as_deref(),
                    &span,
                )
            }
            Event::Alias(anchor) => {
                used_again.insert(anchor);
                part(Shape::Alias, 0, None, &span)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let is_flow = style == StructureStyle::Flow;
                let items = Vec::new();
                let part = part(
                    Shape::List { is_flow, items },
                    anchor,
                    tag.as_deref(),
                    &span,
                );
                open.push(Open { part, key: None });
                continue;
            }
            Event::MappingStart(style, anchor, tag) => {
                let is_flow = style == StructureStyle::Flow;
                let entries = Vec::new();
                let part = part(
                    Shape::Map { is_flow, entries },
                    anchor,
                    tag.as_deref(),
                    &span,
                );
                open.push(Open { part, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { mut part, .. }) = open.pop() else {
                    continue;
                };
                part.end = span.end.byte_offset().unwrap_or(part.end);
                part
            }
            Event::DocumentStart(..) if root.is_some() => {
                return Err(at(&span, "a second YAML document"));
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(whole),
            Some(Open { part, key }) => match (&mut part.shape, key.take()) {
                (Shape::List { items, .. }, _) => items.push(whole),
                (Shape::Map { entries, .. }, Some(key)) => entries.push((key, whole)),
                (Shape::Map { .. }, None) => *key = Some(whole),
                (Shape::Scalar { .. } | Shape::Alias, _) => {}
            },
        }
    }
    let root = root.ok_or_else(|| Mistake {
        line: 1,
        column: 1,
        message: "no YAML document".to_owned(),
    })?;
    Ok(Syntax { root, used_again })
}

fn part(shape: Shape, anchor: usize, tag: Option<&Tag>, span: &Span) -> Part {
    let range = span.byte_range().unwrap_or_default();
    let begin = span.tag_start().unwrap_or(span.start);
    Part {
        shape,
        start: range.start,
        end: range.end,
        line: begin.line(),
        column: begin.col() + 1,
        anchor,
        function: tag
            .filter(|tag| tag.handle() == "!")
            .map(|tag| tag.suffix().to_owned()),
    }
}

fn at(span: &Span, message: &str) -> Mistake {
    Mistake {
        line: span.start.line(),
        column: span.start.col() + 1,
        message: message.to_owned(),
    }
}

impl Part {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping; none where it is no mapping.
    pub(crate) fn entries(&self) -> &[(Part, Part)] {
        match &self.shape {
            Shape::Map { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The items of a list; none where it is no list.
    pub(crate) fn items(&self) -> &[Part] {
        match &self.shape {
            Shape::List { items, .. } => items,
            _ => &[],
        }
    }

    /// The entry of a key. Of a key that stands twice the last one counts.
    pub(crate) fn entry(&self, key: &str) -> Option<(&Part, &Part)> {
        let mut entries = self.entries().iter().rev();
        entries
            .find(|(it, _)| it.text() == Some(key))
            .map(|(key, value)| (key, value))
    }

    /// The value of a key, unless it is null.
    pub(crate) fn get(&self, key: &str) -> Option<&Part> {
        self.entry(key)
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// Whether nothing is written here: `key:`, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.function.is_none()
            && matches!(&self.shape, Shape::Scalar { text, quotes: Quotes::None }
                if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether it has no byte of its own, as the value of `key:`.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value's own bytes, with the bytes of what is in it left out.
    fn written<'t>(part: &Part, text: &'t str, found: &mut Vec<&'t str>) {
        match &part.shape {
            Shape::Scalar { .. } | Shape::Alias => found.push(&text[part.start..part.end]),
            Shape::List { items, .. } => items.iter().for_each(|it| written(it, text, found)),
            Shape::Map { entries, .. } => entries.iter().for_each(|(key, value)| {
                written(key, text, found);
                written(value, text, found);
            }),
        }
    }

    #[test]
    fn values_have_their_own_bytes() {
        let text = "\"a é\": # ü\r\n  - x: &k !Sub 'q é'\r\n    y: [b, *k]\r\n    z:\r\n";
        let syntax = syntax(text).unwrap();
        let mut found = Vec::new();
        written(&syntax.root, text, &mut found);
        assert_eq!(found, ["\"a é\"", "x", "'q é'", "y", "b", "*k", "z", ""]);
        assert_eq!(syntax.used_again.len(), 1);
    }

    #[test]
    fn both_of_two_keys_are_there_and_the_last_counts() {
        let syntax = syntax("a: 1\na: 2\n").unwrap();
        assert_eq!(syntax.root.entries().len(), 2);
        assert_eq!(syntax.root.get("a").unwrap().text(), Some("2"));
    }

    #[test]
    fn one_document_is_read() {
        assert!(syntax("a: 1\n---\nb: 2\n").is_err());
        assert!(syntax("# nothing\n").is_err());
        assert!(syntax("a: [1\n").is_err());
    }
}
