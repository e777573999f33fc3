//! What is read of one file, as far as the reading has come.

use std::collections::{BTreeMap, BTreeSet};

use super::comments::Said;
use super::constructs::Constructs;
use super::domain::Domains;
use super::draft::{ApiDraft, Selected};
use super::iam;
use super::kind::FileKind;
use super::nested::NestedAt;
use super::tree::{Kind, Spot, Told, Tree, Unknown};
use super::types::Bearing;
use crate::yaml::Mistake;

/// How many keys that stand twice are said one by one.
const MOST_REPEATED: usize = 20;

/// What was read of one file.
#[derive(Default)]
pub(super) struct Reading {
    /// What the file is. `None`: it could not be read.
    pub(super) kind: Option<FileKind>,
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
    /// The resources whose condition only a deployment decides, with its name.
    pub(super) undecided: BTreeMap<String, String>,
    /// The names of the other files that parts of it are in.
    pub(super) files: Vec<String>,
    /// The resources by their places, where a place alone says little of what stands there.
    pub(super) addresses: BTreeMap<Spot, String>,
    /// What the files say to gatewatch.
    pub(super) said: Vec<Said>,
    /// The IAM of the file. `None`: it has none.
    pub(super) iam: Option<iam::Finished>,
    /// The constructs of the CDK that its resources come from.
    pub(super) constructs: Constructs,
    /// The custom domain names of the file.
    pub(super) domains: Domains,
    /// What was there before, where the file is laid over an account and says so.
    pub(super) earlier: Option<Box<Reading>>,
    /// The templates that it makes stacks of.
    pub(super) nested: Vec<NestedAt>,
    /// The stacks of other templates that cannot be read here.
    pub(super) unfollowed: Vec<Unknown>,
    /// The other files in which a resource of the template stands.
    pub(super) of_resources: BTreeSet<u16>,
    /// Every resource that the file names itself, and what it has to do with methods.
    pub(super) named: BTreeMap<String, Bearing>,
}

/// One resource that bears on an API.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Spot,
    pub(super) properties: Tree,
    /// The definition that it keeps in a file of its own, where it names one.
    pub(super) definition: Option<Told<Tree>>,
    /// How the properties are [written](super::expression) by which a resource names what it belongs to.
    pub(super) written: BTreeMap<&'static str, String>,
    /// Whether its condition lets it be made.
    pub(super) is_made: bool,
    /// Whether it has a condition.
    pub(super) is_conditional: bool,
}

/// Which API a resource belongs to.
pub(super) enum Owner {
    /// One of the file, by its logical id.
    Here(String),
    /// One that is not in the file, by what names it.
    Elsewhere(String),
    /// One of the file whose condition does not hold.
    NotMade,
    /// It cannot be told. The reason is in words that follow the resource.
    Unknown(String),
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

    /// The API that a property names, or a gap: what is read belongs to an API that cannot be told.
    pub(super) fn api_of(&mut self, resource: &Resource, key: &str) -> Option<&mut ApiDraft> {
        match self.owner(resource, key) {
            Owner::Here(id) | Owner::Elsewhere(id) => self.apis.get_mut(&id),
            Owner::NotMade => None,
            Owner::Unknown(why) => {
                // Where a place names the resource itself, once is enough.
                let why = match self.addresses.contains_key(&resource.at) {
                    true => format!("it {why}"),
                    false => format!("resource `{}` {why}", resource.id),
                };
                self.gaps.push(Unknown {
                    why,
                    at: resource.at,
                });
                None
            }
        }
    }

    /// The API that a property names, where something of its methods is in the file.
    pub(super) fn known(&mut self, resource: &Resource, key: &str) -> Option<&mut ApiDraft> {
        match self.owner(resource, key) {
            Owner::Here(id) | Owner::Elsewhere(id) => self.apis.get_mut(&id),
            Owner::NotMade | Owner::Unknown(_) => None,
        }
    }

    /// Which API a resource says that it belongs to, by one of its properties.
    pub(super) fn owner(&self, resource: &Resource, key: &str) -> Owner {
        let Some(named) = resource.properties.get(key) else {
            return Owner::Unknown(format!("has no `{key}`"));
        };
        match &named.kind {
            Kind::Resource { id, .. } if self.apis.contains_key(id) => Owner::Here(id.clone()),
            Kind::Resource { id, .. } if self.not_made.contains(id) => Owner::NotMade,
            Kind::Resource { id, .. } if !self.is_of_no_api(id) => {
                Owner::Unknown(format!("belongs to `{id}`, which is no API of this file"))
            }
            Kind::Text(id) if self.is_named(id.trim()) => Owner::Unknown(format!(
                "belongs to an API with the id `{id}`, which is the name of a resource of this file: write `!Ref {id}`"
            )),
            _ => match (resource.identity(key, named), named.text()) {
                (Some(id), _) => Owner::Elsewhere(id),
                (None, Ok(_)) => Owner::Unknown("belongs to an API without an id".to_owned()),
                (None, Err(unknown)) => {
                    Owner::Unknown(format!("belongs to an API whose id {}", unknown.why))
                }
            },
        }
    }

    /// Whether the file, or SAM in its stead, has a resource of this name.
    fn is_named(&self, id: &str) -> bool {
        let api = self.apis.get(id);
        self.named.contains_key(id) || api.is_some_and(|api| !api.is_elsewhere)
    }

    /// Whether a resource of the file has nothing to do with API Gateway, such as a nested stack: what it answers may be
    /// the id of something that is elsewhere.
    pub(super) fn is_of_no_api(&self, id: &str) -> bool {
        self.named.get(id) == Some(&Bearing::Nothing)
    }
}

impl Resource {
    /// What names something that is not in the file: its id, or how it is written where only a deployment tells the id.
    /// `None`: nothing is written there that could be an id.
    pub(super) fn identity(&self, key: &str, named: &Tree) -> Option<String> {
        let identity = match &named.kind {
            Kind::Text(id) => id.trim().to_owned(),
            Kind::Resource { .. } | Kind::Unknown(_) => self.written.get(key)?.clone(),
            Kind::Null | Kind::NoValue | Kind::List(_) | Kind::Map(_) => return None,
        };
        (!identity.is_empty()).then_some(identity)
    }
}

/// The resources of one type.
pub(super) fn of_kind<'r>(
    resources: &'r [Resource],
    kind: &'r str,
) -> impl Iterator<Item = &'r Resource> {
    resources
        .iter()
        .filter(move |resource| resource.kind == kind)
}
