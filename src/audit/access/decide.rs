//! One holder and one method, with the proof.

use std::cell::RefCell;

use foldhash::HashMap;

use super::Estate;
use super::holder::{self, Holder, PolicySource};
use super::method::{self, CallableMethod};
use super::outside::{self, NamedBeside, NotAsked};
use crate::iam::document::{Effect, Policy};
use crate::iam::{Access, Deciding, Policies, Verdict, explained, speaking};
use crate::inventory::{Api, Inventory, quoted};

/// How the API's resource policy is called in reports.
const RESOURCE_POLICY: &str = "the API's resource policy";

/// One answer, small: how many requests, and whether that depends on a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// How many of the method's requests the holder is allowed.
    pub verdict: Verdict,
    /// Whether that depends on a condition whose keys are not known at audit time.
    pub conditional: bool,
}

impl Cell {
    /// An answer that depends on nothing unknown.
    pub const fn certainly(verdict: Verdict) -> Self {
        Cell {
            verdict,
            conditional: false,
        }
    }
}

/// One answer with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How many requests, with examples.
    pub access: Access,
    /// The statements that decide.
    pub reasons: Vec<Reason>,
    /// The policies that would reach the method only if a `*` ran across a `:`.
    pub across_colons: Vec<String>,
    /// What could not be read, in words. Where there is anything, nothing is decided.
    pub unread: Vec<String>,
}

/// A statement that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The policy, in words, such as ``policy `CallPets` of group `callers` ``.
    pub policy: String,
    /// The statement's `Sid`, or its place in the policy, such as `Statement[0]`.
    pub statement: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whether it depends on a condition whose keys are not known.
    pub conditional: bool,
}

impl Reason {
    /// The statement and its policy, such as `` `CallOne` of policy `CallPets` of group `callers` ``.
    pub fn in_words(&self) -> String {
        statement_in_words(&self.statement, &self.policy)
    }

    /// The same with what it does, such as `` Allow by `CallOne` of policy `CallPets` of group `callers` ``.
    pub fn with_effect(&self) -> String {
        let condition = match self.conditional {
            true => ", if its condition holds",
            false => "",
        };
        format!("{} by {}{condition}", self.effect.as_str(), self.in_words())
    }
}

/// A statement, by its `Sid` or its place, of a policy in words.
pub(super) fn statement_in_words(statement: &str, policy: &str) -> String {
    format!("{} of {policy}", quoted(statement))
}

impl<'a> Estate<'a> {
    /// Makes an inventory ready to be asked. `None`: its IAM principals could not be read.
    pub fn new(inventory: &'a Inventory) -> Option<Self> {
        let (holders, documents) = holder::holders(inventory, inventory.iam.as_ref()?);
        let mut places = HashMap::default();
        for (place, api) in inventory.apis.iter().enumerate() {
            places
                .entry((api.region.as_str(), api.id.as_str()))
                .or_insert(place);
        }
        let apis: Vec<method::OfApi> = inventory
            .apis
            .iter()
            .map(|it| method::of_api(inventory, it))
            .collect();
        Some(Estate {
            places,
            inventory,
            outside: outside::callers(inventory, &apis, holders.len()),
            holders,
            methods: method::methods(inventory),
            apis,
            documents,
            undecided: RefCell::default(),
        })
    }

    /// What was read.
    pub fn inventory(&self) -> &'a Inventory {
        self.inventory
    }

    /// The groups, users and roles, in this order.
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The callers of other accounts whom the resource policies of APIs let in, or may: accounts and principals of theirs,
    /// then organizations. Their own accounts must allow a call, too: what is decided of them is what the resource
    /// policies say.
    pub fn outside(&self) -> &[Holder] {
        &self.outside
    }

    /// Whether the resource policy of a method's API names this caller of another account. Where it does not, what lets it in
    /// speaks of everybody, or of an organization that it may be of.
    pub fn is_named(&self, outside: &Holder, method: &CallableMethod<'_>) -> bool {
        outside.named_by.contains(&method.of_api)
    }

    /// The principals whom the resource policy of an API lets in, and who are no callers that can be asked about.
    pub fn not_asked(&self) -> impl Iterator<Item = NotAsked<'a>> {
        let policies = self.apis.iter().map(|it| it.resource_policy.as_ref());
        let apis = self.inventory.apis.iter().zip(policies);
        apis.flat_map(|(api, policy)| match policy {
            Some(Ok(policy)) => outside::not_asked_of(api, policy, &self.inventory.account),
            _ => Vec::new(),
        })
    }

    /// Those whom resource policies name beside others, and do not let in.
    pub fn named_beside(&self) -> Vec<NamedBeside> {
        let apis = self.inventory.apis.iter().zip(&self.apis);
        let of_each = apis.flat_map(|(api, of_api)| match &of_api.resource_policy {
            Some(Ok(policy)) => outside::named_beside(self.inventory, api, policy),
            _ => Vec::new(),
        });
        of_each.collect()
    }

    /// One of all, those of other accounts included, by its number.
    pub(super) fn holder_at(&self, number: usize) -> Option<&Holder> {
        let outside = number.checked_sub(self.holders.len());
        outside.map_or_else(|| self.holders.get(number), |it| self.outside.get(it))
    }

    /// The methods, in the order of the inventory.
    pub fn methods(&self) -> &[CallableMethod<'a>] {
        &self.methods
    }

    /// The same, stage by stage.
    pub fn methods_by_stage(&self) -> impl Iterator<Item = &[CallableMethod<'a>]> {
        let methods = self.methods.as_slice();
        methods.chunk_by(|one, other| std::ptr::eq(one.stage, other.stage))
    }

    /// An API by its Region and id, with its methods. `None`: there is none.
    pub fn api(&self, region: &str, id: &str) -> Option<(&'a Api, &[CallableMethod<'a>])> {
        let place = *self.places.get(&(region, id))?;
        // The methods stand in the order of the APIs.
        let begin = self.methods.partition_point(|it| it.of_api < place);
        let own = self.methods.get(begin..)?;
        let end = own.partition_point(|it| it.of_api == place);
        Some((self.inventory.apis.get(place)?, own.get(..end)?))
    }

    /// What a holder is allowed of a method, with the proof.
    pub fn decide(&self, holder: &Holder, method: &CallableMethod<'_>) -> Decided {
        let mut unread = holder.unread.clone();
        let resource = self.resource_policy(method);
        if let Some(Err(error)) = resource {
            unread.push(format!("the resource policy of the API: {error}"));
        }
        let policies = self.policies(holder, method);
        let question = self.asks(holder, Some(method.api));
        let template = method.template(self.inventory);
        let explained = explained(&policies, question, &template);
        let access = if unread.is_empty() {
            explained.access
        } else {
            Access::UNDECIDED
        };
        if access.verdict == Verdict::Undecided {
            self.note_undecided(holder, method);
        }
        Decided {
            access,
            reasons: explained
                .deciding
                .iter()
                .filter_map(|it| self.reason(holder, method, it))
                .collect(),
            across_colons: explained
                .across_colons
                .into_iter()
                .map(|number| match source_of(holder, number) {
                    Some(source) => source.name.clone(),
                    None => RESOURCE_POLICY.to_owned(),
                })
                .collect(),
            unread,
        }
    }

    /// The policies, in words, that may say something of a holder's requests for a method. It is found out
    /// with little work: one that takes more is among them.
    pub(super) fn speaking(&self, holder: &Holder, method: &CallableMethod<'_>) -> Vec<String> {
        let policies = self.policies(holder, method);
        let template = method.template(self.inventory);
        let numbers = speaking(&policies, self.asks(holder, Some(method.api)), &template);
        let named = numbers.into_iter().map(|it| match source_of(holder, it) {
            Some(source) => source.in_words(holder),
            None => RESOURCE_POLICY.to_owned(),
        });
        named.collect()
    }

    pub(super) fn resource_policy(
        &self,
        method: &CallableMethod<'_>,
    ) -> Option<&Result<Policy, String>> {
        self.apis.get(method.of_api)?.resource_policy.as_ref()
    }

    /// The policy that a holder has. `None`: it could not be read.
    pub fn policy(&self, source: &PolicySource) -> Option<&Policy> {
        self.documents.get(source.document)?.policy.as_ref().ok()
    }

    fn policies(&self, holder: &Holder, method: &CallableMethod<'_>) -> Policies<'_> {
        let identity = holder.sources.iter().filter_map(|it| self.policy(it));
        let boundary = holder.boundary.as_ref();
        let resource = self.resource_policy(method);
        Policies {
            identity: identity.collect(),
            boundary: boundary.and_then(|it| self.policy(it)),
            resource: resource.and_then(|it| it.as_ref().ok()),
            ..Policies::default()
        }
    }

    fn reason(
        &self,
        holder: &Holder,
        method: &CallableMethod<'_>,
        deciding: &Deciding,
    ) -> Option<Reason> {
        let (policy, name) = match source_of(holder, deciding.policy) {
            Some(source) => (self.policy(source)?, source.in_words(holder)),
            None => (
                self.resource_policy(method)?.as_ref().ok()?,
                RESOURCE_POLICY.to_owned(),
            ),
        };
        Some(Reason {
            policy: name,
            statement: policy.place(deciding.statement),
            effect: deciding.effect,
            conditional: deciding.conditional,
        })
    }
}

/// The policy with this number: the identity policies, then the boundary. `None`: the resource policy.
fn source_of(holder: &Holder, number: usize) -> Option<&PolicySource> {
    let mut all = holder.sources.iter().chain(&holder.boundary);
    all.nth(number)
}
