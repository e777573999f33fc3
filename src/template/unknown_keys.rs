//! Keys that a part of a template cannot have: it may be misspelt, and what it brings be missing where it belongs.

use super::keys::ATTRIBUTES;
use super::resolve::written;
use super::resource_keys::properties as known_properties;
use super::tree::{Entry, Spot, Unknown};
use super::types::sends_events;
use crate::policy_file::nearest;
use crate::yaml::{Node, Value};

/// A gap for each key that a part does not have. `part` is what it is called.
pub(super) fn unknown_keys(part: &str, entries: &[Entry], known: &[&str]) -> Vec<Unknown> {
    let keys = entries.iter().map(|entry| (entry.key.as_str(), entry.at));
    unknown(part, keys, known, false)
}

/// A gap for each key that is almost one of those that a part has. Other keys are left alone.
pub(super) fn misspelt_keys(part: &str, entries: &[Entry], known: &[&str]) -> Vec<Unknown> {
    let keys = entries.iter().map(|entry| (entry.key.as_str(), entry.at));
    unknown(part, keys, known, true)
}

/// The same of a part as it is written, before functions are applied.
pub(super) fn misspelt_in(part: &str, node: &Node, known: &[&str]) -> Vec<Unknown> {
    unknown(part, keys(node), known, true)
}

/// What is read of a function or a state machine.
const OF_FUNCTIONS: &[&str] = &["Events", "PermissionsBoundary", "Policies"];

/// What is wrong with the keys of a resource that bears on an API, or on who may call it.
pub(super) fn of_resource(id: &str, kind: &str, node: &Node) -> Vec<Unknown> {
    let mut found = unknown("a resource", keys(node), ATTRIBUTES, false);
    if let Some(properties) = written(node, "Properties") {
        let part = format!("`{id}` of type `{kind}`");
        match known_properties(kind) {
            Some(known) => found.extend(unknown(&part, keys(properties), known, false)),
            // Of what else a function is made of, nothing is read.
            None if sends_events(kind) => {
                found.extend(misspelt_in(&part, properties, OF_FUNCTIONS));
            }
            None => {}
        }
    }
    if kind.starts_with("AWS::Serverless::") && !sends_events(kind) {
        let ignores = keys(node).filter(|(key, _)| *key == "IgnoreGlobals");
        found.extend(ignores.map(|(_, at)| Unknown {
            why: format!("`IgnoreGlobals` is not read here: which of the `Globals` count for `{id}` is not known"),
            at,
        }));
    }
    found
}

/// The words that follow a word that is not known: the nearest one that is.
pub(super) fn hint(found: &str, known: &[&str]) -> String {
    nearest(found, known).map_or(String::new(), |meant| format!(": did you mean `{meant}`?"))
}

/// Functions and macros stand among the keys of any part.
fn is_known(key: &str, known: &[&str]) -> bool {
    known.contains(&key) || key == "Ref" || key.starts_with("Fn::")
}

fn keys(node: &Node) -> impl Iterator<Item = (&str, Spot)> {
    let entries = match &node.value {
        Value::Map(entries) => entries.as_slice(),
        Value::Scalar { .. } | Value::List(_) => &[],
    };
    entries
        .iter()
        .filter_map(|(key, _)| Some((key.text()?, Spot::of(key))))
}

/// `nearly`: only keys that are almost one of those that are known.
fn unknown<'k>(
    part: &str,
    keys: impl Iterator<Item = (&'k str, Spot)>,
    known: &[&str],
    nearly: bool,
) -> Vec<Unknown> {
    keys.filter(|(key, _)| !is_known(key, known))
        .filter(|(key, _)| !nearly || nearest(key, known).is_some())
        .map(|(key, at)| Unknown {
            why: format!("`{key}` is nothing that {part} has{}", hint(key, known)),
            at,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_said_with_the_nearest_word() {
        let at = Spot::START;
        let said = |key: &'static str, nearly: bool| {
            let keys = [(key, at)].into_iter();
            let found = unknown(
                "a method",
                keys,
                &["AuthorizationType", "HttpMethod"],
                nearly,
            );
            let said: Vec<String> = found.into_iter().map(|it| it.why).collect();
            said.join("")
        };
        assert_eq!(
            said("AuthorizationTyp", true),
            "`AuthorizationTyp` is nothing that a method has: did you mean `AuthorizationType`?"
        );
        assert_eq!(said("Zebra", false), "`Zebra` is nothing that a method has");
        assert_eq!(said("Zebra", true), "");
        assert_eq!(said("HttpMethod", false), "");
        assert_eq!(said("Fn::Transform", false), "");
    }
}
