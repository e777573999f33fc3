//! The public JSON of a report, version 1.
//!
//! A type of its own, so that the inside can change without a word to those who parse it. Fields that do
//! not apply are null, never absent.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding_json::{
    FindingJson, FindingsJson, LocationJson, PlaceJson, finding, location, place,
};
use super::proof_json::{
    PolicyFileJson, RequirementJson, RuleTallyJson, policy_file, requirement, tally,
};
use super::tags::Tags;
use crate::audit::finding::Severity;
use crate::audit::rules::ExemptionUse;
use crate::audit::{CheckedFiles, Report};
use crate::inventory::{Gap, Scope};
use crate::render::probe::{ProbeJson, probe_json};

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
pub const SCHEMA_VERSION: u32 = 1;

/// A report.
#[derive(Debug, Serialize)]
pub struct ReportDocument<'a> {
    schema_version: u32,
    tool: Tool,
    account: &'a str,
    partition: &'a str,
    scope: &'a Scope,
    taken_at: String,
    /// When the reading ended.
    read_until: Option<String>,
    judged_at: Option<String>,
    /// The policy file by which it was judged. `None`: there was none.
    policy_file: Option<PolicyFileJson<'a>>,
    status: &'static str,
    counts: Counts,
    /// What a reader should know before trusting the rest.
    warnings: Vec<String>,
    /// The open methods that the policy file accepts by what others choose.
    accepted_by_name: Vec<AcceptedByNameJson<'a>>,
    coverage: CoverageJson<'a>,
    findings: FindingsJson<'a>,
    exempted: Vec<ExemptedJson<'a>>,
    exemptions: Vec<ExemptionUseJson<'a>>,
    /// What each rule looked at.
    rules: Vec<RuleTallyJson>,
    /// What the entries of `require` decide, and accept.
    requirements: Vec<RequirementJson<'a>>,
    /// How many open methods are accepted as CORS preflights.
    preflights_accepted: usize,
    left_out: Option<LeftOut>,
    /// How far findings go, by their ids: what a baseline compares beside them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extents: BTreeMap<String, Vec<&'a str>>,
    /// What a baseline had already, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<KnownJson<'a>>,
    /// The files that it is about, where it is about several.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FilesJson<'a>>,
    /// What the deployed URLs answered. In reports of `gatewatch probe` alone: no other one asks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<ProbeJson<'a>>,
}

/// Who wrote it.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    /// This gatewatch.
    pub(in crate::render) fn this() -> Self {
        Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// How many findings there are, left-out ones included.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Counts {
    total: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    informational: usize,
    exempted: usize,
}

/// What was looked at, and what was not.
#[derive(Debug, Serialize)]
struct CoverageJson<'a> {
    #[serde(flatten)]
    summary: CoverageSummary,
    gaps: &'a [Gap],
    assumptions: Vec<AssumptionJson<'a>>,
}

/// What was looked at, in numbers.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CoverageSummary {
    complete: bool,
    apis: usize,
    undeployed_apis: usize,
    stages: usize,
    undeployed_stages: usize,
    methods: usize,
    groups: usize,
    users: usize,
    roles: usize,
    /// What is out of the scope of what was read, and so was neither found clean nor found missing.
    not_looked_at: &'static [&'static str],
}

#[derive(Debug, Serialize)]
struct AssumptionJson<'a> {
    #[serde(flatten)]
    place: PlaceJson<'a>,
    says: &'a str,
}

/// An open method that is accepted by the name or the tags of its API.
#[derive(Debug, Serialize)]
struct AcceptedByNameJson<'a> {
    /// The line of the policy file that accepts it.
    #[serde(rename = "accepted_by_line")]
    policy_line: usize,
    by: &'static str,
    #[serde(flatten)]
    place: PlaceJson<'a>,
}

#[derive(Debug, Serialize)]
struct ExemptedJson<'a> {
    #[serde(flatten)]
    finding: FindingJson<'a>,
    exemption: ExemptionJson<'a>,
}

#[derive(Debug, Serialize)]
struct ExemptionJson<'a> {
    /// `None`: the template says it itself.
    policy_line: Option<usize>,
    /// Where a template says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationJson<'a>>,
    reason: &'a str,
    /// `None`: nobody is named. It is whoever wrote the comment.
    owner: Option<&'a str>,
    expires: String,
    days_left: i32,
}

/// An exemption of the policy file, whether it covers anything or not.
#[derive(Debug, Serialize)]
struct ExemptionUseJson<'a> {
    /// `None`: the template says it itself.
    policy_line: Option<usize>,
    /// Where a template says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationJson<'a>>,
    /// What it speaks of.
    says: String,
    /// The worst severity it covers.
    severity: Severity,
    reason: &'a str,
    owner: Option<&'a str>,
    expires: String,
    /// Less than 0: it has expired.
    days_left: i32,
    standing: &'static str,
    /// How many findings it covers.
    covers: usize,
    /// How many it would cover, were they not worse than it allows.
    too_severe: usize,
}

/// What a baseline had already. None of it counts.
#[derive(Debug, Serialize)]
struct KnownJson<'a> {
    /// The file, as it was named.
    baseline: &'a str,
    taken_at: String,
    /// How many of its findings are not found.
    not_found: usize,
    findings: FindingsJson<'a>,
}

/// The files of a report about several.
#[derive(Debug, Serialize)]
struct FilesJson<'a> {
    checked: Vec<FileJson<'a>>,
    /// How many others there were, by why they were passed over.
    passed_over: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Serialize)]
struct FileJson<'a> {
    file: &'a str,
    /// `None`: it could not be read.
    kind: Option<&'static str>,
}

/// How many entries a size limit kept out of this document.
#[derive(Debug, Clone, Copy, Serialize)]
struct LeftOut {
    findings: usize,
    exempted: usize,
    exemptions: usize,
    rules: usize,
    requirements: usize,
    gaps: usize,
    assumptions: usize,
    warnings: usize,
    accepted_by_name: usize,
}

/// The whole report.
pub fn document(report: &Report) -> ReportDocument<'_> {
    cut(report, usize::MAX)
}

/// The report with at most `most` entries in each of its lists, worst first. What is left out is
/// counted in `left_out`.
pub fn cut(report: &Report, most: usize) -> ReportDocument<'_> {
    with(report, most, most)
}

/// The report with at most `most` findings, worst first, and as many exempted ones. What is left out is counted in
/// `left_out`.
pub fn worst(report: &Report, most: usize) -> ReportDocument<'_> {
    with(report, most, usize::MAX)
}

/// The report with so many findings, and so many entries in each other list.
fn with(report: &Report, findings: usize, most: usize) -> ReportDocument<'_> {
    let evaluation = &report.evaluation;
    let left = |length: usize| length.saturating_sub(most);
    let left_out = LeftOut {
        findings: evaluation.findings.len().saturating_sub(findings),
        exempted: evaluation.exempted.len().saturating_sub(findings),
        exemptions: left(evaluation.exemptions.len()),
        rules: left(evaluation.rules.len()),
        requirements: left(evaluation.requirements.len()),
        gaps: left(evaluation.gaps.len()),
        assumptions: left(evaluation.assumptions.len()),
        warnings: left(report.warnings().len()),
        accepted_by_name: left(evaluation.accepted_by_name.len()),
    };
    let of_file = left_out.warnings + left_out.accepted_by_name;
    let counted = left_out.rules + left_out.requirements;
    let exceptions = left_out.exempted + left_out.exemptions;
    let anything = left_out.findings + exceptions + left_out.gaps + left_out.assumptions + of_file;
    let anything = anything + counted;
    let tags = Tags::of(report);
    let gaps = evaluation.gaps.get(..most).unwrap_or(&evaluation.gaps);
    let assumptions = evaluation.assumptions.iter().take(most);
    ReportDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        account: &report.account,
        partition: &report.partition,
        scope: &report.scope,
        taken_at: report.taken_at.to_string(),
        read_until: (report.read_until > report.taken_at).then(|| report.read_until.to_string()),
        judged_at: report.judged_at.map(|it| it.to_string()),
        policy_file: report.policy_file.as_ref().map(policy_file),
        status: report.status().as_str(),
        counts: counts(report),
        warnings: report.warnings().into_iter().take(most).collect(),
        accepted_by_name: accepted_by_name(report, most),
        coverage: CoverageJson {
            summary: coverage(report),
            gaps,
            assumptions: assumptions
                .map(|assumption| AssumptionJson {
                    place: place(&report.partition, &assumption.place),
                    says: &assumption.says,
                })
                .collect(),
        },
        exempted: (evaluation.exempted.iter().take(findings))
            .map(|it| ExemptedJson {
                finding: finding(&report.partition, &it.finding, tags.at(&it.finding.place)),
                exemption: ExemptionJson {
                    policy_line: it.comment.is_none().then_some(it.line),
                    location: it.comment.as_ref().map(location),
                    reason: &it.reason,
                    owner: it.comment.is_none().then_some(&*it.owner),
                    expires: it.expires.to_string(),
                    days_left: it.days_left,
                },
            })
            .collect(),
        findings: FindingsJson {
            partition: &report.partition,
            tags,
            findings: evaluation
                .findings
                .get(..findings)
                .unwrap_or(&evaluation.findings),
        },
        exemptions: (evaluation.exemptions.iter().take(most))
            .map(exemption_use)
            .collect(),
        rules: evaluation.rules.iter().take(most).map(tally).collect(),
        requirements: (evaluation.requirements.iter().take(most))
            .map(requirement)
            .collect(),
        preflights_accepted: evaluation.preflights,
        left_out: (anything > 0).then_some(left_out),
        extents: extents(report, findings),
        known: report.known.as_ref().map(|it| KnownJson {
            baseline: &it.file,
            taken_at: it.taken_at.to_string(),
            not_found: it.not_found,
            findings: FindingsJson {
                partition: &report.partition,
                tags: Tags::of(report),
                findings: &it.findings,
            },
        }),
        files: report.files.as_ref().map(files),
        probe: report.probed.as_ref().map(probe_json),
    }
}

/// How far the findings go that a report lists: so many, and those that a baseline has.
fn extents(report: &Report, findings: usize) -> BTreeMap<String, Vec<&str>> {
    let listed = report.evaluation.findings.iter().take(findings);
    let known = report.known.iter().flat_map(|it| &it.findings);
    let listed = listed.chain(known).filter(|it| !it.extent.is_empty());
    listed
        .map(|it| (it.fingerprint().to_string(), it.extent.digests().collect()))
        .collect()
}

fn accepted_by_name(report: &Report, most: usize) -> Vec<AcceptedByNameJson<'_>> {
    let accepted = report.evaluation.accepted_by_name.iter().take(most);
    let accepted = accepted.map(|it| AcceptedByNameJson {
        policy_line: it.line,
        by: it.by,
        place: place(&report.partition, &it.place),
    });
    accepted.collect()
}

/// How many findings there are of each severity.
pub fn counts(report: &Report) -> Counts {
    Counts {
        total: report.evaluation.findings.len(),
        critical: report.count(Severity::Critical),
        high: report.count(Severity::High),
        medium: report.count(Severity::Medium),
        low: report.count(Severity::Low),
        informational: report.count(Severity::Informational),
        exempted: report.evaluation.exempted.len(),
    }
}

/// What was looked at, in numbers.
pub fn coverage(report: &Report) -> CoverageSummary {
    let coverage = report.evaluation.coverage;
    CoverageSummary {
        complete: report.evaluation.gaps.is_empty(),
        apis: coverage.apis,
        undeployed_apis: coverage.undeployed_apis,
        stages: coverage.stages,
        undeployed_stages: coverage.undeployed_stages,
        methods: coverage.methods,
        groups: coverage.groups,
        users: coverage.users,
        roles: coverage.roles,
        not_looked_at: report.not_looked_at(),
    }
}

fn files(files: &CheckedFiles) -> FilesJson<'_> {
    let checked = files.checked.iter().map(|(file, kind)| FileJson {
        file,
        kind: kind.map(|it| it.as_str()),
    });
    let passed_over = files.passed_over.iter();
    FilesJson {
        checked: checked.collect(),
        passed_over: passed_over
            .map(|(why, count)| (why.as_str(), *count))
            .collect(),
    }
}

fn exemption_use(entry: &ExemptionUse) -> ExemptionUseJson<'_> {
    let exemption = &entry.exemption;
    ExemptionUseJson {
        policy_line: entry.comment.is_none().then_some(exemption.line),
        location: entry.comment.as_ref().map(|it| location(&it.at)),
        says: exemption.in_words(),
        severity: exemption.severity,
        reason: &exemption.reason,
        owner: entry.comment.is_none().then_some(&*exemption.owner),
        expires: exemption.expires.to_string(),
        days_left: entry.days_left,
        standing: entry.standing.as_str(),
        covers: entry.covers,
        too_severe: entry.too_severe,
    }
}
