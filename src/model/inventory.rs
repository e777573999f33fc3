//! All that one scan read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Api, CustomDomain, Gap, Iam, Reason, holes, soundness};

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
    /// The partition: `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// When the reading began.
    pub taken_at: Timestamp,
    /// What the scan was asked to read.
    pub scope: Scope,
    /// The APIs, ordered by Region and id.
    pub apis: Vec<Api>,
    /// The custom domain names of the Regions. `None`: they could not be read.
    #[serde(deserialize_with = "Option::deserialize")]
    pub domains: Option<Vec<CustomDomain>>,
    /// The IAM principals. `None`: they could not be read.
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
    /// The template that was read in place of an account, as it was named to gatewatch. A template has
    /// no IAM principals and no custom domain names to read: they are out of scope, and no gap.
    #[serde(default)]
    pub template: Option<String>,
    /// Whether the editable trees of REST APIs were left out: then nothing is said of what the next
    /// deployment would change.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_drafts: bool,
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
        }
    }
}

fn once_each(mut names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// Why a text is not an inventory that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// It is not JSON, or not of this shape.
    #[error("not an inventory")]
    Shape(#[from] serde_json::Error),
    /// It carries no `schema_version`.
    #[error(
        "not an inventory: no `schema_version`; write one with `gatewatch collect -o inventory.json`"
    )]
    NoVersion,
    /// It was written by a newer gatewatch, or carries a version that there never was.
    #[error(
        "the inventory has schema version {found}, and this gatewatch reads {SCHEMA_VERSION}; \
         check it with the gatewatch that wrote it, or a newer one"
    )]
    Version {
        /// The version in the file.
        found: u64,
    },
    /// It contradicts itself, or holds what AWS never gives.
    #[error("the inventory is not sound: {0}")]
    Unsound(String),
}

impl Inventory {
    /// Reads an inventory from its JSON.
    ///
    /// # Errors
    /// [`InventoryError`], for a text that is no inventory, one of a schema version that this gatewatch
    /// does not know, or one that contradicts itself. Unknown fields are errors: what is not understood
    /// must not be skipped.
    pub fn from_json(text: &str) -> Result<Self, InventoryError> {
        let inventory: Inventory =
            serde_json::from_str(text).map_err(|error| why_not(text, error))?;
        known_version(u64::from(inventory.schema_version))?;
        soundness::check(&inventory).map_err(InventoryError::Unsound)?;
        Ok(inventory)
    }

    /// The inventory as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// None for the types of this crate; the signature is `serde_json`'s.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Whether the run's time was up before everything was read: another run goes on with this.
    pub fn is_unfinished(&self) -> bool {
        self.gaps.iter().any(|gap| gap.reason == Reason::NotReadYet)
    }

    /// Every gap, in order and once each: those that the reading named, and those that the data shows.
    /// A file that simply lacks a stage's deployment is thus as incomplete as one that says so.
    pub fn gaps(&self) -> BTreeSet<Gap> {
        self.gaps.iter().cloned().chain(holes::of(self)).collect()
    }
}

/// What is wrong with a text that is not of this shape. Its version says more than its shape.
fn why_not(text: &str, shape: serde_json::Error) -> InventoryError {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: Option<u64>,
    }
    let versioned = match serde_json::from_str::<Versioned>(text) {
        Ok(versioned) => versioned,
        Err(error) => return error.into(),
    };
    let known = versioned.schema_version.ok_or(InventoryError::NoVersion);
    match known.and_then(known_version) {
        Ok(()) => shape.into(),
        Err(error) => error,
    }
}

fn known_version(found: u64) -> Result<(), InventoryError> {
    if found == u64::from(SCHEMA_VERSION) {
        Ok(())
    } else {
        Err(InventoryError::Version { found })
    }
}
