//! An account as it is today.

use jiff::Timestamp;

use super::callers::{self, CallersToday};
use super::groups::{self, GroupToday};
use super::types::{self, TypesToday};
use crate::audit::access::Estate;
use crate::audit::context::AccessView;
use crate::inventory::Inventory;

/// What a policy file would say of an account as it is today.
///
/// ```
/// use gatewatch::audit::proposal::Proposal;
/// use gatewatch::inventory::Inventory;
///
/// let text = std::fs::read_to_string("examples/access.inventory.json").unwrap();
/// let proposal = Proposal::new(&Inventory::from_json(&text).unwrap());
///
/// let mut entries = proposal.callers.iter().flatten();
/// assert!(entries.any(|it| it.groups.contains(&"readers".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The account's id.
    pub account: String,
    /// When the inventory was read.
    pub taken_at: Timestamp,
    /// The types besides `AWS_IAM` that methods have, with the APIs that have them.
    pub types: Vec<TypesToday>,
    /// The groups whose members may call, and what they carry for it. `None`: the IAM principals were not read.
    pub groups: Option<Vec<GroupToday>>,
    /// Who may call which APIs. `None`: the IAM principals were not read.
    pub callers: Option<Vec<CallersToday>>,
}

impl Proposal {
    /// What would be said of this inventory.
    pub fn new(inventory: &Inventory) -> Self {
        let access = Estate::new(inventory).map(AccessView::new);
        let callers = access
            .as_ref()
            .map(|it| callers::callers(inventory, &it.estate, it));
        let groups = access.as_ref().zip(callers.as_ref());
        Proposal {
            account: inventory.account.clone(),
            taken_at: inventory.taken_at,
            types: types::types(inventory),
            groups: groups.map(|(access, callers)| groups::groups(inventory, access, callers)),
            callers,
        }
    }
}
