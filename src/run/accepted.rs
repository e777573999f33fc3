//! Findings that end because somebody edited the policy file, not because somebody mended something.

use std::collections::BTreeMap;

use super::kept::text;
use super::ledger::{Ledger, LedgerError};
use super::still::Still;
use crate::audit::Report;
use crate::audit::method::{MethodKey, acceptances, answers_for};
use crate::audit::rules::{Concern, concern};
use crate::aws::store::Memory;
use crate::inventory::served::ServedMethods;
use crate::inventory::{ANY, Inventory};
use crate::ledger::{Accepted, Entry, Matters, Spot, judged_otherwise, missing};
use crate::policy_file::PolicyFile;

impl<M: Memory> Ledger<'_, M> {
    /// The findings that a run did not make and that nobody mended: the policy file was edited, and the policy files by
    /// which they were last made still make them of what the run read; or the same policy file accepts them now, because
    /// the API has another name, other tags or another exposure; or the method is gone, and an open route answers its
    /// requests.
    ///
    /// # Errors
    /// [`LedgerError`], where a kept policy file could not be read.
    pub async fn accepted(
        &self,
        report: &Report,
        inventory: &Inventory,
        policy: &PolicyFile,
    ) -> Result<Accepted, LedgerError> {
        let missing = missing(&self.books, report);
        let judged = judged_otherwise(&missing, report);
        let mut accepted = Accepted::among(judged.values().flatten().map(|it| it.id.clone()));
        let how = if missing.is_empty() {
            BTreeMap::new()
        } else {
            acceptances(inventory, policy)
        };
        let said = Said(how);
        for (name, entries) in judged {
            let earlier = policy_of(self, name, (report, policy)).await?;
            let asked = Matters::of(entries.iter().copied());
            let still = earlier.map(|it| Still::of(&self.books, inventory, &it, (report, &asked)));
            for entry in entries {
                if still.as_ref().is_none_or(|it| it.has(entry)) {
                    let words = in_words(entry, still.is_some(), &said);
                    accepted.add(entry.id.clone(), words, still.is_some());
                }
            }
        }
        self.add_what_still_holds(&mut accepted, &missing, &said, (report, inventory));
        let run = (report, inventory, policy);
        self.add_what_was_opened(&mut accepted, &missing, run, &said)
            .await?;
        let mut stages = Stages::default();
        for entry in missing {
            let routes = stages.left_to(entry, inventory);
            if routes.is_empty() {
                continue;
            }
            let names = routes.iter().filter_map(Spot::subject);
            let names: Vec<String> = names.collect();
            let words = format!(
                "the method is gone, and its requests may be answered by {}, open and accepted",
                names.join(", ")
            );
            accepted.leave_to(entry.id.clone(), routes, words);
        }
        Ok(accepted)
    }

    /// Adds the findings of which nothing was mended: whichever policy file made them, what they said of the method still
    /// holds. The API may have another name, other tags or another exposure, by which the policy file accepts it.
    fn add_what_still_holds(
        &self,
        accepted: &mut Accepted,
        missing: &[&Entry],
        said: &Said<'_>,
        (report, inventory): (&Report, &Inventory),
    ) {
        let about_methods = missing.iter().copied();
        let about_methods = about_methods.filter(|it| concern(&it.rule) == Concern::Authorization);
        let about_methods: Vec<&Entry> = about_methods.collect();
        if about_methods.is_empty() {
            return;
        }
        let asked = Matters::of(about_methods.iter().copied());
        let policy = PolicyFile::of_iam_alone();
        let still = Still::of(&self.books, inventory, &policy, (report, &asked));
        for entry in about_methods.into_iter().filter(|it| still.holds(it)) {
            accepted.add_if_none(&entry.id, said.of(&entry.place));
        }
    }

    /// A policy file by which findings were made. `None`: it is not kept, or this gatewatch does not understand it.
    async fn policy_file(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Option<PolicyFile>, LedgerError> {
        let key = policy_key(account, name);
        let text = text(self.memory, &key, self.memory.read(&key).await?)?;
        Ok(text.and_then(|it| PolicyFile::from_yaml("the earlier policy file", &it).ok()))
    }

    /// Keeps the policy file by which a run judged, for a later run that has another one.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_policy(&self, account: &str, policy: &PolicyFile) -> Result<(), LedgerError> {
        let key = policy_key(account, &policy.name());
        // Without a policy file there is no text. An empty file is not valid, and this one says the same.
        let text = match policy.text.as_str() {
            "" => "version: 1\n",
            text => text,
        };
        if self.memory.read(&key).await?.is_none() {
            self.memory.replace(&key, text).await?;
        }
        Ok(())
    }
}

/// How the policy file accepts methods, in words.
pub(super) struct Said<'i>(BTreeMap<MethodKey<'i>, String>);

impl Said<'_> {
    /// How it accepts the method of a place.
    pub(super) fn of(&self, place: &Spot) -> String {
        self.known(place)
            .unwrap_or_else(|| "the policy file accepts it as it is".to_owned())
    }

    /// `None`: no entry of it decides.
    fn known(&self, place: &Spot) -> Option<String> {
        method_key(place).and_then(|key| self.0.get(&key).cloned())
    }
}

/// The policy file by which findings were last made, by its name. `None`: it is not kept, or this gatewatch does not
/// understand it.
pub(super) async fn policy_of<M: Memory>(
    ledger: &Ledger<'_, M>,
    name: Option<&str>,
    (report, policy): (&Report, &PolicyFile),
) -> Result<Option<PolicyFile>, LedgerError> {
    match name {
        Some(name) if name == report.judged_by => Ok(Some(policy.clone())),
        Some(name) => ledger.policy_file(&report.account, name).await,
        // An older gatewatch made the finding and did not note by which policy file. The default one, which demands
        // authorization of every method, stands for it.
        None => Ok(Some(PolicyFile::default())),
    }
}

/// What stages serve, put together once for all findings of a stage: `None`, where the run knows no such stage.
#[derive(Default)]
struct Stages<'i>(BTreeMap<(&'i str, &'i str, &'i str), Option<ServedMethods<'i>>>);

impl<'i> Stages<'i> {
    /// The open routes that may answer the requests of an entry's method, where no deployment of the stage has it any
    /// more.
    fn left_to(&mut self, entry: &'i Entry, inventory: &'i Inventory) -> Vec<Spot> {
        let Some((region, api, stage, verb, path)) = method_key(&entry.place) else {
            return Vec::new();
        };
        let served = self.0.entry((region, api, stage));
        let served = served.or_insert_with(|| {
            let mut apis = inventory.apis.iter();
            let api = apis.find(|it| it.region == region && it.id == api)?;
            let mut stages = api.stages.iter().flatten();
            let stage = stages.find(|it| it.name == stage)?;
            Some(ServedMethods::of(api, stage))
        });
        let routes = served.iter().flat_map(|it| answers_for(it, verb, path));
        let spots = routes.map(|route| {
            let has_path = route.path.starts_with('/');
            Spot {
                verb: has_path.then(|| route.verb.into()),
                path: has_path.then(|| route.path.into()),
                route_key: route.route_key.map(Into::into),
                ..entry.place.clone()
            }
        });
        spots.collect()
    }
}

/// How the policy file accepts a finding. `is_known`: whether the earlier policy file is there to judge by.
fn in_words(entry: &Entry, is_known: bool, said: &Said<'_>) -> String {
    if !is_known {
        return "the policy file has been edited, and what it said before is not known".to_owned();
    }
    said.known(&entry.place)
        .unwrap_or_else(|| "the policy file no longer demands otherwise".to_owned())
}

/// Where a policy file by which findings of an account were made is kept.
fn policy_key(account: &str, name: &str) -> String {
    format!("ledger/{account}/policies/{name}.yaml")
}

/// The place of a method, as the policy file is asked about it.
fn method_key(place: &Spot) -> Option<MethodKey<'_>> {
    let api = place.api.as_ref()?;
    let (verb, path) = match (&place.verb, &place.path, &place.route_key) {
        (Some(verb), Some(path), _) => (verb.as_str(), path.as_str()),
        (_, _, Some(route)) => (ANY, route.as_str()),
        _ => return None,
    };
    let region = place.region.as_deref()?;
    Some((region, &api.id, place.stage.as_deref()?, verb, path))
}
