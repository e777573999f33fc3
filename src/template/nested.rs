//! Templates that a template makes stacks of, where their files are beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::{Resolver, written};
use super::tree::Spot;
use crate::inventory::Location;
use crate::yaml::{Node, Value};

/// Where `cdk synth` notes the file of a nested stack.
const ASSET: &str = "aws:asset:path";

/// A stack that a template makes of another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    /// The logical id of its resource.
    pub id: String,
    /// Where that stands.
    pub at: Location,
    /// The file, relative to the template.
    pub file: String,
    /// The parameters that it is given. `None`: only a deployment tells the value.
    pub parameters: BTreeMap<String, Option<String>>,
}

/// The same, with its place as long as files have numbers.
pub(super) struct NestedAt {
    pub(super) at: Spot,
    pub(super) id: String,
    pub(super) file: String,
    pub(super) parameters: BTreeMap<String, Option<String>>,
}

/// The file that a resource makes a stack of, if it is one beside the template.
pub(super) fn nested(id: &str, at: Spot, node: &Node, resolver: &Resolver<'_>) -> Option<NestedAt> {
    let asset = written(node, "Metadata").and_then(|it| written(it, ASSET));
    let properties = written(node, "Properties");
    let location = ["TemplateURL", "Location"].into_iter();
    let mut location = location.filter_map(|key| written(properties?, key));
    let file = asset.or_else(|| location.next())?.name()?;
    if file.is_empty() || file.contains("://") {
        return None;
    }
    let given = properties.and_then(|it| written(it, "Parameters"));
    let given = match given.map(|it| &it.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    let told = given.iter().filter_map(|(key, value)| {
        let value = resolver.tree(value)?;
        let text = value.text().ok().map(str::to_owned);
        Some((key.name()?.to_owned(), text))
    });
    Some(NestedAt {
        at,
        id: id.to_owned(),
        file: file.to_owned(),
        parameters: told.collect(),
    })
}

/// Takes the defaults of these parameters away.
pub(super) fn without_defaults(root: &mut Node, given: &BTreeSet<String>) {
    let Value::Map(sections) = &mut root.value else {
        return;
    };
    let parameters = sections.iter_mut();
    let mut parameters = parameters.filter(|(key, _)| key.name() == Some("Parameters"));
    let Some((_, parameters)) = parameters.next_back() else {
        return;
    };
    let Value::Map(parameters) = &mut parameters.value else {
        return;
    };
    let is_given = |key: &Node| key.name().is_some_and(|it| given.contains(it));
    for (_, declared) in parameters.iter_mut().filter(|(key, _)| is_given(key)) {
        if let Value::Map(entries) = &mut declared.value {
            entries.retain(|(key, _)| key.name() != Some("Default"));
        }
    }
}
