//! What an auditor asks of a report: what each rule looked at, what passed, what nobody can say, and by which policy file that was
//! judged. What is not known never passes.

use std::collections::BTreeMap;
use std::fs;

use gatewatch::audit::Report;
use gatewatch::audit::finding::RuleId;
use gatewatch::audit::rules::{RuleTally, Subject};
use gatewatch::inventory::{Gap, GapKind, Inventory, Reason};
use gatewatch::policy_file::PolicyFile;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::support::blessed::folders;
use crate::support::command::Shell;
use crate::support::package;

fn petstore() -> Inventory {
    let text = fs::read_to_string(package("examples/petstore.inventory.json")).unwrap();
    Inventory::from_json(&text).unwrap()
}

fn judged(inventory: &Inventory, policy: &str) -> Report {
    let policy = PolicyFile::from_yaml("gatewatch.yaml", policy).unwrap();
    Report::new(inventory, &policy, date(2026, 6, 15))
}

fn tally(report: &Report, rule: RuleId) -> RuleTally {
    let mut rules = report.evaluation.rules.iter();
    *rules.find(|it| it.rule == rule).unwrap()
}

/// Looked at, findings, exempted, not decided, passed.
fn counts(report: &Report, rule: RuleId) -> [usize; 5] {
    let of = tally(report, rule);
    [
        of.looked_at,
        of.findings,
        of.exempted,
        of.undecided,
        of.passed,
    ]
}

fn gap(kind: GapKind, api: Option<&str>) -> Gap {
    Gap {
        kind,
        region: api.map(|_| "eu-west-1".to_owned()),
        api: api.map(str::to_owned),
        stage: None,
        subject: None,
        operation: Some("apigateway:GetDeployment".to_owned()),
        reason: Reason::AccessDenied,
        message: "it could not be read".to_owned(),
    }
}

const DEFAULT: &str = "version: 1\n";

#[test]
fn what_is_as_it_should_be_passed_and_what_is_exempt_did_not() {
    let report = judged(&petstore(), DEFAULT);
    let methods = report.evaluation.coverage.methods;
    assert_eq!(
        counts(&report, RuleId::OpenMethod),
        [methods, 4, 0, 0, methods - 4]
    );
    // There is no WebSocket API, no canary and no exemption: nothing of the kind passed.
    for rule in [
        RuleId::OpenConnect,
        RuleId::OpenCanary,
        RuleId::UnusedExemption,
    ] {
        assert_eq!(counts(&report, rule), [0; 5], "{rule}");
    }
    assert_eq!(counts(&report, RuleId::EmptyGroup)[0], 2);
    let exempting = "version: 1\nexemptions:\n  - {rule: open-method, match: {verb: POST}, severity: critical, reason: known, \
                     owner: alice, expires: 2026-12-31}\n";
    let report = judged(&petstore(), exempting);
    assert_eq!(
        counts(&report, RuleId::OpenMethod),
        [methods, 3, 1, 0, methods - 4]
    );
    assert_eq!(counts(&report, RuleId::ExpiredExemption), [1, 0, 0, 0, 1]);
}

#[test]
fn what_was_not_read_does_not_pass() {
    let mut inventory = petstore();
    let api = inventory.apis[0].id.clone();
    let methods = judged(&inventory, DEFAULT).evaluation.coverage.methods;
    inventory.gaps.push(gap(GapKind::Draft, Some(&api)));
    let report = judged(&inventory, DEFAULT);
    assert_eq!(
        counts(&report, RuleId::OpenMethod),
        [methods, 4, 0, methods - 4, 0]
    );
    // The groups were read.
    assert_eq!(counts(&report, RuleId::EmptyGroup)[3], 0);
    // One of another API hides nothing of this one.
    inventory.gaps = vec![gap(GapKind::Draft, Some("other00000"))];
    let report = judged(&inventory, DEFAULT);
    assert_eq!(counts(&report, RuleId::OpenMethod)[3], 0);
    inventory.gaps = vec![gap(GapKind::Iam, None)];
    let report = judged(&inventory, DEFAULT);
    assert_eq!(counts(&report, RuleId::OpenMethod)[3], 0);
    let groups = counts(&report, RuleId::EmptyGroup);
    assert_eq!((groups[0], groups[4]), (2, 0), "{groups:?}");
    inventory.iam = None;
    let report = judged(&inventory, DEFAULT);
    for of in &report.evaluation.rules {
        let needs = !matches!(
            of.subject,
            Subject::Methods | Subject::Apis | Subject::Exemptions
        );
        if needs {
            assert_eq!(counts(&report, of.rule), [0; 5], "{}", of.rule);
        }
    }
}

#[test]
fn without_drafts_what_goes_by_them_was_not_asked() {
    let mut inventory = petstore();
    inventory.scope.without_drafts = true;
    let report = judged(&inventory, DEFAULT);
    assert_eq!(counts(&report, RuleId::PendingOpening), [0; 5]);
    assert!(counts(&report, RuleId::OpenMethod)[0] > 0);
}

/// Whatever a rule finds, it looked at; and with what nobody can say, and what passed, that is all of it. With a gap, nothing
/// that could be hidden by it passes.
#[test]
fn in_every_scenario_the_counts_are_those_of_the_findings() {
    for folder in folders(&package("tests/scenarios")) {
        let read = |name: &str| fs::read_to_string(folder.join(name));
        let inventory = Inventory::from_json(&read("inventory.json").unwrap()).unwrap();
        let policy = read("gatewatch.yaml").unwrap_or_else(|_| DEFAULT.to_owned());
        let report = judged(&inventory, &policy);
        let mut findings: BTreeMap<RuleId, usize> = BTreeMap::new();
        for finding in report.evaluation.all_findings() {
            *findings.entry(finding.rule).or_default() += 1;
        }
        let name = folder.display();
        assert_eq!(report.evaluation.rules.len(), RuleId::ALL.len());
        for of in &report.evaluation.rules {
            let found = findings.get(&of.rule).copied().unwrap_or_default();
            assert_eq!(of.findings + of.exempted, found, "{name}: {of:?}");
            if of.rule == RuleId::UnreadApi {
                continue;
            }
            assert!(found <= of.looked_at, "{name}: {of:?}");
            let told = found + of.undecided + of.passed;
            assert_eq!(told, of.looked_at, "{name}: {of:?}");
        }
    }
}

/// A finding about several administrators together says of none of the others that it is as it should be.
#[test]
fn one_finding_about_several_lets_no_other_pass() {
    let folder = package("tests/scenarios/administrators");
    let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let report = judged(&Inventory::from_json(&text).unwrap(), DEFAULT);
    let of = tally(&report, RuleId::BlanketGrant);
    assert!(of.findings > 0, "{of:?}");
    assert_eq!(of.passed, 0, "{of:?}");
}

#[test]
fn what_the_policy_file_accepts_is_counted_entry_by_entry() {
    let policy = "version: 1\nrequire:\n  - authorization: AWS_IAM\n  - match: {verb: GET, path: /pets}\n    authorization: [NONE, AWS_IAM]\n  \
                  - match: {path: /nowhere}\n    authorization: NONE\n";
    let report = judged(&petstore(), policy);
    let entries = &report.evaluation.requirements;
    let told: Vec<(usize, usize)> = entries
        .iter()
        .map(|it| (it.decides, it.accepts_open))
        .collect();
    let methods = report.evaluation.coverage.methods;
    assert_eq!(told, [(methods - 1, 0), (1, 1), (0, 0)]);
    assert_eq!(
        entries[1].requirement.selector.in_words(),
        "verb GET, path /pets"
    );
    assert_eq!(entries[0].requirement.selector.in_words(), "all methods");
}

/// What `sha256sum` prints of the file.
const HASH: &str = "1a7d036ae2bb4cd3db0ecf2457a0a4eb8875422288334295b3ace8e6119372ae";

/// The report names the policy file by the hash that anybody can compute of it.
#[test]
fn the_report_says_by_which_policy_file_and_when_it_was_judged() {
    let shell = Shell::bare();
    // With a byte order mark, which is no part of its text.
    let bytes = b"\xef\xbb\xbfversion: 1\n";
    fs::write(shell.folder().join("demands.yaml"), bytes).unwrap();
    fs::copy(
        package("examples/petstore.inventory.json"),
        shell.folder().join("i.json"),
    )
    .unwrap();
    let arguments = ["check", "i.json", "--config", "demands.yaml", "--format"];
    let report = shell.run(&[&arguments[..], &["json"]].concat()).report();
    let expected = json!({"source": "demands.yaml", "sha256": HASH, "version_id": null});
    assert_eq!(report["policy_file"], expected);
    assert_eq!(report["read_until"], Value::Null);
    assert!(report["judged_at"].as_str().unwrap() > report["taken_at"].as_str().unwrap());
    let markdown = shell.run(&[&arguments[..], &["markdown"]].concat()).stdout;
    let said = format!("by `demands.yaml` (SHA-256 `{HASH}`)");
    assert!(markdown.contains(&said), "{markdown}");
    assert!(
        markdown.contains("| `open-method` | 6 methods | 4 | 0 | 0 | 2 |"),
        "{markdown}"
    );
    let without = shell.run(&["check", "i.json", "--format", "json"]).report();
    assert_eq!(without["policy_file"], Value::Null);
}
