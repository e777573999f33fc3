//! The constructs of the CDK that the resources of a template come from.

use std::collections::BTreeMap;

use super::resolve::written;
use super::tree::{Spot, name_of};
use crate::yaml::{Node, Value};

/// Where `cdk synth` notes the path of a construct.
const PATH: &str = "aws:cdk:path";

/// The resources of a template, by where each begins, with its logical id and the path of its construct. Where something else
/// begins there is `None`.
#[derive(Debug, Clone, Default)]
pub(super) struct Constructs(BTreeMap<Spot, Option<(String, String)>>);

impl Constructs {
    /// Those of a template. One that does not come from the CDK has none.
    pub(super) fn of(root: &Node) -> Self {
        let mut constructs = Constructs::default();
        let Value::Map(sections) = &root.value else {
            return constructs;
        };
        for (key, section) in sections {
            constructs.0.insert(Spot::of(key), None);
            let Value::Map(entries) = &section.value else {
                continue;
            };
            if key.name() != Some("Resources") {
                continue;
            }
            for (id, node) in entries {
                let path = written(node, "Metadata").and_then(|it| written(it, PATH));
                let path = path.and_then(Node::name);
                let construct = path.map(|it| (name_of(id).to_owned(), it.to_owned()));
                constructs.0.insert(Spot::of(id), construct);
            }
        }
        if constructs.0.values().all(Option::is_none) {
            constructs.0.clear();
        }
        constructs
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The logical id and the path of the construct that something stands in.
    pub(super) fn at(&self, at: Spot) -> Option<(&str, &str)> {
        let (begin, construct) = self.0.range(..=at).next_back()?;
        let (id, path) = construct.as_ref().filter(|_| begin.file == at.file)?;
        Some((id, path))
    }
}
