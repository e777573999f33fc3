//! The IAM of a plan or state: groups, users, roles, policies, and the resources that tie them together.
//!
//! A policy that names the ARN of an API which is still to be made is in no plan: it is not understood, which is a gap. Once the
//! API is there, the ARN is known to be that API's.
//!
//! Source: [`aws_iam_group_policy_attachment`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_group_policy_attachment)
//! and its neighbors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::attributes::Attributes;
use super::configuration::references;
use super::follow::{End, Follower};
use super::instances::Instance;
use super::links::Links;
use super::types::{REST_API, V2_API};
use crate::iam::Document;
use crate::iam::document::Arn;
use crate::inventory::InlinePolicy;
use crate::template::iam::{
    Finished, IamDraft, Kind as Of, Marks, Named, Places, Principal, marked,
};
use crate::template::options::Options;
use crate::template::reading::Reading;
use crate::template::tree::{Kind, Tree};

const GROUP: &str = "aws_iam_group";
const USER: &str = "aws_iam_user";
const ROLE: &str = "aws_iam_role";
const POLICY: &str = "aws_iam_policy";

/// How the resources are told that give a principal something: the attribute that names it.
const TARGETS: [(Of, &str, &str); 3] = [
    (Of::Group, "group", "groups"),
    (Of::User, "user", "users"),
    (Of::Role, "role", "roles"),
];

/// Reads the IAM of a file whose APIs are read. `None`: it has none.
pub(super) fn read(
    reading: &Reading,
    links: &Links<'_, '_>,
    options: &Options,
) -> Option<Finished> {
    let mut draft = IamDraft::new(places(reading, links, options), Marks::default());
    let names = Names::new(links);
    let all = links.estate.all();
    let all = all.map(|(index, instance, known)| Resource {
        links,
        names: &names,
        index,
        instance,
        known,
    });
    let all: Vec<Resource<'_, '_, '_>> = all.collect();
    all.iter().for_each(|it| it.made(&mut draft));
    // What ties them together names what is made, wherever that stands.
    all.iter().for_each(|it| it.tied(&mut draft));
    draft.finished()
}

fn places(reading: &Reading, links: &Links<'_, '_>, options: &Options) -> Places {
    let mut places = Places::of(reading, options);
    places.ids_are_told = true;
    for (_, instance, known) in links.estate.all() {
        if [REST_API, V2_API].contains(&instance.kind.as_str())
            && let Some(id) = known.text("id")
        {
            let address = instance.address.clone();
            places.by_id.insert(id.to_owned(), address);
        }
        let arns = ["execution_arn", "arn"].into_iter();
        let mut arns = arns.filter_map(|it| Arn::read(known.text(it)?));
        let account = arns.find(|it| it.account.len() == 12);
        if places.account.is_none() {
            places.account = account.map(|it| it.account.to_owned());
        }
    }
    places
}

/// The resources of IAM that go by a name, and policies by their ARNs.
struct Names(BTreeMap<(&'static str, String), String>);

impl Names {
    fn new(links: &Links<'_, '_>) -> Self {
        let mut names = BTreeMap::new();
        for (_, instance, known) in links.estate.all() {
            let kinds = [GROUP, USER, ROLE, POLICY].into_iter();
            for kind in kinds.filter(|it| *it == instance.kind) {
                let name = known.text(if kind == POLICY { "arn" } else { "name" });
                if let Some(name) = name {
                    let address = instance.address.clone();
                    names.entry((kind, name.to_lowercase())).or_insert(address);
                }
            }
        }
        Names(names)
    }

    fn of(&self, kind: &'static str, text: &str) -> Option<&str> {
        self.0.get(&(kind, text.to_lowercase())).map(String::as_str)
    }
}

/// One resource of IAM.
struct Resource<'r, 'i, 'a> {
    links: &'r Links<'i, 'a>,
    names: &'r Names,
    index: usize,
    instance: &'r Instance<'a>,
    known: &'r Attributes,
}

impl Resource<'_, '_, '_> {
    fn address(&self) -> &str {
        &self.instance.address
    }

    /// A name, or the address where the plan has none.
    fn name(&self, draft: &IamDraft) -> String {
        let name = self.known.tree("name");
        let name = name.as_ref().and_then(|it| it.text().ok());
        name.map_or_else(|| draft.places.stand_in(self.address()), str::to_owned)
    }

    /// Adds what the resource makes.
    fn made(&self, draft: &mut IamDraft) {
        let kind = match self.instance.kind.as_str() {
            GROUP => Of::Group,
            USER => Of::User,
            ROLE => Of::Role,
            POLICY => {
                let path = self.known.text("path").unwrap_or("/");
                let document = self.document(draft, self.known.required("policy"));
                return draft.add_policy(self.address(), (&self.name(draft), path), document);
            }
            _ => return,
        };
        let mut made = Principal::new(kind, &self.name(draft), self.instance.at);
        made.path = self.known.text("path").unwrap_or("/").to_owned();
        let boundary = self.known.tree("permissions_boundary");
        let boundary = boundary.filter(|it| match &it.kind {
            Kind::Text(arn) => !arn.is_empty(),
            other => matches!(other, Kind::Unknown(_)),
        });
        made.boundary = boundary.map(|_| self.one("permissions_boundary", &[POLICY]));
        if kind == Of::Role {
            let trust = self.known.required("assume_role_policy");
            made.trust = trust.map(|it| draft.trust(as_value(&it, draft)));
            made.inline = self.inline_blocks(draft);
            // Else the provider shows here what resources beside it attach.
            if !self.known.is_left_to_the_provider("managed_policy_arns") {
                made.attached = self.each("managed_policy_arns", &[POLICY]);
            }
        }
        draft.add(self.address(), made);
    }

    fn inline_blocks(&self, draft: &IamDraft) -> Vec<InlinePolicy> {
        if self.known.is_left_to_the_provider("inline_policy") {
            return Vec::new();
        }
        let Some(blocks) = self.known.tree("inline_policy") else {
            return Vec::new();
        };
        let whole = std::slice::from_ref(&blocks);
        let items = match &blocks.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Unknown(_) => whole,
            _ => &[],
        };
        let items = items.iter().enumerate();
        let items = items.map(|(index, it)| InlinePolicy {
            name: match it.text_of("name") {
                Ok(Some(name)) => name.to_owned(),
                _ => format!("inline_policy[{index}]"),
            },
            document: self.document(draft, it.get("policy").cloned()),
        });
        items.collect()
    }

    fn document(&self, draft: &IamDraft, tree: Option<Tree>) -> Document {
        match tree {
            Some(tree) => draft.policy(as_value(&tree, draft)),
            None => Document::Unparsed {
                text: String::new(),
                error: "it has no document".to_owned(),
            },
        }
    }

    /// Adds what the resource gives to principals.
    fn tied(&self, draft: &mut IamDraft) {
        let kind = self.instance.kind.as_str();
        match kind {
            "aws_iam_group_policy" | "aws_iam_user_policy" | "aws_iam_role_policy" => {
                let document = self.document(draft, self.known.required("policy"));
                let policy = InlinePolicy {
                    name: self.name(draft),
                    document,
                };
                for (of, attribute, _) in TARGETS {
                    if kind == format!("aws_iam_{attribute}_policy") {
                        self.with(draft, of, &self.one(attribute, &[kind_of(of)]), |it| {
                            it.inline.push(policy.clone());
                        });
                    }
                }
            }
            "aws_iam_group_policy_attachment"
            | "aws_iam_user_policy_attachment"
            | "aws_iam_role_policy_attachment" => {
                let policy = self.one("policy_arn", &[POLICY]);
                for (of, attribute, _) in TARGETS {
                    if kind == format!("aws_iam_{attribute}_policy_attachment") {
                        self.with(draft, of, &self.one(attribute, &[kind_of(of)]), |it| {
                            it.attached.push(policy.clone());
                        });
                    }
                }
            }
            "aws_iam_policy_attachment" => {
                let policy = self.one("policy_arn", &[POLICY]);
                for (of, _, attribute) in TARGETS {
                    for named in self.each(attribute, &[kind_of(of)]) {
                        self.with(draft, of, &named, |it| it.attached.push(policy.clone()));
                    }
                }
            }
            "aws_iam_group_membership" => {
                let group = self.one("group", &[GROUP]);
                self.members(draft, &[group], &self.each("users", &[USER]));
            }
            "aws_iam_user_group_membership" => {
                let user = self.one("user", &[USER]);
                self.members(draft, &self.each("groups", &[GROUP]), &[user]);
            }
            _ => {}
        }
    }

    fn members(&self, draft: &mut IamDraft, groups: &[Named], users: &[Named]) {
        for group in groups {
            self.with(draft, Of::Group, group, |_| ());
            for user in users {
                self.with(draft, Of::User, user, |it| it.groups.push(group.clone()));
            }
        }
    }

    fn with(
        &self,
        draft: &mut IamDraft,
        kind: Of,
        named: &Named,
        give: impl FnOnce(&mut Principal),
    ) {
        if let Some(principal) = draft.principal(kind, named, ("it", self.instance.at)) {
            give(principal);
        }
    }

    /// What one attribute names: by its name or ARN, or by what the configuration refers to.
    fn one(&self, attribute: &str, kinds: &[&'static str]) -> Named {
        let tree = self.known.tree(attribute);
        match tree.as_ref().map(Tree::text) {
            Some(Ok(text)) => self.by_text(text, kinds),
            _ => match self.referred(attribute, kinds).as_slice() {
                [only] => Named::Here(only.clone()),
                _ => Named::Unknown(format!(
                    "`{attribute}` is known only after the plan is applied"
                )),
            },
        }
    }

    /// What a list names.
    fn each(&self, attribute: &str, kinds: &[&'static str]) -> Vec<Named> {
        let Some(tree) = self.known.tree(attribute) else {
            return Vec::new();
        };
        let items = match &tree.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Null | Kind::NoValue => return Vec::new(),
            _ => std::slice::from_ref(&tree),
        };
        let known = items.iter().filter_map(|it| it.text().ok());
        let mut named: Vec<Named> = known.map(|it| self.by_text(it, kinds)).collect();
        if named.len() < items.len() {
            let referred = self.referred(attribute, kinds);
            match referred.is_empty() {
                true => named.push(Named::Unknown(format!(
                    "`{attribute}` is known only after the plan is applied"
                ))),
                false => named.extend(referred.into_iter().map(Named::Here)),
            }
        }
        named
    }

    /// A name or an ARN: that of a resource of the file where one has it.
    fn by_text(&self, text: &str, kinds: &[&'static str]) -> Named {
        let mut found = kinds.iter().filter_map(|it| self.names.of(it, text));
        match found.next() {
            Some(address) => Named::Here(address.to_owned()),
            None => Named::Text(text.to_owned()),
        }
    }

    /// The resources that an attribute refers to. None, where one of its references may end elsewhere.
    fn referred(&self, attribute: &str, kinds: &[&str]) -> Vec<String> {
        let Some((instance, known)) = self.links.estate.at(self.index) else {
            return Vec::new();
        };
        let references = known.written(attribute).map(references).unwrap_or_default();
        let ends: BTreeSet<End> = Follower::new(self.links.estate).ends(instance, &references);
        let mut found = Vec::new();
        for end in ends {
            match end {
                End::Read { address, kind, .. } if kinds.contains(&kind.as_str()) => {
                    found.push(address);
                }
                End::Read { .. } => {}
                End::Local(_) | End::Other(..) => return Vec::new(),
            }
        }
        found
    }
}

fn kind_of(of: Of) -> &'static str {
    match of {
        Of::Group => GROUP,
        Of::User => USER,
        Of::Role => ROLE,
    }
}

/// A document as it is written, or that it cannot be told.
fn as_value(tree: &Tree, draft: &IamDraft) -> Value {
    marked(tree, &draft.marks)
}
