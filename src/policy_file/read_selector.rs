//! Reading a `match`.

use std::collections::BTreeMap;

use super::Exposure;
use super::keys;
use super::reader::Reader;
use super::selector::Selector;
use super::suggest::unknown;
use crate::inventory::VERBS;
use crate::yaml::{Node, Value};

impl Reader {
    /// A `match`. Without one, a selector that asks for nothing.
    pub(super) fn selector(&mut self, node: Option<&Node>) -> Option<Selector> {
        let Some(node) = node else {
            return Some(Selector::default());
        };
        let [region, api, api_id, stage, verb, path, exposure, tags] =
            self.fields(node, "`match`", keys::MATCH)?;
        Some(Selector {
            region: self.optional_texts(region, "`region`"),
            api: self.optional_texts(api, "`api`"),
            api_id: api_id.map_or_else(Vec::new, |it| self.api_ids(it)),
            stage: self.optional_texts(stage, "`stage`"),
            verb: verb.map_or_else(Vec::new, |it| self.verbs(it)),
            path: path.map_or_else(Vec::new, |it| self.paths(it)),
            exposure: exposure.map_or_else(Vec::new, |it| self.exposures(it)),
            tags: tags.map_or_else(BTreeMap::new, |it| self.tags(it)),
        })
    }

    pub(super) fn api_ids(&mut self, node: &Node) -> Vec<String> {
        let mut ids = Vec::new();
        for (text, at) in self.texts(node, "`api-id`") {
            if text
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
            {
                ids.push(text);
            } else {
                self.add(
                    at,
                    format!(
                        "`{text}` is no id of an API, such as a1b2c3d4e5: patterns and names stand in `api`"
                    ),
                );
            }
        }
        ids
    }

    fn exposures(&mut self, node: &Node) -> Vec<Exposure> {
        let mut exposures = Vec::new();
        for (text, at) in self.texts(node, "`exposure`") {
            match Exposure::ALL.into_iter().find(|it| it.as_str() == text) {
                Some(exposure) => exposures.push(exposure),
                None => {
                    let known = Exposure::ALL.map(Exposure::as_str);
                    self.add(at, unknown(&format!("exposure `{text}`"), &known, &text));
                }
            }
        }
        exposures
    }

    fn verbs(&mut self, node: &Node) -> Vec<String> {
        let mut verbs = Vec::new();
        for (text, at) in self.texts(node, "`verb`") {
            let verb = text.to_ascii_uppercase();
            if VERBS.contains(&verb.as_str()) || verb.contains(['*', '?']) {
                verbs.push(verb);
            } else {
                self.add(at, unknown(&format!("verb `{text}`"), &VERBS, &text));
            }
        }
        verbs
    }

    fn paths(&mut self, node: &Node) -> Vec<String> {
        let mut paths = Vec::new();
        for (text, at) in self.texts(node, "`path`") {
            // A route without a path is named by its key, such as `$default`.
            if text.starts_with(['/', '*', '?', '$']) {
                paths.push(text);
            } else {
                self.add(
                    at,
                    format!("the path `{text}` does not begin with `/` (or, as a route, with `$`)"),
                );
            }
        }
        paths
    }

    pub(super) fn tags(&mut self, node: &Node) -> BTreeMap<String, Vec<String>> {
        let mut tags = BTreeMap::new();
        let Value::Map(entries) = &node.value else {
            self.add(
                node,
                "`tags` must be a mapping, such as {team: payments}".to_owned(),
            );
            return tags;
        };
        if entries.is_empty() {
            self.add(
                node,
                "`tags` names no tag: leave it out, or write one, such as {team: payments}"
                    .to_owned(),
            );
        }
        for (key, value) in entries {
            if let Some(key) = self.text(key, "a tag's key") {
                let values = self.optional_texts(Some(value), &format!("the tag `{key}`"));
                tags.insert(key, values);
            }
        }
        tags
    }
}
