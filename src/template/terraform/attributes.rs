//! What is known of the attributes of one resource.

use serde_json::value::{Index, RawValue};
use serde_json::{Map, Value};

use super::instances::Instance;
use crate::template::source::{ALLOWED, LARGEST};
use crate::template::tree::{Entry, Kind, Spot, Tree};
use crate::yaml::{self, Allowed};

/// Why a value that the plan does not hold cannot be told.
pub(super) const LATER: &str = "is known only after the plan is applied";

/// Why a value that is marked as sensitive is not read: a report would show it.
const SENSITIVE: &str =
    "is marked as sensitive, and not read: wrap it in `nonsensitive()` if it may be shown";

/// The attributes of one resource.
#[derive(Debug)]
pub(super) struct Attributes {
    values: Map<String, Value>,
    unknown: Value,
    sensitive: Value,
    /// What is written of them. `None`: that is not known, as in a state.
    written: Option<Value>,
    at: Spot,
}

impl Attributes {
    /// The attributes of an instance. `unknown` says what is known only later; `written` is what the configuration says.
    pub(super) fn of(
        instance: &Instance<'_>,
        unknown: Option<&RawValue>,
        written: Option<Value>,
    ) -> Attributes {
        let parsed = |raw: Option<&RawValue>| {
            raw.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())
                .unwrap_or(Value::Null)
        };
        Attributes {
            values: match parsed(instance.values) {
                Value::Object(values) => values,
                _ => Map::new(),
            },
            unknown: parsed(unknown),
            sensitive: parsed(instance.sensitive),
            written,
            at: instance.at,
        }
    }

    /// The text of an attribute, where it is known.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    /// What the configuration says of an attribute.
    pub(super) fn written(&self, name: &str) -> Option<&Value> {
        self.written.as_ref()?.get(name)
    }

    /// Whether only what happens later tells an attribute.
    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.unknown.get(name) == Some(&Value::Bool(true))
    }

    /// An attribute. `None`: nothing is said of it, or only what the provider puts there itself.
    pub(super) fn tree(&self, name: &str) -> Option<Tree> {
        let (value, unknown) = (self.values.get(name), self.unknown.get(name));
        match value {
            None if self.is_unknown(name) && self.is_left_to_the_provider(name) => None,
            None if unknown.is_none_or(|it| !holds_true(it)) => None,
            None => Some(self.later()),
            Some(value) => Some(tree(value, unknown, self.sensitive.get(name), self.at)),
        }
    }

    /// An attribute of which the file must say something.
    pub(super) fn always(&self, name: &str) -> Option<Tree> {
        let is_said = self.values.contains_key(name) || self.is_unknown(name);
        match is_said {
            true => self.tree(name),
            false => {
                let why = format!("cannot be told: the file says nothing of `{name}`");
                Some(Tree::new(Kind::Unknown(why), self.at))
            }
        }
    }

    /// An attribute that must be there.
    pub(super) fn required(&self, name: &str) -> Option<Tree> {
        let value = self.always(name)?;
        if !value.is_null() {
            return Some(value);
        }
        let why = format!("cannot be told: `{name}` is null");
        Some(Tree::new(Kind::Unknown(why), self.at))
    }

    /// What stands in the one block of a name.
    pub(super) fn block(&self, name: &str) -> Option<Tree> {
        let block = self.tree(name)?;
        match block.kind {
            Kind::List(items) => items.into_iter().next(),
            _ => Some(block),
        }
    }

    /// An API definition, which is written as a text.
    pub(super) fn definition(&self, name: &str, left: &mut usize) -> Option<Tree> {
        let written = self.always(name)?;
        let text = match written.kind {
            Kind::Text(text) => text,
            Kind::Unknown(why) => {
                let kind = Kind::Unknown(format!("the definition in `{name}` {why}"));
                return Some(Tree::new(kind, self.at));
            }
            _ => return Some(written),
        };
        if text.trim().is_empty() {
            return None;
        }
        Some(match definition(&text, left) {
            Ok(tree) => at(tree, self.at),
            Err(why) => {
                let why = format!("the definition in `{name}` {why}");
                Tree::new(Kind::Unknown(why), self.at)
            }
        })
    }

    fn later(&self) -> Tree {
        Tree::new(Kind::Unknown(LATER.to_owned()), self.at)
    }

    /// Whether nothing is written of an attribute: its value is the provider's, who says it only later.
    pub(super) fn is_left_to_the_provider(&self, name: &str) -> bool {
        let written = self.written.as_ref();
        written.is_some_and(|written| written.is_object() && written.get(name).is_none())
    }
}

/// A value, with what is not known or not to be shown of it.
fn tree(value: &Value, unknown: Option<&Value>, sensitive: Option<&Value>, at: Spot) -> Tree {
    let is_marked = |mark: Option<&Value>| mark == Some(&Value::Bool(true));
    let kind = match value {
        _ if is_marked(unknown) => Kind::Unknown(LATER.to_owned()),
        Value::Null => Kind::Null,
        _ if is_marked(sensitive) => Kind::Unknown(SENSITIVE.to_owned()),
        Value::Bool(flag) => Kind::Text(flag.to_string()),
        Value::Number(number) => Kind::Text(number.to_string()),
        Value::String(text) => Kind::Text(text.clone()),
        Value::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| tree(item, part(unknown, index), part(sensitive, index), at));
            Kind::List(items.collect())
        }
        Value::Object(entries) => Kind::Map(map(entries, unknown, sensitive, at)),
    };
    Tree::new(kind, at)
}

fn map(
    entries: &Map<String, Value>,
    unknown: Option<&Value>,
    sensitive: Option<&Value>,
    at: Spot,
) -> Vec<Entry> {
    let entry = |key: &String, value: Tree| Entry {
        key: key.clone(),
        at,
        value,
    };
    let known = entries.iter().map(|(key, value)| {
        let (unknown, sensitive) = (part(unknown, key), part(sensitive, key));
        entry(key, tree(value, unknown, sensitive, at))
    });
    let mut made: Vec<Entry> = known.collect();
    // What is not known has no value beside it.
    let others = unknown.and_then(Value::as_object).into_iter().flatten();
    for (key, mark) in others.filter(|(key, _)| !entries.contains_key(*key)) {
        if holds_true(mark) {
            made.push(entry(key, Tree::new(Kind::Unknown(LATER.to_owned()), at)));
        }
    }
    made
}

/// The marks of a part of a value.
fn part(marks: Option<&Value>, index: impl Index) -> Option<&Value> {
    marks?.get(index)
}

/// Whether a mark says of anything that it is not known.
fn holds_true(mark: &Value) -> bool {
    match mark {
        Value::Bool(flag) => *flag,
        Value::Array(items) => items.iter().any(holds_true),
        Value::Object(entries) => entries.values().any(holds_true),
        Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}

/// An API definition, in JSON or YAML. `left` is how many bytes of definitions are still read.
fn definition(text: &str, left: &mut usize) -> Result<Tree, String> {
    match left
        .checked_sub(text.len())
        .filter(|_| text.len() <= LARGEST)
    {
        Some(rest) => *left = rest,
        None => return Err("is more than is read of the definitions of one file".to_owned()),
    }
    // Written out, the aliases of many small definitions would be more than fits; and of a key that stands twice, nobody
    // would be told.
    let allowed = Allowed {
        short_forms: false,
        repetition: false,
        ..ALLOWED
    };
    let mut mistakes = Vec::new();
    let parsed = yaml::parse(text, allowed, &mut mistakes);
    let document = match (parsed, mistakes.pop()) {
        (Ok(Some(document)), None) => document,
        (Ok(None), None) => return Err("is empty".to_owned()),
        (Err(mistake), _) | (Ok(_), Some(mistake)) => {
            let (line, column) = (mistake.line, mistake.column);
            return Err(format!(
                "is no definition that can be read: at {line}:{column} of it, {}",
                mistake.message
            ));
        }
    };
    Ok(Tree::plain(&document.root))
}

/// A tree of a text that stands inside a value: all of it stands where the value does.
fn at(mut tree: Tree, spot: Spot) -> Tree {
    tree.at = spot;
    tree.kind = match tree.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(|item| at(item, spot)).collect()),
        Kind::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .map(|entry| Entry {
                    at: spot,
                    value: at(entry.value, spot),
                    ..entry
                })
                .collect(),
        ),
        kind => kind,
    };
    tree
}
