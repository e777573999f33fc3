//! The Region of each resource: its own, or that of its provider.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::{Step, modules, parts};
use super::attributes::Attributes;
use super::configuration::{Written, references};
use super::document::{Configuration, ProviderConfig, Variable};
use super::instances::Instance;
use crate::inventory::region_name;

/// What is known of the providers of one plan.
pub(super) struct Providers<'c, 'a> {
    configurations: Option<&'c BTreeMap<String, ProviderConfig<'a>>>,
    variables: Option<&'c BTreeMap<String, Variable>>,
    written: &'c Written<'c, 'a>,
}

impl<'c, 'a> Providers<'c, 'a> {
    pub(super) fn new(
        configuration: Option<&'c Configuration<'a>>,
        variables: Option<&'c BTreeMap<String, Variable>>,
        written: &'c Written<'c, 'a>,
    ) -> Self {
        Providers {
            configurations: configuration.and_then(|it| it.provider_config.as_ref()),
            variables,
            written,
        }
    }

    /// The Region of an instance. `None`: the file does not tell it.
    ///
    /// Source: [Regions in version 6](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support).
    pub(super) fn region(&self, instance: &Instance<'_>, known: &Attributes) -> Option<String> {
        let own = known.text("region").map(str::to_owned);
        let of_arn = || {
            let arn = known.text("execution_arn").or_else(|| known.text("arn"))?;
            arn.split(':').nth(3).map(str::to_owned)
        };
        let region = own.or_else(of_arn).or_else(|| self.of_provider(instance))?;
        region_name(&region).ok()
    }

    /// Whether the provider of an instance gives every resource tags of its own.
    pub(super) fn has_default_tags(&self, instance: &Instance<'_>) -> bool {
        self.expression(instance, "default_tags").is_some()
    }

    fn of_provider(&self, instance: &Instance<'_>) -> Option<String> {
        let (provider, expression) = self.expression(instance, "region")?;
        let module = match &provider.module_address {
            Some(address) => modules(&parts(address)?)?.0,
            None => Vec::new(),
        };
        self.text(&expression, &module)
    }

    /// What the provider of an instance says of one of its arguments.
    fn expression(
        &self,
        instance: &Instance<'_>,
        argument: &str,
    ) -> Option<(&'c ProviderConfig<'a>, Value)> {
        let (kind, name) = (&instance.kind, &instance.name);
        let written = self.written.resource(&instance.module, kind, name)?;
        let provider = (self.configurations?).get(written.provider_config_key.as_ref()?)?;
        let raw = provider.expressions.as_ref()?.get(argument)?;
        Some((provider, serde_json::from_str(raw.get()).ok()?))
    }

    /// What an expression comes to, where that is a constant or a variable.
    fn text(&self, expression: &Value, module: &[Step]) -> Option<String> {
        if let Some(constant) = expression.get("constant_value") {
            return constant.as_str().map(str::to_owned);
        }
        let references = references(expression);
        let [reference] = references.as_slice() else {
            return None;
        };
        let name = reference.strip_prefix("var.")?;
        let Some((_, outer)) = module.split_last() else {
            let variable = self.variables?.get(name)?;
            return variable.value.as_ref()?.as_str().map(str::to_owned);
        };
        let given = self.written.call(module)?.expressions.as_ref()?.get(name)?;
        let given = serde_json::from_str(given.get()).ok()?;
        self.text(&given, outer)
    }
}
