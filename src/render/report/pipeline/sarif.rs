//! A report as SARIF 2.1.0, the format of code scanning.
//!
//! Source: [Static Analysis Results Interchange Format 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html),
//! and what [GitHub code scanning](https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support)
//! asks for besides: a file for each result, and no more than 25,000 results in a run.

use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::Judged;
use super::remark::{NOT_READ, NOT_READ_SUMMARY, Remark, remarks};
use crate::audit::Status;
use crate::audit::finding::{RuleId, Severity};
use crate::audit::rules;
use crate::render::{capitalized, plain, rule_text, write_pretty};

/// As many results GitHub takes from one run.
const MOST: usize = 25_000;

/// What stays as it is in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<ResultObject<'r>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [&'static str; 1],
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'r> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    /// Whether a baseline has it already, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Properties<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

/// The name has a version, as the standard asks for.
#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "gatewatchFinding/v1")]
    finding: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Properties<'r> {
    account: &'r str,
    severity: &'static str,
    exposure: Option<&'static str>,
    fix: Option<String>,
}

/// Writes one run, of however many accounts: GitHub takes 20 runs at most. What could not be read is a result as well, and a
/// notification. What is exempted is suppressed.
///
/// # Errors
/// Where it cannot be written.
pub fn write_sarif(judged: &Judged<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let remarks = remarks(judged);
    let notifications = notifications(judged, &remarks);
    let has_baseline = judged.reports().any(|it| it.known.is_some());
    let results = remarks.iter().take(MOST);
    let results = results.map(|it| result(it, has_baseline));
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    rules: descriptors(&remarks),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: judged.status() != Status::Incomplete,
                tool_execution_notifications: notifications,
            }],
            results: results.collect(),
        }],
    };
    write_pretty(&log, out)
}

/// What was not read, what is left out, what to know of the whole, and what was accepted without proof.
fn notifications(judged: &Judged<'_>, remarks: &[Remark<'_>]) -> Vec<Notification> {
    let told = |level, text: String| Notification {
        level,
        message: Message {
            text: literal(&text),
        },
    };
    let gaps = remarks.iter().filter(|it| it.what.finding().is_none());
    let gaps = gaps.map(|it| told("error", format!("{}: {}", it.place(), it.says())));
    let left_out = remarks.len().saturating_sub(MOST);
    let left_out = (left_out > 0).then(|| {
        let text = format!(
            "{left_out} results are left out, the least severe ones: {MOST} fit into a run"
        );
        told("error", text)
    });
    let warnings = judged.reports().flat_map(|it| it.warnings());
    let warnings = warnings.map(|it| told("warning", it));
    let assumed = judged.reports().flat_map(|it| &it.evaluation.assumptions);
    let assumed = assumed.map(|it| {
        let place = it.place.in_words();
        told(
            "note",
            format!("accepted without proof: {place}: {}", it.says),
        )
    });
    let summary = told("note", judged.in_words());
    let all = gaps.chain(left_out).chain(warnings).chain(assumed);
    all.chain([summary]).collect()
}

/// All rules, and what stands for what could not be read, which comes last.
fn descriptors(remarks: &[Remark<'_>]) -> Vec<Descriptor> {
    let worst = |rule: Option<RuleId>| {
        let own = remarks.iter().filter(|it| it.rule_id() == rule);
        own.map(Remark::severity).max()
    };
    let rules = RuleId::ALL.iter().map(|rule| {
        let severity = worst(Some(*rule)).unwrap_or(Severity::Low);
        let manual = rule_text(*rule);
        descriptor(rule.as_str(), rules::summary(*rule), manual, severity)
    });
    let manual = format!(
        "{}. What is not seen is not clean: mend what kept it from being read, and run the check again.",
        capitalized(NOT_READ_SUMMARY)
    );
    let not_read = descriptor(NOT_READ, NOT_READ_SUMMARY, manual, Severity::High);
    rules.chain([not_read]).collect()
}

fn descriptor(
    id: &'static str,
    summary: &'static str,
    manual: String,
    severity: Severity,
) -> Descriptor {
    let summary = || Message {
        text: capitalized(summary),
    };
    Descriptor {
        id,
        short_description: summary(),
        full_description: summary(),
        help: Help {
            text: manual.clone(),
            markdown: manual,
        },
        default_configuration: Configuration {
            level: level(severity),
        },
        properties: RuleProperties {
            tags: ["security"],
            security_severity: match severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "3.0",
                Severity::Informational => "0.1",
            },
        },
    }
}

fn result<'r>(remark: &Remark<'r>, has_baseline: bool) -> ResultObject<'r> {
    let all = RuleId::ALL.iter();
    let index = remark
        .rule_id()
        .and_then(|rule| all.clone().position(|it| *it == rule));
    let (start_line, start_column) = remark.line_and_column();
    let reach = remark.what.finding().and_then(|it| it.reach.as_ref());
    let suppressions = remark.allowed().map(|justification| Suppression {
        kind: "external",
        status: "accepted",
        justification,
    });
    ResultObject {
        rule_id: remark.rule(),
        rule_index: index.unwrap_or(all.len()),
        level: level(remark.severity()),
        message: Message {
            text: literal(&format!("{}: {}", remark.place(), remark.says())),
        },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(&remark.path()),
                },
                region: Region {
                    start_line,
                    start_column,
                },
            },
            logical_locations: [LogicalLocation {
                fully_qualified_name: remark.place(),
                kind: "resource",
            }],
        }],
        partial_fingerprints: Fingerprints {
            finding: remark.id(),
        },
        baseline_state: has_baseline.then(|| match remark.is_known() {
            true => "unchanged",
            false => "new",
        }),
        suppressions: suppressions.into_iter().collect(),
        properties: Properties {
            account: remark.account,
            severity: remark.severity().as_str(),
            exposure: reach.map(|it| it.exposure.as_str()),
            fix: remark.fix(),
        },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// A message that says just this: single braces would be placeholders, and `](` makes a link.
fn literal(text: &str) -> String {
    let text = plain(text).replace('{', "{{").replace('}', "}}");
    text.replace("](", "] (")
}

/// A path as a URI, relative unless it is absolute.
fn uri(path: &str) -> String {
    let encoded = utf8_percent_encode(path, PATH);
    match path.starts_with('/') {
        true => format!("file://{encoded}"),
        false => encoded.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{literal, uri};

    #[test]
    fn a_message_has_no_placeholder_and_no_link() {
        assert_eq!(literal("GET /pets/{id} [a](b)"), "GET /pets/{{id}} [a] (b)");
    }

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a b/c:d.yaml"), "a%20b/c%3Ad.yaml");
        assert_eq!(uri("/a/b.yaml"), "file:///a/b.yaml");
    }
}
