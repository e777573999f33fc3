//! What the lists of APIs name.

use super::control_plane::ControlPlane;
use crate::aws::client::Failure;
use crate::inventory::{Api, Gap, GapKind};

/// APIs of one family and Region read at once, at the pace that they share. So many that the pace is the
/// limit, and so few that they end one after the other: a run out of time has whole APIs then.
pub(super) const AT_ONCE: usize = 16;

/// The APIs of one family that a list names and that were asked for.
pub(super) struct Listed {
    /// As the list shows them.
    pub(super) apis: Vec<Api>,
    /// What the list names in a form that is not understood; or that there is no list.
    pub(super) gaps: Vec<Gap>,
    /// Whether there was no time for the list.
    pub(super) is_cut_off: bool,
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
        is_cut_off: false,
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
        None => {
            let gap = plane.not_read_yet(GapKind::Region).in_region(region);
            listed.gaps.push(gap);
            listed.is_cut_off = true;
        }
    }
    plane.progress.add_listed(listed.apis.len());
    listed
}

/// Whether an API is one of those asked for. An empty list asks for all.
pub(super) fn is_wanted(wanted: &[String], id: &str, name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == id || wanted == name)
}
