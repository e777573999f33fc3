//! From the parser's events to the tree.

use std::collections::BTreeSet;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::anchors::{Anchors, Size};
use super::mapping::Mapping;
use super::{Mistake, Node, Value};

/// How long a key may be: YAML says 1,024 characters, and JSON nothing.
const LONGEST_KEY: usize = 65_536;

/// How many keys may stand twice. A template has a few by mistake; more are no template, and each takes time to say.
const MOST_REPEATED: usize = 10_000;

/// What a kind of file may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Levels of nesting.
    pub(crate) depth: usize,
    /// Whether CloudFormation's short forms (`!Ref`, `!GetAtt`…) are read, each as its long form.
    pub(crate) short_forms: bool,
    /// Whether a key may stand twice, so that the last one counts, and values may be used again by anchors, aliases and
    /// merge keys, as AWS's own tools read templates. Where not, each of them is a mistake.
    pub(crate) repetition: bool,
    /// Which comments are kept: those that have this word.
    pub(crate) comments: Option<&'static str>,
}

/// One document.
#[derive(Debug)]
pub(crate) struct Document {
    /// The value that all others are in.
    pub(crate) root: Node,
    /// The keys that stand in their mapping again, and replace an earlier one.
    pub(crate) repeated: Vec<Mistake>,
    /// The comments that have the word which the caller looks for.
    pub(crate) comments: Vec<Comment>,
    /// The places, line and column, of the keys that aliases (`*name`) repeat elsewhere.
    pub(crate) aliased: BTreeSet<(usize, usize)>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column of its `#`, from 1.
    pub(crate) column: usize,
    /// What stands behind the `#`.
    pub(crate) text: String,
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
) -> Result<Option<Document>, Mistake> {
    let mut tree = Tree {
        allowed,
        mistakes,
        repeated: Vec::new(),
        comments: Vec::new(),
        open: Vec::new(),
        anchors: Anchors::default(),
        weight: 0,
        root: None,
    };
    // A file without the word is not slowed down.
    let comments = allowed.comments.is_some_and(|word| text.contains(word));
    for event in Parser::new_from_str_with_options(text, options(comments)) {
        let (event, span) = event.map_err(|error| no_yaml(&error))?;
        tree.take(event, &span)?;
    }
    let (repeated, comments) = (tree.repeated, tree.comments);
    let aliased = tree.anchors.repeated();
    Ok(tree.root.map(|root| Document {
        root,
        repeated,
        comments,
        aliased,
    }))
}

pub(super) fn options(comments: bool) -> Options {
    granit_parser::options! {
        emit_comments: comments,
        // As many as a file may have lines: many comments in a row are no mistake.
        max_buffered_comment_events: usize::MAX,
        // As PyYAML does.
        block_scalar_eof_without_line_feed: true,
        simple_key_max_lookahead: LONGEST_KEY,
    }
}

/// The tree as far as it was read.
struct Tree<'m> {
    allowed: Allowed,
    mistakes: &'m mut Vec<Mistake>,
    repeated: Vec<Mistake>,
    comments: Vec<Comment>,
    /// The lists and mappings that the next value is in, the outermost first.
    open: Vec<Open>,
    anchors: Anchors,
    /// The weight of all values so far.
    weight: usize,
    root: Option<Node>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    begin: Opened,
    /// The levels of lists and mappings in it, so far.
    height: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    Map(Mapping),
}

/// Where a value begins, the function that its tag calls, and its anchor.
struct Opened {
    line: usize,
    column: usize,
    function: Option<String>,
    /// The parser's number for its anchor, 0 where there is none.
    anchor: usize,
    /// The weight of all values before it.
    before: usize,
}

impl Opened {
    fn with(self, value: Value) -> Node {
        let (line, column) = (self.line, self.column);
        let node = |value| Node {
            value,
            file: 0,
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
                let begin = self.begin(anchor, tag.as_deref(), span);
                self.weight += text.len() / 32;
                let scalar = Value::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                self.close(begin, scalar, 0)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_depth(span, 0)?;
                let begin = self.begin(anchor, tag.as_deref(), span);
                self.open(begin, Parts::List(Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_depth(span, 0)?;
                let begin = self.begin(anchor, tag.as_deref(), span);
                self.open(begin, Parts::Map(Mapping::default()));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let value = match open.parts {
                        Parts::List(items) => Value::List(items),
                        Parts::Map(mapping) => Value::Map(mapping.finished()?),
                    };
                    self.close(open.begin, value, open.height + 1)?;
                }
            }
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::Comment(text, _) => {
                let word = self.allowed.comments;
                if word.is_some_and(|word| text.contains(word)) {
                    self.comments.push(Comment {
                        line: span.start.line(),
                        column: span.start.col() + 1,
                        text: text.into_owned(),
                    });
                }
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(at(span, "a second YAML document: only one is read"));
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, begin: Opened, parts: Parts) {
        self.open.push(Open {
            begin,
            height: 0,
            parts,
        });
    }

    /// A value whose end has come.
    fn close(&mut self, begin: Opened, value: Value, height: usize) -> Result<(), Mistake> {
        let (anchor, before) = (begin.anchor, begin.before);
        let height = height + usize::from(begin.function.is_some());
        let node = begin.with(value);
        if anchor != 0 && self.allowed.repetition {
            let weight = self.weight - before;
            self.anchors.keep(anchor, &node, Size { weight, height });
        }
        self.add(node, height)
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(), Mistake> {
        if !self.allowed.repetition {
            let message = "an alias (`*name`) is not supported here: write the value out";
            return Err(at(span, message));
        }
        let (value, size) = self.anchors.copy(anchor).map_err(|why| at(span, why))?;
        self.refuse_depth(span, size.height)?;
        self.weight += size.weight;
        self.add(value, size.height)
    }

    /// Puts a whole value where it belongs: into the innermost list or mapping that is open.
    fn add(&mut self, node: Node, height: usize) -> Result<(), Mistake> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.parts {
            Parts::List(items) => items.push(node),
            Parts::Map(mapping) => {
                if mapping.wants_key() {
                    let earlier = mapping.earlier(&node);
                    let merges = Mapping::is_merge(&node);
                    let odd = (earlier.is_some() || merges).then(|| node.clone());
                    mapping.add(node);
                    if let Some(key) = odd {
                        self.look_at_key(&key, earlier, merges)?;
                    }
                } else {
                    mapping.add(node);
                }
            }
        }
        Ok(())
    }

    /// `earlier`: the line of the same key before it.
    fn look_at_key(
        &mut self,
        key: &Node,
        earlier: Option<usize>,
        merges: bool,
    ) -> Result<(), Mistake> {
        if self.repeated.len() >= MOST_REPEATED {
            let why = format!("more than {MOST_REPEATED} keys stand twice in their mappings");
            return Err(key.mistake(why));
        }
        if let Some(line) = earlier {
            let name = key.name().unwrap_or_default();
            if self.allowed.repetition {
                self.repeated.push(key.mistake(format!(
                    "`{name}` stands here again: it counts, and the one on line {line} does not"
                )));
            } else {
                let why = format!("the same key stands on line {line} already");
                self.mistakes.push(key.mistake(why));
            }
        }
        // Read as a key like any other, it would hide what it brings.
        if merges && !self.allowed.repetition {
            let why = "a merge key (`<<`) is not supported here: write the keys out";
            self.mistakes.push(key.mistake(why));
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, span: &Span) -> Opened {
        if anchor != 0 && !self.allowed.repetition {
            let message = "an anchor (`&name`) is not supported here: write the value out";
            self.mistakes.push(at(span, message));
        }
        let before = self.weight;
        self.weight += 1;
        // A value begins with its tag.
        let start = span.tag_start().unwrap_or(span.start);
        Opened {
            line: start.line(),
            column: start.col() + 1,
            function: tag.and_then(|tag| self.function(tag, span)),
            anchor,
            before,
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
        if tag.handle() != "!" {
            return None;
        }
        Some(match tag.suffix() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name => format!("Fn::{name}"),
        })
    }

    /// `height`: the levels below the value that begins here.
    fn refuse_depth(&self, span: &Span, height: usize) -> Result<(), Mistake> {
        let depth = self.allowed.depth;
        if self.open.len() + height < depth {
            return Ok(());
        }
        Err(at(span, format!("nested more than {depth} levels deep")))
    }
}

pub(super) fn no_yaml(error: &ScanError) -> Mistake {
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
        repetition: true,
        comments: None,
    };

    fn read(text: &str) -> Result<Node, Mistake> {
        let mut mistakes = Vec::new();
        let document = parse(text, ALLOWED, &mut mistakes)?;
        match mistakes.pop() {
            Some(mistake) => Err(mistake),
            None => Ok(document.unwrap().root),
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

    #[test]
    fn a_surrogate_pair_of_json_is_one_character() {
        let read = read(r#"{"a": "\ud83d\ude00!"}"#).unwrap();
        assert_eq!(words(&read), "{a: \u{1f600}!}");
    }

    #[test]
    fn flow_and_quotes_need_no_indentation() {
        for (text, wanted) in [
            ("a:\n  b: [\n    x\n  ]\n  c: y", "{a: {b: [x], c: y}}"),
            ("a:\n  b: [\nx,\n y\n]\n  c: y", "{a: {b: [x, y], c: y}}"),
            ("a:\n  b: {\nx: y\n}\n  c: y", "{a: {b: {x: y}, c: y}}"),
            ("a:\n  - [\n  x,\n ]\n  - y", "{a: [[x], y]}"),
            ("a:\n  b: 'x\ny'\n  c: y", "{a: {b: x y, c: y}}"),
            (
                "a:\n  b: \"x\n\n y\\\n z\"\n  c: y",
                "{a: {b: x\nyz, c: y}}",
            ),
            ("a:\n  b: \"x\n\ty\"", "{a: {b: x y}}"),
            (
                "a:\n  b: !Sub '{\n\"x\"\n}'",
                "{a: {b: {Fn::Sub: { \"x\" }}}}",
            ),
        ] {
            assert_eq!(words(&read(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn the_last_of_two_keys_counts_and_is_said() {
        let mut mistakes = Vec::new();
        let document = parse("a: 1\nb: 2\n'a': 3\n", ALLOWED, &mut mistakes);
        let document = document.unwrap().unwrap();
        assert_eq!(words(&document.root), "{a: 3, b: 2}");
        assert_eq!(document.repeated.len(), 1);
        assert_eq!(
            (document.repeated[0].line, document.repeated[0].column),
            (3, 1)
        );
        assert!(
            document.repeated[0].message.contains("on line 1"),
            "{document:?}"
        );
        let often = "a: 1\n".repeat(20_000);
        assert!(read(&often).unwrap_err().message.contains("stand twice"));
        // A blank makes another key.
        assert_eq!(words(&read("{'a ': 1, a: 2}").unwrap()), "{a : 1, a: 2}");
    }

    #[test]
    fn aliases_and_merge_keys_are_written_out() {
        for (text, wanted) in [
            ("a: &x {k: v}\nb: *x", "{a: {k: v}, b: {k: v}}"),
            (
                "a: &x !Ref P\nb: [*x, *x]",
                "{a: {Ref: P}, b: [{Ref: P}, {Ref: P}]}",
            ),
            ("a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"),
            ("&k a: 1\nb: *k", "{a: 1, b: a}"),
            (
                "x: &x {k: 1, l: 1}\na: {<<: *x, k: 2}",
                "{x: {k: 1, l: 1}, a: {k: 2, l: 1}}",
            ),
            ("a: {k: 2, <<: {k: 1, l: 1}}", "{a: {k: 2, l: 1}}"),
            ("a: {<<: [{k: 1}, {k: 2, l: 3}]}", "{a: {k: 1, l: 3}}"),
            ("a: {<<: {k: 1}, <<: {k: 2}}", "{a: {k: 2}}"),
            ("a: {<<: {<<: {k: 1}, l: 2}}", "{a: {l: 2, k: 1}}"),
            ("a: {'<<': {k: 1}}", "{a: {<<: {k: 1}}}"),
        ] {
            assert_eq!(words(&read(text).unwrap()), wanted, "{text}");
        }
        for text in [
            "a: {<<: 1}",
            "a: {<<: [1]}",
            "a: &x [*x]",
            "a: *x",
            "a: &x {b: {<<: *x}}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_keys_that_aliases_repeat_are_known() {
        let aliased = |text: &str| {
            let document = parse(text, ALLOWED, &mut Vec::new()).unwrap();
            document.unwrap().aliased.into_iter().collect::<Vec<_>>()
        };
        let text = "a: &x\n  k: {l: 1}\nb: &y {m: 1}\nc: *x\nd: {<<: *x}\n";
        assert_eq!(aliased(text), [(2, 3), (2, 7)]);
        assert_eq!(aliased("a: &x {k: 1}\nb: 1\n"), []);
    }

    /// What an alias stands for keeps the place where it is written.
    #[test]
    fn places_are_those_of_the_file() {
        let read = read("a: &x\n  k: v\nb:\n  <<: *x\n  l: [\n  m]\n").unwrap();
        let mut places = Vec::new();
        find(&read, &mut places);
        assert_eq!(
            places,
            [
                "a 1:1", "k 2:3", "v 2:6", "b 3:1", "l 5:3", "m 6:3", "k 2:3", "v 2:6"
            ]
        );
        let tagged = super::tests::read("a: &x !Sub\n  v\n").unwrap();
        let mut places = Vec::new();
        find(&tagged, &mut places);
        assert_eq!(places, ["a 1:1", "Fn::Sub 1:7", "v 1:7"]);
    }

    #[test]
    fn aliases_do_not_grow_without_bound() {
        let laughs: String = (1..30)
            .map(|index| format!("a{index}: &a{index} [*a{0}, *a{0}, *a{0}]\n", index - 1))
            .collect();
        let laughs = format!("a0: &a0 ha\n{laughs}");
        assert!(read(&laughs).unwrap_err().message.contains("more than"));
        let deep: String = (1..300)
            .map(|index| format!("a{index}: &a{index} [*a{0}]\n", index - 1))
            .collect();
        let deep = format!("a0: &a0 []\n{deep}");
        assert!(read(&deep).unwrap_err().message.contains("levels deep"));
        let long = format!(
            "a: &a {}\nb: [{}]",
            "x".repeat(100_000),
            "*a, ".repeat(1000)
        );
        assert!(read(&long).unwrap_err().message.contains("more than"));
    }

    /// The scalars of a tree with their places.
    fn find(node: &Node, places: &mut Vec<String>) {
        match &node.value {
            Value::Scalar { text, .. } => {
                places.push(format!("{text} {}:{}", node.line, node.column));
            }
            Value::List(items) => items.iter().for_each(|item| find(item, places)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                find(key, places);
                find(value, places);
            }),
        }
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
