//! Answers that lack something: whatever a member's absence comes to, it is no account that looks better than it is.
//!
//! `tests/contract/variants.py` makes them of botocore's service models. What each comes to stands in
//! `tests/data/absent-members.json`, which also shows what is read of an answer: all else is listed as `unread`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::outcome::{Outcome, read, send};
use super::played::{clients, operations};
use crate::support::blessed::assert_blessed;
use crate::support::package;

/// Where two values differ, as pointers. Lists of another length differ as a whole.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let (one, other) = (one.get(key), other.get(key));
                let null = &Value::Null;
                differences(
                    one.unwrap_or(null),
                    other.unwrap_or(null),
                    &format!("{at}/{key}"),
                    found,
                );
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (number, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, &format!("{at}/{number}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(at.to_owned()),
    }
}

/// What an answer that lacks something comes to, in words. `None`: nothing.
fn effect(plain: &Outcome, read: &Outcome) -> Option<String> {
    if plain == read {
        return None;
    }
    let new = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let new: Vec<&str> = one.difference(other).map(String::as_str).collect();
        new.join("; ")
    };
    let gaps = new(&read.gaps, &plain.gaps);
    if !gaps.is_empty() {
        return Some(format!("gap: {gaps}"));
    }
    let mut changes = Vec::new();
    differences(&plain.all, &read.all, "", &mut changes);
    let mut words = format!("changes {}", changes.join(", "));
    let finds = new(&read.findings, &plain.findings);
    let lost = new(&plain.findings, &read.findings);
    for (what, findings) in [(", finds ", finds), (", finds no more ", lost)] {
        if !findings.is_empty() {
            words.extend([what, &findings]);
        }
    }
    Some(words)
}

/// The members whose absence comes to nothing, but for those within another such one.
pub(super) fn outermost(unread: &[&str]) -> Vec<String> {
    let members: Vec<&str> = unread
        .iter()
        .filter_map(|it| it.strip_suffix(" is missing"))
        .collect();
    let is_within = |it: &str| {
        let outer = |other: &&str| {
            it.strip_prefix(*other)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        members.iter().any(outer)
    };
    let outermost = members.iter().filter(|it| !is_within(it));
    outermost.map(|it| (*it).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_lacks_is_a_gap_or_changes_what_it_should() {
    let operations = Arc::new(operations());
    let whole = clients(&operations, None).await;
    let (plain, sent) = (read(&whole, None).await, send(&whole).await);
    assert_eq!(
        (&plain.gaps, &sent),
        (&BTreeSet::new(), &Outcome::default())
    );
    assert!(plain.findings.len() > 5, "{:#?}", plain.findings);
    let mut effects: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for (operation, answers) in operations.iter() {
        let mut of_operation = BTreeMap::new();
        let mut unread = Vec::new();
        for (lack, text) in &answers.variants {
            // What is not missed says nothing where it is empty, either.
            let member = lack.strip_suffix(" is empty").unwrap_or_default();
            if unread.contains(&format!("{member} is missing").as_str()) {
                continue;
            }
            let changed = Some((operation.clone(), text.clone()));
            let clients = clients(&operations, changed).await;
            let effect = if answers.sends {
                effect(&sent, &send(&clients).await)
            } else {
                effect(&plain, &read(&clients, Some(&plain)).await)
            };
            match effect {
                None => unread.push(lack.as_str()),
                Some(effect) => {
                    of_operation.insert(lack.as_str(), json!(effect));
                }
            }
        }
        of_operation.insert("unread", json!(outermost(&unread)));
        effects.insert(operation, of_operation);
    }
    assert_blessed(&package("tests/data/absent-members.json"), &json!(effects));
}
