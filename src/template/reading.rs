//! What is read of one file, as far as the reading has come.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{ApiDraft, Selected};
use super::tree::{Kind, Spot, Told, Tree, Unknown};
use crate::yaml::Mistake;

/// How many keys that stand twice are said one by one.
const MOST_REPEATED: usize = 20;

/// What was read of one file.
#[derive(Default)]
pub(super) struct Reading {
    /// The APIs by their ids.
    pub(super) apis: BTreeMap<String, ApiDraft>,
    /// What cannot be told, and belongs to no API that is here.
    pub(super) gaps: Vec<Unknown>,
    /// What a policy file may select by, and cannot be told.
    pub(super) doubts: Vec<(Selected, Unknown)>,
    /// What was taken for granted.
    pub(super) assumed: Vec<(String, Spot)>,
    /// The resources whose condition does not hold.
    pub(super) not_made: BTreeSet<String>,
    /// The names of the other files that parts of it are in.
    pub(super) files: Vec<String>,
}

/// One resource that bears on an API.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Spot,
    pub(super) properties: Tree,
    /// The definition that it keeps in a file of its own, where it names one.
    pub(super) definition: Option<Told<Tree>>,
    /// Whether its condition lets it be made.
    pub(super) is_made: bool,
    /// Whether it has a condition.
    pub(super) is_conditional: bool,
}

impl Reading {
    /// Says which keys stand twice: the earlier one, which does not count, may be the one that was meant.
    pub(super) fn with_repeated(mut self, repeated: &[Mistake]) -> Reading {
        for (index, key) in repeated.iter().take(MOST_REPEATED + 1).enumerate() {
            let at = Spot {
                file: 0,
                line: key.line,
                column: key.column,
            };
            let says = match index {
                MOST_REPEATED => format!(
                    "{} more keys from here on stand twice in their mapping, where the last one counts",
                    repeated.len() - MOST_REPEATED
                ),
                _ => key.message.clone(),
            };
            self.assumed.push((says, at));
        }
        self
    }

    /// The API that a property names, or a gap: what is read belongs to an API that is not here.
    pub(super) fn api_of(&mut self, resource: &Resource, key: &str) -> Option<&mut ApiDraft> {
        let Some(named) = resource.properties.get(key) else {
            self.gaps.push(Unknown {
                why: format!("resource `{}` has no `{key}`", resource.id),
                at: resource.at,
            });
            return None;
        };
        let why = match &named.kind {
            Kind::Resource { id, .. } if self.apis.contains_key(id) => {
                return self.apis.get_mut(id);
            }
            Kind::Resource { id, .. } if self.not_made.contains(id) => return None,
            Kind::Resource { id, .. } => {
                format!("belongs to `{id}`, which is no API of this template")
            }
            _ => match named.text() {
                Ok(id) => format!("belongs to API `{id}`, which is not in this template"),
                Err(unknown) => format!("belongs to an API whose id {}", unknown.why),
            },
        };
        self.gaps.push(Unknown {
            why: format!("resource `{}` {why}", resource.id),
            at: resource.at,
        });
        None
    }
}
