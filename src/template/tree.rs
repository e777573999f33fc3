//! A template's values with its functions applied, each with its place.

use std::collections::BTreeMap;

use crate::yaml::{Node, Value};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The file: 0 is the one that is checked, the others are those that it names.
    pub(super) file: u16,
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
}

impl Spot {
    /// Where the file that is checked begins.
    pub(super) const START: Spot = Spot {
        file: 0,
        line: 1,
        column: 1,
    };

    pub(super) fn of(node: &Node) -> Self {
        Spot {
            file: node.file,
            line: node.line,
            column: node.column,
        }
    }
}

/// The text of a key, or of what a function is given. What is a list or a mapping in its place has none: it reads as
/// the empty text, which names nothing.
pub(super) fn name_of(node: &Node) -> &str {
    node.name().unwrap_or_default()
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) kind: Kind,
    pub(super) at: Spot,
    pub(super) written: Written,
}

/// How a value is written. SAM is done before CloudFormation's functions are, and sees this and not what they make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Without quotes, or as a mapping or a list.
    Plain,
    /// In quotes: a text, whatever it says.
    Quoted,
    /// As a `Ref`, which SAM follows to a parameter. A parameter is a text.
    Reference,
    /// As an `Fn::If`, both branches of which SAM looks into, where it looks at definitions.
    If,
    /// As another function, or as an `Fn::If` in an `Fn::If`.
    Function,
}

/// What a tree holds.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Nothing is written here.
    Null,
    /// `AWS::NoValue`, which takes its key away once the functions are applied: SAM still sees the key.
    NoValue,
    /// A text, number or truth value.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
    /// Another resource of the template, or an attribute of it.
    Resource {
        id: String,
        attribute: Option<String>,
    },
    /// Only a deployment tells. The reason is in words that follow "it".
    Unknown(String),
}

/// One entry of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Spot,
    pub(super) value: Tree,
}

/// What cannot be told, and where.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    pub(super) why: String,
    pub(super) at: Spot,
}

/// Why the files of macros were not taken in, by the place of what the macro is given.
pub(super) type NotTaken = BTreeMap<Spot, String>;

/// A value, or why it cannot be told.
pub(super) type Told<T> = Result<T, Unknown>;

/// The operators that compare a value as it is, without wildcards.
const EXACT: [&str; 2] = ["StringEquals", "StringNotEquals"];

/// The condition keys that only requests through a VPC endpoint have.
const NETWORK: [&str; 2] = ["aws:SourceVpce", "aws:SourceVpc"];

/// What stands for a VPC or VPC endpoint that only a deployment knows.
const SOME_NETWORK: &str = "not-known-before-the-deployment";

impl Tree {
    /// What is written in a file, or what stands in for it.
    pub(super) fn new(kind: Kind, at: Spot) -> Tree {
        Tree {
            kind,
            at,
            written: Written::Plain,
        }
    }

    /// Whether a function makes it, other than a `Ref`.
    pub(super) fn is_made(&self) -> bool {
        matches!(self.written, Written::If | Written::Function)
    }

    /// What stands where nothing is written.
    pub(super) fn nothing(at: Spot) -> Tree {
        Tree::new(Kind::Null, at)
    }

    /// Without the keys that `AWS::NoValue` takes away.
    pub(super) fn without_no_values(mut self) -> Tree {
        self.kind = match self.kind {
            Kind::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .filter(|entry| !matches!(entry.value.kind, Kind::NoValue))
                    .map(|entry| Entry {
                        value: entry.value.without_no_values(),
                        ..entry
                    })
                    .collect(),
            ),
            Kind::List(items) => Kind::List(
                items
                    .into_iter()
                    .filter(|item| !matches!(item.kind, Kind::NoValue))
                    .map(Tree::without_no_values)
                    .collect(),
            ),
            kind => kind,
        };
        self
    }

    /// The tree as it is written: no functions.
    pub(super) fn plain(node: &Node) -> Tree {
        let kind = match &node.value {
            Value::Scalar { .. } if node.is_null() => Kind::Null,
            Value::Scalar { text, .. } => Kind::Text(text.clone()),
            Value::List(items) => Kind::List(items.iter().map(Tree::plain).collect()),
            Value::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|(key, value)| Entry {
                        key: key.text().unwrap_or_default().to_owned(),
                        at: Spot::of(key),
                        value: Tree::plain(value),
                    })
                    .collect(),
            ),
        };
        Tree::new(kind, Spot::of(node))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null | Kind::NoValue)
    }

    /// The value of a key. Below what cannot be told, nothing can: it stands for every key. What is no
    /// mapping has no keys.
    pub(super) fn get(&self, key: &str) -> Option<&Tree> {
        match &self.kind {
            Kind::Map(entries) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| &entry.value)
                .filter(|value| !value.is_null()),
            Kind::Unknown(_) | Kind::Resource { .. } => Some(self),
            Kind::Null | Kind::NoValue | Kind::Text(_) | Kind::List(_) => None,
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Told<&str> {
        match &self.kind {
            Kind::Text(text) => Ok(text.trim()),
            Kind::Null | Kind::NoValue => Err(self.unknown("is empty")),
            Kind::List(_) | Kind::Map(_) => Err(self.unknown("must be a single text")),
            Kind::Resource { .. } | Kind::Unknown(_) => Err(self.untold()),
        }
    }

    /// A truth value, in the spellings that CloudFormation and YAML 1.1 take.
    pub(super) fn flag(&self) -> Told<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Ok(true),
            "false" | "no" | "off" => Ok(false),
            other => Err(self.unknown(format!("must be true or false, and is `{other}`"))),
        }
    }

    /// The entries of a mapping; none where nothing is written.
    pub(super) fn entries(&self) -> Told<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Ok(entries),
            Kind::Null | Kind::NoValue => Ok(&[]),
            Kind::Text(_) | Kind::List(_) => Err(self.unknown("must be a mapping")),
            Kind::Resource { .. } | Kind::Unknown(_) => Err(self.untold()),
        }
    }

    /// The items of a list; none where nothing is written.
    pub(super) fn items(&self) -> Told<&[Tree]> {
        match &self.kind {
            Kind::List(items) => Ok(items),
            Kind::Null | Kind::NoValue => Ok(&[]),
            Kind::Text(_) | Kind::Map(_) => Err(self.unknown("must be a list")),
            Kind::Resource { .. } | Kind::Unknown(_) => Err(self.untold()),
        }
    }

    /// The text of a key, where it is there.
    pub(super) fn text_of(&self, key: &str) -> Told<Option<&str>> {
        self.get(key).map(Tree::text).transpose()
    }

    /// The truth value of a key: false where it is not there.
    pub(super) fn flag_of(&self, key: &str) -> Told<bool> {
        self.get(key).map_or(Ok(false), Tree::flag)
    }

    /// The entries of a key: none where it is not there.
    pub(super) fn entries_of(&self, key: &str) -> Told<&[Entry]> {
        self.get(key).map_or(Ok(&[]), Tree::entries)
    }

    /// The items of a key: none where it is not there.
    pub(super) fn items_of(&self, key: &str) -> Told<&[Tree]> {
        self.get(key).map_or(Ok(&[]), Tree::items)
    }

    /// That this cannot be used, in words that follow "it".
    pub(super) fn unknown(&self, why: impl Into<String>) -> Unknown {
        Unknown {
            why: why.into(),
            at: self.at,
        }
    }

    /// What the tree is as JSON, where all of it can be told. Every scalar is a text.
    pub(super) fn json(&self) -> Told<serde_json::Value> {
        Ok(match &self.kind {
            Kind::Null | Kind::NoValue => serde_json::Value::Null,
            Kind::Text(text) => text.clone().into(),
            Kind::List(items) => items.iter().map(Tree::json).collect::<Told<_>>()?,
            Kind::Map(entries) => entries
                .iter()
                .map(|entry| Ok((entry.key.clone(), entry.value.json()?)))
                .collect::<Told<_>>()?,
            Kind::Resource { .. } | Kind::Unknown(_) => return Err(self.untold()),
        })
    }

    /// A resource policy as JSON, where its effect can be told. A condition that only one VPC or VPC endpoint
    /// meets keeps the internet out, whichever it is: one that is not known yet is none of anybody's.
    pub(super) fn policy_json(&self) -> Told<serde_json::Value> {
        match &self.kind {
            Kind::List(items) => items.iter().map(Tree::policy_json).collect(),
            Kind::Map(entries) => entries
                .iter()
                .map(|entry| {
                    let value = &entry.value;
                    let value = if EXACT.contains(&entry.key.as_str()) {
                        value.with_network()?
                    } else {
                        value.policy_json()?
                    };
                    Ok((entry.key.clone(), value))
                })
                .collect(),
            _ => self.json(),
        }
    }

    /// The keys of an exact comparison, with their values.
    fn with_network(&self) -> Told<serde_json::Value> {
        let Kind::Map(entries) = &self.kind else {
            return self.json();
        };
        let one = |value: &Tree| match &value.kind {
            Kind::Resource { .. } | Kind::Unknown(_) => Ok(SOME_NETWORK.into()),
            _ => value.json(),
        };
        let values = entries.iter().map(|entry| {
            let is_network = NETWORK.iter().any(|it| it.eq_ignore_ascii_case(&entry.key));
            let value = match &entry.value.kind {
                _ if !is_network => entry.value.json()?,
                Kind::List(items) => items.iter().map(one).collect::<Told<_>>()?,
                _ => one(&entry.value)?,
            };
            Ok((entry.key.clone(), value))
        });
        values.collect()
    }

    fn untold(&self) -> Unknown {
        self.unknown(match &self.kind {
            Kind::Resource { id, .. } => {
                format!("is made from resource `{id}`, which only a deployment knows")
            }
            Kind::Unknown(why) => why.clone(),
            Kind::Null | Kind::NoValue | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
                "cannot be told".to_owned()
            }
        })
    }
}
