//! From AWS to the inventory. The only module beside `deliver` that names AWS SDK types.
//!
//! Every call has a time limit, every list is read to its end, and what fails becomes a gap at once.

mod connect;
mod domains;
mod export;
mod failure;
mod http;
mod iam;
mod known;
mod lambda;
mod nulls;
mod organization;
mod pace;
mod profile;
mod readable;
mod reading;
mod regions;
mod rest;
mod source;
mod tally;
mod whole;

pub use connect::{Clients, Connection, Identity, MemberRole, connect};
pub(crate) use failure::failure;
pub use failure::{Failure, in_full};
pub use lambda::{Variable, connect_in_lambda};
pub use organization::accounts;
pub use profile::ProfileError;
pub use reading::{Progress, Reading, requests_per_second};
pub use regions::enabled_regions;

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use jiff::Timestamp;

use source::Source;

use crate::model::{
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
    let source = Source::new(clients, region, reading);
    // All share the Region's pace; the slow reads of one do not hold back the others.
    let (rest, http, named) = futures_util::future::join3(
        rest::apis(&source, scope),
        http::apis(&source, scope),
        source.in_time(domains::domains(&source)),
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
            gaps.push(not_read_yet(GapKind::Domains).in_region(region));
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
    {
        let gaps = part.gaps.iter().filter(|gap| is_of_principals(gap));
        return (Some(iam.clone()), gaps.cloned().collect());
    }
    let (iam, gaps) = (reading.time().in_time(iam::iam(clients)))
        .await
        .unwrap_or_else(|| (None, vec![not_read_yet(GapKind::Iam)]));
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

/// The gap of what the run had no time for.
fn not_read_yet(kind: GapKind) -> Gap {
    let message = "the time of the run was up before this was read";
    Gap {
        reason: Reason::NotReadYet,
        ..Gap::malformed(kind, message.to_owned())
    }
}

/// Regions read at once: nearly all that there are, as each has a limit of its own.
const REGIONS_AT_ONCE: usize = 32;

/// APIs of one family and Region read at once, at the pace that they share. So many that the pace is the
/// limit, and so few that they end one after the other: a run out of time has whole APIs then.
const AT_ONCE: usize = 16;

/// One page of a list, and where the list goes on.
type Page<T> = (Option<Vec<T>>, Option<String>);

/// Reads a list to its end, page by page. `page` asks for the one that begins at a place.
///
/// A list that names a place again would never end: it is malformed.
async fn pages<T>(
    operation: &'static str,
    mut page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut place = None;
    loop {
        let (items, next) = page(place).await?;
        all.extend(items.unwrap_or_default());
        let next = next.filter(|next| !next.is_empty());
        match next {
            None => return Ok(all),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(Failure {
                    operation,
                    reason: Reason::Malformed,
                    message: "the list goes on where it was already".to_owned(),
                });
            }
            next => place = next,
        }
    }
}

/// The APIs of one family that a list names and that were asked for.
struct Listed {
    /// As the list shows them.
    apis: Vec<Api>,
    /// What the list names in a form that is not understood; or that there is no list.
    gaps: Vec<Gap>,
}

/// Reads the list of one family. `translate` tells an API from what the list shows of it.
async fn listed<T>(
    source: &Source<'_>,
    wanted: &[String],
    list: impl Future<Output = Result<Vec<T>, Failure>>,
    translate: impl Fn(&str, T) -> Result<Api, Failure>,
) -> Listed {
    let region = &source.region;
    let mut listed = Listed {
        apis: Vec::new(),
        gaps: Vec::new(),
    };
    match source.in_time(list).await {
        Some(Ok(all)) => {
            for api in all {
                match translate(region, api) {
                    Ok(api) if is_wanted(wanted, &api.id, &api.name) => listed.apis.push(api),
                    Ok(_) => {}
                    Err(failure) => {
                        let gap = failure.gap(GapKind::Region).in_region(region);
                        listed.gaps.push(gap);
                    }
                }
            }
        }
        Some(Err(failure)) => {
            let gap = failure.gap(GapKind::Region).in_region(region);
            listed.gaps.push(gap);
        }
        None => listed
            .gaps
            .push(not_read_yet(GapKind::Region).in_region(region)),
    }
    source.progress.add_listed(listed.apis.len());
    listed
}

/// An id or a name, where the answer has one. The SDK reads one that should be there and is missing as an empty
/// text.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Whether an API is one of those asked for. An empty list asks for all.
fn is_wanted(wanted: &[String], id: &str, name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == id || wanted == name)
}

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
