//! Templates that a template makes stacks of, where their files are beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::{Resolver, written};
use super::tree::{Kind, Spot};
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
    /// The parameters that it is given.
    pub parameters: Given,
}

/// Which parameters a stack is given, each with its value: `None` where only a deployment tells it.
///
/// `None` as a whole: which ones they are cannot be told, so that each parameter may have another value than its default.
pub type Given = Option<BTreeMap<String, Option<String>>>;

/// The parameters of a template whose values only a deployment tells. Their defaults do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untold {
    /// Those with these names.
    Named(BTreeSet<String>),
    /// All of them.
    All,
}

impl Default for Untold {
    fn default() -> Self {
        Untold::Named(BTreeSet::new())
    }
}

impl Untold {
    /// Those that a stack is given without a value that can be told.
    pub fn of(given: &Given) -> Self {
        match given {
            None => Untold::All,
            Some(given) => {
                let untold = given.iter().filter(|(_, value)| value.is_none());
                Untold::Named(untold.map(|(name, _)| name.clone()).collect())
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Untold::Named(names) => names.contains(name),
            Untold::All => true,
        }
    }
}

/// The properties of a resource that makes a stack of a template. Any other key may be one of them, misspelt.
///
/// Source: [`AWS::CloudFormation::Stack`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html),
/// [`AWS::Serverless::Application`](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html).
const PROPERTIES: [&str; 6] = [
    "Location",
    "NotificationARNs",
    "Parameters",
    "Tags",
    "TemplateURL",
    "TimeoutInMinutes",
];

/// The same, with its place as long as files have numbers.
pub(super) struct NestedAt {
    pub(super) at: Spot,
    pub(super) id: String,
    pub(super) file: String,
    pub(super) parameters: Given,
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
    Some(NestedAt {
        at,
        id: id.to_owned(),
        file: file.to_owned(),
        parameters: properties.map_or(Some(BTreeMap::new()), |it| given(it, resolver)),
    })
}

fn given(properties: &Node, resolver: &Resolver<'_>) -> Given {
    let Value::Map(entries) = &properties.value else {
        return None;
    };
    let mut keys = entries.iter().map(|(key, _)| key.name());
    if !keys.all(|key| key.is_some_and(|it| PROPERTIES.contains(&it))) {
        return None;
    }
    let parameters = written(properties, "Parameters").and_then(|it| resolver.tree(it));
    match parameters.map(|it| it.kind) {
        None | Some(Kind::Null | Kind::NoValue) => Some(BTreeMap::new()),
        Some(Kind::Map(entries)) if !entries.iter().any(|it| it.key.starts_with("Fn::")) => {
            let given = entries.iter();
            let given = given.filter(|it| !matches!(it.value.kind, Kind::NoValue));
            let given = given.map(|it| (it.key.clone(), it.value.text().ok().map(str::to_owned)));
            Some(given.collect())
        }
        Some(_) => None,
    }
}

/// Takes the defaults of these parameters away.
pub(super) fn without_defaults(root: &mut Node, untold: &Untold) {
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
    let is_given = |key: &Node| key.name().is_some_and(|it| untold.has(it));
    for (_, declared) in parameters.iter_mut().filter(|(key, _)| is_given(key)) {
        if let Value::Map(entries) = &mut declared.value {
            entries.retain(|(key, _)| key.name() != Some("Default"));
        }
    }
}
