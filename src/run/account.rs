//! An account that a run reads.

use jiff::Timestamp;

use crate::aws::client::{Clients, Identity};
use crate::aws::collect::{self, Reading};
use crate::inventory::{Inventory, Scope};

/// An account that a run reads. [`Live`] is one in AWS.
pub trait Account: Sync {
    /// The account's id.
    fn id(&self) -> &str;

    /// Reads the APIs of the Regions in scope, and the IAM principals. All that cannot be read is a gap.
    fn inventory(
        &self,
        scope: Scope,
        reading: &Reading,
        now: Timestamp,
    ) -> impl Future<Output = Inventory>;

    /// Reads the IAM principals again, and takes the APIs from an earlier inventory.
    fn with_principals(
        &self,
        earlier: Inventory,
        now: Timestamp,
    ) -> impl Future<Output = Inventory>;
}

/// An account in AWS.
#[derive(Debug, Clone)]
pub struct Live {
    /// Sign their requests with credentials of the account.
    pub clients: Clients,
    /// Whose credentials those are.
    pub identity: Identity,
}

impl Account for Live {
    fn id(&self) -> &str {
        &self.identity.account
    }

    async fn inventory(&self, scope: Scope, reading: &Reading, now: Timestamp) -> Inventory {
        let identity = self.identity.clone();
        collect::inventory_of(&self.clients, identity, scope, reading, now).await
    }

    async fn with_principals(&self, earlier: Inventory, now: Timestamp) -> Inventory {
        collect::with_principals(&self.clients, earlier, now).await
    }
}
