//! Custom domain names of a file, until its APIs are known.

use super::tree::{Spot, Unknown};
use crate::iam::Document;

/// A custom domain name.
#[derive(Debug)]
pub(super) struct DomainDraft {
    /// The Region, where the file says it.
    pub(super) region: Option<String>,
    pub(super) name: String,
    /// None where the file has only what leads from it.
    pub(super) endpoint_types: Vec<String>,
    pub(super) mutual_tls: bool,
    /// The resource policy of a private name.
    pub(super) resource_policy: Option<Document>,
    pub(super) mappings: Vec<MappingDraft>,
}

/// Where requests of a custom domain name go.
#[derive(Debug)]
pub(super) struct MappingDraft {
    pub(super) base_path: String,
    /// What the file calls the API, or its id where it is elsewhere.
    pub(super) api: String,
    pub(super) stage: Option<String>,
}

/// What of the custom domain names cannot be told.
#[derive(Debug)]
pub(super) struct UnknownDomain {
    /// The name. `None`: it is not known either.
    pub(super) name: Option<String>,
    pub(super) unknown: Unknown,
}

/// The custom domain names of a file.
#[derive(Debug, Default)]
pub(super) struct Domains {
    pub(super) names: Vec<DomainDraft>,
    pub(super) unknown: Vec<UnknownDomain>,
}

impl Domains {
    pub(super) fn unknown(&mut self, name: Option<String>, why: impl Into<String>, at: Spot) {
        let unknown = Unknown {
            why: why.into(),
            at,
        };
        self.unknown.push(UnknownDomain { name, unknown });
    }
}
