//! How the policy file accepts methods that are not as it demands by default.

use std::collections::BTreeMap;

use super::stage::StageView;
use super::view::MethodView;
use crate::audit::exposure::DomainNames;
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;

/// The place of a method: its Region, the id of its API, its stage, its verb and its path.
pub type MethodKey<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// How the policy file accepts each method where an entry of it decides, in words.
pub fn acceptances<'a>(
    inventory: &'a Inventory,
    policy: &'a PolicyFile,
) -> BTreeMap<MethodKey<'a>, String> {
    let names = DomainNames::new(inventory);
    let mut acceptances = BTreeMap::new();
    for api in &inventory.apis {
        for stage in api.stages.iter().flatten() {
            let view = StageView::new(inventory, policy, &names, api, stage);
            for method in MethodView::of_stage(&view) {
                let preflight = method.accepted_preflight();
                let how = preflight.or_else(|| {
                    let line = method.deciding_line()?;
                    Some(format!("line {line} of the policy file accepts it"))
                });
                if let Some(how) = how {
                    let key = (
                        api.region.as_str(),
                        api.id.as_str(),
                        stage.name.as_str(),
                        method.verb,
                        method.path,
                    );
                    acceptances.insert(key, how);
                }
            }
        }
    }
    acceptances
}
