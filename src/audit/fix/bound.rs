//! The state that a plan is made from.

use sha2::{Digest, Sha256};

use crate::audit::fix::step::{Action, Step};
use crate::inventory::{Inventory, quoted};

/// A part of the state that a plan is made from: where it changes, the plan does not hold any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// The part, in words.
    pub what: String,
    /// SHA-256 of what was read of it, as the inventory writes it in JSON: 64 hexadecimal digits.
    pub sha256: String,
}

/// The APIs, with their drafts, stages and deployments, and the groups that steps change.
///
/// # Errors
/// Where one cannot be written as JSON.
pub(super) fn bound_to(
    inventory: &Inventory,
    steps: &[Step],
) -> Result<Vec<Bound>, serde_json::Error> {
    let actions = || steps.iter().map(|it| &it.action);
    let is_changed = |region: &str, id: &str| {
        actions().any(|it| match it {
            Action::SetAuthorization {
                region: of, api, ..
            }
            | Action::Deploy {
                region: of, api, ..
            } => of == region && api == id,
            Action::PutGroupPolicy { .. } | Action::AttachGroupPolicy { .. } => false,
        })
    };
    let is_granted = |name: &str| {
        actions().any(|it| match it {
            Action::PutGroupPolicy { group, .. } | Action::AttachGroupPolicy { group, .. } => {
                group == name
            }
            Action::SetAuthorization { .. } | Action::Deploy { .. } => false,
        })
    };
    let mut bound = Vec::new();
    for api in inventory
        .apis
        .iter()
        .filter(|it| is_changed(&it.region, &it.id))
    {
        bound.push(Bound {
            what: format!("API {}, {}", api.id, api.region),
            sha256: hash(&serde_json::to_vec(api)?),
        });
    }
    let groups = inventory.iam.iter().flat_map(|it| &it.groups);
    for group in groups.filter(|it| is_granted(&it.name)) {
        bound.push(Bound {
            what: format!("group {}", quoted(&group.name)),
            sha256: hash(&serde_json::to_vec(group)?),
        });
    }
    Ok(bound)
}

fn hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
