//! Marks in texts that stand for what only a deployment knows: a policy names APIs by references, in the midst of its ARNs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

/// The letter that a mark begins and ends with. No policy that AWS takes has it.
pub(in crate::template) const SIGN: char = '\u{1}';

/// What a mark stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::template) enum Mark {
    /// A resource of the file, or an attribute of it.
    Resource {
        id: String,
        attribute: Option<String>,
    },
    /// It cannot be told. The reason is in words that follow "it".
    Unknown(String),
}

/// The marks of one file, by their numbers.
#[derive(Debug, Default)]
pub(in crate::template) struct Marks {
    marks: RefCell<Vec<Mark>>,
    numbers: RefCell<BTreeMap<Mark, usize>>,
}

/// A piece of a text with marks in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// As it is written.
    Text(&'t str),
    /// In its place.
    Mark(Mark),
}

impl Marks {
    /// The text that stands for something from now on.
    pub(in crate::template) fn put(&self, mark: Mark) -> String {
        let mut marks = self.marks.borrow_mut();
        let mut numbers = self.numbers.borrow_mut();
        let number = numbers.entry(mark).or_insert_with_key(|mark| {
            marks.push(mark.clone());
            marks.len() - 1
        });
        format!("{SIGN}{number}{SIGN}")
    }

    /// A text in pieces.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        let marks = self.marks.borrow();
        let pieces = text.split(SIGN).enumerate().map(|(index, part)| {
            if index % 2 == 0 {
                return Piece::Text(part);
            }
            let mark = part.parse().ok().and_then(|it: usize| marks.get(it));
            Piece::Mark(
                mark.cloned()
                    .unwrap_or_else(|| Mark::Unknown("has a control character in it".to_owned())),
            )
        });
        pieces.filter(|it| !matches!(it, Piece::Text(""))).collect()
    }
}

/// Whether a text has a mark in it.
pub(super) fn has_mark(text: &str) -> bool {
    text.contains(SIGN)
}

/// Why the first thing cannot be told that a value has a mark for, keys included.
pub(super) fn first_mark(value: &Value, marks: &Marks) -> Option<String> {
    match value {
        Value::String(text) => of_text(text, marks),
        Value::Array(items) => items.iter().find_map(|it| first_mark(it, marks)),
        Value::Object(entries) => entries
            .iter()
            .find_map(|(key, value)| of_text(key, marks).or_else(|| first_mark(value, marks))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn of_text(text: &str, marks: &Marks) -> Option<String> {
    marks.pieces(text).into_iter().find_map(|it| match it {
        Piece::Mark(mark) => Some(mark.why()),
        Piece::Text(_) => None,
    })
}

impl Mark {
    /// Why it cannot be told, in words that follow "it".
    pub(super) fn why(&self) -> String {
        match self {
            Mark::Unknown(why) => why.clone(),
            Mark::Resource {
                id,
                attribute: None,
            } => format!("is made from resource `{id}`, which only a deployment knows"),
            Mark::Resource {
                id,
                attribute: Some(attribute),
            } => format!("is made from `{id}.{attribute}`, which only a deployment knows"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_apart_at_its_marks() {
        let marks = Marks::default();
        let api = Mark::Resource {
            id: "Api".to_owned(),
            attribute: None,
        };
        let text = format!("arn:{}/*", marks.put(api.clone()));
        assert_eq!(marks.put(api.clone()), "\u{1}0\u{1}");
        let pieces = [Piece::Text("arn:"), Piece::Mark(api), Piece::Text("/*")];
        assert_eq!(marks.pieces(&text), pieces);
        assert!(matches!(
            marks.pieces("a\u{1}7").as_slice(),
            [Piece::Text("a"), Piece::Mark(Mark::Unknown(_))]
        ));
    }
}
