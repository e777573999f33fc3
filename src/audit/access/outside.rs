//! Callers of other accounts whom the resource policies of the APIs let in, and principals there that nobody can be asked
//! about.

use std::collections::BTreeMap;

use super::holder::{Holder, HolderKind};
use super::method::OfApi;
use crate::iam::document::Policy;
use crate::iam::{OtherAccount, not_asked};
use crate::inventory::{Api, Inventory, listed, quoted};

/// A principal that a resource policy lets in, of whom nothing is known: a service, an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAsked<'a> {
    /// The API.
    pub api: &'a Api,
    /// The statement's `Sid`, or its place in the policy, such as `Statement[0]`.
    pub statement: String,
    /// What the principal is, such as `service`.
    pub what: &'static str,
    /// The principal as the policy names it.
    pub name: String,
}

impl NotAsked<'_> {
    /// Who it is, and the statement that lets it in.
    pub fn in_words(&self) -> String {
        let (what, name, statement) = (self.what, quoted(&self.name), &self.statement);
        format!("the {what} {name} ({statement})")
    }
}

/// The callers of other accounts, in order: accounts, then organizations. `from`: the place of the first of them.
pub(super) fn callers(inventory: &Inventory, apis: &[OfApi], from: usize) -> Vec<Holder> {
    let account = &inventory.account;
    let mut callers: BTreeMap<OtherAccount, Vec<usize>> = BTreeMap::new();
    for (place, (api, of_api)) in inventory.apis.iter().zip(apis).enumerate() {
        if let Some(Ok(policy)) = &of_api.resource_policy {
            for caller in OtherAccount::admitted(policy, account, &api.id) {
                callers.entry(caller).or_default().push(place);
            }
        }
    }
    let holders = callers.into_iter().enumerate().map(|(at, (caller, apis))| {
        let mut holder = holder(inventory, &caller, from + at);
        holder.named_by = apis;
        holder
    });
    holders.collect()
}

fn holder(inventory: &Inventory, caller: &OtherAccount, number: usize) -> Holder {
    let (kind, name, arn) = match caller {
        OtherAccount::Account { account, arn } => {
            let root = || format!("arn:{}:iam::{account}:root", inventory.partition);
            let arn = arn.clone().unwrap_or_else(root);
            (HolderKind::Account, account, arn)
        }
        // Its ARN has the id of the account that manages it, which nothing here tells.
        OtherAccount::Organization { id } => (HolderKind::Organization, id, id.clone()),
    };
    Holder {
        kind,
        name: name.clone(),
        arn,
        sources: Vec::new(),
        boundary: None,
        guests: Vec::new(),
        named_by: Vec::new(),
        number,
        caller: caller.caller(),
        context: caller.context(&inventory.account),
        contexts_at: Some([true, false].map(|it| caller.context_at(&inventory.account, it))),
        unread: Vec::new(),
    }
}

/// Somebody whom a resource policy names, and lets nobody in by it alone: the same statement names somebody else, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBeside {
    /// An account or an organization.
    pub kind: HolderKind,
    /// Its id.
    pub name: String,
    /// Where it is named, and who is let in there, in words.
    pub says: String,
}

/// Those whom the resource policy of an API names beside others, and does not let in.
pub(super) fn named_beside(inventory: &Inventory, api: &Api, policy: &Policy) -> Vec<NamedBeside> {
    let beside = OtherAccount::named_beside(policy, &inventory.account, &api.id).into_iter();
    let in_words = beside.map(|(one, statement, others)| {
        let others = others.iter().map(|it| holder(inventory, it, 0).in_words());
        let one = holder(inventory, &one, 0);
        NamedBeside {
            kind: one.kind,
            name: one.name,
            says: format!(
                "{} of the resource policy of {} names it, and lets in {} alone, as all its conditions must hold",
                quoted(&policy.place(statement)),
                quoted(&api.name),
                listed(others, NAMED)
            ),
        }
    });
    in_words.collect()
}

/// As many callers are named.
const NAMED: usize = 3;

/// The principals that the resource policy of an API lets in, and that nobody can be asked about.
pub(super) fn not_asked_of<'a>(api: &'a Api, policy: &Policy, account: &str) -> Vec<NotAsked<'a>> {
    let others = not_asked(policy).filter(|it| it.name != account);
    let not_asked = others.map(|it| NotAsked {
        api,
        statement: policy.place(it.statement),
        what: it.what,
        name: it.name.to_owned(),
    });
    not_asked.collect()
}
