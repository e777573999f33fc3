//! Whose an API is, as its tags say.

use std::collections::BTreeMap;

/// The tags that say whose an API is, whatever their case. The first that an API has counts.
pub const OWNER_TAGS: [&str; 4] = ["owner", "team", "service-owner", "owner-email"];

/// Whose an API with these tags is: the value of the first of [`OWNER_TAGS`] that is there and not empty. `None`: no tag
/// says so.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use gatewatch::inventory::owner;
///
/// let tags = [("Team", "payments"), ("owner", ""), ("stage", "prod")];
/// let tags: BTreeMap<String, String> = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
/// assert_eq!(owner(&tags), Some("payments"));
/// assert_eq!(owner(&BTreeMap::new()), None);
/// ```
pub fn owner(tags: &BTreeMap<String, String>) -> Option<&str> {
    OWNER_TAGS.iter().find_map(|wanted| {
        let mut named = tags
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(wanted));
        let (_, value) = named.find(|(_, value)| !value.is_empty())?;
        Some(value.as_str())
    })
}
