//! `AWS::Include`: parts of a template that stand in files of their own.
//!
//! CloudFormation writes them out before it applies any other macro, so that SAM sees what they hold.
//!
//! Source: [AWS::Include transform](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html).

use super::files::Library;
use super::resolve::written;
use super::tree::{Kind, NotTaken, Spot, Told, Tree};
use crate::yaml::{Node, Value};

/// The macro's name.
const INCLUDE: &str = "AWS::Include";

/// The key of a macro that stands among others.
const TRANSFORM: &str = "Fn::Transform";

/// A template with the files that it includes in their places.
pub(super) fn taken_in(root: Node, library: &Library<'_>) -> (Node, NotTaken) {
    let mut not_taken = NotTaken::new();
    let mut root = inside(root, library, &mut not_taken);
    if let Value::Map(entries) = &mut root.value {
        at_the_top(entries, library, &mut not_taken);
    }
    (root, not_taken)
}

/// Replaces the macros of a value and of all values in it.
fn inside(node: Node, library: &Library<'_>, not_taken: &mut NotTaken) -> Node {
    let value = match node.value {
        Value::List(items) => {
            let items = items.into_iter();
            Value::List(items.map(|it| inside(it, library, not_taken)).collect())
        }
        Value::Map(entries) => {
            let mut made = Vec::with_capacity(entries.len());
            let mut includes = Vec::new();
            for (key, value) in entries {
                match location_of(&value).filter(|_| key.text() == Some(TRANSFORM)) {
                    Some(_) => includes.push((key, value)),
                    None => made.push((key, inside(value, library, not_taken))),
                }
            }
            for (key, value) in includes {
                if let Err(why) = take(&mut made, &value, library) {
                    not_taken.insert(Spot::of(&value), why);
                    made.push((key, value));
                }
            }
            Value::Map(made)
        }
        scalar @ Value::Scalar { .. } => scalar,
    };
    Node { value, ..node }
}

/// The files that `Transform` of the template itself includes.
fn at_the_top(entries: &mut Vec<(Node, Node)>, library: &Library<'_>, not_taken: &mut NotTaken) {
    let Some(place) = entries
        .iter()
        .position(|(key, _)| key.text() == Some("Transform"))
    else {
        return;
    };
    let (key, transform) = entries.remove(place);
    let macros = match transform.value {
        Value::List(macros) => macros,
        _ => vec![transform],
    };
    let mut left = Vec::new();
    for one in macros {
        if location_of(&one).is_none() {
            left.push(one);
        } else if let Err(why) = take(entries, &one, library) {
            not_taken.insert(Spot::of(&one), why);
            left.push(one);
        }
    }
    let value = Value::List(left);
    entries.push((key.clone(), Node { value, ..key }));
}

/// Puts what a file holds among the entries that the macro stands in.
fn take(
    entries: &mut Vec<(Node, Node)>,
    include: &Node,
    library: &Library<'_>,
) -> Result<(), String> {
    let location = location_of(include).and_then(Node::name);
    let location = location.ok_or("is made by a function, in the place of a file")?;
    let Value::Map(held) = library.mapping(location)?.value else {
        return Err("is no mapping".to_owned());
    };
    let stands = |key: &Node| entries.iter().any(|(it, _)| it.text() == key.text());
    if let Some((key, _)) = held.iter().find(|(key, _)| stands(key)) {
        let key = key.name().unwrap_or_default();
        return Err(format!(
            "has `{key}`, which stands beside it too: which one counts is not known"
        ));
    }
    entries.extend(held);
    Ok(())
}

/// Where the file of an `AWS::Include` is. `None`: it is another macro.
fn location_of(node: &Node) -> Option<&Node> {
    let name = written(node, "Name").and_then(Node::name);
    name.filter(|name| *name == INCLUDE)?;
    written(written(node, "Parameters")?, "Location")
}

/// The definition that a resource keeps in a file of its own. It is no part of the template: no function in it counts.
pub(super) fn definition(
    kind: &str,
    properties: &Tree,
    library: &Library<'_>,
) -> Option<Told<Tree>> {
    let key = match kind {
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => "BodyS3Location",
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => "DefinitionUri",
        _ => return None,
    };
    let named = properties.get(key)?;
    let Kind::Text(location) = &named.kind else {
        return None;
    };
    let read = library.mapping(location).map(|node| Tree::plain(&node));
    Some(read.map_err(|why| {
        named.unknown(format!(
            "keeps methods elsewhere (`{key}`): what it names {why}"
        ))
    }))
}
