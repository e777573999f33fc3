//! The digest for programs: what subscriptions that are no person get.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::finding::{Exposure, RuleId, Severity, Text};
use crate::audit::rules;
use crate::inventory::{Gap, Scope};
use crate::ledger::{Acceptance, Allowed, ApiName, Departure, Successor};
use crate::ledger::{Digest, News, Occasion};
use crate::render::json::{CoverageSummary, SCHEMA_VERSION, coverage};

/// A digest.
#[derive(Debug, Serialize)]
pub struct DigestDocument<'a> {
    schema_version: u32,
    event_type: &'static str,
    account: &'a str,
    partition: &'a str,
    scope: &'a Scope,
    taken_at: String,
    status: &'static str,
    occasions: Vec<&'static str>,
    /// The number of this message among those of the run, from 1 on.
    part: usize,
    open: OpenCounts,
    /// What was read, in numbers. Null in the digest of an owner.
    coverage: Option<CoverageSummary>,
    gaps: &'a [Gap],
    changes: Vec<ChangeJson<'a>>,
    /// Where the whole report is.
    full_report: Option<&'a str>,
    /// The address at which whoever may read it opens the report as a page.
    report_page: Option<&'a str>,
    left_out: Option<LeftOut>,
}

/// How many findings are open.
#[derive(Debug, Clone, Copy, Serialize)]
pub(in crate::render) struct OpenCounts {
    total: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    informational: usize,
    exempt: usize,
}

impl OpenCounts {
    /// So many of each severity, and so many exempt.
    pub(in crate::render) fn of(open: &BTreeMap<Severity, usize>, exempt: usize) -> Self {
        let count = |severity| open.get(&severity).copied().unwrap_or_default();
        OpenCounts {
            total: open.values().sum(),
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            informational: count(Severity::Informational),
            exempt,
        }
    }
}

/// One change.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ChangeJson<'a> {
    change: &'static str,
    id: &'a str,
    rule: &'a str,
    rule_summary: Option<&'static str>,
    severity: Severity,
    /// What it was last said to be.
    severity_before: Option<Severity>,
    confidence: &'static str,
    standing: &'static str,
    account: &'a str,
    region: Option<&'a str>,
    api: Option<&'a ApiName>,
    stage: Option<&'a str>,
    verb: Option<&'a str>,
    path: Option<&'a str>,
    route_key: Option<&'a str>,
    principal: Option<&'a str>,
    resource_arn: Option<&'a str>,
    exposure: Option<Exposure>,
    urls: &'a [Text],
    message: &'a str,
    first_seen: String,
    open_since: Option<String>,
    resolved_at: Option<String>,
    /// The id of what is open at the place of one that is resolved.
    replaced_by: Option<&'a str>,
    exemption: Option<&'a Allowed>,
    /// How the policy file accepts it, where it was edited to.
    accepted: Option<&'a Acceptance>,
    /// The finding that took its place, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    became: Option<&'a Successor>,
    /// How its API or its stage went, where it is no longer there.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<&'a Departure>,
    remedy: ChangeRemedyJson<'a>,
}

#[derive(Debug, Serialize)]
struct ChangeRemedyJson<'a> {
    summary: &'a str,
    commands: &'a [Text],
}

/// How many entries a size limit kept out.
#[derive(Debug, Clone, Copy, Serialize)]
struct LeftOut {
    changes: usize,
    gaps: usize,
}

/// The digest with at most `most` entries in each of its lists, worst first.
pub fn digest_document<'a>(digest: &'a Digest<'a>, most: usize) -> DigestDocument<'a> {
    document(digest, most, most)
}

/// The digest with at most so many changes and gaps.
pub(in crate::render) fn document<'a>(
    digest: &'a Digest<'a>,
    most: usize,
    gaps: usize,
) -> DigestDocument<'a> {
    let report = digest.report;
    let unread = report.evaluation.gaps.as_slice();
    let left_out = LeftOut {
        changes: digest.rest().len().saturating_sub(most),
        gaps: unread.len().saturating_sub(gaps),
    };
    DigestDocument {
        schema_version: SCHEMA_VERSION,
        event_type: "gatewatch.digest",
        account: &report.account,
        partition: &report.partition,
        scope: &report.scope,
        taken_at: report.taken_at.to_string(),
        status: digest.status().as_str(),
        occasions: Occasion::names(&digest.occasions),
        part: digest.messages + 1,
        open: OpenCounts::of(&digest.open, digest.exempt),
        coverage: (!digest.for_owner).then(|| coverage(report)),
        gaps: unread.get(..gaps).unwrap_or(unread),
        changes: digest.shown(most).iter().map(change).collect(),
        full_report: digest.whereabouts.as_deref(),
        report_page: digest.page.as_deref(),
        left_out: (left_out.changes + left_out.gaps > 0).then_some(left_out),
    }
}

/// One change for programs.
pub(in crate::render) fn change<'a>(news: &News<'a>) -> ChangeJson<'a> {
    let (entry, place) = (news.entry, &news.entry.place);
    ChangeJson {
        change: news.kind.as_str(),
        id: &entry.id,
        rule: &entry.rule,
        rule_summary: RuleId::from_name(&entry.rule).map(rules::summary),
        severity: entry.severity,
        severity_before: entry.told.map(|told| told.severity),
        confidence: entry.confidence.as_str(),
        standing: entry.standing.as_str(),
        account: &place.account,
        region: place.region.as_deref(),
        api: place.api.as_ref(),
        stage: place.stage.as_deref(),
        verb: place.verb.as_deref(),
        path: place.path.as_deref(),
        route_key: place.route_key.as_deref(),
        principal: place.principal.as_ref().map(|it| it.arn.as_str()),
        resource_arn: place.resource_arn.as_deref(),
        exposure: entry.exposure,
        urls: &entry.urls,
        message: &entry.message,
        first_seen: entry.first_seen.to_string(),
        open_since: entry.open_since.map(|it| it.to_string()),
        resolved_at: entry.resolved_at.map(|it| it.to_string()),
        replaced_by: news.instead.map(|it| it.id.as_str()),
        exemption: entry.exemption.as_deref(),
        accepted: entry.accepted.as_deref(),
        became: entry.became.as_deref(),
        gone: entry.gone.as_deref(),
        remedy: ChangeRemedyJson {
            summary: &entry.remedy,
            commands: news.finding.map_or(&[], |it| &it.remedy.commands),
        },
    }
}
