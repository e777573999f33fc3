//! Whose the APIs of a report are, by the policy file: who gets a digest of their own, and of what.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Place;
use super::method::stage_place;
use crate::inventory::Inventory;
use crate::policy_file::{PolicyFile, Recipient};

/// The owners that the policy file names, and what is theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    /// Their topics, each once.
    pub recipients: BTreeSet<Recipient>,
    /// The topics of those to whom the whole account belongs.
    of_account: BTreeSet<String>,
    /// The topics of those to whom an API belongs, by its Region and its id. APIs of nobody are missing.
    of_apis: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Owners {
    /// The owners of an account and of its APIs.
    pub(super) fn of(inventory: &Inventory, policy: &PolicyFile) -> Self {
        let mut owners = Owners {
            recipients: policy
                .notify
                .iter()
                .map(|it| it.recipient.clone())
                .collect(),
            ..Owners::default()
        };
        let entries = policy.notify.iter();
        for entry in entries.filter(|it| it.meets_account(&inventory.account)) {
            let topic = &entry.recipient.topic;
            if entry.is_of_account() {
                owners.of_account.insert(topic.clone());
                continue;
            }
            let theirs = inventory.apis.iter();
            for api in theirs.filter(|it| entry.meets(stage_place(it, ""))) {
                let of_region = owners.of_apis.entry(api.region.clone()).or_default();
                let topics = of_region.entry(api.id.clone()).or_default();
                topics.insert(topic.clone());
            }
        }
        owners
    }

    /// The topics of those to whom something belongs that lies in this Region and API, if it lies in any.
    pub fn topics<'o>(
        &'o self,
        region: Option<&str>,
        api: Option<&str>,
    ) -> impl Iterator<Item = &'o str> + use<'o> {
        let of_region = region.and_then(|it| self.of_apis.get(it));
        let of_api = of_region.zip(api).and_then(|(all, id)| all.get(id));
        let of_api = of_api.into_iter().flatten();
        of_api.chain(&self.of_account).map(String::as_str)
    }

    /// The topics of those to whom the API of a place belongs, or the account.
    pub fn topics_at<'o>(&'o self, place: &Place) -> impl Iterator<Item = &'o str> + use<'o> {
        let api = place.api.as_ref().map(|it| it.id.as_str());
        self.topics(place.region.as_deref(), api)
    }

    pub(super) fn has(&self, topic: &str, region: Option<&str>, api: Option<&str>) -> bool {
        self.topics(region, api).any(|it| it == topic)
    }
}
