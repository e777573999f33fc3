//! A report as it was saved: the JSON that `gatewatch check --format json` writes, as far as it is compared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::changes::Grade;
use super::findings::{Found, Where};
use super::side::Side;
use crate::audit::finding::{Exposure, Extent, Finding, Severity};
use crate::audit::rules::{NoSuchFinding, meant};
use crate::inventory::{Gap, GapKind, Scope};

/// The version that is read.
const SCHEMA_VERSION: u32 = 1;

/// A report as it was saved.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedReport {
    schema_version: u32,
    account: String,
    scope: Scope,
    taken_at: Timestamp,
    coverage: SavedCoverage,
    findings: Vec<SavedFinding>,
    exempted: Vec<SavedFinding>,
    /// How far findings go, by their ids.
    #[serde(default)]
    extents: BTreeMap<String, Vec<String>>,
    /// What a baseline had already.
    #[serde(default)]
    known: Option<SavedKnown>,
    /// What a limit of size kept out.
    #[serde(deserialize_with = "Option::deserialize")]
    left_out: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedKnown {
    findings: Vec<SavedFinding>,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedCoverage {
    complete: bool,
    gaps: Vec<Gap>,
}

/// A finding as a report has it. All of it is text that somebody may have changed.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedFinding {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure that is.
    pub confidence: String,
    region: Option<String>,
    api: Option<SavedApi>,
    stage: Option<String>,
    verb: Option<String>,
    path: Option<String>,
    route_key: Option<String>,
    principal: Option<String>,
    /// Who reaches it.
    pub exposure: Option<String>,
    /// By which URLs.
    pub urls: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What was read that says so.
    pub evidence: Vec<SavedEvidence>,
    /// How it is mended.
    pub remedy: SavedRemedy,
}

/// What was read, as a report has it.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedEvidence {
    /// Where it was read.
    pub source: String,
    /// What it says.
    pub says: String,
}

/// How a finding is mended, as a report has it.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedRemedy {
    /// In words.
    pub summary: String,
    /// The commands.
    pub commands: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedApi {
    id: String,
    name: String,
}

/// Why a text is no report that can be compared.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It is not JSON, or not of this shape.
    #[error("not the report of an account, as `gatewatch check --format json` writes it")]
    Shape(#[from] serde_json::Error),
    /// Another gatewatch wrote it.
    #[error("the report has schema version {0}, and this gatewatch reads {SCHEMA_VERSION}")]
    Version(u32),
}

impl SavedReport {
    /// Reads a report.
    ///
    /// # Errors
    /// For a text that is no report, or one of a version that is not known.
    pub fn from_json(text: &str) -> Result<Self, SavedError> {
        let report: SavedReport = serde_json::from_str(text)?;
        match report.schema_version {
            SCHEMA_VERSION => Ok(report),
            other => Err(SavedError::Version(other)),
        }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// What it was asked for and could not read. A report that was cut, or that says it is incomplete, lacks something,
    /// whatever gaps it lists.
    pub(super) fn side(&self) -> Side {
        let mut gaps: BTreeSet<Gap> = self.coverage.gaps.iter().cloned().collect();
        if self.left_out.is_some() {
            let message = "the report was cut: it does not list all of its findings";
            gaps.insert(Gap::malformed(GapKind::Region, message.to_owned()));
        }
        if !self.coverage.complete && gaps.is_empty() {
            let message = "the report says that it is incomplete, and not where";
            gaps.insert(Gap::malformed(GapKind::Region, message.to_owned()));
        }
        Side {
            taken_at: self.taken_at,
            scope: self.scope.clone(),
            gaps,
        }
    }

    /// The finding with this id, or the only one whose id begins so, and whether it was exempted.
    ///
    /// # Errors
    /// Where there is none, with what is near.
    pub fn finding(&self, asked: &str) -> Result<(&SavedFinding, bool), NoSuchFinding> {
        let all = || {
            let known = self.known.iter().flat_map(|it| &it.findings);
            let left = self.findings.iter().chain(known).map(|it| (it, false));
            left.chain(self.exempted.iter().map(|it| (it, true)))
        };
        let named =
            all().map(|(it, _)| (it.id.as_str(), format!("{}: {}", it.rule, it.in_words())));
        let id = meant(asked, named)?;
        let mut found = all().filter(|(it, _)| it.id == id);
        found.next().ok_or_else(|| NoSuchFinding::new(asked))
    }

    /// When what it speaks of was read.
    pub(in crate::audit) fn taken_at(&self) -> Timestamp {
        self.taken_at
    }

    /// The findings that no exemption covers. What a baseline of its own had is open, too.
    pub(in crate::audit) fn open(&self) -> impl Iterator<Item = &SavedFinding> {
        let known = self.known.iter().flat_map(|it| &it.findings);
        self.findings.iter().chain(known)
    }

    /// Whether a finding is as bad as it is in this report, or less: how severe it is, who reaches it, and what it is about.
    pub(in crate::audit) fn is_as_bad(&self, saved: &SavedFinding, finding: &Finding) -> bool {
        let exposure = finding.reach.as_ref().map(|it| it.exposure);
        let was = saved.exposure.as_deref();
        let was = Exposure::ALL
            .into_iter()
            .find(|it| was == Some(it.as_str()));
        let goes_as_far = match self.extents.get(&saved.id) {
            Some(extent) => finding.extent.is_within(&Extent::saved(extent)),
            // An older gatewatch wrote it: the message names the first of what it is about, and counts the rest.
            None => finding.extent.is_empty() || saved.message == *finding.message,
        };
        finding.severity <= saved.severity && exposure <= was && goes_as_far
    }

    /// Whether it lists everything that was read and found.
    pub fn is_whole(&self) -> bool {
        self.coverage.complete && self.left_out.is_none()
    }

    pub(super) fn findings(&self) -> Vec<Found> {
        let known = self.known.iter().flat_map(|it| &it.findings);
        let left = self.findings.iter().chain(known).map(|it| (it, false));
        let exempted = self.exempted.iter().map(|it| (it, true));
        let each = left.chain(exempted);
        each.map(|(finding, exempted)| finding.found(exempted))
            .collect()
    }
}

impl SavedFinding {
    fn found(&self, exempted: bool) -> Found {
        Found {
            id: self.id.clone(),
            rule: self.rule.clone(),
            grade: Grade {
                severity: self.severity,
                exempted,
            },
            at: Where {
                region: self.region.clone(),
                api: self.api.as_ref().map(|it| (it.id.clone(), it.name.clone())),
                stage: self.stage.clone(),
                verb: self.verb.clone(),
                is_principal: self.principal.is_some(),
            },
            place: self.in_words(),
            message: self.message.clone(),
        }
    }

    /// The place in a few words, as far as the report tells it.
    pub fn in_words(&self) -> String {
        let method = match (&self.route_key, &self.verb, &self.path) {
            (Some(key), ..) => Some(key.clone()),
            (None, Some(verb), Some(path)) => Some(format!("{verb} {path}")),
            _ => None,
        };
        let api = self.api.as_ref().map(|it| match it.name.is_empty() {
            true => it.id.clone(),
            false => format!("{} ({})", it.name, it.id),
        });
        let stage = self.stage.as_ref().map(|it| format!("stage {it}"));
        let parts = [
            self.principal.clone(),
            method,
            api,
            stage,
            self.region.clone(),
        ];
        let words: Vec<String> = parts.into_iter().flatten().collect();
        match words.is_empty() {
            true => "the account".to_owned(),
            false => words.join(", "),
        }
    }
}
