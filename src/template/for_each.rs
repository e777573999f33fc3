//! `Fn::ForEach`: loops of the macro `AWS::LanguageExtensions`, written out where all that they run over is known.
//!
//! Source: [Fn::ForEach](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html).

use std::collections::BTreeSet;

use super::resolve::{Resolver, written};
use super::tree::Kind;
use super::types::{Bearing, bearing};
use crate::yaml::{Node, Value};

/// The key of a loop begins so; its name follows.
pub(super) const FOR_EACH: &str = "Fn::ForEach::";

/// The macro that writes loops out.
const EXTENSIONS: &str = "AWS::LanguageExtensions";

/// How much all loops of a template may make, in values and every 32 bytes of text: loops in loops must not grow without
/// bound.
const MOST: usize = 200_000;

/// A template with its loops written out. A loop whose collection cannot be told, or that makes a key twice, is left as
/// it is. `None`: the template has no loops that CloudFormation writes out.
pub(super) fn written_out(root: &Node, resolver: &Resolver<'_>) -> Option<Node> {
    let transform = written(root, "Transform")?;
    let is_extensions = |node: &Node| node.name() == Some(EXTENSIONS);
    let has_loops = match &transform.value {
        Value::List(macros) => macros.iter().any(is_extensions),
        Value::Scalar { .. } | Value::Map(_) => is_extensions(transform),
    };
    let Value::Map(sections) = &root.value else {
        return None;
    };
    let mut loops = Loops {
        resolver,
        left: MOST,
    };
    has_loops.then(|| {
        let sections = sections.iter().map(|(key, section)| {
            let section = match key.text() {
                Some("Resources" | "Conditions") => loops.inside(section),
                _ => section.clone(),
            };
            (key.clone(), section)
        });
        Node {
            value: Value::Map(sections.collect()),
            ..*root
        }
    })
}

/// Writes loops out.
struct Loops<'r, 'n> {
    resolver: &'r Resolver<'n>,
    /// How much they still may make.
    left: usize,
}

/// The three parts of a loop.
struct Loop<'n> {
    identifier: &'n str,
    collection: &'n Node,
    body: &'n [(Node, Node)],
}

impl Loops<'_, '_> {
    /// A value with the loops in it written out.
    fn inside(&mut self, node: &Node) -> Node {
        let value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(|it| self.inside(it)).collect()),
            Value::Map(entries) => Value::Map(self.entries(entries)),
            scalar @ Value::Scalar { .. } => scalar.clone(),
        };
        Node { value, ..*node }
    }

    fn entries(&mut self, entries: &[(Node, Node)]) -> Vec<(Node, Node)> {
        let mut made: Vec<(Node, Node)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let is_loop = key.text().is_some_and(|name| name.starts_with(FOR_EACH));
            if !is_loop {
                made.push((key.clone(), self.inside(value)));
                continue;
            }
            match self.turns(value, entries.len() + made.len()) {
                Some(turns) if !shares_key(&turns, entries) && !shares_key(&turns, &made) => {
                    made.extend(turns);
                }
                Some(_) | None => made.push((key.clone(), value.clone())),
            }
        }
        made
    }

    /// What all turns of a loop make. `None`: that cannot be told. `beside`: how many keys this is held against.
    fn turns(&mut self, node: &Node, beside: usize) -> Option<Vec<(Node, Node)>> {
        self.left = self.left.checked_sub(beside / 32)?;
        let Loop {
            identifier,
            collection,
            body,
        } = parts(node)?;
        let mut made: Vec<(Node, Node)> = Vec::new();
        for value in self.values(collection)? {
            let mut turn = Vec::with_capacity(body.len());
            for (key, inner) in body {
                let key = self.with(key, identifier, &value)?;
                turn.push((key, self.with(inner, identifier, &value)?));
            }
            let turn = self.entries(&turn);
            let is_left =
                |(key, _): &(Node, Node)| key.text().is_some_and(|name| name.starts_with(FOR_EACH));
            if turn.iter().any(is_left) {
                return None;
            }
            made.extend(turn);
        }
        let names: BTreeSet<_> = made.iter().filter_map(|(key, _)| key.text()).collect();
        let is_once = names.len() == made.len();
        is_once.then_some(made)
    }

    /// The texts that a loop runs over.
    fn values(&self, collection: &Node) -> Option<Vec<String>> {
        let Kind::List(items) = self.resolver.tree(collection)?.kind else {
            return None;
        };
        let text = |kind| match kind {
            Kind::Text(text) => Some(text),
            _ => None,
        };
        items.into_iter().map(|item| text(item.kind)).collect()
    }

    /// A value in which a text stands in the place of the identifier.
    fn with(&mut self, node: &Node, identifier: &str, text: &str) -> Option<Node> {
        self.left = self.left.checked_sub(1)?;
        let value = match &node.value {
            Value::Scalar { text: old, plain } => {
                let made = replaced(old, identifier, text);
                self.left = self.left.checked_sub(made.len() / 32)?;
                Value::Scalar {
                    text: made,
                    plain: *plain,
                }
            }
            Value::List(items) => {
                let items = items.iter().map(|it| self.with(it, identifier, text));
                Value::List(items.collect::<Option<_>>()?)
            }
            Value::Map(entries) => match entries.as_slice() {
                [(key, named)] if key.text() == Some("Ref") && named.text() == Some(identifier) => {
                    Value::Scalar {
                        text: text.to_owned(),
                        plain: false,
                    }
                }
                entries => {
                    let entries = entries.iter().map(|(key, value)| {
                        let key = self.with(key, identifier, text)?;
                        Some((key, self.with(value, identifier, text)?))
                    });
                    Value::Map(entries.collect::<Option<_>>()?)
                }
            },
        };
        Some(Node { value, ..*node })
    }
}

/// The parts of a loop, where it has all three.
fn parts(node: &Node) -> Option<Loop<'_>> {
    let Value::List(parts) = &node.value else {
        return None;
    };
    let [identifier, collection, body] = parts.as_slice() else {
        return None;
    };
    let Value::Map(body) = &body.value else {
        return None;
    };
    Some(Loop {
        identifier: identifier.text()?,
        collection,
        body,
    })
}

/// `${Identifier}` is the text, and `&{Identifier}` its letters and digits.
fn replaced(old: &str, identifier: &str, text: &str) -> String {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    old.replace(&format!("${{{identifier}}}"), text)
        .replace(&format!("&{{{identifier}}}"), &letters)
}

/// Whether one of the keys that are made is there already.
fn shares_key(made: &[(Node, Node)], others: &[(Node, Node)]) -> bool {
    let names: BTreeSet<_> = others.iter().filter_map(|(key, _)| key.text()).collect();
    let mut made = made.iter().filter_map(|(key, _)| key.text());
    made.any(|name| names.contains(name))
}

/// Whether a loop makes only resources that have nothing to do with the methods of an API, whatever it runs over.
pub(super) fn makes_no_method(node: &Node) -> bool {
    parts(node).is_some_and(|it| {
        it.body.iter().all(|(key, resource)| match key.name() {
            Some(name) if name.starts_with(FOR_EACH) => makes_no_method(resource),
            Some(name) if name.starts_with("Fn::") => false,
            _ => {
                let kind = written(resource, "Type").and_then(Node::name);
                kind.is_some_and(|kind| !kind.contains("${") && bearing(kind) == Bearing::Nothing)
            }
        })
    })
}
