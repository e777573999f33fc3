//! Lists, page by page, and what they name.

use std::collections::BTreeSet;

use super::control_plane::ControlPlane;
use crate::aws::client::{Failure, given};
use crate::inventory::{Api, Gap, GapKind, Reason};

/// The gap of what the run had no time for.
pub(super) fn not_read_yet(kind: GapKind) -> Gap {
    let message = "the time of the run was up before this was read";
    Gap {
        reason: Reason::NotReadYet,
        ..Gap::malformed(kind, message.to_owned())
    }
}

/// APIs of one family and Region read at once, at the pace that they share. So many that the pace is the
/// limit, and so few that they end one after the other: a run out of time has whole APIs then.
pub(super) const AT_ONCE: usize = 16;

/// One page of a list, and where the list goes on.
pub(super) type Page<T> = (Option<Vec<T>>, Option<String>);

/// The most pages of a list: far more than any account has, and read in some minutes.
const MOST_PAGES: usize = 1_000;

/// Reads a list to its end, page by page. `page` asks for the one that begins at a place.
///
/// A page without its list has no items, as the services may leave out an empty list: an answer that was cut short, or
/// that holds something else, is refused before it gets here. A list that names a place again would never end, nor would
/// one that always names a new one: either is malformed.
pub(super) async fn pages<T>(
    operation: &'static str,
    page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    at_most(MOST_PAGES, operation, page).await
}

/// The same, where a list may have more or fewer pages than others.
pub(super) async fn at_most<T>(
    most: usize,
    operation: &'static str,
    mut page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut place = None;
    for _ in 0..most {
        let (items, next) = page(place).await?;
        all.extend(items.unwrap_or_default());
        match given(next) {
            None => return Ok(all),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(Failure::malformed(
                    operation,
                    "the list goes on where it was already",
                ));
            }
            next => place = next,
        }
    }
    let message = format!("the list does not end after {most} pages");
    Err(Failure::malformed(operation, message))
}

/// The APIs of one family that a list names and that were asked for.
pub(super) struct Listed {
    /// As the list shows them.
    pub(super) apis: Vec<Api>,
    /// What the list names in a form that is not understood; or that there is no list.
    pub(super) gaps: Vec<Gap>,
}

/// Reads the list of one family. `translate` tells an API from what the list shows of it.
pub(super) async fn listed<T>(
    plane: &ControlPlane<'_>,
    wanted: &[String],
    list: impl Future<Output = Result<Vec<T>, Failure>>,
    translate: impl Fn(&str, T) -> Result<Api, Failure>,
) -> Listed {
    let region = &plane.region;
    let mut listed = Listed {
        apis: Vec::new(),
        gaps: Vec::new(),
    };
    match plane.in_time(list).await {
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
    plane.progress.add_listed(listed.apis.len());
    listed
}

/// Whether an API is one of those asked for. An empty list asks for all.
pub(super) fn is_wanted(wanted: &[String], id: &str, name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == id || wanted == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_that_never_ends_is_malformed() {
        let mut asked = 0;
        let page = async |_| {
            asked += 1;
            Ok((Some(vec![asked]), Some(asked.to_string())))
        };
        let failure = pages("apigateway:GetRestApis", page).await.unwrap_err();
        assert_eq!(failure.message, "the list does not end after 1000 pages");
        let page = async |_| Ok((Some(vec![1]), Some("again".to_owned())));
        let failure = pages("apigateway:GetRestApis", page).await.unwrap_err();
        assert_eq!(failure.message, "the list goes on where it was already");
    }
}
