//! What one scan came to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use strum::IntoStaticStr;

use super::bound::Bound;
use super::files::CheckedFiles;
use super::finding::Severity;
use super::known::Known;
use super::owners::Owners;
use super::probe::Probed;
use super::rules::{self, Coverage, Evaluation};
use crate::inventory::{Inventory, Reason, Scope};
use crate::policy_file::{Origin, PolicyFile};

/// What one scan, or one check of a saved inventory, came to.
///
/// ```
/// use gatewatch::audit::finding::{RuleId, Severity};
/// use gatewatch::audit::{Report, Status};
/// use gatewatch::inventory::Inventory;
/// use gatewatch::policy_file::PolicyFile;
///
/// const INVENTORY: &str = r#"{
///     "schema_version": 1, "account": "111122223333", "partition": "aws",
///     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
///     "apis": [{
///         "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
///         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
///         "stages": [{"name": "prod", "deployment_id": "dep111"}],
///         "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
///             {"verb": "GET", "path": "/pets/{petId}", "authorization": "NONE", "api_key_required": false}
///         ]}],
///         "draft": [{"verb": "GET", "path": "/pets/{petId}", "resource_id": "res111",
///                    "authorization": "NONE", "api_key_required": false, "integration": "HTTP"}]
///     }],
///     "domains": [], "gaps": [],
///     "iam": {"users": [], "roles": [], "policies": [], "groups": []}
/// }"#;
/// let inventory = Inventory::from_json(INVENTORY).unwrap();
/// let report = Report::new(&inventory, &PolicyFile::default(), "2026-06-15".parse().unwrap());
///
/// assert_eq!(report.status(), Status::Findings);
/// assert_eq!(report.worst(), Some(Severity::High));
/// let finding = &report.evaluation.findings[0];
/// assert_eq!(finding.rule, RuleId::OpenMethod);
/// assert_eq!(finding.place.in_words(), "GET /pets/{petId}, PetStore (a1b2c3d4e5), stage prod, eu-west-1");
///
/// // What was not read is never clean.
/// let without_iam = Inventory { iam: None, ..inventory };
/// let report = Report::new(&without_iam, &PolicyFile::default(), "2026-06-15".parse().unwrap());
/// assert_eq!(report.status(), Status::Incomplete);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The account's id.
    pub account: String,
    /// The partition.
    pub partition: String,
    /// When the inventory was read.
    pub taken_at: Timestamp,
    /// When the run began that ended the reading. Later than `taken_at`, where it went on with what another run
    /// had begun.
    pub begun_at: Timestamp,
    /// End of the reading; `taken_at` if unknown.
    pub read_until: Timestamp,
    /// What was asked for.
    pub scope: Scope,
    /// The [name](PolicyFile::name) of the policy file by which it was judged.
    pub judged_by: String,
    /// Where that policy file came from. `None`: there was none.
    pub policy_file: Option<Origin>,
    /// When it was judged. `None`: not known, as only the day counts.
    pub judged_at: Option<Timestamp>,
    /// The APIs that were read, by Region and id.
    pub apis: BTreeSet<(String, String)>,
    /// The deployments that each stage serves, by Region, API id and stage.
    pub deployments: BTreeMap<(String, String, String), Vec<String>>,
    /// The owners that get a digest of their own, and what is theirs.
    pub owners: Owners,
    /// What was found.
    pub evaluation: Evaluation,
    /// What deployed URLs answered. `None`: no probe asked them.
    pub probed: Option<Probed>,
    /// The files that it is about. `None`: it is about one, or about an account.
    pub files: Option<CheckedFiles>,
    /// What an earlier report had already. `None`: there is no baseline, and everything counts.
    pub known: Option<Known>,
}

/// The outcome in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Everything was read, and nothing is wrong.
    Clean,
    /// A template in which there is no API: it was read, and there was nothing to be checked.
    NoApi,
    /// A template whose APIs have no method: the same.
    NoMethod,
    /// Everything was read, and something is wrong.
    Findings,
    /// Something could not be read, whatever else was found.
    Incomplete,
}

impl Status {
    /// The outcome of several: incomplete as soon as one is, clean only if all are.
    ///
    /// ```
    /// use gatewatch::audit::Status::{self, Clean, Findings, Incomplete};
    ///
    /// assert_eq!(Status::of_all([Clean, Findings]), Findings);
    /// assert_eq!(Status::of_all([Incomplete, Findings]), Incomplete);
    /// ```
    pub fn of_all(all: impl IntoIterator<Item = Status>) -> Self {
        all.into_iter()
            .reduce(|one, other| match (one, other) {
                (Status::Incomplete, _) | (_, Status::Incomplete) => Status::Incomplete,
                (Status::Findings, _) | (_, Status::Findings) => Status::Findings,
                (Status::Clean, _) | (_, Status::Clean) => Status::Clean,
                (Status::NoMethod, _) | (_, Status::NoMethod) => Status::NoMethod,
                (Status::NoApi, Status::NoApi) => Status::NoApi,
            })
            .unwrap_or(Status::Clean)
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Report {
    /// Judges an inventory. `today` is the day, in UTC, by which exemptions expire.
    pub fn new(inventory: &Inventory, policy: &PolicyFile, today: Date) -> Self {
        Report::within(inventory, policy, today, Bound::default())
    }

    /// The same, and keeps as many findings as the bound allows.
    ///
    /// ```
    /// use gatewatch::audit::{Bound, Report, Status};
    /// use gatewatch::inventory::Inventory;
    /// use gatewatch::policy_file::PolicyFile;
    ///
    /// let inventory = std::fs::read_to_string("examples/petstore.inventory.json").unwrap();
    /// let inventory = Inventory::from_json(&inventory).unwrap();
    /// let today = "2026-06-15".parse().unwrap();
    /// let all = Report::new(&inventory, &PolicyFile::default(), today).evaluation.findings;
    ///
    /// let bound = Bound { findings: all.len() - 1 };
    /// let report = Report::within(&inventory, &PolicyFile::default(), today, bound);
    /// assert!(report.evaluation.findings.len() < all.len());
    /// // What is left out is never clean.
    /// assert_eq!(report.status(), Status::Incomplete);
    /// ```
    pub fn within(inventory: &Inventory, policy: &PolicyFile, today: Date, bound: Bound) -> Self {
        let evaluation = rules::evaluate_within(inventory, policy, today, bound);
        Report::of(inventory, policy, evaluation)
    }

    /// Judges an inventory together with what its deployed URLs answered. `today` is the day, in UTC, by which exemptions
    /// expire.
    pub fn of_probe(
        inventory: &Inventory,
        probed: Probed,
        policy: &PolicyFile,
        today: Date,
    ) -> Self {
        let evaluation = rules::evaluate_probed(inventory, &probed, policy, today);
        Report {
            probed: Some(probed),
            ..Report::of(inventory, policy, evaluation)
        }
    }

    fn of(inventory: &Inventory, policy: &PolicyFile, evaluation: Evaluation) -> Self {
        let apis = inventory.apis.iter();
        let stages = inventory.apis.iter().flat_map(|api| {
            let stages = api.stages.iter().flatten();
            stages.map(move |stage| {
                let served = stage.served().map(str::to_owned);
                let key = (api.region.clone(), api.id.clone(), stage.name.clone());
                (key, served.collect())
            })
        });
        Report {
            account: inventory.account.clone(),
            partition: inventory.partition.clone(),
            taken_at: inventory.taken_at,
            begun_at: inventory.taken_at,
            read_until: inventory.taken_at,
            judged_by: policy.name(),
            policy_file: policy.origin.clone(),
            judged_at: None,
            apis: apis
                .map(|api| (api.region.clone(), api.id.clone()))
                .collect(),
            deployments: stages.collect(),
            scope: inventory.scope.clone(),
            owners: Owners::of(inventory, policy),
            evaluation,
            probed: None,
            files: None,
            known: None,
        }
    }

    /// The outcome in one word.
    pub fn status(&self) -> Status {
        if !self.evaluation.gaps.is_empty() {
            Status::Incomplete
        } else if !self.evaluation.findings.is_empty() || self.has_known() {
            // What a baseline has already is not clean for that.
            Status::Findings
        } else if self.scope.template.is_none() {
            Status::Clean
        } else {
            match self.evaluation.coverage {
                Coverage { apis: 0, .. } => Status::NoApi,
                Coverage { methods: 0, .. } => Status::NoMethod,
                _ => Status::Clean,
            }
        }
    }

    fn has_known(&self) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|it| !it.findings.is_empty())
    }

    /// Whether the run ran out of time before it had read everything: the next one goes on.
    pub fn is_unfinished(&self) -> bool {
        let mut gaps = self.evaluation.gaps.iter();
        gaps.any(|gap| gap.reason == Reason::NotReadYet)
    }

    /// How many findings have this severity. Exempted ones do not count.
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.evaluation.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The severity of the worst finding.
    pub fn worst(&self) -> Option<Severity> {
        let findings = self.evaluation.findings.iter();
        findings.map(|finding| finding.severity).max()
    }
}
