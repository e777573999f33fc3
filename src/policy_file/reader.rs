//! Reading the parts of a policy file, whatever they mean.
//!
//! What is mistaken is left out of what a method returns, after its mistake was added: a file with one mistake is
//! refused as a whole, so that nothing that was left out ever looks like something that was not asked for.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Mistake;
use super::file::PolicyFile;
use super::notify::NotifyFormat;
use super::suggest::unknown;
use crate::yaml::{Node, Value};

/// Collects the mistakes of one file.
pub(super) struct Reader {
    pub(super) mistakes: Vec<Mistake>,
    /// The lines of the groups read so far. IAM keeps names unique whatever their case.
    pub(super) groups: BTreeMap<String, usize>,
    /// The lines of the exemptions read so far, by what they speak of.
    pub(super) exemptions: BTreeMap<String, usize>,
    /// The formats of the owners' topics read so far, and their lines.
    pub(super) topics: BTreeMap<String, (NotifyFormat, usize)>,
    /// The day from which lifetimes are counted. `None`: they are not judged.
    pub(super) today: Option<Date>,
    /// The most days that an exemption may last.
    pub(super) max_exemption_days: u16,
}

impl Reader {
    /// A reader that counts lifetimes from this day.
    pub(super) fn on(today: Option<Date>) -> Self {
        Reader {
            mistakes: Vec::new(),
            groups: BTreeMap::new(),
            exemptions: BTreeMap::new(),
            topics: BTreeMap::new(),
            today,
            max_exemption_days: PolicyFile::MAX_EXEMPTION_DAYS,
        }
    }

    /// The values of a mapping's known keys, in the order asked for. Unknown keys are mistakes.
    pub(super) fn fields<'n, const N: usize>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: [&str; N],
    ) -> Option<[Option<&'n Node>; N]> {
        let Value::Map(entries) = &node.value else {
            return self.refuse(
                node,
                format!(
                    "{what} must be a mapping with the keys {}",
                    known.join(", ")
                ),
            );
        };
        for (key, _) in entries {
            let name = match &key.value {
                Value::Scalar { text, .. } => text.as_str(),
                Value::List(_) | Value::Map(_) => "",
            };
            if !known.contains(&name) {
                let place = format!("key `{name}` in {what}");
                self.add(key, unknown(&place, &known, name));
            }
        }
        Some(known.map(|wanted| {
            let found = entries.iter().find(
                |(key, _)| matches!(&key.value, Value::Scalar { text, .. } if text == wanted),
            );
            found.map(|(_, value)| value)
        }))
    }

    /// The items of a list, without those that are mistaken.
    pub(super) fn items<T>(
        &mut self,
        node: Option<&Node>,
        mut item: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = node else {
            return Vec::new();
        };
        let Value::List(nodes) = &node.value else {
            self.add(
                node,
                "a list is wanted here: begin each entry with `- `".to_owned(),
            );
            return Vec::new();
        };
        nodes.iter().filter_map(|node| item(self, node)).collect()
    }

    /// The text of a key that an entry must have.
    pub(super) fn mandatory(
        &mut self,
        parent: &Node,
        node: Option<&Node>,
        key: &str,
        meaning: &str,
    ) -> Option<String> {
        match node {
            Some(node) => self.text(node, &format!("`{key}`")),
            None => self.refuse(parent, format!("no `{key}`: {meaning}")),
        }
    }

    /// One text, or a list of at least one. Empty: the key is not there.
    pub(super) fn optional_texts(&mut self, node: Option<&Node>, what: &str) -> Vec<String> {
        let texts = node.map_or_else(Vec::new, |node| self.texts(node, what));
        texts.into_iter().map(|(text, _)| text).collect()
    }

    /// Names or ids of principals, or patterns of them, each with its place. None has a blank at an end.
    pub(super) fn names<'n>(
        &mut self,
        node: Option<&'n Node>,
        what: &str,
    ) -> Vec<(String, &'n Node)> {
        let texts = node.map_or_else(Vec::new, |it| self.texts(it, what));
        let mut names = Vec::with_capacity(texts.len());
        for (text, node) in texts {
            // What is read is without blanks: whoever wrote one is told, as another reader may take it for a part of the name.
            if node.text().is_some_and(|it| it != text) {
                let mistake = format!("a name or id begins or ends with a blank: write `{text}`");
                self.add(node, mistake);
            }
            names.push((text, node));
        }
        names
    }

    /// The same without their places.
    pub(super) fn optional_names(&mut self, node: Option<&Node>, what: &str) -> Vec<String> {
        let names = self.names(node, what).into_iter();
        names.map(|(name, _)| name).collect()
    }

    /// One text, or a list of at least one, each with its place.
    pub(super) fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(String, &'n Node)> {
        let nodes = match &node.value {
            Value::List(nodes) if nodes.is_empty() => {
                self.add(node, format!("{what} is an empty list"));
                return Vec::new();
            }
            Value::List(nodes) => nodes.iter().collect(),
            Value::Scalar { .. } | Value::Map(_) => vec![node],
        };
        nodes
            .into_iter()
            .filter_map(|node| Some((self.text(node, what)?, node)))
            .collect()
    }

    /// A single text that is not empty.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() && !text.trim().is_empty() => {
                Some(text.trim().to_owned())
            }
            Value::Scalar { .. } => self.refuse(node, format!("{what} is empty")),
            Value::List(_) | Value::Map(_) => {
                self.refuse(node, format!("{what} must be a single text"))
            }
        }
    }

    pub(super) fn add(&mut self, node: &Node, message: String) {
        self.mistakes.push(node.mistake(message));
    }

    /// Adds a mistake, and returns `None`.
    pub(super) fn refuse<T>(&mut self, node: &Node, message: impl Into<String>) -> Option<T> {
        self.add(node, message.into());
        None
    }
}
