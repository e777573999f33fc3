//! Telling the owners what is theirs in each account of an organization: a digest for each owner and account.

use jiff::Timestamp;

use super::super::announce::OwnerTold;
use super::OrganizationError;
use super::announcer::Announcer;
use crate::aws::deliver::OrganizationOutlet;
use crate::aws::store::Memory;

impl<M: Memory, O: OrganizationOutlet> Announcer<'_, M, O> {
    /// Tells owners what is due to them in these accounts, each of which was read then. An account that cannot be judged
    /// again keeps no other from being told.
    pub(super) async fn tell_owners(
        &self,
        accounts: Vec<(String, Timestamp)>,
    ) -> Result<Vec<OwnerTold>, OrganizationError<O::Error>> {
        let mut told = Vec::new();
        let mut failed = Ok(());
        for (account, taken_at) in accounts {
            match self.tell_owners_of(&account, taken_at).await {
                Ok(more) => told.extend(more),
                Err(error) => failed = failed.and(Err(error)),
            }
        }
        failed.map(|()| told)
    }

    async fn tell_owners_of(
        &self,
        account: &str,
        taken_at: Timestamp,
    ) -> Result<Vec<OwnerTold>, OrganizationError<O::Error>> {
        // The digest about all accounts says so only of an account that it has changes of.
        let Some(report) = self.kept_report(account, taken_at).await? else {
            return Err(OrganizationError::Lost(account.to_owned()));
        };
        let failed = |cause| OrganizationError::Ledger {
            account: account.to_owned(),
            cause,
        };
        let mut ledger = self.opened(account, &report.scope).await.map_err(failed)?;
        let told = ledger.tell_owners(self.outlet, &report, self.settings, self.now);
        told.await.map_err(failed)
    }
}
