//! Templates that a template makes stacks of, where their files are beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::options::{KEPT_BY_SSM, Options};
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

/// What a stack is not told of the parameters of its template, as another one makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untold {
    /// Whether only a deployment tells the values of all of them.
    pub all: bool,
    /// Those whose values only a deployment tells: their defaults do not count.
    pub named: BTreeSet<String>,
    /// Those that are given as a deployment gives them: of one that Systems Manager keeps, that is the name, and no value.
    pub as_deployed: BTreeSet<String>,
}

impl Untold {
    /// Those that a stack is given without a value that can be told.
    pub fn of(given: &Given) -> Self {
        let all = given.iter().flatten();
        let named = all.clone().filter(|(_, value)| value.is_none());
        Untold {
            all: given.is_none(),
            named: named.map(|(name, _)| name.clone()).collect(),
            as_deployed: all.map(|(name, _)| name.clone()).collect(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.all || self.named.contains(name)
    }

    /// What is known of the deployment, without the names that stand for values of Systems Manager.
    pub(super) fn without_names(&self, root: &Node, options: &Options) -> Options {
        let mut options = options.clone();
        let declared = written(root, "Parameters");
        options.parameters.retain(|name, _| {
            let declared = declared.and_then(|it| written(it, name));
            let kind = declared.and_then(|it| written(it, "Type"));
            let is_kept = kind.and_then(Node::name);
            let is_kept = is_kept.is_some_and(|it| it.starts_with(KEPT_BY_SSM));
            !(is_kept && self.as_deployed.contains(name))
        });
        options
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

/// The file that a resource makes a stack of, where that is one beside the template.
///
/// # Errors
/// Why it is none, in words that follow the resource.
pub(super) fn nested(
    id: &str,
    at: Spot,
    node: &Node,
    resolver: &Resolver<'_>,
) -> Result<NestedAt, String> {
    let properties = written(node, "Properties");
    let location = ["TemplateURL", "Location"].into_iter();
    let mut location = location.filter_map(|key| Some((key, written(properties?, key)?)));
    let (key, location) = location
        .next()
        .ok_or("makes a stack, and names no template of it")?;
    // The CDK notes the file, and leaves the place of it to the deployment. Where a place is written, that counts.
    let asset = written(node, "Metadata").and_then(|it| written(it, ASSET));
    let asset = asset.filter(|_| location.name().is_none());
    let file = match asset.and_then(Node::name) {
        Some(file) => file.to_owned(),
        None => self::file(key, location, resolver)?,
    };
    Ok(NestedAt {
        at,
        id: id.to_owned(),
        file,
        parameters: properties.map_or(Some(BTreeMap::new()), |it| given(it, resolver)),
    })
}

fn file(key: &str, location: &Node, resolver: &Resolver<'_>) -> Result<String, String> {
    if key == "Location" && written(location, "ApplicationId").is_some() {
        let why = "makes a stack of an application of the Serverless Application Repository, which is not read: check its template too";
        return Err(why.to_owned());
    }
    let tree = resolver.tree(location);
    match tree.as_ref().map(|it| it.text()) {
        Some(Ok("")) | None => Err(format!("makes a stack, and its `{key}` is empty")),
        Some(Ok(place)) if place.contains("://") => Err(format!(
            "makes a stack of the template at `{place}`, which is not read: check it too"
        )),
        Some(Ok(file)) => Ok(file.to_owned()),
        Some(Err(unknown)) => Err(format!(
            "makes a stack of a template that cannot be told: its `{key}` {}",
            unknown.why
        )),
    }
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
