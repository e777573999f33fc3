//! A report as events of the Open Cybersecurity Schema Framework: Compliance Findings (class 2003), an event a line.
//!
//! Source: [the class in version 1.6.0](https://schema.ocsf.io/1.6.0/classes/compliance_finding?profiles=cloud), the
//! version that Security Hub speaks.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::accounts::AccountReport;
use super::exceptions::exempted_in_words;
use super::finding_json::{EvidenceJson, evidence};
use super::tags::Tags;
use crate::audit::finding::{Confidence, Finding, Fingerprint, Severity, Text};
use crate::audit::rules::{self, Exempted};
use crate::audit::{Report, Status};
use crate::inventory::{ApiKind, Gap};
use crate::ledger::Spot;
use crate::ledger::organization::{Member, NotRead};
use crate::render::compact;
use crate::render::resources::affected;

/// The version of the schema, and of no other part of an event.
const VERSION: &str = "1.6.0";

/// A value of an enumeration of the schema, and its caption.
type Valued = (u32, &'static str);

const NEW: Valued = (1, "New");
const SUPPRESSED: Valued = (3, "Suppressed");

/// Whether what is demanded holds: it does, it does not, and nobody could tell.
const PASS: Valued = (1, "Pass");
const FAIL: Valued = (3, "Fail");
const UNKNOWN: Valued = (0, "Unknown");

/// Writes an event for each thing that could not be read, each finding, each finding that an exemption covers, and one for
/// the report as a whole, which comes last. A reader that lacks the last one has not got all of it.
///
/// # Errors
/// Where it cannot be written.
pub fn write_ocsf(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    write_events(report, out)?;
    out.flush()
}

/// The same of several accounts, with an event for each that was not read at this time.
///
/// # Errors
/// Where it cannot be written.
pub fn write_accounts_ocsf(
    accounts: &[AccountReport],
    now: Timestamp,
    out: &mut impl io::Write,
) -> io::Result<()> {
    for AccountReport { member, result } in accounts {
        match result {
            Ok(report) => write_events(report, out)?,
            Err(why) => writeln!(out, "{}", compact(&of_not_read(member, why, now)))?,
        }
    }
    out.flush()
}

fn write_events(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let evaluation = &report.evaluation;
    let gaps = evaluation.gaps.iter().map(|it| of_gap(report, it));
    let tags = Tags::of(report);
    // What is known from a baseline is there all the same.
    let known = report.known.iter().flat_map(|it| &it.findings);
    let findings = evaluation.findings.iter().chain(known);
    let findings = findings.map(|it| of_finding(report, it, &tags));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|it| of_exempted(report, it, &tags));
    let events = gaps.chain(findings).chain(exempted);
    for event in events.chain([of_report(report)]) {
        writeln!(out, "{}", compact(&event))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Event<'r> {
    activity_id: u32,
    activity_name: &'static str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    /// When it was read, in milliseconds since 1970.
    time: i64,
    severity_id: u32,
    severity: &'static str,
    status_id: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<&'static str>,
    message: String,
    /// Why it is allowed, by whom and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    metadata: Metadata<'r>,
    cloud: Cloud<'r>,
    finding_info: FindingInfo<'r>,
    compliance: Compliance<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidences: Vec<EvidenceArtifact<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation<'r>>,
    /// What the schema has no place for.
    #[serde(skip_serializing_if = "Option::is_none")]
    unmapped: Option<Unmapped<'r>>,
}

#[derive(Serialize)]
struct Metadata<'r> {
    version: &'static str,
    product: Product,
    profiles: [&'static str; 1],
    /// The rule; `gap`, `report` or `not-active` where it is no finding.
    event_code: &'r str,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Cloud<'r> {
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_partition: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'r str>,
    account: Account<'r>,
}

#[derive(Serialize)]
struct Account<'r> {
    uid: &'r str,
    #[serde(rename = "type")]
    kind: &'static str,
    type_id: u32,
}

#[derive(Serialize)]
struct FindingInfo<'r> {
    uid: String,
    title: String,
    desc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    analytic: Option<Analytic<'r>>,
}

/// The rule.
#[derive(Serialize)]
struct Analytic<'r> {
    uid: &'r str,
    name: &'r str,
    desc: &'r str,
    #[serde(rename = "type")]
    kind: &'static str,
    type_id: u32,
}

#[derive(Serialize)]
struct Compliance<'r> {
    control: &'r str,
    status_id: u32,
    status: &'static str,
    status_details: Vec<String>,
}

#[derive(Serialize)]
struct Resource<'r> {
    uid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    cloud_partition: &'r str,
    role_id: u32,
    role: &'static str,
}

#[derive(Serialize)]
struct EvidenceArtifact<'r> {
    name: &'static str,
    data: EvidenceJson<'r>,
}

#[derive(Serialize)]
struct Remediation<'r> {
    desc: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'r [&'static str],
}

#[derive(Serialize)]
struct Unmapped<'r> {
    exposure: Option<&'static str>,
    urls: &'r [Text],
    commands: &'r [Text],
    stage: Option<&'r str>,
    /// Whose the API is, as its tags say.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'r str>,
}

impl<'r> Event<'r> {
    /// An event about the account of a report, without anything that only a finding has.
    fn new(report: &'r Report, code: &'r str, info: FindingInfo<'r>, outcome: Valued) -> Self {
        let mut event = Event::of_account(&report.account, report.taken_at, code, info, outcome);
        event.cloud.cloud_partition = Some(&report.partition);
        event
    }

    fn of_account(
        account: &'r str,
        at: Timestamp,
        code: &'r str,
        info: FindingInfo<'r>,
        outcome: Valued,
    ) -> Self {
        Event {
            activity_id: 1,
            activity_name: "Create",
            category_uid: 2,
            category_name: "Findings",
            class_uid: 2003,
            class_name: "Compliance Finding",
            type_uid: 200_301,
            type_name: "Compliance Finding: Create",
            time: at.as_millisecond(),
            severity_id: 0,
            severity: "Unknown",
            status_id: NEW.0,
            status: NEW.1,
            confidence_id: None,
            confidence: None,
            message: info.desc.clone(),
            comment: None,
            metadata: Metadata {
                version: VERSION,
                product: Product {
                    name: env!("CARGO_PKG_NAME"),
                    vendor_name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                },
                profiles: ["cloud"],
                event_code: code,
            },
            cloud: Cloud {
                provider: "AWS",
                cloud_partition: None,
                region: None,
                account: Account {
                    uid: account,
                    kind: "AWS Account",
                    type_id: 10,
                },
            },
            compliance: Compliance {
                control: code,
                status_id: outcome.0,
                status: outcome.1,
                status_details: vec![info.desc.clone()],
            },
            finding_info: info,
            resources: Vec::new(),
            evidences: Vec::new(),
            remediation: None,
            unmapped: None,
        }
    }
}

fn of_gap<'r>(report: &'r Report, gap: &'r Gap) -> Event<'r> {
    let id = Fingerprint::of_no_finding("gap", &report.account, Some(gap));
    let title = "something could not be read, and so is not clean".to_owned();
    let info = no_finding(id, title, gap.in_words());
    let mut event = Event::new(report, "gap", info, UNKNOWN);
    event.cloud.region = gap.region.as_deref();
    event
}

fn of_not_read<'r>(member: &'r Member, why: &NotRead, now: Timestamp) -> Event<'r> {
    let account = member.account.as_str();
    let (code, title) = match why.is_inactive() {
        true => (
            "not-active",
            "the account is not active, and there was nothing to be read",
        ),
        false => ("gap", "the account could not be read, and so is not clean"),
    };
    let id = Fingerprint::of_no_finding(code, account, None);
    let info = no_finding(id, title.to_owned(), why.message.clone());
    Event::of_account(account, now, code, info, UNKNOWN)
}

fn of_report(report: &Report) -> Event<'_> {
    let (title, says) = (report.subject_in_words(), report.in_words());
    let id = Fingerprint::of_no_finding("report", &report.account, None);
    let info = no_finding(id, title, says);
    let outcome = match report.status() {
        Status::Clean => PASS,
        Status::Findings => FAIL,
        Status::Incomplete | Status::NoApi | Status::NoMethod => UNKNOWN,
    };
    let mut event = Event::new(report, "report", info, outcome);
    event.compliance.status_details.extend(report.warnings());
    (event.severity_id, event.severity) = (1, "Informational");
    event
}

/// What an event that is about no finding says.
fn no_finding<'r>(id: Fingerprint, title: String, desc: String) -> FindingInfo<'r> {
    FindingInfo {
        uid: id.to_string(),
        title,
        desc,
        analytic: None,
    }
}

fn of_exempted<'r>(report: &'r Report, exempted: &'r Exempted, tags: &Tags<'r>) -> Event<'r> {
    let comment = exempted_in_words(exempted);
    let mut event = of_finding(report, &exempted.finding, tags);
    (event.status_id, event.status) = SUPPRESSED;
    event.comment = Some(comment);
    event
}

fn of_finding<'r>(report: &'r Report, finding: &'r Finding, tags: &Tags<'r>) -> Event<'r> {
    let rule = finding.rule.as_str();
    let summary = rules::summary(finding.rule);
    let place = &finding.place;
    let info = FindingInfo {
        uid: finding.fingerprint().to_string(),
        title: format!("{rule}: {}", place.in_words()),
        desc: finding.message.clone().into_owned(),
        analytic: Some(Analytic {
            uid: rule,
            name: rule,
            desc: summary,
            kind: "Rule",
            type_id: 1,
        }),
    };
    let reach = finding.reach.as_ref();
    let evidences = finding.evidence.iter().map(|it| EvidenceArtifact {
        name: it.source.as_str(),
        data: evidence(it),
    });
    let mut event = Event::new(report, rule, info, FAIL);
    (event.severity_id, event.severity) = severity(finding.severity);
    let (id, name) = confidence(finding.confidence);
    (event.confidence_id, event.confidence) = (Some(id), Some(name));
    event.cloud.region = place.region.as_deref();
    event.resources = resources(report, finding);
    event.evidences = evidences.collect();
    event.remediation = Some(Remediation {
        desc: finding.remedy.summary.clone().into_owned(),
        references: &finding.remedy.references,
    });
    event.unmapped = Some(Unmapped {
        exposure: reach.map(|it| it.exposure.as_str()),
        urls: reach.map_or(&[], |it| &*it.urls),
        commands: &finding.remedy.commands,
        stage: place.stage.as_deref(),
        owner: tags.owner(place),
    });
    event
}

/// The method first, where it has an ARN; then what it is part of.
fn resources<'r>(report: &'r Report, finding: &Finding) -> Vec<Resource<'r>> {
    let partition = report.partition.as_str();
    let spot = Spot::of(&finding.place, partition);
    let resource = |uid: String, name: &str, kind, region: Option<&str>| Resource {
        uid,
        name: name.to_owned(),
        kind,
        region: region.map(str::to_owned),
        cloud_partition: partition,
        role_id: 3,
        role: "Affected",
    };
    let is_rest = spot.api.as_ref().and_then(|it| it.kind) == Some(ApiKind::Rest);
    let kind = match is_rest {
        true => "AWS::ApiGateway::Method",
        false => "AWS::ApiGatewayV2::Route",
    };
    let method = spot.resource_arn.as_ref().map(|arn| {
        let name = spot.subject().unwrap_or_default();
        resource(arn.to_string(), &name, Some(kind), spot.region.as_deref())
    });
    let around = affected(&spot, partition).into_iter();
    let around = around.map(|it| resource(it.id, it.name, it.cloudformation, it.region));
    method.into_iter().chain(around).collect()
}

fn severity(severity: Severity) -> Valued {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn confidence(confidence: Confidence) -> Valued {
    match confidence {
        Confidence::Low => (1, "Low"),
        Confidence::Medium => (2, "Medium"),
        Confidence::High => (3, "High"),
    }
}
