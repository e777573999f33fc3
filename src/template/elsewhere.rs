//! APIs that are not in the file: those that several teams share, each with methods in a template of its own.
//!
//! What a method asks of its callers stands in the file, whoever owns the API. Of the API itself, nothing is known but how
//! the file names it: by an export of another stack, a parameter, a dynamic reference, an output, or its id.

use std::collections::BTreeMap;

use super::draft::{ApiDraft, Selected};
use super::reading::{Owner, Reading, Resource};
use super::tree::{Spot, Unknown};
use crate::inventory::ApiKind;

/// The properties by which a resource names what it belongs to.
pub(super) const OWNERS: [&str; 4] = ["RestApiId", "ApiId", "ResourceId", "ParentId"];

/// What makes the methods of an API that need not be in the file: the property that names the API.
fn belongs_by(resource: &Resource) -> Option<&'static str> {
    match resource.kind.as_str() {
        "AWS::ApiGateway::Method" => Some("RestApiId"),
        "AWS::ApiGatewayV2::Route" | "AWS::ApiGatewayV2::ApiGatewayManagedOverrides" => {
            Some("ApiId")
        }
        _ => None,
    }
}

/// Adds the APIs that are not in the file and have methods in it.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource]) {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for resource in resources {
        let Some(key) = belongs_by(resource) else {
            continue;
        };
        if let Owner::Elsewhere(id) = reading.owner(resource, key) {
            let found = found.entry(id).or_insert(Found {
                at: resource.at,
                is_rest: false,
                is_http: false,
                is_websocket: false,
            });
            found.add(resource);
        }
    }
    for (id, found) in found {
        let api = found.api(&id);
        reading.apis.insert(id, api);
    }
}

/// What the methods of the file show of an API that is not in it.
struct Found {
    /// The first of them.
    at: Spot,
    is_rest: bool,
    is_http: bool,
    is_websocket: bool,
}

impl Found {
    fn add(&mut self, resource: &Resource) {
        if resource.kind == "AWS::ApiGateway::Method" {
            self.is_rest = true;
            return;
        }
        match resource.properties.text_of("RouteKey") {
            // A key that both kinds have, or none that can be told.
            Ok(Some("$default") | None) | Err(_) => {}
            Ok(Some(key)) if key.contains('/') => self.is_http = true,
            Ok(Some(_)) => self.is_websocket = true,
        }
    }

    fn api(&self, id: &str) -> ApiDraft {
        let kind = match self {
            Found { is_rest: true, .. } => ApiKind::Rest,
            // What looks like both is judged as what carries authorization on every route.
            Found {
                is_websocket: true,
                is_http: false,
                ..
            } => ApiKind::WebSocket,
            Found { .. } => ApiKind::Http,
        };
        let mut api = ApiDraft::new(id, kind, self.at);
        api.is_elsewhere = true;
        // No type: who reaches it is not known.
        api.endpoint_types.clear();
        let why = "is not known: the API is not in this file";
        for about in [Selected::Api, Selected::Stage, Selected::Tags] {
            let unknown = Unknown {
                why: why.to_owned(),
                at: self.at,
            };
            api.doubts.push((about, unknown));
        }
        let mut says = "the API is not in this file: its name, stages, tags, endpoint, resource policy and other \
             methods are not known"
            .to_owned();
        if kind == ApiKind::Http && !self.is_http {
            says.push_str("; it is taken for an HTTP API");
        }
        api.assumed.push((says, self.at));
        api
    }
}
