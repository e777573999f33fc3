//! The public JSON of findings, of where they are and of what was read that proves them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::tags::{Tagged, Tags};
use crate::audit::finding::{Evidence, Finding, Location, Place, Severity, Text};
use crate::audit::rules;

#[derive(Debug, Serialize)]
pub(in crate::render) struct PlaceJson<'a> {
    account: &'a str,
    region: Option<&'a str>,
    api: Option<ApiJson<'a>>,
    stage: Option<&'a str>,
    verb: Option<&'a str>,
    path: Option<&'a str>,
    route_key: Option<&'a str>,
    principal: Option<String>,
    /// The line of the policy file, where the finding is about one of its entries.
    policy_line: Option<usize>,
    location: Option<LocationJson<'a>>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct LocationJson<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    /// The address of a resource of a Terraform plan, the path of a construct of the CDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    /// Where in the sources that is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ApiJson<'a> {
    id: &'a str,
    name: &'a str,
    kind: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct FindingJson<'a> {
    id: String,
    rule: &'static str,
    rule_summary: &'static str,
    severity: Severity,
    confidence: &'static str,
    #[serde(flatten)]
    place: PlaceJson<'a>,
    /// Whose the API is, as its tags say.
    owner: Option<&'a str>,
    /// The API's tags, the first of very many.
    tags: Option<BTreeMap<&'a str, &'a str>>,
    resource_arn: Option<String>,
    exposure: Option<&'static str>,
    urls: &'a [Text],
    message: &'a str,
    evidence: Vec<EvidenceJson<'a>>,
    remedy: RemedyJson<'a>,
}

/// Findings, each made when it is written: an account may have very many.
#[derive(Debug)]
pub(super) struct FindingsJson<'a> {
    pub(super) partition: &'a str,
    pub(super) tags: Tags<'a>,
    pub(super) findings: &'a [Finding],
}

impl Serialize for FindingsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let findings = self.findings.iter();
        serializer
            .collect_seq(findings.map(|it| finding(self.partition, it, self.tags.at(&it.place))))
    }
}

#[derive(Debug, Serialize)]
pub(in crate::render) struct EvidenceJson<'a> {
    source: &'static str,
    reference: Option<&'a str>,
    dated: Option<String>,
    says: &'a str,
}

#[derive(Debug, Serialize)]
struct RemedyJson<'a> {
    summary: &'a str,
    commands: &'a [Text],
    infrastructure_as_code: Option<&'a str>,
    references: &'a [&'static str],
}

pub(in crate::render) fn finding<'a>(
    partition: &str,
    finding: &'a Finding,
    of_api: Tagged<'a>,
) -> FindingJson<'a> {
    FindingJson {
        id: finding.fingerprint().to_string(),
        rule: finding.rule.as_str(),
        rule_summary: rules::summary(finding.rule),
        severity: finding.severity,
        confidence: finding.confidence.as_str(),
        place: place(partition, &finding.place),
        owner: of_api.owner,
        tags: of_api.tags,
        resource_arn: finding.place.execute_api_arn(partition),
        exposure: finding.reach.as_ref().map(|reach| reach.exposure.as_str()),
        urls: finding.reach.as_ref().map_or(&[], |reach| &*reach.urls),
        message: &finding.message,
        evidence: finding.evidence.iter().map(evidence).collect(),
        remedy: RemedyJson {
            summary: &finding.remedy.summary,
            commands: &finding.remedy.commands,
            infrastructure_as_code: finding.remedy.infrastructure_as_code.as_deref(),
            references: &finding.remedy.references,
        },
    }
}

pub(in crate::render) fn place<'a>(partition: &str, place: &'a Place) -> PlaceJson<'a> {
    PlaceJson {
        account: &place.account,
        region: place.region.as_deref(),
        api: place.api.as_ref().map(|api| ApiJson {
            id: &api.id,
            name: &api.name,
            kind: api.kind.map(|kind| kind.as_str()),
        }),
        stage: place.stage.as_deref(),
        verb: place.verb.as_deref(),
        path: place.path.as_deref(),
        route_key: place.route_key.as_deref(),
        principal: (place.principal.as_ref())
            .map(|principal| principal.arn(partition, &place.account)),
        policy_line: (place.exemption.as_ref())
            .filter(|_| place.location.is_none())
            .map(|exemption| exemption.line),
        location: place.location.as_ref().map(|it| self::location(it)),
    }
}

pub(in crate::render) fn location(location: &Location) -> LocationJson<'_> {
    LocationJson {
        file: &location.file,
        line: location.line,
        column: location.column,
        resource: location.resource.as_deref(),
        source: location.source.as_deref(),
    }
}

pub(in crate::render) fn evidence(evidence: &Evidence) -> EvidenceJson<'_> {
    EvidenceJson {
        source: evidence.source.as_str(),
        reference: evidence.reference.as_deref(),
        dated: evidence.dated.map(|dated| dated.to_string()),
        says: &evidence.says,
    }
}
