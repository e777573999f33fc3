//! The `match` of some APIs.

use super::lines::{Entry, in_quotes};
use crate::audit::proposal::ApisToday;
use crate::render::plain;

/// Begins an entry for these APIs. Whether one of them can be named.
pub(super) fn matching(entry: &mut Entry, of: &ApisToday) -> bool {
    entry.live(0, "- match:");
    if let Some(region) = &of.region {
        entry.live(4, format!("region: {}", in_quotes(region)));
    }
    entry.live(4, "api-id:");
    let is_id = |id: &str| {
        let mut bytes = id.bytes();
        !id.is_empty() && bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    let mut named = false;
    for api in &of.apis {
        let about = plain(&format!("{}, {}", api.name, api.region));
        if is_id(&api.id) {
            named = true;
            entry.live(6, format!("- {} # {about}", in_quotes(&api.id)));
        } else {
            entry.said(
                6,
                &format!("{} ({about}) is no id that can be named", api.id),
            );
        }
    }
    named
}
