//! The tree: values, each with its place.

use super::Mistake;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) value: Value,
    /// The file that it is in: 0, unless somebody puts it into another one.
    pub(crate) file: u16,
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
    /// Says of a value, and of all values in it, which file they are in.
    pub(crate) fn put_in_file(&mut self, file: u16) {
        self.file = file;
        match &mut self.value {
            Value::Scalar { .. } => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.put_in_file(file)),
            Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.put_in_file(file);
                value.put_in_file(file);
            }),
        }
    }

    /// A mistake at this place.
    pub(crate) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }

    /// The text of a scalar to the letter, however it is quoted: what tells one key from another.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text of a scalar, without blanks around it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.text().map(str::trim)
    }

    /// Whether nothing is written here: `key:`, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}
