//! `gatewatch init`: a policy file to begin with, which accepts nothing that nobody has decided about.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use gatewatch::audit::Report;
use gatewatch::audit::finding::{Finding, RuleId, Severity};
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::initial::propose;
use gatewatch::run::scan;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::blessed::folders;
use crate::support::command::Shell;
use crate::support::package;

fn now() -> Timestamp {
    "2026-06-15T06:00:00Z".parse().unwrap()
}

fn example() -> Value {
    let text = fs::read_to_string(package("examples/access.inventory.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn proposed(inventory: &Value) -> (String, Report) {
    let inventory = Inventory::from_json(&inventory.to_string()).unwrap();
    let initial = propose(&inventory, now()).unwrap_or_else(|error| panic!("{error}"));
    (initial.text, initial.report)
}

fn read(text: &str) -> PolicyFile {
    PolicyFile::from_yaml("gatewatch.yaml", text)
        .unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"))
}

/// The findings by id, each with its rule and severity.
fn found(report: &Report) -> BTreeMap<String, (RuleId, Severity)> {
    let all = report.evaluation.findings.iter();
    let entry = |it: &Finding| (it.fingerprint().to_string(), (it.rule, it.severity));
    all.map(entry).collect()
}

#[test]
fn what_is_found_without_a_file_is_found_with_the_proposed_one() {
    let mut seen = 0;
    for folder in folders(&package("tests/scenarios")) {
        let name = folder.display();
        let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
        let inventory = Inventory::from_json(&text).unwrap();
        let initial = propose(&inventory, now()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = propose(&inventory, now()).unwrap();
        assert_eq!(again.text, initial.text, "{name}");
        let policy = read(&initial.text);
        assert!(policy.exemptions.is_empty(), "{name}");
        let without = scan::judge(&inventory, &PolicyFile::default(), now());
        let with = scan::judge(&inventory, &policy, now());
        assert_eq!(found(&with), found(&initial.report), "{name}");
        let still = found(&with);
        for (id, (rule, severity)) in found(&without) {
            let kept = still.get(&id).is_some_and(|it| it.1 >= severity);
            assert!(kept, "{name}: {rule} is gone\n{}", initial.text);
        }
        let mut gaps = without.evaluation.gaps.iter();
        assert!(gaps.all(|it| with.evaluation.gaps.contains(it)), "{name}");
        // Without a method, nothing can be matched.
        let warnings = &with.evaluation.warnings;
        let is_empty = with.evaluation.coverage.methods == 0;
        assert!(warnings.is_empty() || is_empty, "{name}: {warnings:?}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

/// Nobody who may call today is reported for it, but those who are to be decided about.
#[test]
fn who_is_listed_is_not_reported() {
    for folder in folders(&package("tests/scenarios")) {
        let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
        let inventory = Inventory::from_json(&text).unwrap();
        let initial = propose(&inventory, now()).unwrap();
        let findings = initial.report.evaluation.findings.iter();
        for finding in findings.filter(|it| it.rule == RuleId::UnlistedInvoker) {
            let principal = finding.place.principal.as_ref().unwrap();
            // It stands in the file, for whoever decides.
            let name = principal.name.split(' ').next().unwrap();
            let said = initial
                .text
                .lines()
                .any(|it| it.trim_start().starts_with('#') && it.contains(name));
            assert!(
                said,
                "{}: {}\n{}",
                folder.display(),
                principal.name,
                initial.text
            );
            assert_ne!(principal.kind.as_str(), "group", "{}", folder.display());
        }
    }
}

#[test]
fn the_example_is_proposed_as_it_is() {
    let (text, report) = proposed(&example());
    let policy = read(&text);
    let listed: Vec<&str> = policy
        .invokers
        .iter()
        .flat_map(|it| &it.groups)
        .map(String::as_str)
        .collect();
    assert_eq!(
        listed,
        ["callers", "clerks", "office", "readers", "typists"],
        "{text}"
    );
    // Users with grants of their own are named, and not listed.
    assert!(policy.invokers.iter().all(|it| it.users.is_empty()));
    assert!(
        text.contains("\n    # users:\n    #   - \"bob\"\n"),
        "{text}"
    );
    // What is open is offered, and not accepted.
    let open = |it: &&Finding| it.rule == RuleId::OpenMethod;
    let open: Vec<&Finding> = report.evaluation.findings.iter().filter(open).collect();
    assert!(!open.is_empty());
    for finding in open {
        assert!(
            text.contains(&format!("# - id: {}", finding.fingerprint())),
            "{text}"
        );
    }
}

/// An entry whose marks are taken away, and that nobody has filled in, accepts nothing: it is a mistake.
#[test]
fn an_exception_that_nobody_has_given_is_a_mistake() {
    let (text, _) = proposed(&example());
    let (head, exceptions) = text.split_once("# exemptions:\n").unwrap();
    let bare = |line: &str| match line.strip_prefix("  # ") {
        Some(entry) => format!("  {entry}\n"),
        None => format!("{line}\n"),
    };
    let exceptions: String = exceptions.lines().map(bare).collect();
    let offered = format!("{head}exemptions:\n{exceptions}");
    let mistakes = PolicyFile::from_yaml("gatewatch.yaml", &offered).unwrap_err();
    for key in [
        "`reason` is empty",
        "`owner` is empty",
        "`expires` is empty",
    ] {
        assert!(mistakes.to_string().contains(key), "{mistakes}");
    }
    let given = offered
        .replace("reason:", "reason: the partner cannot sign yet")
        .replace("owner:", "owner: api-team@example.com")
        .replace("expires:", "expires: 2026-12-31");
    assert!(!read(&given).exemptions.is_empty());
}

/// A name is a pattern in the list of callers, and a line of the file in a comment.
#[test]
fn hostile_names_list_nobody_else_and_end_no_comment() {
    let mut inventory = example();
    inventory["apis"][0]["name"] = json!("Pets\ninvokers:\n  - groups: ['*']\u{2028}x # y");
    let group = &mut inventory["iam"]["groups"][0];
    group["name"] = json!("*");
    let (text, report) = proposed(&inventory);
    let policy = read(&text);
    let listed = policy.invokers.iter().flat_map(|it| &it.groups);
    assert!(listed.clone().all(|it| !it.contains('*')), "{text}");
    assert!(
        text.contains("not listed, as it would be a pattern"),
        "{text}"
    );
    let unlisted = |it: &Finding| {
        it.rule == RuleId::UnlistedInvoker && it.place.in_words().contains("group *")
    };
    assert!(report.evaluation.findings.iter().any(unlisted));
    let quote = "a\"b\\c: #\u{e9}";
    let mut inventory = example();
    inventory["iam"]["groups"][0]["name"] = json!(quote);
    let policy = read(&proposed(&inventory).0);
    let mut listed = policy.invokers.iter().flat_map(|it| &it.groups);
    assert!(listed.any(|it| it == quote));
}

#[test]
fn what_was_not_read_is_said_and_the_status_is_3() {
    let mut inventory = example();
    inventory["iam"] = Value::Null;
    inventory["gaps"] = json!([{
        "kind": "iam", "region": null, "api": null, "stage": null, "subject": null,
        "operation": "iam:GetAccountAuthorizationDetails", "reason": "access-denied", "message": "nobody may look",
    }]);
    let shell = Shell::bare();
    let file = shell.folder().join("inventory.json");
    fs::write(&file, inventory.to_string()).unwrap();
    let run = shell.run(&["init", "--inventory", "inventory.json"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let text = fs::read_to_string(shell.folder().join("gatewatch.yaml")).unwrap();
    assert!(
        text.contains("# - the account: nobody may look (access denied)"),
        "{text}"
    );
    assert!(
        text.contains("# groups: the IAM principals could not be read"),
        "{text}"
    );
    read(&text);
}

#[test]
fn a_file_that_is_there_stays() {
    let shell = Shell::bare();
    let file = shell.folder().join("gatewatch.yaml");
    let run = shell.run(&["init"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let text = fs::read_to_string(&file).unwrap();
    read(&text);
    fs::write(&file, "mine").unwrap();
    let run = shell.run(&["init"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("gatewatch.yaml is there already"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let run = shell.run(&["init", "--force"]);
    assert_eq!((run.status, fs::read_to_string(&file).unwrap()), (0, text));
    symlink("nowhere", shell.folder().join("link.yaml")).unwrap();
    assert_eq!(shell.run(&["init", "-o", "link.yaml"]).status, 2);
}

#[test]
fn types_are_said_or_come_from_the_inventory() {
    let shell = Shell::bare();
    let run = shell.run(&["init", "-o", "-", "--authorization", "jwt"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("authorization: [AWS_IAM, JWT]"),
        "{}",
        run.stdout
    );
    read(&run.stdout);
    for wrong in ["NONE", "AWS_IAM", "none of these"] {
        let run = shell.run(&["init", "-o", "-", "--authorization", wrong]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{wrong}");
    }
}

/// The check that a reader makes next.
#[test]
fn the_command_says_what_a_check_finds() {
    let shell = Shell::bare();
    fs::write(shell.folder().join("inventory.json"), example().to_string()).unwrap();
    let run = shell.run(&["init", "--inventory", "inventory.json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let check = shell.run(&["check", "inventory.json"]);
    assert_eq!(check.status, 1);
    let counts = run
        .stderr
        .lines()
        .last()
        .unwrap()
        .split("finds: ")
        .nth(1)
        .unwrap();
    assert!(
        check.stdout.contains(counts),
        "{}\n{}",
        run.stderr,
        check.stdout
    );
}
