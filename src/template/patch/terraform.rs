//! Methods and routes in the sources of Terraform, which a plan names by their addresses.
//!
//! A plan says what a method comes to, and not where it is written. What is changed here is the literal of one attribute, or it
//! is added: whatever else makes its value is refused.

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Attribute, Block, Body};
use serde_json::Value;

use super::edit::{Edit, Mend, patched};
use super::{BOM, IAM, NONE};
use crate::template::terraform::{references, written_at};

/// The types of resources that have an authorization type, each with its attribute.
const TYPES: [(&str, &str); 2] = [
    ("aws_api_gateway_method", "authorization"),
    ("aws_apigatewayv2_route", "authorization_type"),
];

/// Where a resource is written: the names of the calls of modules that lead to it, its type and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceName {
    /// The calls, the outermost first.
    pub modules: Vec<String>,
    /// The type.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// Where the resource of an address is written. `None`: it is no address of a resource.
pub fn resource_name(address: &str) -> Option<ResourceName> {
    let (modules, kind, name) = written_at(address)?;
    Some(ResourceName {
        modules,
        kind,
        name,
    })
}

/// The addresses of all resources of a plan or state that have an authorization type.
///
/// # Errors
/// Where the text is no JSON.
pub fn addresses(plan: &str) -> Result<Vec<String>, String> {
    let plan: Value = parsed(plan)?;
    let mut found = Vec::new();
    for_each_resource(&plan, &mut |resource| {
        let kind = resource.get("type").and_then(Value::as_str);
        let address = resource.get("address").and_then(Value::as_str);
        if let Some(address) = address.filter(|_| attribute_of(kind.unwrap_or("")).is_some()) {
            found.push(address.to_owned());
        }
    });
    Ok(found)
}

/// The plan as it would be, were the resources of these addresses written with `AWS_IAM`, now and when they were made.
///
/// # Errors
/// Where the text is no JSON.
pub fn planned(plan: &str, addresses: &BTreeSet<String>) -> Result<String, String> {
    let mut plan: Value = parsed(plan)?;
    for part in ["planned_values", "values"] {
        if let Some(values) = plan.get_mut(part) {
            set_in_module(values.get_mut("root_module"), addresses);
        }
    }
    let prior = plan.get_mut("prior_state");
    let prior = prior.and_then(|it| it.get_mut("values"));
    set_in_module(prior.and_then(|it| it.get_mut("root_module")), addresses);
    let changes = plan
        .get_mut("resource_changes")
        .and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        let address = change.get("address").and_then(Value::as_str);
        if !address.is_some_and(|it| addresses.contains(it)) {
            continue;
        }
        let kind = change.get("type").and_then(Value::as_str);
        let attribute = attribute_of(kind.unwrap_or(""));
        for side in ["before", "after"] {
            let values = change.get_mut("change").and_then(|it| it.get_mut(side));
            set(values, attribute);
        }
    }
    Ok(plan.to_string())
}

/// Which of these resources of REST APIs no deployment of the plan is made anew for.
///
/// A deployment is made anew where its `triggers` change. They change with a method where they speak of it as a whole, or of
/// its `authorization`; its id stays the same.
///
/// # Errors
/// Where the text is no JSON.
pub fn not_redeployed<'r>(
    plan: &str,
    resources: impl Iterator<Item = &'r ResourceName>,
) -> Result<Vec<&'r ResourceName>, String> {
    let plan: Value = parsed(plan)?;
    let root = plan
        .get("configuration")
        .and_then(|it| it.get("root_module"));
    let deployed = |resource: &&ResourceName| {
        let mut modules = vec![root];
        // A deployment may stand in any module on the way to the method's.
        for name in &resource.modules {
            let outer = modules.last().copied().flatten();
            let calls = outer.and_then(|it| it.get("module_calls"));
            modules.push(
                calls
                    .and_then(|it| it.get(name))
                    .and_then(|it| it.get("module")),
            );
        }
        let own = modules.last().copied().flatten();
        own.is_some_and(|module| triggers(module).iter().any(|it| changes_with(it, resource)))
    };
    let rest = resources.filter(|it| it.kind == "aws_api_gateway_method");
    Ok(rest.filter(|it| !deployed(it)).collect())
}

/// What the `triggers` of the deployments of a module refer to.
fn triggers(module: &Value) -> Vec<String> {
    let resources = module.get("resources").and_then(Value::as_array);
    let deployments = resources
        .into_iter()
        .flatten()
        .filter(|it| it.get("type").and_then(Value::as_str) == Some("aws_api_gateway_deployment"));
    let triggers = deployments.filter_map(|it| it.get("expressions")?.get("triggers"));
    triggers.flat_map(references).collect()
}

/// Whether what a reference stands for changes with the authorization type of a method.
fn changes_with(reference: &str, resource: &ResourceName) -> bool {
    let name = format!("{}.{}", resource.kind, resource.name);
    let Some(rest) = reference.strip_prefix(&name) else {
        return false;
    };
    let rest = match rest.split_once(']') {
        Some((key, after)) if key.starts_with('[') => after,
        _ => rest,
    };
    rest.is_empty() || rest == ".authorization"
}

fn parsed(plan: &str) -> Result<Value, String> {
    let plan = plan.trim_start_matches(BOM);
    serde_json::from_str(plan).map_err(|error| format!("the plan cannot be read again: {error}"))
}

fn attribute_of(kind: &str) -> Option<&'static str> {
    let mut types = TYPES.iter();
    types
        .find(|(it, _)| *it == kind)
        .map(|(_, attribute)| *attribute)
}

fn for_each_resource<'v>(plan: &'v Value, each: &mut impl FnMut(&'v Value)) {
    let mut modules: Vec<&Value> = ["planned_values", "values"]
        .iter()
        .filter_map(|part| plan.get(part)?.get("root_module"))
        .collect();
    while let Some(module) = modules.pop() {
        let list = |key: &str| {
            module
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        list("resources").for_each(&mut *each);
        modules.extend(list("child_modules"));
    }
}

fn set_in_module(root: Option<&mut Value>, addresses: &BTreeSet<String>) {
    let mut modules: Vec<&mut Value> = root.into_iter().collect();
    while let Some(module) = modules.pop() {
        let Value::Object(parts) = module else {
            continue;
        };
        for (key, part) in parts {
            let Value::Array(items) = part else { continue };
            match key.as_str() {
                "child_modules" => modules.extend(items),
                "resources" => {
                    for resource in items {
                        let address = resource.get("address").and_then(Value::as_str);
                        if address.is_some_and(|it| addresses.contains(it)) {
                            let kind = resource.get("type").and_then(Value::as_str);
                            let attribute = attribute_of(kind.unwrap_or(""));
                            set(resource.get_mut("values"), attribute);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn set(values: Option<&mut Value>, attribute: Option<&str>) {
    if let (Some(Value::Object(values)), Some(attribute)) = (values, attribute) {
        values.insert(attribute.to_owned(), IAM.into());
    }
}

/// The folder that a call of a module names, relative to the module that it stands in. `texts`: the `.tf` files of that one.
///
/// # Errors
/// Where it is not written here, in words that follow "module NAME".
pub fn module_folder(texts: &[&str], name: &str) -> Result<String, String> {
    let mut source = None;
    for text in texts {
        let body = read(text)?;
        let mut calls = body.get_blocks("module");
        if let Some(call) = calls.find(|it| labels(it) == [name]) {
            source = call.body.get_attribute("source").map(|it| it.value.clone());
        }
    }
    match source {
        None => Err("is not called in the `.tf` files there".to_owned()),
        Some(Expression::String(source)) => {
            let source: &str = &source;
            match source.starts_with("./") || source.starts_with("../") {
                true => Ok(source.to_owned()),
                false => Err(format!(
                    "comes from `{source}`, and not from a folder of these sources"
                )),
            }
        }
        Some(_) => Err("has a `source` that is not written out".to_owned()),
    }
}

/// The change that makes a resource ask for `AWS_IAM`, and which of these `.tf` files of its module it is of.
///
/// # Errors
/// Why there is none, in words.
pub fn mend_resource(texts: &[&str], resource: &ResourceName) -> Result<(usize, Mend), String> {
    let attribute = attribute_of(&resource.kind).ok_or_else(|| {
        format!(
            "`{}` has its methods in a definition, or makes them itself",
            resource.kind
        )
    })?;
    let wanted = [resource.kind.as_str(), resource.name.as_str()];
    let mut found = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let body = read(text)?;
        let blocks = body.get_blocks("resource");
        let own = blocks.filter(|it| labels(it) == wanted).cloned();
        found.extend(own.map(|block| (index, block)));
    }
    match found.as_slice() {
        [(index, block)] => {
            let text = texts.get(*index).copied().unwrap_or("");
            if let Some(lifecycle) = block.body.get_blocks("lifecycle").next()
                && lifecycle.body.has_attribute("ignore_changes")
            {
                return Err(
                    "its `lifecycle` has `ignore_changes`, by which Terraform may pass over the change".to_owned(),
                );
            }
            let mend = mend_block(text, block, attribute)?;
            is_set(text, &mend, &wanted, attribute)?;
            Ok((*index, mend))
        }
        [] => Err(format!(
            "no `.tf` file there has `resource \"{}\" \"{}\"`",
            resource.kind, resource.name
        )),
        _ => Err("the resource is written twice".to_owned()),
    }
}

fn mend_block(text: &str, block: &Block, attribute: &str) -> Result<Mend, String> {
    let before = text.len() - text.trim_start_matches(BOM).len();
    let body = text.get(before..).unwrap_or("");
    let not_plain = || "it is written in a way that is not understood".to_owned();
    let (at, new) = match block.body.get_attribute(attribute) {
        Some(stated) => {
            let Expression::String(value) = &stated.value else {
                let written = stated
                    .value
                    .span()
                    .and_then(|it| body.get(it))
                    .unwrap_or("?");
                return Err(format!(
                    "`{attribute}` comes from `{}`",
                    written.lines().next().unwrap_or("?").trim()
                ));
            };
            let value: &str = value;
            if !value.eq_ignore_ascii_case(NONE) {
                return Err(format!(
                    "`{attribute}` is `{value}` in the source, and not {NONE}"
                ));
            }
            let at = stated.value.span().ok_or_else(not_plain)?;
            (at, format!("\"{IAM}\""))
        }
        None => added(body, block, attribute).ok_or_else(not_plain)?,
    };
    Ok(Mend {
        edits: vec![Edit {
            at: at.start + before..at.end + before,
            text: new,
            depth: 0,
        }],
        ..Mend::default()
    })
}

/// The attribute behind the last one that stands on a line of its own before any block.
fn added(body: &str, block: &Block, attribute: &str) -> Option<(std::ops::Range<usize>, String)> {
    let last: &Attribute = block.body.attributes().last()?;
    let key = last.key.span()?;
    let value = last.value.span()?;
    let line_start = body.get(..key.start)?.rfind('\n').map_or(0, |it| it + 1);
    let indent = body.get(line_start..key.start)?;
    if !indent.trim().is_empty() {
        return None;
    }
    // As `terraform fmt` lines up the signs of neighbors.
    let sign = body.get(key.end..value.start)?.find('=')? + key.end;
    let width = (sign - line_start).saturating_sub(indent.len() + 1);
    let rest = body.get(value.end..)?;
    let end = value.end + rest.find('\n').unwrap_or(rest.len());
    let line = body.get(value.end..end)?;
    let end = value.end + line.strip_suffix('\r').unwrap_or(line).len();
    let newline = match body.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    // Behind an empty line, its neighbors need not be lined up with it.
    let apart = match attribute.len() > width {
        true => newline,
        false => "",
    };
    Some((
        end..end,
        format!("{apart}{newline}{indent}{attribute:<width$} = \"{IAM}\""),
    ))
}

/// Looks whether a change sets the attribute, and nothing else.
fn is_set(text: &str, mend: &Mend, wanted: &[&str], attribute: &str) -> Result<(), String> {
    let after = patched(text, [mend].into_iter())?;
    let (mut before, mut after) = (read(text)?, read(&after)?);
    let mut set = None;
    for body in [&mut before, &mut after] {
        let mut blocks = body.get_blocks_mut("resource");
        let own = blocks.find(|it| labels(it) == wanted);
        let own = own.ok_or("the patched text has not the resource any more")?;
        set = own.body.remove_attribute(attribute);
    }
    let is_iam =
        matches!(set.map(|it| it.value), Some(Expression::String(it)) if it.as_str() == IAM);
    match is_iam && before == after {
        true => Ok(()),
        false => Err("the patched text would say something else".to_owned()),
    }
}

fn read(text: &str) -> Result<Body, String> {
    parse_body(text.trim_start_matches(BOM)).map_err(|error| {
        let at = error.location();
        format!(
            "a `.tf` file cannot be read: {}:{}: {}",
            at.line(),
            at.column(),
            error.message()
        )
    })
}

fn labels(block: &Block) -> Vec<&str> {
    block
        .labels
        .iter()
        .map(hcl_edit::structure::BlockLabel::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(kind: &str, name: &str) -> ResourceName {
        ResourceName {
            modules: Vec::new(),
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }

    fn mended(text: &str, kind: &str) -> Result<String, String> {
        let (_, mend) = mend_resource(&[text], &name(kind, "it"))?;
        Ok(patched(text, [&mend].into_iter()).unwrap())
    }

    #[test]
    fn the_literal_alone_changes() {
        let text = "# é\nresource \"aws_api_gateway_method\" \"it\" { # one\r\n  authorization    =  \"NONE\" # all\n}\n";
        assert_eq!(
            mended(text, "aws_api_gateway_method").unwrap(),
            text.replace("NONE", "AWS_IAM")
        );
    }

    #[test]
    fn an_attribute_that_is_not_there_comes_behind_the_last_one() {
        let text = "resource aws_apigatewayv2_route it {\n  api_id    = var.api # which\n  route_key = \"GET /a\"\n}";
        assert_eq!(
            mended(text, "aws_apigatewayv2_route").unwrap(),
            text.replace("/a\"", "/a\"\n\n  authorization_type = \"AWS_IAM\"")
        );
        let text = "resource \"aws_apigatewayv2_route\" \"it\" {\n  authorizer_id_and_more = 1\n}";
        assert_eq!(
            mended(text, "aws_apigatewayv2_route").unwrap(),
            text.replace("= 1", "= 1\n  authorization_type     = \"AWS_IAM\"")
        );
    }

    #[test]
    fn what_comes_from_elsewhere_is_not_guessed() {
        for (value, says) in [
            ("var.type", "comes from `var.type`"),
            ("local.x", "comes from `local.x`"),
            ("\"${var.type}\"", "comes from"),
            ("each.value", "comes from"),
            ("<<E\nNONE\nE\n", "comes from"),
            ("\"CUSTOM\"", "is `CUSTOM` in the source"),
        ] {
            let text = format!(
                "resource \"aws_api_gateway_method\" \"it\" {{\n  authorization = {value}\n}}\n"
            );
            let why = mended(&text, "aws_api_gateway_method").unwrap_err();
            assert!(why.contains(says), "{value}: {why}");
        }
        for text in [
            "",
            "resource {",
            "data \"aws_api_gateway_method\" \"it\" {}\n",
        ] {
            assert!(mended(text, "aws_api_gateway_method").is_err(), "{text}");
        }
    }

    #[test]
    fn modules_of_these_sources_are_followed_and_no_others() {
        let texts = [
            "module \"a\" {\n  source = \"./a\"\n}\nmodule \"b\" {\n  source = \"acme/b/aws\"\n}\n",
        ];
        assert_eq!(module_folder(&texts, "a").unwrap(), "./a");
        assert!(
            module_folder(&texts, "b")
                .unwrap_err()
                .contains("acme/b/aws")
        );
        assert!(module_folder(&texts, "c").is_err());
    }

    #[test]
    fn triggers_that_change_with_a_method_are_told() {
        let method = name("aws_api_gateway_method", "it");
        for (reference, changes) in [
            ("aws_api_gateway_method.it", true),
            ("aws_api_gateway_method.it[\"a.b\"]", true),
            ("aws_api_gateway_method.it[0].authorization", true),
            ("aws_api_gateway_method.it.id", false),
            ("aws_api_gateway_method.item", false),
            ("var.x", false),
        ] {
            assert_eq!(changes_with(reference, &method), changes, "{reference}");
        }
    }
}
