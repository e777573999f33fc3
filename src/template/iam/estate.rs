//! Principals and policies in the making, until all parts of a file are read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{identity_policy, trust_policy};
use super::finished::Finished;
use super::kind::Kind;
use super::managed::managed;
use super::marks::Marks;
use super::places::Places;
use crate::iam::Document;
use crate::iam::document::Arn;
use crate::inventory::{
    AttachedPolicy, Group, Iam, InlinePolicy, ManagedPolicy, Role, User, listed, quoted,
};
use crate::template::tree::{Spot, Unknown};

/// How many of AWS's policies are named.
const NAMED: usize = 10;

/// What names a principal or a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::template) enum Named {
    /// A resource of the file.
    Here(String),
    /// A name or an ARN.
    Text(String),
    /// It cannot be told. The reason is in words that follow "it".
    Unknown(String),
}

/// A managed policy that a principal has.
pub(in crate::template) type Attached = Named;

/// A principal in the making.
#[derive(Debug)]
pub(in crate::template) struct Principal {
    pub(in crate::template) kind: Kind,
    pub(in crate::template) name: String,
    /// Its path, such as `/teams/`.
    pub(in crate::template) path: String,
    pub(in crate::template) at: Spot,
    /// Where else something is given to one that is not in the file.
    pub(in crate::template) others: Vec<Spot>,
    /// Whether it is in the file.
    is_here: bool,
    pub(in crate::template) inline: Vec<InlinePolicy>,
    pub(in crate::template) attached: Vec<Attached>,
    /// The groups that it is a member of.
    pub(in crate::template) groups: Vec<Named>,
    pub(in crate::template) boundary: Option<Attached>,
    pub(in crate::template) trust: Option<Document>,
}

impl Principal {
    pub(in crate::template) fn new(kind: Kind, name: &str, at: Spot) -> Self {
        Principal {
            kind,
            name: name.to_owned(),
            path: "/".to_owned(),
            at,
            others: Vec::new(),
            is_here: false,
            inline: Vec::new(),
            attached: Vec::new(),
            groups: Vec::new(),
            boundary: None,
            trust: None,
        }
    }

    fn arn(&self, places: &Places) -> String {
        if let Some(known) = places.arn_of(self.kind, &self.name) {
            return known.to_owned();
        }
        let (kind, path) = (self.kind.as_str(), slashed(&self.path));
        places.iam_arn(&format!("{kind}{path}{}", self.name))
    }
}

/// A path with its slashes.
fn slashed(path: &str) -> String {
    match path.trim_matches('/') {
        "" => "/".to_owned(),
        inner => format!("/{inner}/"),
    }
}

/// A managed policy of the file.
#[derive(Debug)]
struct Managed {
    name: String,
    arn: String,
    document: Document,
}

/// The principals and policies of one file.
#[derive(Debug)]
pub(in crate::template) struct IamDraft {
    pub(in crate::template) marks: Marks,
    pub(in crate::template) places: Places,
    principals: Vec<Principal>,
    /// The place of each principal of the file among them, by the resource that makes it.
    by_id: BTreeMap<String, usize>,
    /// The same by its kind and its name, whatever the case.
    by_name: BTreeMap<(Kind, String), usize>,
    policies: BTreeMap<String, Managed>,
    /// The names of AWS's own policies that are attached and known.
    of_aws: BTreeSet<String>,
    /// What belongs to no principal that can be told.
    pub(in crate::template) gaps: Vec<Unknown>,
    pub(in crate::template) assumed: Vec<(String, Spot)>,
}

impl IamDraft {
    pub(in crate::template) fn new(places: Places, marks: Marks) -> Self {
        IamDraft {
            marks,
            places,
            principals: Vec::new(),
            by_id: BTreeMap::new(),
            by_name: BTreeMap::new(),
            policies: BTreeMap::new(),
            of_aws: BTreeSet::new(),
            gaps: Vec::new(),
            assumed: Vec::new(),
        }
    }

    /// Adds a principal that a resource makes.
    pub(in crate::template) fn add(&mut self, id: &str, principal: Principal) {
        let index = self.push(Principal {
            is_here: true,
            ..principal
        });
        self.by_id.insert(id.to_owned(), index);
    }

    fn push(&mut self, principal: Principal) -> usize {
        let index = self.principals.len();
        let key = (principal.kind, principal.name.to_lowercase());
        self.by_name.entry(key).or_insert(index);
        self.principals.push(principal);
        index
    }

    /// Adds a managed policy that a resource makes.
    pub(in crate::template) fn add_policy(
        &mut self,
        id: &str,
        (name, path): (&str, &str),
        document: Document,
    ) {
        let around = self.places.around.as_ref();
        let known = around.and_then(|it| it.policy_arn(name)).map(str::to_owned);
        let arn = known.unwrap_or_else(|| {
            let resource = format!("policy{}{name}", slashed(path));
            self.places.iam_arn(&resource)
        });
        let managed = Managed {
            name: name.to_owned(),
            arn,
            document,
        };
        self.policies.insert(id.to_owned(), managed);
    }

    /// An identity policy.
    pub(in crate::template) fn policy(&self, document: Value) -> Document {
        identity_policy(document, &self.marks, &self.places)
    }

    /// A trust policy.
    pub(in crate::template) fn trust(&self, document: Value) -> Document {
        trust_policy(document, &self.marks, &self.places)
    }

    /// The principal that is named: one of the file, or one that is not in it and is known by its name from now on. One that
    /// cannot be told is a gap, at the place of what names it.
    pub(in crate::template) fn principal(
        &mut self,
        kind: Kind,
        named: &Named,
        (what, at): (&str, Spot),
    ) -> Option<&mut Principal> {
        let index = match named {
            Named::Here(id) => self.by_id.get(id).copied(),
            Named::Text(name) if !name.is_empty() => {
                let key = (kind, name.to_lowercase());
                let known = self.by_name.get(&key).copied();
                Some(known.unwrap_or_else(|| {
                    let is_known = self.places.arn_of(kind, name).is_some();
                    let (kind_words, name_words) = (kind.as_str(), quoted(name));
                    let says = match self.places.around.is_some() {
                        true => format!(
                            "{kind_words} {name_words} is neither in this file nor in the account: it is taken to be made elsewhere"
                        ),
                        false => format!(
                            "{kind_words} {name_words} is not in this file: of its policies, those that the file gives it are known"
                        ),
                    };
                    if !is_known {
                        self.assumed.push((says, at));
                    }
                    self.push(Principal::new(kind, name, at))
                }))
            }
            Named::Text(_) | Named::Unknown(_) => None,
        };
        let mut principal = index.and_then(|it| self.principals.get_mut(it));
        if let Some(known) = &mut principal
            && !known.is_here
            && known.at != at
            && known.others.last() != Some(&at)
        {
            known.others.push(at);
        }
        if principal.is_none() {
            let why = match named {
                Named::Here(id) => format!("is `{id}`, which makes no {}", kind.as_str()),
                Named::Text(_) => "has no name".to_owned(),
                Named::Unknown(why) => why.clone(),
            };
            let why = format!(
                "{what} is for a {} that cannot be told: it {why}",
                kind.as_str()
            );
            self.gaps.push(Unknown { why, at });
        }
        principal
    }

    /// All of it as an inventory has it. `None`: the file has no IAM.
    pub(in crate::template) fn finished(mut self) -> Option<Finished> {
        if self.principals.is_empty() && self.policies.is_empty() && self.gaps.is_empty() {
            return None;
        }
        let mut iam = Iam::default();
        for policy in self.policies.values() {
            iam.policies.push(ManagedPolicy {
                name: policy.name.clone(),
                arn: policy.arn.clone(),
                version: "v1".to_owned(),
                document: policy.document.clone(),
            });
        }
        let mut places = Vec::new();
        let mut seen = BTreeSet::new();
        let made: BTreeSet<usize> = self.by_id.values().copied().collect();
        let mut made_arns = BTreeSet::new();
        let by_id = self.by_id.iter().filter_map(|(id, index)| {
            let principal = self.principals.get(*index)?;
            Some((id.clone(), principal.name.clone()))
        });
        let names: BTreeMap<String, String> = by_id.collect();
        let principals = std::mem::take(&mut self.principals).into_iter();
        for (index, principal) in principals.enumerate() {
            let arn = principal.arn(&self.places);
            if made.contains(&index) {
                made_arns.insert(arn.clone());
            }
            let all = [principal.at].into_iter().chain(principal.others);
            places.extend(all.map(|at| (arn.clone(), at)));
            let attached = principal.attached.iter();
            let mut attached: Vec<AttachedPolicy> = attached.map(|it| self.attached(it)).collect();
            attached.sort();
            attached.dedup();
            let boundary = principal.boundary.as_ref().map(|it| self.attached(it));
            self.with_documents(&mut iam, &mut seen, attached.iter().chain(&boundary));
            let (name, inline) = (principal.name, principal.inline);
            let permissions_boundary = boundary.map(|it| it.arn);
            match principal.kind {
                Kind::Group => iam.groups.push(Group {
                    name,
                    arn,
                    inline,
                    attached,
                }),
                Kind::User => {
                    let groups = principal.groups.iter();
                    let groups = groups.map(|it| group_name(&names, it)).collect();
                    iam.users.push(User {
                        name,
                        arn,
                        groups,
                        inline,
                        attached,
                        permissions_boundary,
                    });
                }
                Kind::Role => iam.roles.push(Role {
                    name,
                    arn,
                    inline,
                    attached,
                    permissions_boundary,
                    trust_policy: principal.trust,
                }),
            }
        }
        if !self.of_aws.is_empty() && !self.places.apis.is_empty() {
            let names: Vec<String> = self.of_aws.iter().map(|it| quoted(it)).collect();
            let says = format!(
                "AWS's managed policies are taken to say of calls what they said in May 2026: {}",
                listed(names.into_iter(), NAMED)
            );
            self.assumed.push((says, Spot::START));
        }
        Some(Finished {
            iam,
            places,
            made: made_arns,
            gaps: self.gaps,
            assumed: self.assumed,
        })
    }

    fn attached(&self, named: &Attached) -> AttachedPolicy {
        let (name, arn) = match named {
            Named::Here(id) => match self.policies.get(id) {
                Some(policy) => (policy.name.clone(), policy.arn.clone()),
                None => (id.clone(), id.clone()),
            },
            Named::Text(arn) => {
                let name = Arn::read(arn).map_or(arn.as_str(), Arn::name);
                (name.to_owned(), arn.clone())
            }
            Named::Unknown(why) => {
                let words = format!("a policy that {why}");
                (words.clone(), words)
            }
        };
        AttachedPolicy { name, arn }
    }

    /// Adds the documents of AWS's own policies, where they are known. `seen` are those that were looked at.
    fn with_documents<'p>(
        &mut self,
        iam: &mut Iam,
        seen: &mut BTreeSet<String>,
        attached: impl Iterator<Item = &'p AttachedPolicy>,
    ) {
        for policy in attached {
            let around = self.places.around.as_ref();
            let of_account = around.and_then(|it| it.iam()?.policy(&policy.arn));
            if seen.insert(policy.arn.clone())
                && of_account.is_none()
                && let Some(known) = managed(policy)
            {
                // Every function of SAM has this one, which writes its log.
                if policy.name != "AWSLambdaBasicExecutionRole" {
                    self.of_aws.insert(policy.name.clone());
                }
                iam.policies.push(known);
            }
        }
    }
}

/// The name of a group that a user is in. Of one that cannot be told the policies are not known, which is a gap of its members.
fn group_name(names: &BTreeMap<String, String>, named: &Named) -> String {
    match named {
        Named::Here(id) => names.get(id).unwrap_or(id).clone(),
        Named::Text(name) => name.clone(),
        Named::Unknown(why) => format!("one that {why}"),
    }
}
