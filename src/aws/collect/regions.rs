//! Which Regions an account has enabled.
//!
//! Source: [ListRegions](https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html).

use aws_sdk_account::types::RegionOptStatus;

use crate::aws::client::{Clients, Failure, Identity, failure, given, pages};
use crate::inventory::{Gap, GapKind, regions_by_default};

const OPERATION: &str = "account:ListRegions";

/// The most entries of a page.
const PAGE: i32 = 50;

/// The Regions that an account has enabled, in order. Where they cannot be listed, those that every account
/// has, and a gap: what lies in the others is not known.
pub async fn enabled_regions(clients: &Clients, identity: &Identity) -> (Vec<String>, Vec<Gap>) {
    match listed_regions(clients, identity).await {
        Ok(listed) => (listed, Vec::new()),
        Err(failure) => {
            let why = format!(
                "{}; those were read that every account has",
                failure.message
            );
            let failure = Failure {
                message: why,
                ..failure
            };
            let by_default = regions_by_default(&identity.partition);
            (by_default, vec![failure.gap(GapKind::Regions)])
        }
    }
}

/// The Regions that an account has enabled, in order.
///
/// Only in the partition `aws` can an account enable Regions. In the others it has them all, and nothing is asked.
///
/// # Errors
/// Where they cannot be listed to the end, or the list has none.
pub async fn listed_regions(
    clients: &Clients,
    identity: &Identity,
) -> Result<Vec<String>, Failure> {
    if identity.partition != "aws" {
        return Ok(regions_by_default(&identity.partition));
    }
    let mut listed = list(clients).await?;
    listed.sort();
    listed.dedup();
    if listed.is_empty() {
        return Err(Failure::malformed(OPERATION, "the answer names no Region"));
    }
    Ok(listed)
}

async fn list(clients: &Clients) -> Result<Vec<String>, Failure> {
    let client = clients.account();
    let page = async |token| {
        let answer = client
            .list_regions()
            .region_opt_status_contains(RegionOptStatus::Enabled)
            .region_opt_status_contains(RegionOptStatus::EnabledByDefault)
            // Until it is over, APIs there may still answer.
            .region_opt_status_contains(RegionOptStatus::Disabling)
            .max_results(PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.regions, answer.next_token))
    };
    let regions = pages(OPERATION, page).await?.into_iter();
    let names = regions.map(|it| {
        given(it.region_name)
            .ok_or_else(|| Failure::malformed(OPERATION, "the list has a Region without a name"))
    });
    names.collect()
}
