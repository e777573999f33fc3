//! The rules, held against folders of data: an inventory, a policy file, and the report they must give.

use std::fs;
use std::path::Path;

use gatewatch::config::PolicyFile;
use gatewatch::model::Inventory;
use gatewatch::report::{Report, email, json, table};
use jiff::civil::date;
use serde_json::Value;

use crate::support::blessed::{assert_blessed, folders};
use crate::support::package;

/// The report of a folder, on a fixed day.
fn report(folder: &Path) -> Report {
    let inventory = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let inventory = Inventory::from_json(&inventory)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let policy = match fs::read_to_string(folder.join("gatewatch.yaml")) {
        Ok(text) => PolicyFile::from_yaml("gatewatch.yaml", &text)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display())),
        Err(_) => PolicyFile::default(),
    };
    Report::new(&inventory, &policy, date(2026, 6, 15))
}

#[test]
fn every_scenario_gives_the_report_it_expects() {
    for folder in folders(&package("tests/scenarios")) {
        let report = report(&folder);
        let mut actual = serde_json::to_value(json::document(&report)).unwrap();
        // The version of the tool is not what a scenario is about.
        actual.as_object_mut().unwrap().remove("tool");
        assert_blessed(&folder.join("expected.json"), &actual);
    }
}

#[test]
fn every_finding_has_evidence_a_remedy_and_an_id_of_its_own() {
    for folder in folders(&package("tests/scenarios")) {
        let document = serde_json::to_value(json::document(&report(&folder))).unwrap();
        let mut ids = Vec::new();
        for finding in document["findings"].as_array().unwrap() {
            assert!(
                !finding["evidence"].as_array().unwrap().is_empty(),
                "{finding}"
            );
            assert!(
                !finding["remedy"]["summary"].as_str().unwrap().is_empty(),
                "{finding}"
            );
            ids.push(finding["id"].as_str().unwrap().to_owned());
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(
            ids.len(),
            count,
            "{}: two findings share an id",
            folder.display()
        );
    }
}

#[test]
fn every_rule_fires_in_some_scenario() {
    let mut fired: Vec<Value> = Vec::new();
    for folder in folders(&package("tests/scenarios")) {
        let document = serde_json::to_value(json::document(&report(&folder))).unwrap();
        let findings = document["findings"].as_array().unwrap().iter();
        fired.extend(findings.map(|finding| finding["rule"].clone()));
    }
    for rule in gatewatch::rules::REGISTRY {
        assert!(
            fired.iter().any(|it| *it == rule.id().as_str()),
            "{} never fires",
            rule.id()
        );
    }
}

/// A scenario's words for people are read by people: all of a kind in one file.
#[test]
fn the_texts_for_people_are_as_reviewed() {
    let texts = folders(&package("tests/scenarios")).into_iter().map(|folder| {
        let report = report(&folder);
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let lines = |text: String| text.lines().map(Value::from).collect::<Vec<_>>();
        let both = serde_json::json!({"table": lines(table(&report)), "email": lines(email(&report, 3))});
        (name, both)
    });
    let texts: serde_json::Map<String, Value> = texts.collect();
    assert_blessed(
        &package("tests/scenarios/texts.json"),
        &Value::Object(texts),
    );
}
