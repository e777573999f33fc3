//! All that one scan read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Api, CustomDomain, Gap, GapKind, Iam, Reason};

/// The version of the inventory's JSON. It grows when an older gatewatch would misread a newer file.
pub const SCHEMA_VERSION: u32 = 1;

/// All that one scan of one account read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The version of this format: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The account's id, twelve digits.
    pub account: String,
    /// The partition, such as `aws` or `aws-cn`.
    pub partition: String,
    /// When the reading began.
    pub taken_at: Timestamp,
    /// What the scan was asked to read.
    pub scope: Scope,
    /// The APIs, ordered by Region and id.
    pub apis: Vec<Api>,
    /// The custom domain names of the Regions, as far as they could be read: what is missing is a gap, of its
    /// Region or of one name. `None`: those of no Region are known.
    #[serde(deserialize_with = "Option::deserialize")]
    pub domains: Option<Vec<CustomDomain>>,
    /// The IAM principals; of a template those that are in it. `None`: they could not be read, or the template has none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub iam: Option<Iam>,
    /// What could not be read. [`Inventory::gaps`] adds what is missing without being named here.
    pub gaps: Vec<Gap>,
}

/// What a scan was asked to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The Regions, at least one, each once.
    pub regions: Vec<String>,
    /// The ids or names of the APIs. Empty: all of them.
    #[serde(default)]
    pub apis: Vec<String>,
    /// The template that was read in place of an account, as it was named to gatewatch. The IAM principals of the
    /// account that are not in it, and the custom domain names, are out of scope, and no gap.
    #[serde(default)]
    pub template: Option<String>,
    /// Whether the drafts of REST APIs were left out: then nothing is said of what the next
    /// deployment would change.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_drafts: bool,
    /// Regions that are left out on purpose: nothing is said of what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_regions: Vec<String>,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Scope {
    /// These APIs (or all, where none is named) of these Regions. What is named twice is read once.
    pub fn new(regions: Vec<String>, apis: Vec<String>) -> Self {
        Scope {
            regions: once_each(regions),
            apis: once_each(apis),
            template: None,
            without_drafts: false,
            excluded_regions: Vec::new(),
        }
    }

    /// The same with further Regions, but for those that are left out on purpose.
    pub fn widened(self, regions: &BTreeSet<String>) -> Self {
        let is_wanted = |it: &&String| !self.excluded_regions.contains(*it);
        let further = regions.iter().filter(is_wanted);
        let all = self.regions.iter().chain(further).cloned();
        Scope {
            regions: once_each(all.collect()),
            ..self
        }
    }

    /// The same, narrowed to these APIs. What is named twice is read once.
    pub fn only_apis(self, apis: Vec<String>) -> Self {
        Scope {
            apis: once_each(apis),
            ..self
        }
    }

    /// The same without these Regions, which it names as left out.
    pub fn without_regions(self, excluded: &[String]) -> Self {
        let is_left = |it: &String| !excluded.contains(it);
        Scope {
            regions: self.regions.into_iter().filter(is_left).collect(),
            excluded_regions: once_each(excluded.to_vec()),
            ..self
        }
    }
}

fn once_each(mut names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

impl Inventory {
    /// Whether the run's time was up before everything was read: another run goes on with this.
    pub fn is_unfinished(&self) -> bool {
        self.gaps.iter().any(|gap| gap.reason == Reason::NotReadYet)
    }

    /// How many methods were read: those of each deployment that a stage serves, and those of each draft.
    pub(crate) fn method_count(&self) -> usize {
        let deployed = self.apis.iter().flat_map(|it| &it.deployments);
        let deployed = deployed.flat_map(|it| &it.methods).map(Vec::len);
        let drafts = self.apis.iter().flat_map(|it| &it.draft);
        deployed.chain(drafts.map(Vec::len)).sum()
    }

    /// Whether all custom domain names of a Region are known, each with all of its paths.
    pub(crate) fn lacks_no_domain_of(&self, region: &str) -> bool {
        self.domains.is_some() && self.domain_gaps(region).next().is_none()
    }

    /// What of the custom domain names of a Region could not be read: those of the whole Region, or, where a
    /// gap has a subject, those paths of one name.
    pub(crate) fn domain_gaps(&self, region: &str) -> impl Iterator<Item = &Gap> {
        let is_here = move |gap: &&Gap| gap.region.as_deref().is_none_or(|it| it == region);
        let gaps = self.gaps.iter();
        gaps.filter(|gap| gap.kind == GapKind::Domains)
            .filter(is_here)
    }
}
