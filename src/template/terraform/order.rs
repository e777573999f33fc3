//! What a resource waits for when a plan is applied: what its expressions and its `depends_on` reach, through variables,
//! outputs and calls of modules. Terraform promises no other order.
//!
//! Source: [`depends_on`](https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on).

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::address::{Key, Part, Step, keyed, parts};
use super::configuration::{Names, Written, references_of};
use super::document::{ModuleCall, ResourceConfig};
use super::instances::Instance;

/// How much of one configuration is walked. Of more, nothing is promised.
const MOST: usize = 100_000;

/// What one resource waits for.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The resources by their modules, types and names. A key: that instance alone.
    waited_for: BTreeSet<(Vec<String>, String, String, Option<Key>)>,
    /// The first thing on the way that the plan does not hold, such as a local value.
    pub(super) untold: Option<String>,
}

impl Order {
    /// What an instance waits for.
    pub(super) fn of(written: &Written<'_, '_>, instance: &Instance<'_>) -> Order {
        let module: Names<'_> = instance.module.iter().map(|it| it.name.as_str()).collect();
        let mut walk = Walk {
            written,
            seen: BTreeSet::new(),
            left: Vec::new(),
            order: Order::default(),
        };
        walk.reach(Place::Resource(
            module,
            instance.kind.clone(),
            instance.name.clone(),
        ));
        walk.all();
        walk.order
    }

    /// Whether it waits for an instance.
    pub(super) fn has(&self, module: &[Step], kind: &str, name: &str, key: Option<&Key>) -> bool {
        let modules: Vec<String> = module.iter().map(|it| it.name.clone()).collect();
        let mut place = (modules, kind.to_owned(), name.to_owned(), None);
        if self.waited_for.contains(&place) {
            return true;
        }
        place.3 = key.cloned();
        self.waited_for.contains(&place)
    }
}

/// What is reached, in a module that goes by the names of the calls which lead to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'c> {
    /// A resource or a data source (`data.TYPE`).
    Resource(Names<'c>, String, String),
    /// All that a module has.
    Module(Names<'c>),
    /// One output of a module.
    Output(Names<'c>, String),
    /// One variable of a module.
    Variable(Names<'c>, String),
}

struct Walk<'w, 'c, 'a> {
    written: &'w Written<'c, 'a>,
    seen: BTreeSet<Place<'c>>,
    left: Vec<Place<'c>>,
    order: Order,
}

impl<'w: 'c, 'c, 'a> Walk<'w, 'c, 'a> {
    fn reach(&mut self, place: Place<'c>) {
        if self.seen.len() >= MOST {
            self.untold("more than is followed");
        } else if self.seen.insert(place.clone()) {
            self.left.push(place);
        }
    }

    fn untold(&mut self, what: &str) {
        self.order.untold.get_or_insert_with(|| what.to_owned());
    }

    fn all(&mut self) {
        while let Some(place) = self.left.pop() {
            match place {
                Place::Resource(module, kind, name) => self.resource(&module, &kind, &name),
                Place::Module(module) => self.module(&module),
                Place::Output(module, name) => self.output(&module, &name),
                Place::Variable(module, name) => self.variable(&module, &name),
            }
        }
    }

    fn resource(&mut self, module: &Names<'c>, kind: &str, name: &str) {
        let Some(resource) = self.written.any_resource(module, kind, name) else {
            return;
        };
        for raw in of_resource(resource) {
            self.expression(module, raw);
        }
        self.named(module, resource.depends_on.as_deref());
        self.call(module);
    }

    /// What a module waits for as a whole: what it is made for each of, and its `depends_on`.
    fn call(&mut self, module: &Names<'c>) {
        let Some((last, outer)) = module.split_last() else {
            return;
        };
        let outer = outer.to_vec();
        if let Some(call) = self.written.call_of(&outer, last) {
            for raw in of_call(call) {
                self.expression(&outer, raw);
            }
            self.named(&outer, call.depends_on.as_deref());
        }
        self.call(&outer);
    }

    fn module(&mut self, module: &Names<'c>) {
        for (kind, name) in self.written.resources_below(module) {
            self.order.waited_for.insert((
                owned(&kind.0),
                kind.1.to_owned(),
                name.to_owned(),
                None,
            ));
            self.reach(Place::Resource(kind.0, kind.1.to_owned(), name.to_owned()));
        }
    }

    fn output(&mut self, module: &Names<'c>, name: &str) {
        let inner = self.written.module_of(module);
        let Some(outputs) = inner.and_then(|it| it.outputs.as_ref()) else {
            return self.untold(&format!("module.{}", module.join(".module.")));
        };
        if let Some(output) = outputs.get(name) {
            if let Some(raw) = output.expression {
                self.expression(module, raw);
            }
            self.named(module, output.depends_on.as_deref());
        }
        self.call(module);
    }

    fn variable(&mut self, module: &Names<'c>, name: &str) {
        let Some((last, outer)) = module.split_last() else {
            return;
        };
        let outer = outer.to_vec();
        let call = self.written.call_of(&outer, last);
        let given = call.and_then(|it| it.expressions.as_ref()?.get(name));
        if let Some(raw) = given {
            self.expression(&outer, raw);
        }
    }

    fn expression(&mut self, module: &Names<'c>, raw: &RawValue) {
        for reference in references_of(raw) {
            self.reference(module, &reference);
        }
    }

    fn named(&mut self, module: &Names<'c>, depends_on: Option<&[String]>) {
        for reference in depends_on.unwrap_or_default() {
            self.reference(module, reference);
        }
    }

    fn reference(&mut self, module: &Names<'c>, reference: &str) {
        let Some(parts) = parts(reference) else {
            return self.untold(reference);
        };
        match parts.as_slice() {
            [Part::Name(word), ..]
                if ["count", "each", "path", "terraform", "self"].contains(&word.as_str()) => {}
            [Part::Name(word), ..] if word == "local" => self.untold(reference),
            [Part::Name(word), Part::Name(name), ..] if word == "var" => {
                self.reach(Place::Variable(module.clone(), name.clone()));
            }
            [Part::Name(word), Part::Name(name), rest @ ..] if word == "module" => {
                let Some(inner) = self.written.inner(module, name) else {
                    return self.untold(reference);
                };
                self.reach(match keyed(rest).1 {
                    [Part::Name(output), ..] => Place::Output(inner, output.clone()),
                    _ => Place::Module(inner),
                });
            }
            [
                Part::Name(word),
                Part::Name(kind),
                Part::Name(name),
                rest @ ..,
            ] if word == "data" || word == "ephemeral" => {
                self.found(module, &format!("{word}.{kind}"), name, keyed(rest).0);
            }
            [Part::Name(kind), Part::Name(name), rest @ ..] => {
                self.found(module, kind, name, keyed(rest).0);
            }
            _ => self.untold(reference),
        }
    }

    fn found(&mut self, module: &Names<'c>, kind: &str, name: &str, key: Option<&Key>) {
        let place = (
            owned(module),
            kind.to_owned(),
            name.to_owned(),
            key.cloned(),
        );
        self.order.waited_for.insert(place);
        self.reach(Place::Resource(
            module.clone(),
            kind.to_owned(),
            name.to_owned(),
        ));
    }
}

fn owned(module: &Names<'_>) -> Vec<String> {
    module.iter().map(|it| (*it).to_owned()).collect()
}

fn of_resource<'r>(resource: &'r ResourceConfig<'_>) -> impl Iterator<Item = &'r RawValue> {
    [
        resource.expressions,
        resource.for_each_expression,
        resource.count_expression,
    ]
    .into_iter()
    .flatten()
}

fn of_call<'r>(call: &'r ModuleCall<'_>) -> impl Iterator<Item = &'r RawValue> {
    [call.for_each_expression, call.count_expression]
        .into_iter()
        .flatten()
}
