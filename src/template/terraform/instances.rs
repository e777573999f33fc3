//! The instances of the resources of a plan or state, by their addresses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::address::{Key, Part, Step, modules, parts};
use super::document::{Module, Planned, Values};
use super::position::Positions;
use super::types::{bearing, is_read};
use crate::template::tree::{Spot, Unknown};
use crate::template::types::Bearing;

/// One instance of a resource.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) address: String,
    pub(super) module: Vec<Step>,
    /// The resource's type, such as `aws_api_gateway_method`.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) key: Option<Key>,
    pub(super) at: Spot,
    pub(super) values: Option<&'a RawValue>,
    pub(super) sensitive: Option<&'a RawValue>,
}

/// A resource: its module instance, its type and its name.
type Name = (Vec<Step>, String, String);

/// The instances of one file.
#[derive(Debug, Default)]
pub(super) struct Instances<'a> {
    /// Those that are read here, in the order of the file.
    pub(super) read: Vec<Instance<'a>>,
    /// All resources that are managed, with their types.
    pub(super) managed: BTreeMap<String, String>,
    /// Data sources that are read here.
    pub(super) data: Vec<Instance<'a>>,
    by_name: BTreeMap<Name, BTreeMap<Option<Key>, usize>>,
    by_address: BTreeMap<String, usize>,
    /// The keys of the instances of each module, by the module instance that calls it and its name there.
    by_call: BTreeMap<(Vec<Step>, String), BTreeSet<Option<Key>>>,
    /// What is not understood.
    pub(super) gaps: Vec<Unknown>,
}

impl<'a> Instances<'a> {
    /// Reads the resources of all modules.
    pub(super) fn of(values: Option<&Values<'a>>, text: &'a str) -> Self {
        let mut instances = Instances::default();
        let mut positions = Positions::new(text);
        if let Some(root) = values.and_then(|values| values.root_module.as_ref()) {
            instances.module(root, &[], &mut positions);
        }
        instances
    }

    fn module(&mut self, module: &Module<'a>, outer: &[Step], positions: &mut Positions<'a>) {
        let path = match &module.address {
            None => Some(Vec::new()),
            Some(address) => parts(address).and_then(|parts| match modules(&parts)? {
                (steps, []) => Some(steps),
                _ => None,
            }),
        };
        // A module stands in one that it is called by; one between them without a resource may be left out.
        let path =
            path.filter(|it| it.starts_with(outer) && (it.len() > outer.len() || outer.is_empty()));
        for raw in module.resources.iter().flatten() {
            let at = positions.of(raw.get());
            match &path {
                Some(path) => self.resource(raw, path, at),
                None => self.gap("stands in a module whose address is not understood", at),
            }
        }
        for child in module.child_modules.iter().flatten() {
            self.module(child, path.as_deref().unwrap_or(outer), positions);
        }
    }

    fn gap(&mut self, why: impl Into<String>, at: Spot) {
        self.gaps.push(Unknown {
            why: format!("a resource {}", why.into()),
            at,
        });
    }

    fn resource(&mut self, raw: &'a RawValue, module: &[Step], at: Spot) {
        let planned: Planned<'a> = match serde_json::from_str(raw.get()) {
            Ok(planned) => planned,
            Err(error) => return self.gap(format!("is not understood: {error}"), at),
        };
        let key = match &planned.index {
            None => None,
            Some(index) => match Key::of(index) {
                Some(key) => Some(key),
                None => return self.gap("has an index that is not understood", at),
            },
        };
        let address = printable(&planned.address);
        let instance = Instance {
            address: address.clone(),
            module: module.to_vec(),
            kind: planned.kind,
            name: planned.name,
            key,
            at,
            values: planned.values,
            sensitive: planned.sensitive_values,
        };
        match planned.mode.as_str() {
            "managed" => {}
            "data" => {
                if is_read(&instance.kind) {
                    self.data.push(instance);
                }
                return;
            }
            other => return self.gap(format!("has the unknown mode `{}`", printable(other)), at),
        }
        if let Some(other) = self.managed.get(&address) {
            let either = [other.as_str(), &instance.kind];
            if either.iter().any(|kind| bearing(kind) != Bearing::Nothing) {
                self.gap(format!("`{address}` stands here a second time"), at);
            }
            return;
        }
        self.managed.insert(address, instance.kind.clone());
        if bearing(&instance.kind) == Bearing::Nothing {
            return;
        }
        for (depth, step) in module.iter().enumerate() {
            let outer = module.iter().take(depth).cloned().collect();
            let keys = self.by_call.entry((outer, step.name.clone())).or_default();
            keys.insert(step.key.clone());
        }
        let name = (
            module.to_vec(),
            instance.kind.clone(),
            instance.name.clone(),
        );
        let index = self.read.len();
        let instances = self.by_name.entry(name).or_default();
        instances.insert(instance.key.clone(), index);
        self.by_address.insert(instance.address.clone(), index);
        self.read.push(instance);
    }

    /// The instances of one resource, by their keys.
    pub(super) fn named(
        &self,
        module: &[Step],
        kind: &str,
        name: &str,
    ) -> Option<&BTreeMap<Option<Key>, usize>> {
        let name = (module.to_vec(), kind.to_owned(), name.to_owned());
        self.by_name.get(&name)
    }

    /// Which of those that are read has an address.
    pub(super) fn index_of(&self, address: &str) -> Option<usize> {
        self.by_address.get(address).copied()
    }

    /// The keys of the instances of a module that have a resource which is read here.
    pub(super) fn module_keys(&self, outer: &[Step], name: &str) -> Option<&BTreeSet<Option<Key>>> {
        self.by_call.get(&(outer.to_vec(), name.to_owned()))
    }
}

/// What names a resource of a module, whichever its instance: a text of its own for each.
pub(super) fn resource_place(module: &[Step], kind: &str, name: &str) -> String {
    format!("{module:?} {kind} {name}")
}

/// The same of a data source, by its address.
pub(super) fn data_place(address: &str) -> Option<String> {
    let parts = parts(address)?;
    match modules(&parts)? {
        (module, [Part::Name(_), Part::Name(kind), Part::Name(name), ..]) => {
            Some(resource_place(&module, &format!("data.{kind}"), name))
        }
        _ => None,
    }
}

/// A text from the file that has nothing in it which a terminal would act on.
pub(super) fn printable(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let letters = text.chars().map(|letter| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    });
    letters.collect()
}
