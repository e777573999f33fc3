//! The shape of what `terraform show -json` prints, as far as it is read. OpenTofu prints the same.
//!
//! Values of resources stay as text until somebody asks for them: a plan has everything in it three times.
//!
//! Source: [JSON output format](https://developer.hashicorp.com/terraform/internals/json-format).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A plan, or a state.
#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    pub(super) format_version: String,
    /// What is there once the plan is applied.
    #[serde(borrow)]
    pub(super) planned_values: Option<Values<'a>>,
    /// What is there: a state has this and nothing else.
    #[serde(borrow)]
    pub(super) values: Option<Values<'a>>,
    /// What was there before.
    #[serde(borrow)]
    pub(super) prior_state: Option<Prior<'a>>,
    #[serde(borrow)]
    pub(super) resource_changes: Option<Vec<Change<'a>>>,
    #[serde(borrow)]
    pub(super) deferred_changes: Option<Vec<Deferred<'a>>>,
    #[serde(borrow)]
    pub(super) configuration: Option<Configuration<'a>>,
    pub(super) variables: Option<BTreeMap<String, Variable>>,
    pub(super) errored: Option<bool>,
    pub(super) complete: Option<bool>,
}

/// A state.
#[derive(Debug, Deserialize)]
pub(super) struct Prior<'a> {
    #[serde(borrow)]
    pub(super) values: Option<Values<'a>>,
}

/// The resources of a state.
#[derive(Debug, Deserialize)]
pub(super) struct Values<'a> {
    #[serde(borrow)]
    pub(super) root_module: Option<Module<'a>>,
}

/// A module with its resources.
#[derive(Debug, Deserialize)]
pub(super) struct Module<'a> {
    /// None for the root module.
    pub(super) address: Option<String>,
    #[serde(borrow)]
    pub(super) resources: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) child_modules: Option<Vec<Module<'a>>>,
}

/// One instance of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct Planned<'a> {
    pub(super) address: String,
    pub(super) mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) index: Option<Value>,
    /// What is known of its attributes. None of them may be.
    #[serde(borrow)]
    pub(super) values: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) sensitive_values: Option<&'a RawValue>,
}

/// What happens to one instance.
#[derive(Debug, Deserialize)]
pub(super) struct Change<'a> {
    pub(super) address: String,
    pub(super) mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Set for what is left of an instance that was replaced, and only to be deleted.
    pub(super) deposed: Option<String>,
    #[serde(borrow)]
    pub(super) change: Actions<'a>,
}

/// What a change does.
#[derive(Debug, Deserialize)]
pub(super) struct Actions<'a> {
    pub(super) actions: Vec<String>,
    #[serde(borrow)]
    pub(super) before: Option<&'a RawValue>,
    /// Which attributes are known only once the plan is applied.
    #[serde(borrow)]
    pub(super) after_unknown: Option<&'a RawValue>,
}

/// A change that is left to a later plan.
#[derive(Debug, Deserialize)]
pub(super) struct Deferred<'a> {
    #[serde(borrow)]
    pub(super) resource_change: Change<'a>,
}

/// The value of a variable of the root module.
#[derive(Debug, Deserialize)]
pub(super) struct Variable {
    pub(super) value: Option<Value>,
}

/// What the files of the configuration say.
#[derive(Debug, Deserialize)]
pub(super) struct Configuration<'a> {
    #[serde(borrow)]
    pub(super) provider_config: Option<BTreeMap<String, ProviderConfig<'a>>>,
    #[serde(borrow)]
    pub(super) root_module: Option<ModuleConfig<'a>>,
}

/// One configuration of a provider.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderConfig<'a> {
    /// The module that it stands in. None for the root module.
    pub(super) module_address: Option<String>,
    #[serde(borrow)]
    pub(super) expressions: Option<BTreeMap<String, &'a RawValue>>,
}

/// One module as it is written.
#[derive(Debug, Deserialize)]
pub(super) struct ModuleConfig<'a> {
    #[serde(borrow)]
    pub(super) resources: Option<Vec<ResourceConfig<'a>>>,
    #[serde(borrow)]
    pub(super) module_calls: Option<BTreeMap<String, ModuleCall<'a>>>,
    #[serde(borrow)]
    pub(super) outputs: Option<BTreeMap<String, Output<'a>>>,
}

/// One resource as it is written.
#[derive(Debug, Deserialize)]
pub(super) struct ResourceConfig<'a> {
    pub(super) mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) provider_config_key: Option<String>,
    #[serde(borrow)]
    pub(super) expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) for_each_expression: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) count_expression: Option<&'a RawValue>,
    /// What it waits for, beside what its expressions refer to.
    pub(super) depends_on: Option<Vec<String>>,
}

/// A call of a module.
#[derive(Debug, Deserialize)]
pub(super) struct ModuleCall<'a> {
    #[serde(borrow)]
    pub(super) expressions: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow)]
    pub(super) for_each_expression: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) count_expression: Option<&'a RawValue>,
    /// What all of it waits for.
    pub(super) depends_on: Option<Vec<String>>,
    #[serde(borrow)]
    pub(super) module: Option<ModuleConfig<'a>>,
}

/// An output of a module.
#[derive(Debug, Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    pub(super) expression: Option<&'a RawValue>,
    /// What it waits for, beside what its expression refers to.
    pub(super) depends_on: Option<Vec<String>>,
}
