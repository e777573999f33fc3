//! The pages of the rules: made of the rules' own doc comments, and every example in them does what it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use gatewatch::audit::Report;
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::{PolicyFile, RuleId};
use gatewatch::render::{json, rule_page, rule_severity, rules_list};
use gatewatch::run::scan;
use gatewatch::template::{self, Options};
use serde_json::Value;

use crate::support::blessed::assert_text_blessed;
use crate::support::command::Shell;
use crate::support::package;
use crate::support::probe::{has_answers, probed};
use crate::support::yaml::to_json;
use crate::templates::{now, options};

/// The text of a section, without its heading. `None`: there is none.
fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let level = heading.split(' ').next().unwrap();
    let (_, rest) = page.split_once(&format!("\n{heading}\n"))?;
    let ends = (1..=level.len()).filter_map(|it| rest.find(&format!("\n{} ", "#".repeat(it))));
    Some(&rest[..ends.min().unwrap_or(rest.len())])
}

/// The code blocks of a text.
fn blocks(text: &str) -> Vec<&str> {
    let parts = text.split("\n```").skip(1).step_by(2);
    parts.map(|it| it.split_once('\n').unwrap().1).collect()
}

/// An example: what is checked, and the policy file.
struct Example {
    /// A template, or else a folder below `tests/rules/`.
    template: Option<String>,
    folder: PathBuf,
    policy: String,
}

impl Example {
    /// The bad or the good example of a page.
    fn of(rule: RuleId, page: &str, side: &str) -> Example {
        let folder = package("tests/rules").join(format!("{rule}/{}", side.to_lowercase()));
        let examples = section(page, "## Examples").unwrap();
        let shown = blocks(section(examples, &format!("### {side}")).unwrap());
        let shared = blocks(examples.split("\n### ").next().unwrap());
        let is_template =
            |it: &&&str| it.contains("\nResources:\n") || it.starts_with("Resources:\n");
        let template = shown.iter().find(is_template).map(|it| (*it).to_owned());
        let written = fs::read_to_string(folder.join("gatewatch.yaml"));
        let policy = match (&template, shared.first()) {
            (Some(_), Some(shared)) => (*shared).to_owned(),
            _ => written.unwrap_or_else(|_| "version: 1\n".to_owned()),
        };
        let example = Example {
            template,
            folder,
            policy,
        };
        for block in shown.iter().chain(&shared) {
            assert!(
                example.shows(block),
                "{rule}, {side}: this is not what is checked:\n{block}"
            );
        }
        example
    }

    /// Whether a block of the page is a part of what is checked.
    fn shows(&self, block: &str) -> bool {
        if self.template.as_deref() == Some(block) {
            return true;
        }
        let shown = to_json(block);
        let inventory = || fs::read_to_string(self.folder.join("inventory.json")).unwrap();
        is_part(&shown, &to_json(&self.policy))
            || self.template.is_none()
                && is_part(&shown, &serde_json::from_str(&inventory()).unwrap())
    }

    /// The report, with more lines in the policy file.
    fn report(&self, more: &str) -> Value {
        let policy = PolicyFile::from_yaml("gatewatch.yaml", &format!("{}\n{more}", self.policy));
        let policy = policy.unwrap_or_else(|error| panic!("{}: {error}", self.folder.display()));
        let report = match &self.template {
            Some(template) => {
                let options = Options {
                    region_is_known: true,
                    ..options()
                };
                let template = template::read("template.yaml", template, &options, now());
                scan::judge_template(template.unwrap().unwrap(), &policy, now())
            }
            None => {
                let inventory = fs::read_to_string(self.folder.join("inventory.json")).unwrap();
                let inventory = Inventory::from_json(&inventory).unwrap();
                let today = jiff::civil::date(2026, 6, 15);
                match probed(&inventory, &self.folder) {
                    None => Report::new(&inventory, &policy, today),
                    Some(probed) => Report::of_probe(&inventory, probed, &policy, today),
                }
            }
        };
        serde_json::to_value(json::document(&report)).unwrap()
    }
}

/// Whether a value is the other one, or a part of it: an object with some of its keys, or somewhere inside it.
fn is_part(part: &Value, of: &Value) -> bool {
    let holds = match part.is_object() && of.is_object() {
        true => is_here(part, of),
        false => part == of,
    };
    holds
        || match of {
            Value::Object(of) => of.values().any(|of| is_part(part, of)),
            Value::Array(of) => of.iter().any(|of| is_part(part, of)),
            _ => false,
        }
}

/// The same at this very place. A list has as many items as the other one.
fn is_here(part: &Value, of: &Value) -> bool {
    match (part, of) {
        (Value::Object(part), Value::Object(of)) => part
            .iter()
            .all(|(key, part)| of.get(key).is_some_and(|of| is_here(part, of))),
        (Value::Array(part), Value::Array(of)) => {
            part.len() == of.len() && part.iter().zip(of).all(|(part, of)| is_here(part, of))
        }
        _ => part == of,
    }
}

fn rules_of(findings: &Value) -> BTreeSet<&str> {
    let findings = findings.as_array().unwrap().iter();
    findings.map(|it| it["rule"].as_str().unwrap()).collect()
}

/// The page of a rule as it stands in `docs/rules/`.
fn written(rule: RuleId) -> PathBuf {
    package("docs/rules").join(format!("{rule}.md"))
}

#[test]
fn every_rule_has_a_page_that_says_what_its_documentation_says() {
    for rule in RuleId::ALL {
        assert_text_blessed(&written(*rule), &rule_page(*rule));
    }
    let pages = fs::read_dir(package("docs/rules")).unwrap().count();
    assert_eq!(
        pages,
        RuleId::ALL.len() + 1,
        "a page of a rule that is not there"
    );
}

#[test]
fn every_page_has_the_sections_in_their_order() {
    let sections = [
        "Severity",
        "Why this is bad",
        "What it looks at",
        "Examples",
        "How to fix",
        "Exemption",
        "Related controls",
        "References",
    ];
    for rule in RuleId::ALL {
        let page = rule_page(*rule);
        assert!(page.starts_with(&format!("# `{rule}`\n\n**")), "{rule}");
        let found: Vec<&str> = page
            .lines()
            .filter_map(|it| it.strip_prefix("## "))
            .collect();
        let wanted: Vec<&str> = sections
            .into_iter()
            .filter(|it| *it != "Related controls" || found.contains(it))
            .collect();
        assert_eq!(found, wanted, "{rule}");
        let severity = rule_severity(*rule);
        assert!(
            !severity.is_empty() && !severity.ends_with('.'),
            "{rule}: {severity}"
        );
    }
}

#[test]
fn every_bad_example_breaks_its_rule_alone_and_every_good_one_none() {
    for rule in RuleId::ALL {
        let page = rule_page(*rule);
        let bad = Example::of(*rule, &page, "Bad").report("");
        assert_eq!(rules_of(&bad["findings"]), BTreeSet::from([rule.as_str()]));
        let gaps = bad["coverage"]["gaps"].as_array().unwrap();
        assert!(
            gaps.is_empty() || *rule == RuleId::UnreadApi,
            "{rule}: {gaps:?}"
        );
        let good = Example::of(*rule, &page, "Good").report("");
        assert_eq!(good["findings"], Value::Array(Vec::new()), "{rule}");
        assert_eq!(good["coverage"]["gaps"], Value::Array(Vec::new()), "{rule}");
    }
}

#[test]
fn every_exemption_that_is_shown_covers_the_bad_example() {
    for rule in RuleId::ALL {
        let page = rule_page(*rule);
        let shown = blocks(section(&page, "## Exemption").unwrap());
        assert_eq!(shown.len(), usize::from(rule.can_be_exempted()), "{rule}");
        for exemption in shown {
            let report = Example::of(*rule, &page, "Bad").report(exemption);
            assert_eq!(report["findings"], Value::Array(Vec::new()), "{rule}");
            assert_eq!(
                rules_of(&report["exempted"]),
                BTreeSet::from([rule.as_str()])
            );
        }
    }
}

/// As readers try them, but for what depends on the day.
#[test]
fn the_binary_says_the_same_of_the_examples() {
    for rule in RuleId::ALL {
        let page = rule_page(*rule);
        for (side, fired) in [("Bad", true), ("Good", false)] {
            let example = Example::of(*rule, &page, side);
            // The binary asks a server itself: see the tests of `probe`.
            if example.policy.contains("expires:") || has_answers(&example.folder) {
                continue;
            }
            let shell = Shell::bare();
            fs::write(shell.folder().join("gatewatch.yaml"), &example.policy).unwrap();
            let file = match &example.template {
                Some(template) => {
                    fs::write(shell.folder().join("template.yaml"), template).unwrap();
                    "template.yaml".to_owned()
                }
                None => example.folder.join("inventory.json").display().to_string(),
            };
            let run = shell.run(&["check", &file, "--brief"]);
            assert_eq!(
                run.stdout.contains(rule.as_str()),
                fired,
                "{rule}: {}",
                run.stdout
            );
        }
    }
}

/// Holds a page against what it must say between two texts of it.
fn assert_between(page: &str, begin: &str, end: &str, lines: impl Iterator<Item = String>) {
    let page = package(page);
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let lines: Vec<String> = lines.collect();
    let wanted = format!("{before}{begin}{}{end}{after}", lines.join("\n"));
    assert_text_blessed(&page, &wanted);
}

/// The list of the rules, and the table of contents of the book, are made of the rules, too.
#[test]
fn the_list_of_the_rules_says_what_their_pages_say() {
    let heading = "| rule | fires when | severity |\n|---|---|---|\n";
    let lines = rules_list().into_iter().map(|it| {
        let rule = it.rule;
        let severity = rule_severity(RuleId::from_name(rule).unwrap());
        format!("| [`{rule}`]({rule}.md) | {} | {severity} |", it.summary)
    });
    assert_between("docs/rules/README.md", heading, "\n\n", lines);
    let lines = RuleId::ALL
        .iter()
        .map(|it| format!("  - [{it}](rules/{it}.md)"));
    assert_between("docs/SUMMARY.md", "(rules/README.md)\n", "\n- ", lines);
}

#[test]
fn explain_prints_the_manual_of_a_rule() {
    let shell = Shell::bare();
    let run = shell.run(&["explain", "open-canary"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stdout.starts_with("OPEN-CANARY\n\nA canary opens"),
        "{}",
        run.stdout
    );
    let of_page = |sign: &str| run.stdout.contains(sign);
    assert!(of_page("\nWHY THIS IS BAD\n") && of_page("\n      - rule: open-canary\n"));
    assert!(
        !of_page("```") && !of_page("](") && !of_page("**"),
        "{}",
        run.stdout
    );
    assert!(of_page("\n- https://docs.aws.amazon.com/"));

    let json = shell.run(&["explain", "unread-api", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["rule"], "unread-api");
    assert_eq!(json["can_be_exempted"], false);
    assert_eq!(json["page"], rule_page(RuleId::UnreadApi));
}

#[test]
fn explain_says_what_is_wrong_with_a_name() {
    let shell = Shell::bare();
    let run = shell.run(&["explain", "open-methods"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("open-method,"), "{}", run.stderr);
    assert!(run.stderr.contains("name an inventory"), "{}", run.stderr);
    let run = shell.run(&["explain", "open-method", "--api", "PetStore"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
}
