//! What a resource names by an id: by the id itself, where the plan has it, else by what the configuration refers to there.
//!
//! A plan does not hold what `local` values stand for, nor which key an expression asks for. What is taken for granted in
//! their stead is said.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::attributes::{Attributes, LATER};
use super::configuration::references;
use super::estate::Estate;
use super::follow::{End, Follower};
use super::instances::Instance;
use super::types::{DEPLOYMENT, PLACE, REST_API, V2_API, V2_DEPLOYMENT};
use crate::template::tree::{Kind, Spot, Tree};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A REST API.
    RestApi,
    /// An HTTP or WebSocket API.
    V2Api,
    /// A resource of a REST API, or its root.
    Place,
    /// An authorizer.
    Authorizer,
    /// A deployment.
    Deployment,
}

/// What a resource names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// A resource of the file, by its address.
    Here(String),
    /// The root of a REST API of the file, by the API's address or id.
    Root(String),
    /// Something that is not in the file, by its id.
    Id(String),
    /// Something that is not in the file, by what refers to it.
    Elsewhere(String),
    /// It cannot be told.
    Unknown(String),
}

/// What is known of the ids of one file, and of what names them.
pub(super) struct Links<'i, 'a> {
    pub(super) estate: &'i Estate<'i, 'a>,
    ids: BTreeMap<(&'static str, &'i str), Vec<usize>>,
    /// The roots of REST APIs, by their ids.
    roots: BTreeMap<String, Vec<String>>,
    /// The REST APIs, HTTP and WebSocket APIs whose ids are not known yet.
    new: BTreeMap<&'static str, Vec<usize>>,
}

impl<'i, 'a> Links<'i, 'a> {
    pub(super) fn new(estate: &'i Estate<'i, 'a>) -> Self {
        let mut links = Links {
            estate,
            ids: BTreeMap::new(),
            roots: BTreeMap::new(),
            new: BTreeMap::new(),
        };
        for (index, instance, known) in estate.all() {
            let kind = match instance.kind.as_str() {
                REST_API => REST_API,
                V2_API => V2_API,
                PLACE => PLACE,
                DEPLOYMENT | V2_DEPLOYMENT => DEPLOYMENT,
                _ => continue,
            };
            match known.text("id") {
                Some(id) => links.ids.entry((kind, id)).or_default().push(index),
                None => links.new.entry(kind).or_default().push(index),
            }
            if kind == REST_API
                && let Some(root) = known.text("root_resource_id")
            {
                let roots = links.roots.entry(root.to_owned()).or_default();
                roots.push(instance.address.clone());
            }
        }
        links
    }

    /// Adds the roots of REST APIs that are elsewhere, and that a data source looked up.
    pub(super) fn with_data(&mut self, data: &[Instance<'_>]) {
        for instance in data.iter().filter(|it| it.kind == REST_API) {
            let known = Attributes::of(instance, None, None);
            if let (Some(api), Some(root)) = (known.text("id"), known.text("root_resource_id")) {
                let roots = self.roots.entry(root.to_owned());
                roots.or_insert_with(|| vec![api.to_owned()]);
            }
        }
    }

    /// What an attribute of an instance names.
    pub(super) fn link(&self, index: usize, attribute: &str, wanted: Wanted) -> Link {
        let Some((instance, known)) = self.estate.at(index) else {
            return Link::Unknown(LATER.to_owned());
        };
        let expression = known.written(attribute);
        self.told((instance, known), known.tree(attribute), expression, wanted)
    }

    /// What an attribute of the one block of its name names.
    pub(super) fn link_in_block(
        &self,
        index: usize,
        (block, attribute): (&str, &str),
        wanted: Wanted,
    ) -> Link {
        let Some((instance, known)) = self.estate.at(index) else {
            return Link::Unknown(LATER.to_owned());
        };
        let tree = known.block(block).and_then(|it| it.get(attribute).cloned());
        let expression = known.written(block);
        self.told((instance, known), tree, expression, wanted)
    }

    fn told(
        &self,
        (instance, known): (&Instance<'_>, &Attributes),
        tree: Option<Tree>,
        expression: Option<&Value>,
        wanted: Wanted,
    ) -> Link {
        if let Some(tree) = tree
            && !matches!(&tree.kind, Kind::Unknown(why) if why == LATER)
        {
            return match tree.text() {
                Ok(id) => self.by_id(id, known, wanted),
                Err(unknown) => Link::Unknown(unknown.why),
            };
        }
        let references = expression.map(references).unwrap_or_default();
        let follower = Follower::new(self.estate);
        let ends = follower.ends(instance, &references);
        self.chosen(ends, wanted)
    }

    /// What has an id.
    fn by_id(&self, id: &str, known: &Attributes, wanted: Wanted) -> Link {
        let kind = match wanted {
            Wanted::RestApi => REST_API,
            Wanted::V2Api => V2_API,
            Wanted::Place => PLACE,
            Wanted::Deployment => DEPLOYMENT,
            Wanted::Authorizer => return Link::Id(id.to_owned()),
        };
        if let Some([root]) = self.roots.get(id).map(Vec::as_slice)
            && wanted == Wanted::Place
        {
            return Link::Root(root.clone());
        }
        let found = self.ids.get(&(kind, id)).into_iter().flatten();
        // Two APIs may each have a resource of the same id.
        let api = known.text("rest_api_id");
        let found = found.filter_map(|index| self.estate.at(*index));
        let found = found.filter(|(_, it)| {
            wanted != Wanted::Place || api.is_none() || it.text("rest_api_id") == api
        });
        let found: Vec<_> = found.map(|(it, _)| it.address.clone()).collect();
        match found.as_slice() {
            [] => Link::Id(id.to_owned()),
            [address] => Link::Here(address.clone()),
            [one, other, ..] => Link::Unknown(format!("is that of `{one}` and of `{other}`")),
        }
    }

    /// The one end of all references that is what is looked for.
    fn chosen(&self, ends: BTreeSet<End>, wanted: Wanted) -> Link {
        let fitting: BTreeSet<Link> = ends.iter().filter_map(|end| fits(end, wanted)).collect();
        let others: Vec<&End> = ends.iter().filter(|end| may_be_an_id(end)).collect();
        let mut fitting = fitting.into_iter();
        match (fitting.next(), fitting.next(), others.as_slice()) {
            (Some(link), None, []) => link,
            (Some(one), Some(other), _) => Link::Unknown(format!(
                "may be that of {} or of {}: the plan does not say which",
                in_words(&one),
                in_words(&other)
            )),
            (None, _, [End::Local(name)]) => self.only_new(name, wanted),
            (None, _, [End::Other(name, _)]) => Link::Elsewhere(name.clone()),
            (_, None, [End::Local(name), ..] | [End::Other(name, _), ..]) => not_said(name),
            _ => Link::Unknown(LATER.to_owned()),
        }
    }

    /// The only API whose id is not known yet: what stands for an id that is not known either can hardly be another.
    fn only_new(&self, name: &str, wanted: Wanted) -> Link {
        let kind = match wanted {
            Wanted::RestApi => REST_API,
            Wanted::V2Api => V2_API,
            Wanted::Place | Wanted::Authorizer | Wanted::Deployment => return not_said(name),
        };
        let only = match self.new.get(kind).map(Vec::as_slice) {
            Some([index]) => self.estate.at(*index),
            _ => None,
        };
        let Some((api, _)) = only else {
            return not_said(name);
        };
        self.estate.assume(
            format!(
                "what names its API by `{name}` is taken to belong to this one, the only one of its kind that is to be made: a plan does \
                 not say what a local value is"
            ),
            api.at,
        );
        Link::Here(api.address.clone())
    }
}

fn not_said(name: &str) -> Link {
    Link::Unknown(format!(
        "depends on `{name}`, and what that is the plan does not say"
    ))
}

/// What an end is, if it is what is looked for.
fn fits(end: &End, wanted: Wanted) -> Option<Link> {
    let End::Read {
        address,
        kind,
        attribute,
    } = end
    else {
        return None;
    };
    let attribute = attribute.as_deref();
    let is_id = attribute.is_none_or(|it| it == "id");
    match wanted {
        Wanted::RestApi if kind == REST_API && is_id => Some(Link::Here(address.clone())),
        Wanted::V2Api if kind == V2_API && is_id => Some(Link::Here(address.clone())),
        // An expression that ends at the API as a whole asks it for the id of its root.
        Wanted::Place
            if kind == REST_API && attribute.is_none_or(|it| it == "root_resource_id") =>
        {
            Some(Link::Root(address.clone()))
        }
        Wanted::Place if kind == PLACE && is_id => Some(Link::Here(address.clone())),
        Wanted::Deployment if kind.ends_with("_deployment") && is_id => {
            Some(Link::Here(address.clone()))
        }
        Wanted::Authorizer if kind.ends_with("_authorizer") && is_id => {
            Some(Link::Here(address.clone()))
        }
        _ => None,
    }
}

/// Whether an id that is looked for may come from an end that is no resource of API Gateway.
fn may_be_an_id(end: &End) -> bool {
    // What has an id of its own, and none of an API.
    const OTHERS: [&str; 14] = [
        "aws_acm",
        "aws_cloudwatch_",
        "aws_cognito_",
        "aws_dynamodb_",
        "aws_ecs_",
        "aws_iam_",
        "aws_kms_",
        "aws_lambda_",
        "aws_lb",
        "aws_route53_",
        "aws_s3_",
        "aws_sns_",
        "aws_sqs_",
        "aws_vpc",
    ];
    match end {
        End::Read { .. } => false,
        End::Local(_) => true,
        End::Other(_, kind) => !OTHERS.iter().any(|family| kind.starts_with(family)),
    }
}

fn in_words(link: &Link) -> String {
    match link {
        Link::Here(address) | Link::Root(address) => format!("`{address}`"),
        Link::Id(id) => format!("`{id}`"),
        Link::Elsewhere(name) | Link::Unknown(name) => name.clone(),
    }
}

/// A link as a property of a resource. What is elsewhere goes by `name`.
pub(super) fn property(link: &Link, at: Spot) -> (Tree, Option<String>) {
    let resource = |id: &String, attribute: Option<&str>| Kind::Resource {
        id: id.clone(),
        attribute: attribute.map(str::to_owned),
    };
    let (kind, name) = match link {
        Link::Here(address) => (resource(address, None), None),
        Link::Root(api) => (resource(api, Some("RootResourceId")), None),
        Link::Id(id) => (Kind::Text(id.clone()), None),
        Link::Elsewhere(name) => (Kind::Unknown(LATER.to_owned()), Some(name.clone())),
        Link::Unknown(why) => (Kind::Unknown(why.clone()), None),
    };
    (Tree::new(kind, at), name)
}
