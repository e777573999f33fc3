//! CloudFormation templates: which resources they make, and the APIs among them.
//!
//! Source: [API Gateway resource types](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGateway.html)
//! and [version 2](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html).

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere::{self, OWNERS};
use super::expression;
use super::files::Library;
use super::for_each::{FOR_EACH, makes_no_method, written_out};
use super::iam;
use super::identity;
use super::include;
use super::keys::SECTIONS;
use super::nested::{NestedAt, nested};
use super::options::Options;
use super::reading::{Reading, Resource};
use super::resolve::{Resolver, written};
use super::tree::{Entry, Kind, NotTaken, Spot, Tree, Unknown, name_of};
use super::types::{Bearing, bearing, is_another_template, makes_what_is_elsewhere, sends_events};
use super::unknown_keys::{misspelt_in, of_resource};
use super::{rest, routes, sam};
use crate::yaml::{Node, Value};

/// Macros that make no API and change none: those that AWS provides.
///
/// Source: [Transforms](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html).
const HARMLESS_MACROS: [&str; 6] = [
    "AWS::Serverless-2016-10-31",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::ServiceCatalog",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
];

/// Reads a template.
pub(super) fn read(
    root: &Node,
    options: &Options,
    library: &Library<'_>,
    not_taken: NotTaken,
) -> Reading {
    let unlooped = Resolver::new(root, options, not_taken.clone());
    let written_out = written_out(root, &unlooped);
    let root = written_out.as_ref().unwrap_or(root);
    let resolver = Resolver::new(root, options, not_taken);
    let mut reading = Reading::default();
    reading.macros(root, &resolver);
    let mut resources = reading.resources(root, &resolver);
    for resource in &mut resources {
        resource.definition = include::definition(&resource.kind, &resource.properties, library);
    }
    reading
        .gaps
        .extend(misspelt_in("a template", root, SECTIONS));
    if !resources.is_empty() {
        reading.gaps.extend(resolver.broken_conditions());
    }
    rest::apis(&mut reading, &resources);
    routes::apis(&mut reading, &resources);
    let globals = written(root, "Globals").and_then(|node| resolver.tree(node));
    sam::apis(&mut reading, &resources, globals.as_ref());
    elsewhere::apis(&mut reading, &resources);
    rest::methods(&mut reading, &resources);
    routes::routes(&mut reading, &resources);
    let is_laid = options.around.is_some();
    for resource in resources
        .iter()
        .filter(|it| is_laid && leads_from_a_domain(it))
    {
        let why = format!(
            "`{}` makes a custom domain name lead somewhere, which is not read in a template",
            resource.id
        );
        reading.domains.unknown(None, why, resource.at);
    }
    identity::settle(&mut reading, options);
    reading.iam = iam::read(
        root,
        Resolver::new(root, options, NotTaken::new()),
        (&reading, &resources),
        options,
    );
    // What stands on a parameter is of interest where there is an API.
    if !reading.apis.is_empty() || !reading.gaps.is_empty() {
        let assumed = unlooped.assumed().into_iter().chain(resolver.assumed());
        let assumed: BTreeSet<_> = assumed.collect();
        reading.assumed.extend(assumed);
    }
    reading
}

/// Whether a resource makes a custom domain name lead to an API.
fn leads_from_a_domain(resource: &Resource) -> bool {
    match resource.kind.as_str() {
        "AWS::ApiGateway::BasePathMapping"
        | "AWS::ApiGateway::BasePathMappingV2"
        | "AWS::ApiGatewayV2::ApiMapping"
        | "AWS::ApiGatewayV2::RoutingRule" => true,
        kind => {
            kind.starts_with("AWS::Serverless::") && resource.properties.get("Domain").is_some()
        }
    }
}

impl Reading {
    /// Macros may make or change anything.
    fn macros(&mut self, root: &Node, resolver: &Resolver<'_>) {
        if let Some(include) = written(root, "Fn::Transform") {
            let at = Spot::of(include);
            let why = resolver.not_taken(at).map_or_else(
                || "may add any API: check the processed template too".to_owned(),
                |why| format!("may add any API: its file {why}"),
            );
            let why = format!("`Fn::Transform` {why}");
            self.gaps.push(Unknown { why, at });
        }
        let Some(transform) = written(root, "Transform") else {
            return;
        };
        let names = match &transform.value {
            Value::List(names) => names.iter().collect(),
            Value::Scalar { .. } | Value::Map(_) => vec![transform],
        };
        for node in names {
            let name = node
                .name()
                .or_else(|| written(node, "Name").and_then(Node::name))
                .unwrap_or("?");
            if !HARMLESS_MACROS.contains(&name) {
                let at = Spot::of(node);
                let why = resolver.not_taken(at).map_or_else(
                    || "check the processed template too".to_owned(),
                    |why| format!("its file {why}"),
                );
                let why = format!("macro `{name}` may make or change any API: {why}");
                self.gaps.push(Unknown { why, at });
            }
        }
    }

    fn resources(&mut self, root: &Node, resolver: &Resolver<'_>) -> Vec<Resource> {
        let mut read = Vec::new();
        let Some(Value::Map(entries)) = written(root, "Resources").map(|node| &node.value) else {
            return read;
        };
        for (key, node) in entries {
            let id = name_of(key);
            let at = Spot::of(key);
            self.of_resources.insert(at.file);
            if id.starts_with(FOR_EACH) && makes_no_method(node) {
                continue;
            }
            if id.starts_with("Fn::") {
                let why = format!("`{id}` makes resources only on deployment");
                self.gaps.push(Unknown { why, at });
                continue;
            }
            let Some(kind) = written(node, "Type").and_then(Node::name) else {
                let why = format!("resource `{id}` has no `Type` that is a text");
                self.gaps.push(Unknown { why, at });
                self.gaps.extend(of_resource(id, "", node));
                continue;
            };
            let bearing = bearing(kind);
            self.named.insert(id.to_owned(), bearing);
            // A macro among the attributes may change any of them, the type too.
            if let Some(include) = written(node, "Fn::Transform") {
                let why = resolver.not_taken(Spot::of(include));
                let why = why.map_or(String::new(), |why| format!(": its file {why}"));
                let why = format!("`Fn::Transform` may change resource `{id}`{why}");
                self.gaps.push(Unknown { why, at });
            }
            let elsewhere = makes_what_is_elsewhere(kind);
            if is_another_template(kind) || elsewhere.is_some() {
                if written(node, "Condition").is_some() && !self.is_made(id, node, at, resolver) {
                    continue;
                }
                match elsewhere {
                    Some(makes) => {
                        let why = format!("`{id}` of type `{kind}` {makes}");
                        self.gaps.push(Unknown { why, at });
                    }
                    None => self.stack(id, at, nested(id, at, node, resolver)),
                }
            }
            if bearing == Bearing::Nothing {
                continue;
            }
            self.gaps.extend(of_resource(id, kind, node));
            let is_made = self.is_made(id, node, at, resolver);
            // SAM takes the events of a function also where the function is not made.
            if !is_made && !sends_events(kind) {
                continue;
            }
            if bearing == Bearing::Unknown {
                let why = format!(
                    "resource `{id}` is of type `{kind}`, which is not known here and may make methods"
                );
                self.gaps.push(Unknown { why, at });
                continue;
            }
            let as_written = written(node, "Properties");
            let properties = as_written.and_then(|it| properties(kind, it, resolver));
            let properties = properties.map_or(Tree::nothing(at), mapping);
            read.push(Resource {
                id: id.to_owned(),
                kind: kind.to_owned(),
                at,
                // SAM sees the keys that `AWS::NoValue` takes away: they stand over those of `Globals`.
                properties: match kind.starts_with("AWS::Serverless::") {
                    true => properties,
                    false => properties.without_no_values(),
                },
                definition: None,
                written: as_written.map(owners).unwrap_or_default(),
                is_made,
                is_conditional: written(node, "Condition").is_some(),
            });
        }
        read
    }

    /// A stack of another template.
    fn stack(&mut self, id: &str, at: Spot, nested: Result<NestedAt, String>) {
        match nested {
            Ok(nested) => {
                self.nested.push(nested);
                let says =
                    format!("`{id}` is another template, which was not looked at: check it too");
                self.assumed.push((says, at));
            }
            Err(why) => {
                let why = format!("`{id}` {why}");
                self.unfollowed.push(Unknown { why, at });
            }
        }
    }

    /// Whether a resource's condition lets it be made. One that cannot be told is judged as if it did.
    fn is_made(&mut self, id: &str, node: &Node, at: Spot, resolver: &Resolver<'_>) -> bool {
        let Some(written) = written(node, "Condition") else {
            return true;
        };
        let Some(condition) = written.name().filter(|name| resolver.has_condition(name)) else {
            self.gaps.push(Unknown {
                why: format!("the `Condition` of `{id}` names no condition of the template"),
                at: Spot::of(written),
            });
            return true;
        };
        match resolver.condition(condition) {
            Ok(true) => true,
            Ok(false) => {
                let says = format!("`{id}` is not made: condition `{condition}` does not hold");
                self.assumed.push((says, at));
                self.not_made.insert(id.to_owned());
                false
            }
            Err(undecided) => {
                let why = undecided.why;
                let says = format!("`{id}` is taken to be made: whether it is {why}");
                self.assumed.push((says, at));
                self.undecided.insert(id.to_owned(), condition.to_owned());
                true
            }
        }
    }
}

/// How the properties are written by which a resource names what it belongs to.
fn owners(properties: &Node) -> BTreeMap<&'static str, String> {
    let owners = OWNERS.into_iter();
    owners
        .filter_map(|key| Some((key, expression::in_words(written(properties, key)?))))
        .collect()
}

/// Properties, which must be a mapping. What they are instead cannot be told, and neither can anything below it.
fn mapping(properties: Tree) -> Tree {
    let kind = match properties.kind {
        Kind::Text(_) | Kind::List(_) => Kind::Unknown("must be a mapping".to_owned()),
        kind => kind,
    };
    Tree { kind, ..properties }
}

/// The properties of a resource; of one that only sends events, no more than them: what its other
/// properties rest on is nobody's concern here.
fn properties(kind: &str, node: &Node, resolver: &Resolver<'_>) -> Option<Tree> {
    let Value::Map(entries) = &node.value else {
        return resolver.tree(node);
    };
    let is_function = |(key, _): &(Node, Node)| {
        key.name()
            .is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
    };
    if !sends_events(kind) || entries.iter().any(is_function) {
        return resolver.tree(node);
    }
    let at = Spot::of(node);
    let events = entries.iter().find(|(key, _)| key.name() == Some("Events"));
    let events = events.and_then(|(key, events)| {
        Some(Entry {
            key: "Events".to_owned(),
            at: Spot::of(key),
            value: resolver.tree(events)?,
        })
    });
    Some(Tree::new(Kind::Map(events.into_iter().collect()), at))
}
