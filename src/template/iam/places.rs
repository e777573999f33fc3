//! What is known of the places that the policies of a file name: its APIs, their stages, the account and the Region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kind::Kind;
use crate::inventory::partition_of;
use crate::template::around::Around;
use crate::template::draft::ApiDraft;
use crate::template::laid::Identity;
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
    /// The ids of APIs that the account has, by those that the file gives them.
    known: BTreeMap<String, String>,
    /// The account that the file is laid over.
    pub(super) around: Option<Arc<Around>>,
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
        let (mut by_id, mut known) = (BTreeMap::new(), BTreeMap::new());
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
            let of_account = stages_of_account(api, options);
            let is_known = of_account.is_some();
            let names: Vec<String> = names.chain(of_account.unwrap_or_default()).collect();
            let are_told = !is_doubtful && !names.is_empty() && (is_known || !api.is_elsewhere);
            let stages = are_told.then_some(names);
            apis.insert(api.id.clone(), OfApi { stages });
            if let Some(Identity::Known { id, .. }) = &api.identity {
                by_id.insert(id.clone(), api.id.clone());
                known.insert(api.id.clone(), id.clone());
            }
        }
        let main = regions.first().unwrap_or(&options.region);
        let others = reading.named.iter();
        let others = others.filter(|(_, bearing)| **bearing == Bearing::Nothing);
        Places {
            stand_in: options.region.clone(),
            partition: partition_of(main).to_owned(),
            apis,
            stages: BTreeMap::new(),
            by_id,
            ids_are_told: options.around.is_some(),
            account: None,
            regions: are_told.then_some(regions),
            others: others.map(|(id, _)| id.clone()).collect(),
            known,
            around: options.around.clone(),
        }
    }

    /// The account's id, or what stands in for it.
    pub(super) fn own_account(&self) -> &str {
        let around = self.around.as_ref();
        around.map_or(ACCOUNT, |it| &it.inventory.account)
    }

    /// What a principal or a policy is called of which the file does not tell the name. Beside an account it must not be one that
    /// something else has there: a name has no spaces.
    pub(in crate::template) fn stand_in(&self, id: &str) -> String {
        match self.around {
            Some(_) => format!("{id} (new)"),
            None => id.to_owned(),
        }
    }

    /// The id that an API of the file has in the inventory.
    pub(super) fn id_of<'p>(&'p self, api: &'p str) -> &'p str {
        self.known.get(api).map_or(api, String::as_str)
    }

    /// The names and ARNs of the account's principals of a kind.
    fn of_account(&self, kind: Kind) -> Vec<(&str, &str)> {
        let Some(iam) = self.around.as_ref().and_then(|it| it.iam()) else {
            return Vec::new();
        };
        match kind {
            Kind::Group => iam.groups.iter().map(|it| (&*it.name, &*it.arn)).collect(),
            Kind::User => iam.users.iter().map(|it| (&*it.name, &*it.arn)).collect(),
            Kind::Role => iam.roles.iter().map(|it| (&*it.name, &*it.arn)).collect(),
        }
    }

    /// The ARN of a principal of the account, by its name, which is unique whatever the path and the case.
    pub(super) fn arn_of(&self, kind: Kind, name: &str) -> Option<&str> {
        let all = self.of_account(kind).into_iter();
        let mut so = all.filter(|(it, _)| it.eq_ignore_ascii_case(name));
        so.next().map(|(_, arn)| arn)
    }

    /// The name that CloudFormation made for a principal of the account, by its logical id.
    pub(super) fn generated(&self, kind: Kind, id: &str) -> Option<&str> {
        let names = self.of_account(kind).into_iter().map(|(name, _)| name);
        self.around.as_ref()?.generated(id, names)
    }

    /// The same for a managed policy.
    pub(super) fn generated_policy(&self, id: &str) -> Option<&str> {
        let around = self.around.as_ref()?;
        let policies = around.iam()?.policies.iter();
        around.generated(id, policies.map(|it| it.name.as_str()))
    }

    /// The ARN of a principal or a policy, such as `group/callers`.
    pub(in crate::template) fn iam_arn(&self, resource: &str) -> String {
        let account = self.own_account();
        format!("arn:{}:iam::{account}:{resource}", self.partition)
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

/// The stages that the account has of an API. `None`: it is not known to have the API.
fn stages_of_account(api: &ApiDraft, options: &Options) -> Option<Vec<String>> {
    let Some(Identity::Known { id, .. }) = &api.identity else {
        return None;
    };
    let region = api.region.as_deref().unwrap_or(&options.region);
    let mut all = options.around.as_ref()?.inventory.apis.iter();
    let known = all.find(|it| it.region == region && it.id == *id)?;
    let stages = known.stages.as_ref()?.iter();
    Some(stages.map(|it| it.name.clone()).collect())
}
