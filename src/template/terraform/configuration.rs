//! What the configuration of a plan says: which things an attribute refers to, which no value shows before they are made.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::address::Step;
use super::document::{Configuration, ModuleCall, ModuleConfig, ResourceConfig};

/// A module as it is written, by the names of the calls that lead to it.
pub(super) type Names<'c> = Vec<&'c str>;

/// The configuration of one plan.
#[derive(Debug, Default)]
pub(super) struct Written<'c, 'a> {
    modules: BTreeMap<Names<'c>, &'c ModuleConfig<'a>>,
    resources: BTreeMap<(Names<'c>, &'c str, &'c str), &'c ResourceConfig<'a>>,
    /// The data sources, and what is opened only while Terraform runs.
    others: BTreeMap<(Names<'c>, String, &'c str), &'c ResourceConfig<'a>>,
}

impl<'c, 'a> Written<'c, 'a> {
    pub(super) fn of(configuration: Option<&'c Configuration<'a>>) -> Self {
        let mut written = Written::default();
        if let Some(root) = configuration.and_then(|it| it.root_module.as_ref()) {
            written.module(root, Vec::new());
        }
        written
    }

    fn module(&mut self, module: &'c ModuleConfig<'a>, names: Names<'c>) {
        for resource in module.resources.iter().flatten() {
            if resource.mode == "managed" {
                let name = (
                    names.clone(),
                    resource.kind.as_str(),
                    resource.name.as_str(),
                );
                self.resources.insert(name, resource);
            } else {
                let kind = format!("{}.{}", resource.mode, resource.kind);
                let name = (names.clone(), kind, resource.name.as_str());
                self.others.insert(name, resource);
            }
        }
        for (name, call) in module.module_calls.iter().flatten() {
            if let Some(inner) = &call.module {
                let mut names = names.clone();
                names.push(name);
                self.module(inner, names);
            }
        }
        self.modules.insert(names, module);
    }

    /// A resource as it is written.
    pub(super) fn resource(
        &self,
        module: &[Step],
        kind: &str,
        name: &str,
    ) -> Option<&'c ResourceConfig<'a>> {
        self.resources.get(&(names(module), kind, name)).copied()
    }

    /// A resource, or a data source under `data.TYPE`, as it is written.
    pub(super) fn any_resource(
        &self,
        module: &Names<'_>,
        kind: &str,
        name: &str,
    ) -> Option<&'c ResourceConfig<'a>> {
        let managed = self.resources.get(&(module.clone(), kind, name));
        let other = || self.others.get(&(module.clone(), kind.to_owned(), name));
        managed.or_else(other).copied()
    }

    /// The resources of a module and of those in it: their modules, types and names.
    pub(super) fn resources_below(
        &self,
        module: &Names<'c>,
    ) -> Vec<((Names<'c>, &'c str), &'c str)> {
        let all = self.resources.keys();
        let below = all.filter(|(names, _, _)| names.starts_with(module));
        let below = below.map(|(names, kind, name)| ((names.clone(), *kind), *name));
        below.collect()
    }

    /// A module as it is written, by its names.
    pub(super) fn module_of(&self, module: &Names<'_>) -> Option<&'c ModuleConfig<'a>> {
        self.modules.get(module).copied()
    }

    /// A call that stands in a module.
    pub(super) fn call_of(&self, outer: &Names<'_>, name: &str) -> Option<&'c ModuleCall<'a>> {
        self.module_of(outer)?.module_calls.as_ref()?.get(name)
    }

    /// The names of a module that another one calls by a name.
    pub(super) fn inner(&self, outer: &Names<'c>, name: &str) -> Option<Names<'c>> {
        let calls = self.module_of(outer)?.module_calls.as_ref()?;
        let (name, _) = calls.get_key_value(name)?;
        Some(outer.iter().copied().chain([name.as_str()]).collect())
    }

    /// The call of the last of these modules.
    pub(super) fn call(&self, module: &[Step]) -> Option<&'c ModuleCall<'a>> {
        let (last, outer) = module.split_last()?;
        let outer = self.modules.get(&names(outer))?;
        outer.module_calls.as_ref()?.get(&last.name)
    }

    /// A module as it is written.
    pub(super) fn written_module(&self, module: &[Step]) -> Option<&'c ModuleConfig<'a>> {
        self.modules.get(&names(module)).copied()
    }
}

fn names(module: &[Step]) -> Vec<&str> {
    module.iter().map(|step| step.name.as_str()).collect()
}

/// The expressions of a resource, by its attributes and blocks. `None`: they are not there.
pub(super) fn expressions(resource: &ResourceConfig<'_>) -> Option<Value> {
    let raw = resource.expressions?;
    serde_json::from_str(raw.get()).ok()
}

/// What an expression refers to, in the order in which it does. Terraform lists behind each reference what it begins with,
/// which is left out here: `a.b.id`, and not `a.b`.
pub(in crate::template) fn references(expression: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    if found.len() > MOST {
        return Vec::new();
    }
    let begins = |whole: &str, with: &str| {
        let rest = whole.strip_prefix(with);
        rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let mut kept: Vec<String> = Vec::new();
    for reference in found {
        let is_said = |it: &String| *it == reference || begins(it, &reference);
        if !kept.last().is_some_and(is_said) && !kept.contains(&reference) {
            kept.push(reference);
        }
    }
    kept
}

/// The references of an expression that is still text.
pub(super) fn references_of(raw: &RawValue) -> Vec<String> {
    let expression = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
    references(&expression)
}

/// How many references of one expression are looked at. Nobody writes more; of such an expression nothing is known.
const MOST: usize = 200;

fn collect(expression: &Value, found: &mut Vec<String>) {
    match expression {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::Array(items) if key == "references" => {
                        let texts = items.iter().filter_map(Value::as_str);
                        let left = (MOST + 1).saturating_sub(found.len());
                        found.extend(texts.take(left).map(str::to_owned));
                    }
                    value if key != "constant_value" => collect(value, found),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_the_longest_ones() {
        let found = |value: Value| references(&value);
        assert_eq!(
            found(
                json!({"references": ["a.b[0].id", "a.b[0]", "a.b", "each.key", "a.bc.id", "a.bc"]})
            ),
            ["a.b[0].id", "each.key", "a.bc.id"]
        );
        assert_eq!(
            found(
                json!([{"x": {"references": ["var.a"]}, "y": {"constant_value": {"references": ["b"]}}}])
            ),
            ["var.a"]
        );
        for nothing in [
            json!({}),
            json!(null),
            json!({"references": [1, null]}),
            json!({"references": "x"}),
        ] {
            assert!(found(nothing).is_empty());
        }
    }
}
