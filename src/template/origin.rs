//! From a finding back to its place in the file, and to words that fit a file.

use std::collections::BTreeMap;

use super::tree::Spot;
use crate::finding::{Evidence, Finding, Location, Place, Source};

/// Where in the file each API and method stands.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    file: String,
    apis: BTreeMap<String, Spot>,
    /// By the API's id and the method's route key, or verb and path.
    methods: BTreeMap<(String, String), Origin>,
}

/// Where one method stands, and why it came to its authorization type, where that is not plain to see.
#[derive(Debug, Clone)]
struct Origin {
    at: Spot,
    note: Option<String>,
}

impl Origins {
    pub(super) fn new(file: &str) -> Self {
        Origins {
            file: file.to_owned(),
            ..Origins::default()
        }
    }

    pub(super) fn api(&mut self, id: &str, at: Spot) {
        self.apis.insert(id.to_owned(), at);
    }

    pub(super) fn method(&mut self, api: &str, subject: String, at: Spot, note: Option<String>) {
        let origin = Origin { at, note };
        self.methods.insert((api.to_owned(), subject), origin);
    }

    /// A place in the file.
    pub(super) fn location(&self, at: Spot) -> Location {
        Location {
            file: self.file.clone(),
            line: at.line,
            column: at.column,
        }
    }

    fn origin(&self, place: &Place) -> Option<&Origin> {
        let subject = match (&place.route_key, &place.verb, &place.path) {
            (Some(key), _, _) => key.clone(),
            (None, Some(verb), Some(path)) => format!("{verb} {path}"),
            _ => return None,
        };
        let api = place.api.as_ref()?;
        self.methods.get(&(api.id.clone(), subject))
    }

    /// Says where a place stands: its method, else its API, else the beginning of the file.
    pub fn locate(&self, place: &mut Place) {
        // An entry of the policy file stands in another file.
        if place.exemption.is_some() {
            return;
        }
        let method = self.origin(place).map(|origin| origin.at);
        let api = || self.apis.get(&place.api.as_ref()?.id).copied();
        let at = method.or_else(api).unwrap_or(Spot { line: 1, column: 1 });
        place.location = Some(self.location(at));
    }

    /// Says of a finding where it stands, and puts it in words that fit a file: nothing is deployed yet,
    /// and no command mends what the next deployment of the template would undo.
    pub fn retell(&self, finding: &mut Finding) {
        let origin = self.origin(&finding.place).cloned();
        self.locate(&mut finding.place);
        let Some(location) = finding.place.location.clone() else {
            return;
        };
        let Some(origin) = origin else { return };
        finding.evidence.retain(|it| it.source != Source::Draft);
        for evidence in &mut finding.evidence {
            if matches!(evidence.source, Source::Deployment | Source::Inferred) {
                *evidence = Evidence {
                    reference: Some(location.to_string()),
                    ..Evidence::new(Source::Template, in_a_file(&evidence.says))
                };
            }
        }
        if let Some(note) = origin.note {
            finding.evidence.push(Evidence {
                reference: Some(location.to_string()),
                ..Evidence::new(Source::Template, note)
            });
        }
        finding.message = finding.message.replace("its deployed", "its");
        // No URL is known before a deployment: those of the placeholders lead nowhere.
        if let Some(reach) = &mut finding.reach {
            reach.urls.clear();
        }
        let remedy = &mut finding.remedy;
        remedy.commands.clear();
        remedy.summary = match &remedy.infrastructure_as_code {
            Some(code) => format!("change it at {location}, then check the file again ({code})"),
            None => format!("{}; it stands at {location}", remedy.summary),
        };
    }
}

/// What a rule says of the deployment that stands in for one.
fn in_a_file(says: &str) -> String {
    match says.split_once("authorization type ") {
        Some((_, kind)) => format!("the file gives it authorization type {kind}"),
        None => says.to_owned(),
    }
}
