//! The rules, held against folders of data: an inventory, a policy file, and the report they must give.

use std::fs;
use std::path::Path;

use gatewatch::audit::Report;
use gatewatch::audit::rules::{Asked, explain};
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{email, explanation, explanation_document, json, table};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::support::blessed::{assert_blessed, folders};
use crate::support::package;
use crate::support::probe::probed;

/// The day on which every scenario plays.
const TODAY: Date = date(2026, 6, 15);

/// The inventory and the policy file of a folder.
fn read(folder: &Path) -> (Inventory, PolicyFile) {
    let inventory = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let inventory = Inventory::from_json(&inventory)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let policy = match fs::read_to_string(folder.join("gatewatch.yaml")) {
        Ok(text) => PolicyFile::from_yaml("gatewatch.yaml", &text)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display())),
        Err(_) => PolicyFile::default(),
    };
    (inventory, policy)
}

/// The report of a folder, on a fixed day.
fn report(folder: &Path) -> Report {
    let (inventory, policy) = read(folder);
    match probed(&inventory, folder) {
        None => Report::new(&inventory, &policy, TODAY),
        Some(probed) => Report::of_probe(&inventory, probed, &policy, TODAY),
    }
}

#[test]
fn every_scenario_gives_the_report_it_expects() {
    for folder in folders(&package("tests/scenarios")) {
        let report = report(&folder);
        let mut actual = serde_json::to_value(json::document(&report)).unwrap();
        without_what_judged(&mut actual);
        assert_blessed(&folder.join("expected.json"), &actual);
    }
}

/// Leaves out of a report what a scenario is not about: the version of the tool, by what it was judged, and the counts of what was
/// looked at, which `judged` holds against the findings.
pub(crate) fn without_what_judged(report: &mut Value) {
    let report = report.as_object_mut().unwrap();
    for key in [
        "read_until",
        "judged_at",
        "policy_file",
        "rules",
        "requirements",
        "preflights_accepted",
    ] {
        assert!(report.shift_remove(key).is_some(), "{key}");
    }
    // Digests say nothing to a reader.
    report.shift_remove("extents");
    report.remove("tool");
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
    for rule in gatewatch::audit::rules::REGISTRY {
        assert!(
            fired.iter().any(|it| *it == rule.id().as_str()),
            "{} never fires",
            rule.id()
        );
    }
}

/// A folder with an `asked.json` says what `gatewatch explain` answers.
#[test]
fn every_question_gets_the_explanation_it_expects() {
    let mut answered = 0;
    for folder in folders(&package("tests/scenarios")) {
        let Ok(asked) = fs::read_to_string(folder.join("asked.json")) else {
            continue;
        };
        let (inventory, policy) = read(&folder);
        let asked: Value = serde_json::from_str(&asked).unwrap();
        let answers = asked.as_array().unwrap().iter().map(|asked| {
            let text = |key: &str| asked[key].as_str().map(str::to_owned);
            let question = Asked {
                method: text("method").unwrap(),
                api: text("api"),
                stage: text("stage"),
            };
            let mut answer = match explain(&inventory, &policy, &question, TODAY) {
                Ok(explained) => json!({
                    "json": explanation_document(&explained),
                    "table": explanation(&explained).lines().collect::<Vec<_>>(),
                }),
                Err(error) => json!({"error": error.to_string()}),
            };
            if let Some(document) = answer.get_mut("json").and_then(Value::as_object_mut) {
                document.remove("tool");
            }
            answer["asked"] = asked.clone();
            answer
        });
        let answers: Vec<Value> = answers.collect();
        answered += answers.len();
        for answer in &answers {
            every_demand_is_of_the_entry_that_decides(answer);
        }
        assert_blessed(&folder.join("explained.json"), &Value::from(answers));
    }
    assert!(answered > 10, "{answered}");
}

/// The ranking and the rules' own choice are two ways to one entry.
fn every_demand_is_of_the_entry_that_decides(answer: &Value) {
    let methods = answer["json"]["methods"].as_array();
    for demand in methods.into_iter().flatten().flat_map(|method| {
        let demands = method["demands"].as_array().unwrap();
        assert!(!demands.is_empty(), "{method}");
        demands
    }) {
        let says = demand["says"].as_str().unwrap();
        let source = match &demand["entries"][0]["policy_line"] {
            Value::Null => "the default".to_owned(),
            line => format!("(line {line} of"),
        };
        assert!(says.contains(&source), "{demand}");
    }
}

/// A scenario's words for people are read by people: all of a kind in one file.
#[test]
fn the_texts_for_people_are_as_reviewed() {
    let texts = folders(&package("tests/scenarios"))
        .into_iter()
        .map(|folder| {
            let report = report(&folder);
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let lines = |text: String| text.lines().map(Value::from).collect::<Vec<_>>();
            let both = json!({"table": lines(table(&report)), "email": lines(email(&report, 3))});
            (name, both)
        });
    let texts: serde_json::Map<String, Value> = texts.collect();
    assert_blessed(
        &package("tests/scenarios/texts.json"),
        &Value::Object(texts),
    );
}

/// A host that is made up could be somebody else's.
#[test]
fn an_api_of_a_partition_that_is_not_known_gets_no_url_and_its_severity() {
    let text = fs::read_to_string(package("examples/petstore.inventory.json")).unwrap();
    let judged = |partition: &str| {
        let mut inventory = Inventory::from_json(&text).unwrap();
        partition.clone_into(&mut inventory.partition);
        let report = Report::new(&inventory, &PolicyFile::default(), TODAY);
        let document = serde_json::to_value(json::document(&report)).unwrap();
        document["findings"][0].clone()
    };
    let (known, unknown) = (judged("aws"), judged("aws-moon"));
    assert_ne!(known["urls"], json!([]));
    assert_eq!(unknown["urls"], json!([]));
    assert_eq!(unknown["severity"], known["severity"]);
    assert_eq!(unknown["exposure"], "public");
    let says = "the host of the default endpoint is not known, as the partition aws-moon is not";
    assert!(unknown["evidence"].to_string().contains(says), "{unknown}");
}
