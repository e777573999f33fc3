//! Where the references of a configuration end: through variables and outputs of modules, and through the attributes of
//! resources that hand on what they were given.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::address::{Key, Part, Step, keyed, parts};
use super::configuration::{expressions, references, references_of};
use super::estate::Estate;
use super::instances::Instance;
use crate::template::tree::Spot;

/// How many references are followed for one attribute.
const MOST: usize = 100;

/// How many instances a reference to any of them is followed to.
const MOST_INSTANCES: usize = 20;

/// The words that a reference begins with which does not begin with a resource or module.
const NO_RESOURCE: [&str; 8] = [
    "count",
    "data",
    "each",
    "ephemeral",
    "local",
    "path",
    "self",
    "var",
];

/// The words by which an expression asks for the instance of its own key.
const OWN_KEY: [&str; 2] = ["each.key", "count.index"];

/// Where a reference ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// At a resource that is read here, or at one of its attributes.
    Read {
        address: String,
        kind: String,
        attribute: Option<String>,
    },
    /// At a local value, which no plan holds.
    Local(String),
    /// At something else, with its type.
    Other(String, String),
}

/// From where an expression is looked at.
#[derive(Clone)]
struct From<'f> {
    module: &'f [Step],
    key: Option<&'f Key>,
    /// What `for_each` runs over there.
    for_each: Vec<String>,
}

/// A reference, and the module instance and key that it was looked at from.
type Seen = (Vec<Step>, Option<Key>, String);

/// Follows the references of one attribute.
pub(super) struct Follower<'e, 'a> {
    estate: &'e Estate<'e, 'a>,
    ends: RefCell<BTreeSet<End>>,
    seen: RefCell<BTreeSet<Seen>>,
}

impl<'e, 'a> Follower<'e, 'a> {
    pub(super) fn new(estate: &'e Estate<'e, 'a>) -> Self {
        Follower {
            estate,
            ends: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// Where references that stand in an instance end.
    pub(super) fn ends(self, instance: &Instance<'_>, references: &[String]) -> BTreeSet<End> {
        self.follow(&self.of_instance(instance), references);
        self.ends.into_inner()
    }

    fn of_instance<'f>(&self, instance: &'f Instance<'_>) -> From<'f> {
        let (kind, name) = (&instance.kind, &instance.name);
        let written = self.estate.written.resource(&instance.module, kind, name);
        From {
            module: &instance.module,
            key: instance.key.as_ref(),
            for_each: (written.and_then(|it| it.for_each_expression))
                .map(references_of)
                .unwrap_or_default(),
        }
    }

    fn follow(&self, from: &From<'_>, references: &[String]) {
        let is_own = |it: &String| OWN_KEY.contains(&it.as_str()) || it.starts_with("each.value");
        // What else is in it may make another key of the own one.
        let may_be_another = |it: &String| it.starts_with("var.") || it.starts_with("local.");
        let asks_for_own_key =
            references.iter().any(is_own) && !references.iter().any(may_be_another);
        for reference in references {
            let place = (from.module.to_vec(), from.key.cloned(), reference.clone());
            if self.seen.borrow().len() >= MOST {
                self.end(End::Local(reference.clone()));
                return;
            }
            if self.seen.borrow_mut().insert(place) {
                self.reference(from, reference, asks_for_own_key);
            }
        }
    }

    fn end(&self, end: End) {
        self.ends.borrow_mut().insert(end);
    }

    fn reference(&self, from: &From<'_>, reference: &str, asks_for_own_key: bool) {
        let Some(parts) = parts(reference) else {
            return self.end(End::Local(reference.to_owned()));
        };
        match parts.as_slice() {
            // What these stand for is known when a plan is made.
            [Part::Name(word), ..]
                if ["count", "path", "terraform", "self"].contains(&word.as_str()) => {}
            [Part::Name(word), Part::Name(what), rest @ ..] if word == "each" => {
                if what == "value" {
                    self.each_value(from, rest);
                }
            }
            [Part::Name(word), ..] if word == "local" => {
                self.end(End::Local(reference.to_owned()));
            }
            [Part::Name(word), Part::Name(name), ..] if word == "var" => {
                self.variable(from, name);
            }
            [Part::Name(word), Part::Name(name), rest @ ..] if word == "module" => {
                self.output(from, name, rest, asks_for_own_key);
            }
            [Part::Name(word), Part::Name(kind), Part::Name(name), ..]
                if word == "data" || word == "ephemeral" =>
            {
                self.data(from, kind, name, reference);
            }
            [Part::Name(kind), Part::Name(name), rest @ ..] => {
                self.resource(from, (kind, name), rest, asks_for_own_key);
            }
            _ => self.end(End::Local(reference.to_owned())),
        }
    }

    /// `each.value` is what `for_each` runs over at the instance's own key.
    fn each_value(&self, from: &From<'_>, of_value: &[Part]) {
        for reference in &from.for_each {
            let Some(mut parts) = parts(reference) else {
                return self.end(End::Local(reference.clone()));
            };
            parts.extend(of_value.iter().cloned());
            match parts.as_slice() {
                [Part::Name(word), ..] if NO_RESOURCE.contains(&word.as_str()) => {
                    self.follow(from, std::slice::from_ref(reference));
                }
                [Part::Name(word), Part::Name(name), rest @ ..] if word == "module" => {
                    self.output(from, name, rest, true);
                }
                [Part::Name(kind), Part::Name(name), rest @ ..] => {
                    self.resource(from, (kind, name), rest, true);
                }
                _ => self.end(End::Local(reference.clone())),
            }
        }
    }

    /// A variable of a module stands for what its caller gives it. Those of the root module are known.
    fn variable(&self, from: &From<'_>, name: &str) {
        let Some((last, outer)) = from.module.split_last() else {
            return;
        };
        let Some(call) = self.estate.written.call(from.module) else {
            return self.end(End::Local(format!("var.{name}")));
        };
        // One that is not given has a default, which is known.
        let given = call.expressions.as_ref().and_then(|it| it.get(name));
        let Some(given) = given else { return };
        let caller = From {
            module: outer,
            key: last.key.as_ref(),
            for_each: call
                .for_each_expression
                .map(references_of)
                .unwrap_or_default(),
        };
        self.follow(&caller, &references_of(given));
    }

    /// An output of a module, or of all its instances where the reference does not say of which.
    fn output(&self, from: &From<'_>, name: &str, rest: &[Part], asks_for_own_key: bool) {
        let (key, rest) = keyed(rest);
        let known = self.estate.instances.module_keys(from.module, name);
        let keys = match (key, known) {
            (Some(key), _) => vec![Some(key.clone())],
            // One without a resource that is read here may still hand on what it is given.
            (None, None) => vec![None],
            (None, Some(known))
                if self.means_own(from, asks_for_own_key, known.len(), |own| {
                    known.contains(own)
                }) =>
            {
                vec![from.key.cloned()]
            }
            (None, Some(known)) => self.any(name, known.iter().cloned()),
        };
        for key in keys {
            let mut module = from.module.to_vec();
            module.push(Step {
                name: name.to_owned(),
                key,
            });
            let outputs = self.estate.written.written_module(&module);
            let outputs = outputs.and_then(|it| it.outputs.as_ref());
            let Some(outputs) = outputs else {
                self.end(End::Local(format!("module.{name}")));
                continue;
            };
            let inner = From {
                module: &module,
                key: None,
                for_each: Vec::new(),
            };
            let asked = match rest {
                [Part::Name(output), ..] => Some(output),
                _ => None,
            };
            for (_, output) in outputs
                .iter()
                .filter(|(it, _)| asked.is_none_or(|asked| asked == *it))
            {
                let references = output.expression.map(references_of).unwrap_or_default();
                self.follow(&inner, &references);
            }
        }
    }

    /// A data source that was read is known.
    fn data(&self, from: &From<'_>, kind: &str, name: &str, reference: &str) {
        let place = super::instances::resource_place(from.module, &format!("data.{kind}"), name);
        if self.estate.deferred.contains(&place) {
            self.end(End::Other(reference.to_owned(), String::new()));
        }
    }

    fn resource(
        &self,
        from: &From<'_>,
        (kind, name): (&str, &str),
        rest: &[Part],
        asks_for_own_key: bool,
    ) {
        let (key, rest) = keyed(rest);
        let attribute = match rest {
            [Part::Name(attribute), ..] => Some(attribute.as_str()),
            _ => None,
        };
        if super::types::bearing(kind) == crate::template::types::Bearing::Nothing {
            let mut words = format!("{kind}.{name}");
            if let Some(attribute) = attribute {
                words = format!("{words}.{attribute}");
            }
            return self.end(End::Other(words, kind.to_owned()));
        }
        let Some(known) = self.estate.instances.named(from.module, kind, name) else {
            return;
        };
        let own = from.key.cloned();
        let indexes = match key {
            Some(key) => known.get(&Some(key.clone())).copied().into_iter().collect(),
            None if self.means_own(from, asks_for_own_key, known.len(), |own| {
                known.contains_key(own)
            }) =>
            {
                known.get(&own).copied().into_iter().collect()
            }
            None => self.any(&format!("{kind}.{name}"), known.values().copied()),
        };
        for index in indexes {
            if let Some((instance, _)) = self.estate.at(index) {
                self.instance(instance, attribute);
            }
        }
    }

    /// Whether a reference without a key means, of several instances, the one of the same key: where it asks for that key, and
    /// that instance is there.
    fn means_own(
        &self,
        from: &From<'_>,
        asks_for_own_key: bool,
        count: usize,
        is_there: impl Fn(&Option<Key>) -> bool,
    ) -> bool {
        let means_own = count > 1 && asks_for_own_key && is_there(&from.key.cloned());
        if means_own {
            self.estate.assume(
                "where resources name each other by `each.key`, `each.value` or `count.index`, the instance of the same key is \
                 taken to be meant: a plan does not say which"
                    .to_owned(),
                Spot::START,
            );
        }
        means_own
    }

    /// Any of several instances. Of very many, it is not known which.
    fn any<T>(&self, name: &str, all: impl Iterator<Item = T>) -> Vec<T> {
        let mut some: Vec<T> = all.take(MOST_INSTANCES + 1).collect();
        if some.len() > MOST_INSTANCES {
            some.clear();
            self.end(End::Local(name.to_owned()));
        }
        some
    }

    /// An attribute of a resource that is read here: its id, or what it was given itself.
    fn instance(&self, instance: &Instance<'_>, attribute: Option<&str>) {
        let hands_on = [
            "rest_api_id",
            "api_id",
            "resource_id",
            "parent_id",
            "authorizer_id",
        ];
        let handed = attribute.filter(|it| hands_on.contains(it));
        let Some(handed) = handed else {
            return self.end(End::Read {
                address: instance.address.clone(),
                kind: instance.kind.clone(),
                attribute: attribute.map(str::to_owned),
            });
        };
        let (kind, name) = (&instance.kind, &instance.name);
        let written = self.estate.written.resource(&instance.module, kind, name);
        let written = written.and_then(expressions);
        let references = written
            .as_ref()
            .and_then(|it| it.get(handed))
            .map(references)
            .unwrap_or_default();
        self.follow(&self.of_instance(instance), &references);
    }
}
