//! `Fn::ForEach` among the resources of a template.
//!
//! Source: [Fn::ForEach](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html).

use super::resolve::written;
use super::types::{Bearing, bearing};
use crate::yaml::{Node, Value};

/// The key of a loop begins so; its name follows.
pub(super) const FOR_EACH: &str = "Fn::ForEach::";

/// Whether a loop makes only resources that have nothing to do with the methods of an API, whatever it runs over.
pub(super) fn makes_no_method(node: &Node) -> bool {
    let Value::List(parts) = &node.value else {
        return false;
    };
    let [_, _, body] = parts.as_slice() else {
        return false;
    };
    let Value::Map(resources) = &body.value else {
        return false;
    };
    resources.iter().all(|(key, resource)| match key.name() {
        Some(name) if name.starts_with(FOR_EACH) => makes_no_method(resource),
        Some(name) if name.starts_with("Fn::") => false,
        _ => {
            let kind = written(resource, "Type").and_then(Node::name);
            kind.is_some_and(|kind| !kind.contains("${") && bearing(kind) == Bearing::Nothing)
        }
    })
}
