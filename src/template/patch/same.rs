//! Whether a changed text says the same as before, but for what was to be changed.

use std::collections::BTreeSet;

use super::edit::{Mend, Step};
use crate::template::source::ALLOWED;
use crate::yaml::{self, Node, Value};

/// Whether two texts say the same in the same order, but for what these changes set.
///
/// # Errors
/// Where one of them cannot be read, or what is another one besides, in words that follow "the patched text".
pub fn is_same_but<'m>(
    before: &str,
    after: &str,
    mends: impl Iterator<Item = &'m Mend>,
) -> Result<(), String> {
    let sets: BTreeSet<Vec<Step>> = mends.flat_map(|it| it.sets.iter().cloned()).collect();
    let (before, after) = (read(before)?, read(after)?);
    same(&before, &after, &mut Vec::new(), &sets)
}

fn read(text: &str) -> Result<Node, String> {
    let text = text.trim_start_matches(super::BOM);
    let mut mistakes = Vec::new();
    let document = yaml::parse(text, ALLOWED, &mut mistakes);
    let first = mistakes.into_iter().next();
    let document = first.map_or(document, Err);
    let document = document
        .map_err(|it| format!("cannot be read: {}:{}: {}", it.line, it.column, it.message))?;
    document
        .map(|it| it.root)
        .ok_or_else(|| "has no document".to_owned())
}

fn same(
    before: &Node,
    after: &Node,
    way: &mut Vec<Step>,
    sets: &BTreeSet<Vec<Step>>,
) -> Result<(), String> {
    if sets.contains(way.as_slice()) {
        return Ok(());
    }
    let differs = |way: &[Step]| Err(format!("would say something else at {}", in_words(way)));
    match (&before.value, &after.value) {
        (Value::Map(one), Value::Map(other)) => {
            let (one, other) = (kept(one, way, sets), kept(other, way, sets));
            if one.len() != other.len() {
                return differs(way);
            }
            for ((key, value), (other_key, other_value)) in one.into_iter().zip(other) {
                same(key, other_key, &mut Vec::new(), &BTreeSet::new())
                    .or_else(|_| differs(way))?;
                way.push(Step::Key(key.text().unwrap_or("").to_owned()));
                same(value, other_value, way, sets)?;
                way.pop();
            }
            Ok(())
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                way.push(Step::Item(index));
                same(one, other, way, sets)?;
                way.pop();
            }
            Ok(())
        }
        (Value::Scalar { .. }, Value::Scalar { .. }) if before.value == after.value => Ok(()),
        _ => differs(way),
    }
}

/// The entries of a mapping, without those that are set.
fn kept<'n>(
    entries: &'n [(Node, Node)],
    way: &mut Vec<Step>,
    sets: &BTreeSet<Vec<Step>>,
) -> Vec<(&'n Node, &'n Node)> {
    let mut kept = Vec::new();
    for (key, value) in entries {
        way.push(Step::Key(key.text().unwrap_or("").to_owned()));
        if !sets.contains(way.as_slice()) {
            kept.push((key, value));
        }
        way.pop();
    }
    kept
}

fn in_words(way: &[Step]) -> String {
    let words = way.iter().map(|step| match step {
        Step::Key(key) => format!("`{key}`"),
        Step::Item(index) => format!("item {}", index + 1),
    });
    words.collect::<Vec<_>>().join(", ")
}
