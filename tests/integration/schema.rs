//! The JSON Schema of the policy file, held against the reader: what one takes the other takes.

use std::fs;
use std::path::PathBuf;

use gatewatch::policy_file::{PolicyFile, schema};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::blessed::folders;
use crate::support::command::Shell;
use crate::support::{package, yaml};

/// Every key that there is.
const WHOLE: &str = r#"
version: 1
preflight: accept-all
max_exemption_days: 400
require:
  - authorization: AWS_IAM
  - match:
      region: eu-west-1
      api: [Public*, a1b2c3d4e5]
      api-id: [a1b2c3d4e5]
      stage: prod
      verb: [get, "P*"]
      path: [/health, "*", $default]
      exposure: [public, private]
      tags: {team: web, tier: ["1", 2]}
    authorization: [NONE, JWT]
groups:
  - name: api-callers
    policies: [AmazonAPIGatewayInvokeFullAccess, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
    inline: extra
exemptions:
  - id: 833cd204a62efbf550eb540d5af88df4
    rule: open-method
    match: {path: "/legacy/*"}
    severity: critical
    reason: the partner cannot sign yet
    owner: api-team@example.com
    expires: 2027-03-31
  - rule: [empty-group, missing-group-policy]
    principal: [contractors, "temp-*"]
    reason: filled again every autumn
    owner: iam-team@example.com
    severity: low
    expires: 2027-03-31
notify:
  - match:
      account: ["111122223333", "4444*"]
      region: eu-west-1
      api: Pay*
      api-id: [a1b2c3d4e5]
      tags: {team: payments}
    topic: arn:aws:sns:eu-west-1:111122223333:payments
    format: chat
"#;

fn validator() -> Validator {
    jsonschema::draft202012::new(&serde_json::from_str(&schema()).unwrap()).unwrap()
}

/// Whether the reader takes a policy file, and what it says where it does not.
fn read(text: &str) -> Result<(), String> {
    let policy = PolicyFile::from_yaml("gatewatch.yaml", text);
    policy.map(|_| ()).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn it_is_a_schema_of_draft_2020_12() {
    let document: Value = serde_json::from_str(&schema()).unwrap();
    assert!(jsonschema::draft202012::meta::validate(&document).is_ok());
    let printed = Shell::bare().run(&["schema"]);
    assert_eq!(
        (printed.status, printed.stdout.as_str()),
        (0, schema().as_str())
    );
}

/// The policy files of the scenarios and the examples, and those in the pages.
fn at_hand() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = folders(&package("tests/scenarios"))
        .into_iter()
        .map(|folder| folder.join("gatewatch.yaml"))
        .filter(|file| file.exists())
        .collect();
    let mut pages = vec![package("README.md")];
    for (folder, ending, list) in [("examples", "yaml", 0), ("docs", "md", 1)] {
        // A folder that is not there holds no file that could be wrong.
        let Ok(entries) = fs::read_dir(package(folder)) else {
            continue;
        };
        let found = entries.map(|entry| entry.unwrap().path());
        let found = found.filter(|path| path.extension().is_some_and(|it| it == ending));
        [&mut files, &mut pages][list].extend(found);
    }
    let read = |path: &PathBuf| {
        (
            path.display().to_string(),
            fs::read_to_string(path).unwrap(),
        )
    };
    let mut texts: Vec<(String, String)> = files.iter().map(read).collect();
    for (name, page) in pages.iter().filter(|page| page.exists()).map(read) {
        let blocks = page.split("```yaml\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap());
        let policies = blocks.filter(|block| block.lines().any(|line| line == "version: 1"));
        texts.extend(policies.map(|block| (name.clone(), block.to_owned())));
    }
    texts
}

#[test]
fn every_policy_file_at_hand_fits_it() {
    let validator = validator();
    let mut seen = 0;
    for (name, text) in at_hand()
        .into_iter()
        .chain([("WHOLE".into(), WHOLE.into())])
    {
        assert_eq!(read(&text), Ok(()), "{name}");
        let errors = validator
            .iter_errors(&yaml::to_json(&text))
            .next()
            .map(|it| it.to_string());
        assert_eq!(errors, None, "{name}");
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

/// What stands in for each part of a policy file, one after the other.
fn stand_ins() -> [Value; 14] {
    [
        Value::Null,
        json!(""),
        json!(" "),
        json!("x"),
        json!("GET"),
        json!("2027-3-1"),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([]),
        json!(["x", [], {}]),
        json!({}),
        json!({"x": []}),
    ]
}

/// The pointers to every part of a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                pointers(entry, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn it_refuses_what_the_reader_refuses_and_nothing_else() {
    let validator = validator();
    let whole = yaml::to_json(WHOLE);
    let mut changed = Vec::new();
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    for place in &places {
        for stand_in in stand_ins() {
            let mut document = whole.clone();
            *document.pointer_mut(place).unwrap() = stand_in;
            changed.push(document);
        }
        let Some(entries) = whole.pointer(place).unwrap().as_object() else {
            continue;
        };
        for key in entries.keys() {
            let mut document = whole.clone();
            let parent = document.pointer_mut(place).unwrap();
            parent.as_object_mut().unwrap().remove(key);
            changed.push(document);
        }
        let mut document = whole.clone();
        document.pointer_mut(place).unwrap()["unheard-of"] = json!("x");
        changed.push(document);
    }
    assert!(changed.len() > 500, "{}", changed.len());
    let (mut taken, mut refused) = (0, 0);
    for document in changed {
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&document).unwrap();
        let fits = validator.is_valid(&document);
        match read(&text) {
            Ok(()) => taken += usize::from(fits),
            // What an exemption comes to as a whole, and a group named twice, is beyond a schema.
            Err(mistakes) if fits && mistakes.contains("would hide everything") => continue,
            Err(_) => refused += usize::from(!fits),
        }
        let says = read(&text);
        assert_eq!(says.is_ok(), fits, "{says:?}\n{text}");
    }
    assert!(taken > 50 && refused > 400, "{taken} and {refused}");
}
