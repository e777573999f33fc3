//! What is known of the places that the policies of a file name: its APIs, their stages, the account and the Region.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::partition_of;
use crate::template::options::{ACCOUNT, Options};
use crate::template::reading::Reading;
use crate::template::types::Bearing;

/// The places of one file.
#[derive(Debug)]
pub(in crate::template) struct Places {
    /// The APIs by the ids that they have in the inventory.
    pub(in crate::template) apis: BTreeMap<String, OfApi>,
    /// The names of stages, by the resources that make them.
    pub(in crate::template) stages: BTreeMap<String, String>,
    /// The APIs by the ids that AWS gave them.
    pub(in crate::template) by_id: BTreeMap<String, String>,
    /// Whether each API of the file that AWS has already is among these: another id is that of another API.
    pub(in crate::template) ids_are_told: bool,
    /// The account's id, where the file tells it.
    pub(in crate::template) account: Option<String>,
    /// The Regions of the APIs. `None`: one of them is not told.
    pub(in crate::template) regions: Option<BTreeSet<String>>,
    /// The Region that stands in for one that is not told.
    pub(super) stand_in: String,
    /// The partition, which is stood in for where the Regions are not told.
    pub(in crate::template) partition: String,
    /// The resources that have nothing to do with an API.
    pub(in crate::template) others: BTreeSet<String>,
}

/// What is known of an API.
#[derive(Debug, Default)]
pub(in crate::template) struct OfApi {
    /// Its stages. `None`: their names are not told.
    pub(in crate::template) stages: Option<Vec<String>>,
}

impl Places {
    /// The places of a file whose APIs are read.
    pub(in crate::template) fn of(reading: &Reading, options: &Options) -> Places {
        let mut regions = BTreeSet::new();
        let mut are_told = true;
        let mut apis = BTreeMap::new();
        for api in reading.apis.values() {
            match &api.region {
                Some(region) => {
                    regions.insert(region.clone());
                }
                None if options.region_is_known => {
                    regions.insert(options.region.clone());
                }
                None => are_told = false,
            }
            let is_doubtful = api
                .doubts
                .iter()
                .any(|(about, _)| *about == crate::template::Selected::Stage);
            let names = api.stages.iter().map(|it| it.name.clone());
            let names: Vec<String> = names.collect();
            let are_told = !is_doubtful && !names.is_empty() && !api.is_elsewhere;
            let stages = are_told.then_some(names);
            apis.insert(api.id.clone(), OfApi { stages });
        }
        let main = regions.first().unwrap_or(&options.region);
        let others = reading.named.iter();
        let others = others.filter(|(_, bearing)| **bearing == Bearing::Nothing);
        Places {
            stand_in: options.region.clone(),
            partition: partition_of(main).to_owned(),
            apis,
            stages: BTreeMap::new(),
            by_id: BTreeMap::new(),
            ids_are_told: false,
            account: None,
            regions: are_told.then_some(regions),
            others: others.map(|(id, _)| id.clone()).collect(),
        }
    }

    /// The ARN of a principal or a policy, such as `group/callers`.
    pub(in crate::template) fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{ACCOUNT}:{resource}", self.partition)
    }

    /// Whether the stages of an API, or of all where none is named, are told.
    pub(super) fn stages_are_told(&self, api: Option<&str>) -> bool {
        match api {
            Some(api) => self.apis.get(api).is_none_or(|it| it.stages.is_some()),
            None => self.apis.values().all(|it| it.stages.is_some()),
        }
    }

    /// The only stage of an API.
    pub(super) fn only_stage(&self, api: &str) -> Option<&str> {
        match self.apis.get(api)?.stages.as_deref() {
            Some([only]) => Some(only),
            _ => None,
        }
    }
}
