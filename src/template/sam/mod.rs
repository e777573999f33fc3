//! The Serverless Application Model: APIs whose methods are the events of functions.
//!
//! Source: [SAM resources](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html)
//! and, where they are silent, [what SAM does](https://github.com/aws/serverless-application-model). A test translates
//! random templates with SAM itself, and holds what is read of them against what is read of the result.

mod api;
mod auth;
mod definition;
mod edit;
mod events;
mod globals;
mod resource_policy;
mod websocket;

use std::collections::BTreeMap;

use super::reading::{Reading, Resource};
use super::tree::Tree;
use super::types::sends_events;
use crate::inventory::ApiKind;
use api::Serverless;
use globals::Globals;

/// Reads the APIs and the events of functions and state machines.
pub(super) fn apis(reading: &mut Reading, resources: &[Resource], globals: Option<&Tree>) {
    let mut made = BTreeMap::new();
    let is_serverless = |it: &Resource| it.kind.starts_with("AWS::Serverless::");
    if let Some(globals) = globals
        && resources.iter().any(is_serverless)
    {
        reading.gaps.extend(globals::misread(globals));
    }
    let globals = &Globals::new(globals);
    websocket::apis(reading, resources, globals);
    for resource in resources {
        let kind = match resource.kind.as_str() {
            "AWS::Serverless::Api" => ApiKind::Rest,
            "AWS::Serverless::HttpApi" => ApiKind::Http,
            _ => continue,
        };
        let properties = globals.with(kind, &resource.properties);
        let definition = resource.definition.as_ref();
        let api = Serverless::read(&resource.id, kind, resource.at, &properties, definition);
        made.insert(resource.id.clone(), api);
    }
    for resource in resources {
        if sends_events(&resource.kind) {
            events::read(reading, &mut made, resource, globals);
        }
    }
    for (id, made) in made.into_iter().filter(|(_, made)| made.is_made) {
        reading.apis.insert(id, made.finished());
    }
}
