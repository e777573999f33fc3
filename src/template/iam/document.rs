//! Policy documents of a file, with what they name held against the places of the same file.

use serde_json::Value;

use super::marks::{Mark, Marks, Piece, first_mark, has_mark};
use super::places::Places;
use super::statement;
use crate::iam::{Document, parse_document};
use crate::template::tree::{Kind, Tree};

/// A document with marks for what only a deployment knows.
pub(in crate::template) fn marked(tree: &Tree, marks: &Marks) -> Value {
    match &tree.kind {
        Kind::Null | Kind::NoValue => Value::Null,
        Kind::Text(text) => text.clone().into(),
        Kind::List(items) => items.iter().map(|it| marked(it, marks)).collect(),
        Kind::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|it| (it.key.clone(), marked(&it.value, marks)));
            Value::Object(entries.collect())
        }
        Kind::Resource { id, attribute } => marks
            .put(Mark::Resource {
                id: id.clone(),
                attribute: attribute.clone(),
            })
            .into(),
        Kind::Unknown(why) => marks.put(Mark::Unknown(why.clone())).into(),
    }
}

/// A document that is written as a text, or as it is. Not understood: nothing of it can be told.
fn parsed(document: Value, marks: &Marks) -> Document {
    if let Some(why) = whole(&document, marks) {
        return not_understood(&why);
    }
    match document {
        Value::String(text) if !has_mark(&text) => parse_document(&text),
        Value::String(_) => Document::Unparsed {
            text: String::new(),
            error: "it is made of what only a deployment knows".to_owned(),
        },
        other => Document::Json(other),
    }
}

/// An identity policy. One that names what cannot be told is not understood.
pub(super) fn identity_policy(document: Value, marks: &Marks, places: &Places) -> Document {
    let mut document = match parsed(document, marks) {
        Document::Json(json) => json,
        unparsed @ Document::Unparsed { .. } => return unparsed,
    };
    let statements = statements(&mut document);
    for (index, it) in statements.iter_mut().enumerate() {
        if let Err(why) = statement::told(it, marks, places) {
            return not_understood(&format!("its statement {} {why}", index + 1));
        }
    }
    match first_mark(&document, marks) {
        Some(why) => not_understood(&format!("it {why}")),
        None => Document::Json(document),
    }
}

/// The trust policy of a role. Of whom it names by references nobody is a stranger: they are principals of the file.
pub(super) fn trust_policy(document: Value, marks: &Marks, places: &Places) -> Document {
    let mut document = match parsed(document, marks) {
        Document::Json(json) => json,
        unparsed @ Document::Unparsed { .. } => return unparsed,
    };
    let statements = statements(&mut document);
    let own = places.iam_arn("role/not-known-before-the-deployment");
    for statement in statements {
        if let Some(principal) = statement.get_mut("Principal") {
            replace(principal, marks, &|mark| match mark {
                Mark::Resource { .. } => Some(own.clone()),
                Mark::Unknown(_) => None,
            });
        }
        if let Some(condition) = statement.get_mut("Condition") {
            let unknown = "not-known-before-the-deployment".to_owned();
            replace(condition, marks, &|_| Some(unknown.clone()));
        }
    }
    match first_mark(&document, marks) {
        Some(why) => not_understood(&format!("it {why}")),
        None => Document::Json(document),
    }
}

/// The statements of a document: a list of them, or a single one.
fn statements(document: &mut Value) -> &mut [Value] {
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(single) => std::slice::from_mut(single),
        None => &mut [],
    }
}

fn not_understood(why: &str) -> Document {
    Document::Unparsed {
        text: String::new(),
        error: why.to_owned(),
    }
}

/// Why nothing of a document can be told, where that is so.
fn whole(document: &Value, marks: &Marks) -> Option<String> {
    let text = document.as_str()?;
    match marks.pieces(text).as_slice() {
        [Piece::Mark(mark)] => Some(format!("it {}", mark.why())),
        _ => None,
    }
}

/// Puts texts in the place of the marks that `with` has one for.
fn replace(value: &mut Value, marks: &Marks, with: &dyn Fn(&Mark) -> Option<String>) {
    match value {
        Value::String(text) if has_mark(text) => {
            let pieces = marks.pieces(text);
            let made: Option<String> = pieces
                .into_iter()
                .map(|it| match it {
                    Piece::Text(text) => Some(text.to_owned()),
                    Piece::Mark(mark) => with(&mark),
                })
                .collect();
            if let Some(made) = made {
                *text = made;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| replace(it, marks, with)),
        Value::Object(entries) => {
            let entries = std::mem::take(entries).into_iter();
            let made = entries.map(|(key, mut inner)| {
                let mut key = Value::String(key);
                replace(&mut key, marks, with);
                replace(&mut inner, marks, with);
                (key.as_str().unwrap_or_default().to_owned(), inner)
            });
            *value = Value::Object(made.collect());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
