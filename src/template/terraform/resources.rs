//! The resources of a plan or state, in CloudFormation's words.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::Attributes;
use super::instances::Instance;
use super::links::{Link, Links, Wanted, property};
use super::regions::Providers;
use super::types::{
    How, INTEGRATION, METHOD, POLICY, REST_API, STAGE, Type, V2_API, V2_STAGE, type_of,
};
use crate::inventory::OPTIONS;
use crate::template::elsewhere::OWNERS;
use crate::template::reading::Resource;
use crate::template::tree::{Entry, Kind, Spot, Tree, Unknown};

/// How many bytes of API definitions are read of one file.
const MOST: usize = 24 * 1024 * 1024;

/// The types that have tags.
const TAGGED: [&str; 4] = [REST_API, STAGE, V2_API, V2_STAGE];

/// The verb of a method and the resource that it is on, as what tells which integration is its own.
type MethodName = (Link, Link, String);

/// What the resources of one file are made of.
pub(super) struct Maker<'m, 'a> {
    pub(super) links: &'m Links<'m, 'a>,
    pub(super) providers: &'m Providers<'m, 'a>,
    /// The REST APIs whose resource policy stands in a resource of its own.
    guarded: BTreeSet<String>,
    /// Integrations that may be those of an `OPTIONS`, and of which it cannot be told.
    pub(super) unlinked: Vec<Unknown>,
    /// The types of the integrations.
    integrations: BTreeMap<MethodName, Option<String>>,
}

impl<'m, 'a> Maker<'m, 'a> {
    pub(super) fn new(links: &'m Links<'m, 'a>, providers: &'m Providers<'m, 'a>) -> Self {
        let mut maker = Maker {
            links,
            providers,
            guarded: BTreeSet::new(),
            unlinked: Vec::new(),
            integrations: BTreeMap::new(),
        };
        for (index, instance, known) in links.estate.all() {
            if instance.kind == POLICY
                && let Link::Here(api) = links.link(index, "rest_api_id", Wanted::RestApi)
            {
                maker.guarded.insert(api);
            }
            if instance.kind != INTEGRATION {
                continue;
            }
            let kind = known
                .tree("type")
                .and_then(|it| it.text().ok().map(str::to_owned));
            // An `OPTIONS` without an integration is taken for a preflight.
            let verb = known.text("http_method");
            let may_be_options = verb.is_none_or(|it| it.eq_ignore_ascii_case(OPTIONS));
            let name = maker.method_name(index, known);
            if name.is_none() && may_be_options && kind.as_deref() != Some("MOCK") {
                maker.unlinked.push(Unknown {
                    why: "it belongs to a method that cannot be told".to_owned(),
                    at: instance.at,
                });
            }
            if let Some(name) = name {
                // Of two, the one that answers by itself does not count.
                let made = maker
                    .integrations
                    .entry(name)
                    .or_insert_with(|| kind.clone());
                if made.as_deref() == Some("MOCK") {
                    *made = kind;
                }
            }
        }
        maker
    }

    /// The resources that the rest of the reader knows.
    pub(super) fn resources(&self) -> Vec<Resource> {
        let mut left = MOST;
        let all = self.links.estate.all();
        let resources = all.filter_map(|(index, instance, known)| {
            let kind = type_of(&instance.kind)?;
            Some(self.resource(index, instance, known, kind, &mut left))
        });
        resources.collect()
    }

    fn resource(
        &self,
        index: usize,
        instance: &Instance<'_>,
        known: &Attributes,
        kind: &Type,
        left: &mut usize,
    ) -> Resource {
        let at = instance.at;
        let mut written = BTreeMap::new();
        let mut entries = Vec::new();
        let mut add = |name: &str, value: Option<Tree>| {
            entries.extend(value.map(|value| Entry {
                key: name.to_owned(),
                at,
                value,
            }));
        };
        for (attribute, name, how) in kind.attributes {
            let value = match how {
                How::Api | How::Place => {
                    let link = self.links.link(index, attribute, owner_of(attribute));
                    let (tree, names) = property(&link, at);
                    let owner = OWNERS.into_iter().find(|it| it == name);
                    written.extend(owner.zip(names));
                    Some(tree)
                }
                How::Authorizer => self.authorizer(index, attribute, at),
                How::Required => known.required(attribute),
                How::Always => known.always(attribute),
                How::Block => known.block(attribute).map(in_camel_case),
                How::Definition => known.definition(attribute, left),
                How::Policy if self.is_shown_only(instance, known) => None,
                How::Policy | How::Value => known.tree(attribute),
            };
            add(name, value);
        }
        if TAGGED.contains(&kind.kind) {
            add("Tags", self.tags(instance, known));
        }
        if kind.kind == METHOD {
            add("Integration", self.integration(index, known, at));
        }
        let mut properties = Tree::new(Kind::Map(entries), at);
        if [REST_API, POLICY].contains(&kind.kind) {
            self.own_arn(index, known, &mut properties);
        }
        Resource {
            id: instance.address.clone(),
            kind: kind.as_in_cloudformation.to_owned(),
            at,
            properties,
            definition: None,
            written,
            is_made: true,
            is_conditional: false,
        }
    }

    /// Whether the resource policy of an API stands in a resource of its own: what the provider shows at the API is what that
    /// made of it before.
    fn is_shown_only(&self, api: &Instance<'_>, known: &Attributes) -> bool {
        known.written("policy").is_none() && self.guarded.contains(&api.address)
    }

    fn method_name(&self, index: usize, known: &Attributes) -> Option<MethodName> {
        let verb = known.text("http_method")?.to_ascii_uppercase();
        let api = self.links.link(index, "rest_api_id", Wanted::RestApi);
        let place = self.links.link(index, "resource_id", Wanted::Place);
        let is_known = |link: &Link| !matches!(link, Link::Unknown(_));
        (is_known(&api) && is_known(&place)).then_some((api, place, verb))
    }

    fn integration(&self, index: usize, known: &Attributes, at: Spot) -> Option<Tree> {
        let kind = self.integrations.get(&self.method_name(index, known)?)?;
        let entry = Entry {
            key: "Type".to_owned(),
            at,
            value: Tree::new(Kind::Text(kind.clone()?), at),
        };
        Some(Tree::new(Kind::Map(vec![entry]), at))
    }

    /// An authorizer's id that is not known yet is nobody's concern: its name is for readers alone.
    fn authorizer(&self, index: usize, attribute: &str, at: Spot) -> Option<Tree> {
        match self.links.link(index, attribute, Wanted::Authorizer) {
            link @ (Link::Here(_) | Link::Id(_)) => Some(property(&link, at).0),
            Link::Root(_) | Link::Elsewhere(_) | Link::Unknown(_) => None,
        }
    }

    /// The tags with those of the provider, where they are known.
    fn tags(&self, instance: &Instance<'_>, known: &Attributes) -> Option<Tree> {
        if let Some(all) = known.tree("tags_all")
            && matches!(all.kind, Kind::Map(_))
        {
            return Some(all);
        }
        if self.providers.has_default_tags(instance) {
            let why =
                "may be one of the provider's `default_tags`, which the plan does not show here";
            return Some(Tree::new(Kind::Unknown(why.to_owned()), instance.at));
        }
        known.tree("tags")
    }

    /// A resource policy that names the API itself, by the ARN that AWS gave it, says no more than one that names any API.
    fn own_arn(&self, index: usize, known: &Attributes, properties: &mut Tree) {
        let api = match self.links.link(index, "rest_api_id", Wanted::RestApi) {
            Link::Here(address) => {
                let index = self.links.estate.instances.index_of(&address);
                index.and_then(|index| self.links.estate.attributes.get(index))
            }
            _ => Some(known),
        };
        let Some(arn) = api.and_then(|it| it.text("execution_arn")) else {
            return;
        };
        let Kind::Map(entries) = &mut properties.kind else {
            return;
        };
        let policy = entries.iter_mut().find(|entry| entry.key == "Policy");
        if let Some(Kind::Text(text)) = policy.map(|entry| &mut entry.value.kind) {
            *text = of_any_api(text, arn);
        }
    }
}

/// A policy in which an API's own ARN is that of any API.
fn of_any_api(policy: &str, arn: &str) -> String {
    let mut parts = arn.splitn(4, ':');
    let head: Vec<&str> = parts.by_ref().take(3).collect();
    let is_whole = head.last() == Some(&"execute-api") && parts.next().is_some();
    if !is_whole {
        return policy.to_owned();
    }
    let any = format!("{}:*:*:*", head.join(":"));
    let mut made = policy.to_owned();
    for end in ["/", "\\/", "\"", "\\\"", "*"] {
        made = made.replace(&format!("{arn}{end}"), &format!("{any}{end}"));
    }
    made
}

/// What an attribute names by which a resource belongs to something.
fn owner_of(attribute: &str) -> Wanted {
    match attribute {
        "rest_api_id" => Wanted::RestApi,
        "api_id" => Wanted::V2Api,
        _ => Wanted::Place,
    }
}

/// A block with the names that CloudFormation gives its parts. What is null in it is not there.
fn in_camel_case(block: Tree) -> Tree {
    let kind = match block.kind {
        Kind::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .filter(|entry| !entry.value.is_null())
                .map(|entry| Entry {
                    key: camel_case(&entry.key),
                    ..entry
                })
                .collect(),
        ),
        kind => kind,
    };
    Tree { kind, ..block }
}

fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
