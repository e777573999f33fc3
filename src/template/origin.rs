//! From the APIs and methods of a template back to their places in its file.

use std::collections::BTreeMap;

use super::constructs::Constructs;
use super::tree::Spot;
use crate::inventory::Location;

/// Where in the file each API and method stands.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    file: String,
    /// The other files, from number 1 on.
    others: Vec<String>,
    /// The resources by their places.
    addresses: BTreeMap<Spot, String>,
    constructs: Constructs,
    /// Where in the sources each resource is made, by its logical id.
    sources: BTreeMap<String, String>,
    apis: BTreeMap<String, Spot>,
    /// By their ARNs: a file may make one more than once, such as under opposite conditions.
    principals: BTreeMap<String, Vec<Spot>>,
    /// By the API's id and the method's route key, or verb and path.
    methods: BTreeMap<(String, String), (Spot, Option<String>)>,
}

/// Where one method stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The place.
    pub location: Location,
    /// Why the method came to its authorization type, where the place does not show that.
    pub note: Option<&'a str>,
}

impl Origins {
    pub(super) fn new(
        file: &str,
        others: Vec<String>,
        (addresses, constructs): (BTreeMap<Spot, String>, Constructs),
    ) -> Self {
        Origins {
            file: file.to_owned(),
            others,
            addresses,
            constructs,
            ..Origins::default()
        }
    }

    /// Says where in the sources each resource is made, by its logical id.
    pub fn made_at(&mut self, sources: BTreeMap<String, String>) {
        self.sources = sources;
    }

    /// Whether it is a plan or a state of Terraform.
    pub fn are_of_terraform(&self) -> bool {
        !self.addresses.is_empty()
    }

    pub(super) fn add_api(&mut self, id: &str, at: Spot) {
        self.apis.insert(id.to_owned(), at);
    }

    pub(super) fn add_principal(&mut self, arn: String, at: Spot) {
        self.principals.entry(arn).or_default().push(at);
    }

    pub(super) fn add_method(&mut self, api: &str, name: String, at: Spot, note: Option<String>) {
        self.methods.insert((api.to_owned(), name), (at, note));
    }

    /// The beginning of the file.
    pub fn start(&self) -> Location {
        self.location(Spot::START)
    }

    /// Where an API stands, by its id.
    pub fn api(&self, id: &str) -> Option<Location> {
        self.apis.get(id).map(|at| self.location(*at))
    }

    /// Where a principal stands, by its ARN.
    pub fn principal(&self, arn: &str) -> Option<Location> {
        let at = self.principals.get(arn)?.first()?;
        Some(self.location(*at))
    }

    /// Where else a principal stands, by its ARN.
    pub fn other_principals(&self, arn: &str) -> Vec<Location> {
        let all = self.principals.get(arn).into_iter().flatten();
        all.skip(1).map(|at| self.location(*at)).collect()
    }

    /// Where a method stands, by its API's id and its route key, or else its verb and path.
    pub fn method(&self, api: &str, name: &str) -> Option<Origin<'_>> {
        let (at, note) = self.methods.get(&(api.to_owned(), name.to_owned()))?;
        Some(Origin {
            location: self.location(*at),
            note: note.as_deref(),
        })
    }

    /// A place in the file.
    pub(super) fn location(&self, at: Spot) -> Location {
        let other = usize::from(at.file).checked_sub(1);
        let other = other.and_then(|index| self.others.get(index));
        let construct = self.constructs.at(at);
        let path = || construct.map(|(_, path)| path.to_owned());
        Location {
            file: other.unwrap_or(&self.file).clone(),
            line: at.line,
            column: at.column,
            resource: self.addresses.get(&at).cloned().or_else(path),
            source: construct.and_then(|(id, _)| self.sources.get(id).cloned()),
        }
    }
}
