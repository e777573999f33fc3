//! An API on both sides.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::Which;
use super::side::At;
use crate::audit::finding::{ApiRef, Place};
use crate::inventory::{Api, Inventory, Stage};

/// What one API is on both sides.
pub(super) struct Pair<'a> {
    pub(super) account: &'a str,
    pub(super) before: Option<&'a Api>,
    pub(super) after: Option<&'a Api>,
}

/// A stage of an API on one side. `None`: it is not there.
pub(super) type StageOf<'a> = Option<(&'a Api, &'a Stage)>;

impl<'a> Pair<'a> {
    /// The API, as the later side has it, where it does.
    pub(super) fn api(&self) -> Option<&'a Api> {
        self.after.or(self.before)
    }

    pub(super) fn of(&self, side: Which) -> Option<&'a Api> {
        match side {
            Which::Before => self.before,
            Which::After => self.after,
        }
    }

    pub(super) fn place(&self, api: &Api) -> Place {
        Place {
            region: Some(api.region.as_str().into()),
            api: Some(Arc::new(ApiRef::from(api))),
            ..Place::of_account(self.account)
        }
    }
}

/// Every API of either side.
pub(super) fn pairs<'a>(before: &'a Inventory, after: &'a Inventory) -> Vec<Pair<'a>> {
    let mut pairs: BTreeMap<(&str, &str), [Option<&Api>; 2]> = BTreeMap::new();
    for (number, inventory) in [before, after].into_iter().enumerate() {
        for api in &inventory.apis {
            let pair = pairs.entry((&api.region, &api.id)).or_default();
            if let Some(slot) = pair.get_mut(number) {
                *slot = Some(api);
            }
        }
    }
    let each = pairs.into_values().map(|[earlier, later]| Pair {
        account: &before.account,
        before: earlier,
        after: later,
    });
    each.collect()
}

pub(super) fn at<'a>(api: &'a Api, stage: Option<&'a str>) -> At<'a> {
    At {
        region: &api.region,
        id: &api.id,
        name: &api.name,
        stage,
    }
}

pub(super) fn in_words(api: &Api) -> String {
    format!("API {}, {}", ApiRef::from(api).in_words(), api.region)
}

pub(super) fn stage_of<'a>(api: Option<&'a Api>, name: &str) -> Option<&'a Stage> {
    let mut stages = api?.stages.iter().flatten();
    stages.find(|it| it.name == name)
}
