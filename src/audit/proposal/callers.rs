//! Who may call methods with AWS_IAM today.

use std::collections::{BTreeMap, BTreeSet};

use super::apis::{ApisToday, has_ambiguous_id};
use crate::audit::access::{CallableMethod, Estate, Holder, HolderKind};
use crate::audit::context::AccessView;
use crate::iam::Verdict;
use crate::inventory::{AuthorizationType, Inventory};

/// Those who may call methods of the same APIs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallersToday {
    /// The APIs.
    pub of: ApisToday,
    /// The names of groups.
    pub groups: Vec<String>,
    /// The names of roles that their trust policies give to nobody unknown.
    pub roles: Vec<String>,
    /// The names of roles that anyone can become.
    pub guest_roles: Vec<String>,
    /// The names of users with grants of their own, not of a group.
    pub users: Vec<String>,
    /// The ids of other accounts whom resource policies name, as policy files list them.
    pub accounts: Vec<String>,
    /// The ids of organizations, or units of them, whom resource policies name.
    pub organizations: Vec<String>,
    /// Those of whom it could not be decided, by kind and name.
    pub undecided: Vec<String>,
}

/// What is known of a holder at an API: that it may call a method there, or that it could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    May,
    Undecided,
}

/// Of each holder, the APIs of which it may call a method, with those of the same APIs together.
pub(super) fn callers(
    inventory: &Inventory,
    estate: &Estate<'_>,
    access: &AccessView<'_>,
) -> Vec<CallersToday> {
    let holders: Vec<&Holder> = estate.holders().iter().chain(estate.outside()).collect();
    let known = known(estate, &holders);
    let is_ambiguous = has_ambiguous_id(inventory);
    // Those of the same APIs together. An entry names one Region where it must.
    let mut together: BTreeMap<(Option<&str>, BTreeSet<usize>), CallersToday> = BTreeMap::new();
    for ((holder, what), places) in &known {
        let Some(holder) = holders.get(*holder) else {
            continue;
        };
        let mut by_region: BTreeMap<Option<&str>, BTreeSet<usize>> = BTreeMap::new();
        for place in places {
            let api = inventory.apis.get(*place);
            let region = api.filter(|_| is_ambiguous).map(|it| it.region.as_str());
            by_region.entry(region).or_default().insert(*place);
        }
        for (region, places) in by_region {
            let entry = together.entry((region, places)).or_default();
            add(entry, holder, *what, access);
        }
    }
    let entries = together.into_iter().map(|((region, places), entry)| {
        let apis = places.iter().filter_map(|it| inventory.apis.get(*it));
        CallersToday {
            of: ApisToday {
                region: region.map(str::to_owned),
                apis: apis.map(Into::into).collect(),
            },
            ..entry
        }
    });
    entries.filter(|it| !it.is_empty()).collect()
}

/// By holder, and what is known: the places of the APIs. The methods are asked about stage by stage, as all answers of a
/// large account take much memory.
fn known(estate: &Estate<'_>, holders: &[&Holder]) -> BTreeMap<(usize, Known), BTreeSet<usize>> {
    let asks = |it: &&CallableMethod<'_>| it.authorizations.contains(&AuthorizationType::AwsIam);
    let all: Vec<&CallableMethod<'_>> = estate.methods().iter().filter(asks).collect();
    let mut asking = estate.asking(holders, &all);
    let mut known: BTreeMap<(usize, Known), BTreeSet<usize>> = BTreeMap::new();
    for of_stage in all.chunk_by(|one, other| std::ptr::eq(one.stage, other.stage)) {
        let Some(api) = of_stage.first().and_then(|it| place(estate, it)) else {
            continue;
        };
        for (number, row) in asking.rows(of_stage).into_iter().enumerate() {
            let Some(holder) = holders.get(number) else {
                continue;
            };
            for (cell, method) in row.iter().zip(of_stage) {
                let what = match cell.verdict {
                    Verdict::All | Verdict::Some => Known::May,
                    Verdict::Undecided => Known::Undecided,
                    Verdict::None => continue,
                };
                // An account counts where the resource policy names it, and not where a policy lets everybody in.
                if !holder.kind.is_outside() || estate.is_named(holder, method) {
                    known.entry((number, what)).or_default().insert(api);
                }
            }
        }
    }
    known
}

/// The place of a method's API in the inventory.
fn place(estate: &Estate<'_>, method: &CallableMethod<'_>) -> Option<usize> {
    let mut apis = estate.inventory().apis.iter();
    apis.position(|it| std::ptr::eq(it, method.api))
}

fn add(entry: &mut CallersToday, holder: &Holder, what: Known, access: &AccessView<'_>) {
    if what == Known::Undecided {
        entry.undecided.push(holder.label());
        return;
    }
    let list = match holder.kind {
        HolderKind::Group => &mut entry.groups,
        // What a user has by groups alone is said of the groups.
        HolderKind::User if access.own_grants(holder).next().is_none() => return,
        HolderKind::User => &mut entry.users,
        HolderKind::Role if holder.guests.is_empty() => &mut entry.roles,
        HolderKind::Role => &mut entry.guest_roles,
        HolderKind::Account => &mut entry.accounts,
        HolderKind::Organization => &mut entry.organizations,
    };
    if !list.contains(&holder.name) {
        list.push(holder.name.clone());
    }
}

impl CallersToday {
    fn is_empty(&self) -> bool {
        let lists = [
            &self.groups,
            &self.roles,
            &self.guest_roles,
            &self.users,
            &self.accounts,
            &self.organizations,
            &self.undecided,
        ];
        lists.iter().all(|it| it.is_empty())
    }
}
