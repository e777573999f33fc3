//! The authorization types that methods have today.

use std::collections::{BTreeMap, BTreeSet};

use super::apis::{ApiToday, ApisToday, has_ambiguous_id};
use crate::inventory::{Api, AuthorizationType, Inventory};

/// APIs whose methods have the same types besides `AWS_IAM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypesToday {
    /// The APIs.
    pub of: ApisToday,
    /// The types, in the order of messages. `NONE` is never among them, nor is a type that this version does not know.
    pub types: Vec<AuthorizationType>,
}

/// The types of each API: those that a stage serves, and those of the draft, which the next deployment serves.
pub(super) fn types(inventory: &Inventory) -> Vec<TypesToday> {
    let is_ambiguous = has_ambiguous_id(inventory);
    let mut all: BTreeMap<(Option<&str>, Vec<AuthorizationType>), Vec<ApiToday>> = BTreeMap::new();
    for api in &inventory.apis {
        let types = of_api(api);
        if types.is_empty() {
            continue;
        }
        let region = is_ambiguous.then_some(api.region.as_str());
        all.entry((region, types)).or_default().push(api.into());
    }
    let each = all.into_iter().map(|((region, types), apis)| TypesToday {
        of: ApisToday {
            region: region.map(str::to_owned),
            apis,
        },
        types,
    });
    each.collect()
}

fn of_api(api: &Api) -> Vec<AuthorizationType> {
    let deployed = api.deployments.iter().flat_map(|it| &it.methods).flatten();
    let deployed = deployed.filter_map(|it| it.authorization.as_ref());
    let draft = api.draft.iter().flatten();
    let draft = draft.filter_map(|it| it.authorization.as_ref());
    let types: BTreeSet<&AuthorizationType> = deployed.chain(draft).collect();
    let besides = AuthorizationType::KNOWN.into_iter().filter(|it| {
        !matches!(it, AuthorizationType::None | AuthorizationType::AwsIam) && types.contains(it)
    });
    besides.collect()
}
