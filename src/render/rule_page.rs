//! A rule's manual as a page of the guide, and for the terminal.

use serde::Serialize;

use super::rules::{RuleLine, rule_line};
use super::words::capitalized;
use crate::audit::finding::RuleId;
use crate::audit::rules;

/// A rule with its manual, as `gatewatch explain RULE --format json` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleManual {
    /// What `gatewatch rules` says of it.
    #[serde(flatten)]
    pub line: RuleLine,
    /// The page of the guide: Markdown, whose relative links start from `docs/rules/`.
    pub page: String,
}

/// The rule with its manual.
pub fn rule_manual(rule: RuleId) -> RuleManual {
    RuleManual {
        line: rule_line(rule),
        page: rule_page(rule),
    }
}

/// The page of a rule: its manual, with what the registry says of it below the heading. Markdown.
///
/// ```
/// use gatewatch::policy_file::RuleId;
///
/// let page = gatewatch::render::rule_page(RuleId::OpenMethod);
/// assert!(page.starts_with("# `open-method`\n\n**Anyone can call"));
/// ```
pub fn rule_page(rule: RuleId) -> String {
    let manual = rules::manual(rule);
    let (heading, body) = manual.split_once("\n\n").unwrap_or((&manual, ""));
    let summary = capitalized(rules::summary(rule));
    format!("{heading}\n\n**{summary}.**\n\n{body}")
}

/// How severe a rule's findings are, in a few words: the first paragraph of the section about it.
pub fn rule_severity(rule: RuleId) -> String {
    let manual = rules::manual(rule);
    let section = manual.split_once("\n## Severity\n");
    let words = section.map_or("", |(_, section)| section);
    let paragraph = words.lines().take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

/// The controls of Security Hub CSPM, CIS, NIST and others that are about the same as a rule, each in a line: of links the words, with
/// the address behind them. Empty: the manual names none.
///
/// ```
/// use gatewatch::policy_file::RuleId;
///
/// let controls = gatewatch::render::rule_controls(RuleId::DirectUserGrant);
/// assert!(controls[0].starts_with("Security Hub CSPM IAM.2 (https://docs.aws.amazon.com/securityhub/"));
/// assert!(controls[1].starts_with("CIS AWS Foundations Benchmark v5.0.0 1.14"));
/// ```
pub fn rule_controls(rule: RuleId) -> Vec<String> {
    let manual = rules::manual(rule);
    let section = manual.split_once("\n## Related controls\n");
    let section = section.map_or("", |(_, section)| section);
    let mut controls: Vec<String> = Vec::new();
    for line in section.lines().take_while(|it| !it.starts_with('#')) {
        match (line.strip_prefix("- "), controls.last_mut()) {
            (Some(begin), _) => controls.push(begin.to_owned()),
            (None, Some(control)) if !line.is_empty() => {
                control.push(' ');
                control.push_str(line.trim_start());
            }
            (None, _) => {}
        }
    }
    let plain = controls.iter().map(|it| plainly(&it.replace('*', "")));
    plain.collect()
}

/// The page for a terminal: headings without signs, code indented, and of links the words, with the address where it is
/// one of the web.
pub fn rule_text(rule: RuleId) -> String {
    let mut in_code = false;
    let mut text = String::new();
    for line in rule_page(rule).lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            let indent = if line.is_empty() { "" } else { "    " };
            text.extend([indent, line]);
        } else {
            text.push_str(&plainly(line));
        }
        text.push('\n');
    }
    text
}

/// A line of Markdown that is no code.
fn plainly(line: &str) -> String {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() {
        return heading.trim_start().replace('`', "").to_uppercase();
    }
    let line = line.replace("**", "");
    // A reference is a line of its own.
    match line.split_once('<') {
        Some((before, address)) if address.starts_with("https:") => {
            [before, address.trim_end_matches('>')].concat()
        }
        _ => without_links(&line),
    }
}

/// The words of each link, and where it leads if that is an address of the web.
fn without_links(line: &str) -> String {
    let mut parts = line.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let link = part.split_once("](").and_then(|(words, rest)| {
            let (target, after) = rest.split_once(')')?;
            Some((words, target, after))
        });
        match link {
            Some((words, target, after)) if target.starts_with("https:") => {
                text.extend([words, " (", target, ")", after]);
            }
            Some((words, _, after)) => text.extend([words, after]),
            None => text.extend(["[", part]),
        }
    }
    text
}
