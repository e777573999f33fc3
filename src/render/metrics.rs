//! The figures of a run as CloudWatch metrics, in one line of the log.
//!
//! The [embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html):
//! Lambda's log lines become metrics without a call and without a permission.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::audit::Report;
use crate::audit::finding::Severity;
use crate::inventory::GapKind;

/// The namespace of the metrics.
const NAMESPACE: &str = "gatewatch";

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMetrics {
    /// The Lambda's name: the one dimension.
    pub function: String,
    /// How many findings are open, by severity.
    pub open: BTreeMap<Severity, usize>,
    /// How many findings are exempt.
    pub exempt: usize,
    /// How many gaps the report has.
    pub gaps: usize,
    /// How much of what is there was read, in percent: see [`coverage_percent`].
    pub coverage: f64,
    /// Whether something could not be read.
    pub incomplete: bool,
    /// Whether the run was about all that the account is looked at for.
    pub full_scan: bool,
    /// How many changes were announced: messages named them, and somebody gets the messages.
    pub announced: usize,
    /// How many changes are left to the next run.
    pub untold: usize,
    /// Whether there was something to announce, and nobody has confirmed a subscription to the topic.
    pub not_subscribed: bool,
    /// How long the run took, in milliseconds.
    pub duration: u64,
    /// How old the oldest change that nobody was told yet is, in seconds. 0: there is none.
    pub oldest_unannounced: u64,
    /// How many requests were sent to AWS.
    pub calls: u64,
    /// How many of them AWS asked to send more slowly.
    pub throttles: u64,
}

/// The figures of a run as one line of JSON, without a line break. `at`: when the run began.
pub fn metrics(run: &RunMetrics, at: Timestamp) -> String {
    let flag = |holds: bool| json!(u8::from(holds));
    let open = |severity| json!(run.open.get(&severity).copied().unwrap_or_default());
    let metrics = [
        ("Critical", "Count", open(Severity::Critical)),
        ("High", "Count", open(Severity::High)),
        ("Medium", "Count", open(Severity::Medium)),
        ("Low", "Count", open(Severity::Low)),
        ("Informational", "Count", open(Severity::Informational)),
        ("Exempt", "Count", json!(run.exempt)),
        ("Gaps", "Count", json!(run.gaps)),
        ("Coverage", "Percent", json!(run.coverage)),
        ("Incomplete", "Count", flag(run.incomplete)),
        ("FullScans", "Count", flag(run.full_scan)),
        ("Announced", "Count", json!(run.announced)),
        ("Untold", "Count", json!(run.untold)),
        ("NotSubscribed", "Count", flag(run.not_subscribed)),
        ("Duration", "Milliseconds", json!(run.duration)),
        (
            "OldestUnannounced",
            "Seconds",
            json!(run.oldest_unannounced),
        ),
        ("Calls", "Count", json!(run.calls)),
        ("Throttles", "Count", json!(run.throttles)),
    ];
    line(&run.function, &metrics, at)
}

/// Figures with their units as one line of JSON.
pub(super) fn line(function: &str, metrics: &[(&str, &str, Value)], at: Timestamp) -> String {
    let units: Vec<Value> = (metrics.iter())
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit}))
        .collect();
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["FunctionName"]],
        "Metrics": units,
    });
    let head = json!({
        "Timestamp": at.as_millisecond(),
        "CloudWatchMetrics": [directive],
    });
    let mut line = Map::new();
    line.insert("_aws".to_owned(), head);
    line.insert("FunctionName".to_owned(), json!(function));
    for (name, _, value) in metrics {
        line.insert((*name).to_owned(), value.clone());
    }
    Value::Object(line).to_string()
}

/// How much of what is there was read, in percent: the APIs, and IAM as one more. An API or IAM with a gap
/// that hides a method or the principals was not read; a Region without its list counts as one place more,
/// as nobody knows how many APIs it has.
pub fn coverage_percent(report: &Report) -> f64 {
    let unread: BTreeSet<(Option<&str>, Option<&str>)> = (report.evaluation.gaps.iter())
        .filter(|it| it.kind.hides_a_place())
        .map(|it| match it.kind {
            GapKind::Iam => (None, None),
            _ => (it.region.as_deref(), it.api.as_deref()),
        })
        .collect();
    let is_list = |it: &&(Option<&str>, Option<&str>)| matches!(it, (Some(_), None));
    let lists = unread.iter().filter(is_list).count();
    let known = report.evaluation.coverage.apis + 1 + lists;
    percent(known.saturating_sub(unread.len()), known)
}

fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Gap;
    use crate::render::digest::single::tests::{at, report};

    fn run() -> RunMetrics {
        RunMetrics {
            function: "gatewatch".to_owned(),
            open: Severity::WORST_FIRST.into_iter().zip(1..).collect(),
            exempt: 6,
            gaps: 7,
            coverage: 87.5,
            incomplete: true,
            full_scan: false,
            announced: 8,
            untold: 13,
            not_subscribed: true,
            duration: 900,
            oldest_unannounced: 10,
            calls: 11,
            throttles: 12,
        }
    }

    #[test]
    fn every_metric_is_named_and_has_a_number() {
        let line = metrics(&run(), at());
        assert!(!line.contains('\n'));
        let line: Value = serde_json::from_str(&line).unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "gatewatch");
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(line["FunctionName"], "gatewatch");
        assert_eq!(line["_aws"]["Timestamp"], at().as_millisecond());
        let metrics = directive["Metrics"].as_array().unwrap();
        assert_eq!(metrics.len(), 17);
        for metric in metrics {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name}");
        }
        assert_eq!(line["Coverage"], 87.5);
        assert_eq!(
            (&line["Untold"], &line["NotSubscribed"]),
            (&json!(13), &json!(1))
        );
        assert_eq!(
            (&line["Incomplete"], &line["FullScans"]),
            (&json!(1), &json!(0))
        );
    }

    #[test]
    fn what_was_not_read_lowers_the_coverage() {
        let mut report = report();
        report.evaluation.coverage.apis = 3;
        assert!((coverage_percent(&report) - 100.0).abs() < 0.01);
        let gap = |kind, api: Option<&str>| Gap {
            api: api.map(str::to_owned),
            ..Gap::malformed(kind, String::new()).in_region("eu-west-1")
        };
        // Two gaps of one API are one place; what is no place of its own hides none.
        report.evaluation.gaps = vec![
            gap(GapKind::Stage, Some("a")),
            gap(GapKind::Method, Some("a")),
            gap(GapKind::Domains, None),
        ];
        assert!((coverage_percent(&report) - 75.0).abs() < 0.01);
        report.evaluation.gaps.push(gap(GapKind::Region, None));
        assert!((coverage_percent(&report) - 60.0).abs() < 0.01);
        report.evaluation.gaps = vec![Gap::malformed(GapKind::Iam, String::new())];
        assert!((coverage_percent(&report) - 75.0).abs() < 0.01);
    }
}
