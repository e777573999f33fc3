//! The published JSON Schemas, held against what gatewatch writes.

use std::collections::HashMap;
use std::fs;
use std::sync::{LazyLock, Mutex};

use gatewatch::audit::Report;
use gatewatch::audit::finding::Source;
use gatewatch::audit::rules::{Asked, explain, explain_finding};
use gatewatch::inventory::{GapKind, Inventory, Reason};
use gatewatch::ledger::{Kind, Standing};
use gatewatch::policy_file::{PolicyFile, schema};
use gatewatch::render::{
    chat_notices, digest_document, document_schema, explanation_document,
    finding_explanation_document, history_document, json, schema_names,
};
use gatewatch::run::difference::{Reading, compare};
use gatewatch::template::{self, Options};
use jiff::civil::{Date, date};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

use crate::digest::{Account, Shelf};
use crate::support::blessed::{assert_text_blessed, folders};
use crate::support::command::Shell;
use crate::support::package;

const TODAY: Date = date(2026, 6, 15);

static VALIDATORS: LazyLock<Mutex<HashMap<String, Validator>>> = LazyLock::new(Mutex::default);

fn errors(name: &str, document: &Value) -> Vec<String> {
    let mut validators = VALIDATORS.lock().unwrap();
    let validator = validators.entry(name.to_owned()).or_insert_with(|| {
        let schema = document_schema(name).unwrap();
        jsonschema::draft202012::new(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let all = validator.iter_errors(document).take(3);
    all.map(|it| format!("{}: {it}", it.instance_path()))
        .collect()
}

/// Holds a document against the schema of its name.
pub(crate) fn assert_fits(name: &str, document: &impl Serialize) {
    let document = serde_json::to_value(document).unwrap();
    let errors = errors(name, &document);
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{document:#}");
}

fn scenarios() -> Vec<(String, Inventory, PolicyFile)> {
    let read = folders(&package("tests/scenarios"))
        .into_iter()
        .map(|folder| {
            let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
            let policy = fs::read_to_string(folder.join("gatewatch.yaml"));
            let policy = policy.map_or_else(
                |_| PolicyFile::default(),
                |text| PolicyFile::from_yaml("gatewatch.yaml", &text).unwrap(),
            );
            (text.clone(), Inventory::from_json(&text).unwrap(), policy)
        });
    read.collect()
}

#[test]
fn each_is_a_schema_of_draft_2020_12_and_is_printed() {
    let shell = Shell::bare();
    let mut files: Vec<String> = fs::read_dir(package("docs/schemas"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut names: Vec<String> = schema_names().map(|it| format!("{it}.json")).collect();
    names.push("policy-file.json".to_owned());
    names.sort();
    assert_eq!(files, names);
    for name in schema_names() {
        let printed = shell.run(&["schema", name]);
        assert_eq!(printed.status, 0, "{}", printed.stderr);
        assert_eq!(printed.stdout, document_schema(name).unwrap());
        let document: Value = serde_json::from_str(&printed.stdout).unwrap();
        assert!(
            jsonschema::draft202012::meta::validate(&document).is_ok(),
            "{name}"
        );
    }
    // The policy file's is made with the names of the rules.
    assert_text_blessed(&package("docs/schemas/policy-file.json"), &schema());
    for arguments in [&["schema"][..], &["schema", "policy-file"]] {
        assert_eq!(shell.run(arguments).stdout, schema());
    }
    let run = shell.run(&["schema", "repot"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("report"), "{}", run.stderr);
}

/// What several documents have in common is described alike in each of them.
#[test]
fn a_report_of_one_of_several_accounts_is_described_like_any_report() {
    let read =
        |name: &str| -> Value { serde_json::from_str(document_schema(name).unwrap()).unwrap() };
    let (mut report, accounts) = (read("report"), read("accounts"));
    let fields = report.as_object_mut().unwrap();
    let definitions = fields.remove("$defs").unwrap();
    fields.retain(|name, _| !["$schema", "title"].contains(&name.as_str()));
    assert_eq!(accounts["$defs"]["report"], report);
    for (name, definition) in definitions.as_object().unwrap() {
        assert_eq!(&accounts["$defs"][name], definition, "{name}");
    }
    let (digest, change) = (read("digest"), read("change"));
    assert_eq!(
        digest["$defs"]["change"]["properties"],
        change["properties"]
    );
    let organization = read("organization-digest");
    assert_eq!(organization["$defs"]["change"], digest["$defs"]["change"]);
}

/// The words that a type is written as: serde names them where it is given another one.
fn words_of<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> Vec<String> {
    let error = serde_json::from_value::<T>(json!("no such word")).unwrap_err();
    let named = error.to_string();
    let words = named.split('`').skip(3).step_by(2);
    words.map(str::to_owned).collect()
}

fn enumerations(schema: &Value, all: &mut Vec<Vec<String>>) {
    if let Some(Value::Array(words)) = schema.get("enum") {
        let words = words.iter().filter_map(Value::as_str);
        all.push(words.map(str::to_owned).collect());
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|it| enumerations(it, all)),
        Value::Array(items) => items.iter().for_each(|it| enumerations(it, all)),
        _ => {}
    }
}

/// A word that no example has is in the schemas all the same.
#[test]
fn what_is_one_of_several_words_is_any_of_them() {
    let types = [
        words_of::<GapKind>(),
        words_of::<Reason>(),
        words_of::<Source>(),
        Kind::ALL.map(|it| it.as_str().to_owned()).to_vec(),
        words_of::<Standing>(),
    ];
    let mut found = [0; 5];
    for name in schema_names() {
        let schema = serde_json::from_str(document_schema(name).unwrap()).unwrap();
        let mut all = Vec::new();
        enumerations(&schema, &mut all);
        for (words, found) in types.iter().zip(&mut found) {
            assert!(words.len() > 4, "{words:?}");
            let is_of_it = |it: &&Vec<String>| {
                let common = it.iter().filter(|word| words.contains(word)).count();
                2 * common > words.len() && 2 * common > it.len()
            };
            for written in all.iter().filter(is_of_it) {
                *found += 1;
                let missing: Vec<_> = words.iter().filter(|it| !written.contains(it)).collect();
                assert!(missing.is_empty(), "{name}: {missing:?} of {written:?}");
            }
        }
    }
    assert!(found.iter().all(|it| *it > 0), "{found:?}");
}

#[test]
fn every_inventory_and_report_fits() {
    for (text, inventory, policy) in scenarios() {
        assert_fits("inventory", &serde_json::from_str::<Value>(&text).unwrap());
        assert_fits("inventory", &inventory);
        let report = Report::new(&inventory, &policy, TODAY);
        assert_fits("report", &json::document(&report));
        assert_fits("report", &json::cut(&report, 0));
    }
}

#[test]
fn every_report_of_a_template_fits() {
    let options = Options {
        region: "eu-west-1".to_owned(),
        region_is_known: false,
        parameters: std::collections::BTreeMap::new(),
        around: None,
    };
    let mut seen = 0;
    for folder in folders(&package("tests/templates")) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let read = template::read("t", &text, &options, jiff::Timestamp::UNIX_EPOCH);
            if let Ok(Some(template)) = read {
                let report = Report::of_template(template, &PolicyFile::default(), TODAY);
                assert_fits("report", &json::document(&report));
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn every_explanation_fits() {
    for (_, inventory, policy) in scenarios() {
        let report = Report::new(&inventory, &policy, TODAY);
        let all: Vec<_> = report.evaluation.all_findings().collect();
        for finding in all.iter().take(1).chain(all.iter().skip(1).last()) {
            let id = finding.fingerprint().to_string();
            let explained = explain_finding(&inventory, &policy, &id, TODAY).unwrap();
            assert_fits("explanation", &finding_explanation_document(&explained));
        }
        let mut methods = all.iter().filter_map(|it| it.place.method());
        if let Some((verb, path)) = methods.next() {
            let asked = Asked {
                method: format!("{verb} {path}"),
                api: None,
                stage: None,
            };
            let explained = explain(&inventory, &policy, &asked, TODAY).unwrap();
            assert_fits("explanation", &explanation_document(&explained));
        }
    }
}

#[test]
fn every_answer_about_access_fits() {
    let shell = Shell::bare();
    for folder in folders(&package("tests/scenarios")) {
        let inventory = folder.join("inventory.json").display().to_string();
        let run = shell.run(&[
            "access",
            &inventory,
            "--principals",
            "all",
            "--why",
            "--format",
            "json",
        ]);
        if run.stdout.is_empty() {
            continue;
        }
        assert_fits("access", &run.report());
    }
}

/// Each scenario against the one before it, made one of the same account and Region.
#[test]
fn every_difference_fits() {
    let mut scenarios = scenarios();
    let mut compared = 0;
    for (_, inventory, _) in &mut scenarios {
        "111122223333".clone_into(&mut inventory.account);
    }
    for pair in scenarios.windows(2) {
        let [(_, one, policy), (_, other, _)] = pair else {
            continue;
        };
        let readings = [one, other].map(|it| Reading::Inventory(Box::new(it.clone())));
        let difference = compare(&readings[0], &readings[1], policy, one.taken_at).unwrap();
        assert_fits("diff", &gatewatch::render::difference_document(&difference));
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

/// What tests of messages make besides is held against the schemas there.
#[test]
fn a_digest_its_chat_messages_and_the_history_fit() {
    let account = Account::with(
        "PetStore",
        &[("POST", "/pets", "NONE"), ("GET", "/pets", "AWS_IAM")],
    );
    let report = account.seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    for most in [0, 100] {
        assert_fits("digest", &digest_document(&digest, most));
    }
    let notices = chat_notices(&digest);
    assert!(!notices.is_empty());
    for notice in notices {
        assert_fits(
            "chat",
            &serde_json::from_str::<Value>(&notice.message).unwrap(),
        );
    }
    assert_fits("history", &history_document(shelf.books(), &[]));
}

/// Where an object may have fields that are not gatewatch's own.
const OPEN: [&str; 4] = ["json", "tags", "additionalContext", "not_decided_by_iam"];

/// Every object of a document with a field that nobody knows.
fn with_a_field_more(document: &Value) -> Vec<(String, Value)> {
    let mut places = vec![String::new()];
    let mut at = 0;
    while let Some(place) = places.get(at).cloned() {
        at += 1;
        match document.pointer(&place).unwrap() {
            Value::Object(fields) => {
                let own = fields.keys().filter(|it| !OPEN.contains(&it.as_str()));
                places.extend(
                    own.map(|it| format!("{place}/{}", it.replace('~', "~0").replace('/', "~1"))),
                );
            }
            Value::Array(items) => {
                places.extend((0..items.len()).map(|it| format!("{place}/{it}")))
            }
            _ => {}
        }
    }
    places.retain(|it| document.pointer(it).unwrap().is_object());
    let changed = places.into_iter().map(|place| {
        let mut document = document.clone();
        document.pointer_mut(&place).unwrap()["unheard_of"] = json!(1);
        (place, document)
    });
    changed.collect()
}

#[test]
fn a_field_that_the_schema_does_not_name_is_refused() {
    let shell = Shell::bare();
    let example = package("examples/access.inventory.json");
    let example = example.to_str().unwrap();
    let inventory: Value = serde_json::from_str(&fs::read_to_string(example).unwrap()).unwrap();
    let run = |arguments: &[&str]| {
        let arguments = [arguments, &["--format", "json"]].concat();
        shell.run(&arguments).report()
    };
    let documents = [
        ("inventory", inventory),
        ("report", run(&["check", example])),
        ("access", run(&["access", example, "--why"])),
        ("diff", run(&["diff", example, example])),
        ("explanation", run(&["explain", "/pets", example])),
    ];
    for (name, document) in documents {
        assert_fits(name, &document);
        for (place, changed) in with_a_field_more(&document) {
            assert!(!errors(name, &changed).is_empty(), "{name}: {place}");
        }
    }
}
