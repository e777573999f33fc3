//! From the parser's events to the tree.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Mistake, Node, Value};

/// What a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Levels of nesting.
    pub(crate) depth: usize,
    /// Whether CloudFormation's short forms (`!Ref`, `!GetAtt`…) are read, each as its long form.
    pub(crate) short_forms: bool,
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
    let mut tree = Tree {
        allowed,
        mistakes,
        open: Vec::new(),
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| no_yaml(&error))?;
        tree.take(event, &span)?;
    }
    Ok(tree.root)
}

/// The tree as far as it was read.
struct Tree<'m> {
    allowed: Allowed,
    mistakes: &'m mut Vec<Mistake>,
    /// The lists and mappings that the next value is in, the outermost first.
    open: Vec<Open>,
    root: Option<Node>,
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

impl Tree<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Mistake> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_anchor(anchor, span);
                let scalar = Value::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                let node = self.begin(tag.as_deref(), span).with(scalar);
                self.add(node);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_anchor(anchor, span);
                self.refuse_depth(span)?;
                let begin = self.begin(tag.as_deref(), span);
                self.open.push(Open::List(begin, Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_anchor(anchor, span);
                self.refuse_depth(span)?;
                let begin = self.begin(tag.as_deref(), span);
                let map = Open::Map(begin, Vec::new(), BTreeMap::new(), None);
                self.open.push(map);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(begin, items)) => self.add(begin.with(Value::List(items))),
                Some(Open::Map(begin, entries, _, _)) => {
                    self.add(begin.with(Value::Map(entries)));
                }
                None => {}
            },
            Event::Alias(_) => {
                let message = "an alias (`*name`) is not supported here: write the value out";
                return Err(at(span, message));
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                return Err(at(span, "a second YAML document: only one is read"));
            }
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => {}
        }
        Ok(())
    }

    /// Puts a whole value where it belongs: into the innermost list or mapping that is open.
    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, keys, waiting)) => match waiting.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let refused = refused_key(keys, &node);
                    self.mistakes.extend(refused.into_iter().flatten());
                    *waiting = Some(node);
                }
            },
            None => self.root = Some(node),
        }
    }

    fn begin(&mut self, tag: Option<&Tag>, span: &Span) -> Opened {
        Opened {
            line: span.start.line(),
            column: span.start.col() + 1,
            function: tag.and_then(|tag| self.function(tag, span)),
        }
    }

    /// The function that a tag calls, by its long name.
    ///
    /// Source: the short forms in the
    /// [intrinsic function reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
    fn function(&mut self, tag: &Tag, span: &Span) -> Option<String> {
        if !self.allowed.short_forms {
            let message = "a tag (`!name`) is not supported here";
            self.mistakes.push(at(span, message));
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

    /// `anchor`: the parser's number for it, 0 where there is none.
    fn refuse_anchor(&mut self, anchor: usize, span: &Span) {
        if anchor != 0 {
            let message = "an anchor (`&name`) is not supported here: write the value out";
            self.mistakes.push(at(span, message));
        }
    }

    fn refuse_depth(&self, span: &Span) -> Result<(), Mistake> {
        let depth = self.allowed.depth;
        if self.open.len() < depth {
            return Ok(());
        }
        Err(at(span, format!("nested more than {depth} levels deep")))
    }
}

/// What is wrong with a key of a mapping. `keys`: the lines of those before it, to which it is added.
fn refused_key(keys: &mut BTreeMap<String, usize>, key: &Node) -> [Option<Mistake>; 2] {
    let name = key.name();
    let earlier = name.and_then(|name| keys.insert(name.to_owned(), key.line));
    let twice =
        earlier.map(|line| key.mistake(format!("the same key stands on line {line} already")));
    // Read as a key like any other, it would hide what it brings.
    let merge = (name == Some("<<"))
        .then(|| key.mistake("a merge key (`<<`) is not supported here: write the keys out"));
    [twice, merge]
}

fn no_yaml(error: &ScanError) -> Mistake {
    Mistake {
        line: error.marker().line(),
        column: error.marker().col() + 1,
        message: format!("not valid YAML: {}", error.info()),
    }
}

fn at(span: &Span, message: impl Into<String>) -> Mistake {
    Mistake {
        line: span.start.line(),
        column: span.start.col() + 1,
        message: message.into(),
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
