//! Which resources the sources of Terraform declare, and which ones a plan or a state is about: so it shows whether a plan
//! stands for the sources beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

/// What the types of API Gateway's resources begin with.
const PREFIXES: [&str; 2] = ["aws_api_gateway_", "aws_apigatewayv2_"];

/// Modules in modules.
const DEEPEST: usize = 20;

/// The resources of API Gateway that a source declares, each as `TYPE.NAME`. The source is in Terraform's own language, or in
/// JSON.
///
/// ```
/// use gatewatch::template::declared_by_terraform;
///
/// let source = "resource \"aws_api_gateway_method\" \"get\" {}\n# resource \"aws_api_gateway_method\" \"old\" {}\n";
/// assert_eq!(declared_by_terraform(source).into_iter().collect::<Vec<_>>(), ["aws_api_gateway_method.get"]);
/// ```
pub fn declared(text: &str) -> BTreeSet<String> {
    if let Ok(document) = serde_json::from_str::<Value>(text) {
        return in_json(&document);
    }
    let mut declared = BTreeSet::new();
    let mut words = words(text).peekable();
    while let Some(word) = words.next() {
        if word == "resource"
            && let Some(kind) = words.next_if(|it| is_of_api_gateway(it))
            && let Some(name) = words.peek()
        {
            declared.insert(format!("{kind}.{name}"));
        }
    }
    declared
}

fn in_json(document: &Value) -> BTreeSet<String> {
    let kinds = each(document.get("resource"));
    let kinds = kinds.filter(|(kind, _)| is_of_api_gateway(kind));
    let declared = kinds.flat_map(|(kind, named)| {
        let names = each(Some(named));
        names.map(move |(name, _)| format!("{kind}.{name}"))
    });
    declared.collect()
}

/// The entries of an object, or of all objects of a list, as Terraform takes either.
fn each(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    let objects = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    objects.iter().filter_map(Value::as_object).flatten()
}

fn is_of_api_gateway(kind: &str) -> bool {
    PREFIXES.iter().any(|it| kind.starts_with(it))
}

/// The words of a source, with or without quotes, outside of comments that take a line.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with('#') && !line.starts_with("//")
    });
    lines.flat_map(|line| {
        let is_end = |letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-'));
        line.split(is_end).filter(|it| !it.is_empty())
    })
}

#[derive(Deserialize)]
struct Printed {
    configuration: Option<Configuration>,
    values: Option<Values>,
    planned_values: Option<Values>,
}

#[derive(Deserialize)]
struct Configuration {
    root_module: Option<Module>,
}

#[derive(Deserialize)]
struct Values {
    root_module: Option<Module>,
}

/// A module of the configuration, or of the values.
#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    module_calls: BTreeMap<String, Call>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Call {
    source: Option<String>,
    module: Option<Module>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    name: String,
}

/// The resources of API Gateway that a plan or a state is about, each as `TYPE.NAME`, and in how many modules there is one of
/// this name. None, where the text cannot be read.
pub fn made(text: &str) -> BTreeMap<String, usize> {
    let text = text.trim_start_matches('\u{feff}');
    let Ok(printed) = serde_json::from_str::<Printed>(text) else {
        return BTreeMap::new();
    };
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let configuration = printed.configuration.and_then(|it| it.root_module);
    match &configuration {
        Some(root) => add(root, String::new(), 0, &mut modules),
        // A state has no configuration.
        None => {
            let values = [printed.values, printed.planned_values];
            for root in values.into_iter().flatten().filter_map(|it| it.root_module) {
                add(&root, String::new(), 0, &mut modules);
            }
        }
    }
    let counted = modules.into_iter();
    counted.map(|(name, within)| (name, within.len())).collect()
}

/// `path`: what tells a module from others that are written elsewhere.
fn add(module: &Module, path: String, depth: usize, all: &mut BTreeMap<String, BTreeSet<String>>) {
    if depth > DEEPEST {
        return;
    }
    for resource in module
        .resources
        .iter()
        .filter(|it| is_of_api_gateway(&it.kind))
    {
        let name = format!("{}.{}", resource.kind, resource.name);
        all.entry(name).or_default().insert(path.clone());
    }
    for call in module.module_calls.values() {
        if let Some(inner) = &call.module {
            // Two calls of one module are written once.
            let source = call.source.as_deref().unwrap_or_default();
            add(inner, format!("{path}/{source}"), depth + 1, all);
        }
    }
    for (index, inner) in module.child_modules.iter().enumerate() {
        add(inner, format!("{path}/{index}"), depth + 1, all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_found_in_any_writing() {
        for (text, wanted) in [
            (
                "resource \"aws_api_gateway_method\" \"get\" {}",
                &["aws_api_gateway_method.get"][..],
            ),
            (
                "resource aws_apigatewayv2_api shop {}",
                &["aws_apigatewayv2_api.shop"],
            ),
            (
                "resource\n\"aws_api_gateway_method\"\n\"get\"\n{}",
                &["aws_api_gateway_method.get"],
            ),
            ("  // resource \"aws_api_gateway_method\" \"get\" {}", &[]),
            ("data \"aws_api_gateway_rest_api\" \"shop\" {}", &[]),
            (
                "{\"resource\": {\"aws_api_gateway_method\": {\"get\": {}}, \"aws_sns_topic\": {\"t\": {}}}}",
                &["aws_api_gateway_method.get"],
            ),
        ] {
            let declared: Vec<String> = declared(text).into_iter().collect();
            assert_eq!(declared, wanted, "{text}");
        }
    }

    #[test]
    fn a_plan_counts_where_its_resources_are_written() {
        let module = "{\"resources\": [{\"type\": \"aws_api_gateway_method\", \"name\": \"get\"}]}";
        let plan = |calls: &str| {
            format!("{{\"configuration\": {{\"root_module\": {{\"module_calls\": {{{calls}}}}}}}}}")
        };
        let call = |name: &str, source: &str| {
            format!("\"{name}\": {{\"source\": \"{source}\", \"module\": {module}}}")
        };
        let name = "aws_api_gateway_method.get".to_owned();
        let twice = format!("{}, {}", call("a", "./m"), call("b", "./m"));
        assert_eq!(made(&plan(&twice)), BTreeMap::from([(name.clone(), 1)]));
        let two = format!("{}, {}", call("a", "./m"), call("b", "./n"));
        assert_eq!(made(&plan(&two)), BTreeMap::from([(name.clone(), 2)]));
        let state = format!("{{\"values\": {{\"root_module\": {module}}}}}");
        assert_eq!(made(&state), BTreeMap::from([(name, 1)]));
        assert_eq!(made("{"), BTreeMap::new());
    }
}
