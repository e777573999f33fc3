//! From AWS to the inventory.
//!
//! - In: clients, a scope, and what an earlier run read.
//! - Out: an [`Inventory`]. Every call has a time limit, every list is read to its end, and
//!   what fails becomes a gap where it failed.
//! - Not known here: the policy file and the rules.

mod authorizers;
mod control_plane;
mod domains;
mod entries;
mod export;
mod frozen;
mod http;
mod iam;
mod interrupt;
mod known;
mod organization;
mod pages;
mod reading;
mod regions;
mod rest;
mod routes;
mod stages;
mod trial;

pub(in crate::aws) use frozen::{frozen_by, routed};
pub use interrupt::Interrupt;
pub use organization::accounts;
pub use reading::{Progress, Reading, requests_per_second};
pub use regions::{enabled_regions, listed_regions};
pub use trial::{Trial, Tried, try_principals, try_region};

use futures_util::StreamExt as _;
use jiff::Timestamp;

use control_plane::ControlPlane;
use pages::is_wanted;

use crate::aws::client::{Clients, Identity};
use crate::inventory::{
    Api, CustomDomain, Gap, GapKind, Iam, Inventory, KNOWN_REGIONS, Reason, SCHEMA_VERSION, Scope,
};

/// Reads an account: the APIs of the Regions in scope, its IAM principals. All that fails is a gap.
///
/// What goes on with an unfinished inventory is as old as that one: its time of reading is when the first
/// run began.
pub async fn inventory_of(
    clients: &Clients,
    identity: Identity,
    scope: Scope,
    reading: &Reading,
    now: Timestamp,
) -> Inventory {
    // Each Region has a limit of its own, and IAM yet another: none waits for the others.
    let regions = scope
        .regions
        .iter()
        .map(|it| of_region(clients, it, &scope, reading));
    let regions = futures_util::stream::iter(regions)
        .buffered(REGIONS_AT_ONCE)
        .collect::<Vec<_>>();
    let principals = principals(clients, reading);
    let (regions, (iam, missing)) = futures_util::future::join(regions, principals).await;
    let mut apis = Vec::new();
    let mut gaps = reading.gaps.clone();
    // `None` only where no Region's were read. Which others were not is said by the gaps.
    let mut domains: Option<Vec<CustomDomain>> = None;
    for region in regions {
        apis.extend(region.apis);
        gaps.extend(region.gaps);
        if let Some(own) = region.domains {
            domains.get_or_insert_default().extend(own);
        }
    }
    gaps.extend(unmet(&scope, &apis, &gaps));
    gaps.extend(missing);
    apis.sort_by(|one, other| (&one.region, &one.id).cmp(&(&other.region, &other.id)));
    gaps.sort();
    Inventory {
        schema_version: SCHEMA_VERSION,
        account: identity.account,
        partition: identity.partition,
        taken_at: reading.part.as_ref().map_or(now, |part| part.taken_at),
        scope,
        apis,
        domains,
        iam,
        gaps,
    }
}

/// What was read of one Region.
struct OfRegion {
    apis: Vec<Api>,
    /// `None`: they could not be read.
    domains: Option<Vec<CustomDomain>>,
    gaps: Vec<Gap>,
}

async fn of_region(clients: &Clients, region: &str, scope: &Scope, reading: &Reading) -> OfRegion {
    let plane = ControlPlane::new(clients, region, reading);
    // All share the Region's pace; the slow reads of one do not hold back the others.
    let (rest, http, named) = futures_util::future::join3(
        rest::apis(&plane, scope),
        http::apis(&plane, scope),
        domains::in_time(&plane),
    )
    .await;
    let (mut apis, mut gaps) = rest;
    apis.extend(http.0);
    gaps.extend(http.1);
    tracing::info!(
        region,
        apis = apis.len(),
        gaps = gaps.len(),
        "read the APIs"
    );
    if apis.is_empty() && gaps.is_empty() && scope.apis.is_empty() {
        gaps.extend(doubtful(region));
    }
    let domains = match named {
        Some(Ok((domains, missing))) => {
            gaps.extend(missing);
            Some(domains)
        }
        Some(Err(failure)) => {
            gaps.push(failure.gap(GapKind::Domains).in_region(region));
            None
        }
        None => {
            gaps.push(plane.not_read_yet(GapKind::Domains).in_region(region));
            None
        }
    };
    OfRegion {
        apis,
        domains,
        gaps,
    }
}

/// The account's principals, as an unfinished run read them, or as they are now.
async fn principals(clients: &Clients, reading: &Reading) -> (Option<Iam>, Vec<Gap>) {
    if let Some(part) = &reading.part
        && let Some(iam) = &part.iam
        && !iam.lacks_trust_policies()
    {
        let gaps = part.gaps.iter().filter(|gap| is_of_principals(gap));
        return (Some(iam.clone()), gaps.cloned().collect());
    }
    let time = reading.time();
    let read = time.in_time(iam::iam(clients)).await;
    let (iam, gaps) = read.unwrap_or_else(|| (None, vec![time.not_read_yet(GapKind::Iam)]));
    tracing::info!(
        read = iam.is_some(),
        gaps = gaps.len(),
        "read the IAM principals"
    );
    (iam, gaps)
}

/// An earlier inventory with the principals as they are now.
pub async fn with_principals(clients: &Clients, earlier: Inventory, now: Timestamp) -> Inventory {
    let (iam, missing) = iam::iam(clients).await;
    let mut gaps = earlier.gaps;
    gaps.retain(|gap| !is_of_principals(gap));
    gaps.extend(missing);
    gaps.sort();
    Inventory {
        taken_at: now,
        iam,
        gaps,
        ..earlier
    }
}

fn is_of_principals(gap: &Gap) -> bool {
    matches!(gap.kind, GapKind::Iam | GapKind::PolicyDocument)
}

/// Regions read at once: nearly all that there are, as each has a limit of its own.
const REGIONS_AT_ONCE: usize = 32;

/// A Region without an API whose name nobody knows: it is mistyped rather than clean.
fn doubtful(region: &str) -> Option<Gap> {
    if KNOWN_REGIONS.binary_search(&region).is_ok() {
        return None;
    }
    let message = format!("there is no API, and no Region {region} is known here: is it mistyped?");
    let gap = Gap {
        reason: Reason::NotFound,
        ..Gap::malformed(GapKind::Region, message)
    };
    Some(gap.in_region(region))
}

/// APIs that were asked for and are in none of the Regions: a mistyped id must not look clean.
fn unmet(scope: &Scope, apis: &[Api], gaps: &[Gap]) -> Vec<Gap> {
    // Where a Region could not be listed, that is the gap.
    if gaps.iter().any(|gap| gap.kind == GapKind::Region) {
        return Vec::new();
    }
    let wanted = scope.apis.iter();
    let unmet = wanted.filter(|wanted| {
        !apis
            .iter()
            .any(|api| is_wanted(std::slice::from_ref(*wanted), &api.id, &api.name))
    });
    unmet
        .map(|wanted| {
            let message = format!("no API of this id or name in {}", scope.regions.join(", "));
            Gap {
                api: Some(wanted.clone()),
                region: match scope.regions.as_slice() {
                    [one] => Some(one.clone()),
                    _ => None,
                },
                reason: Reason::NotFound,
                ..Gap::malformed(GapKind::Api, message)
            }
        })
        .collect()
}
