//! Lists that are read and never grow.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

/// There is room for as many entries at first: most APIs have fewer methods.
const AT_FIRST: usize = 64;

/// Reads a list that may be null, and keeps no room for more: these lists are most of an inventory, and
/// do not grow.
pub(super) fn just_as_large<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list: Option<Exact<T>> = Option::deserialize(deserializer)?;
    Ok(list.map(|it| it.0))
}

/// A list without room for more.
struct Exact<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

/// Takes the entries of a list.
struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Exact<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Exact<T>, A::Error> {
        // A list that grows entry by entry is moved again and again.
        let mut list = Vec::with_capacity(AT_FIRST);
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Exact(without_slack(list)))
    }
}

/// A list without room for more.
pub(crate) fn without_slack<T>(mut list: Vec<T>) -> Vec<T> {
    // `shrink_to_fit` would ask the allocator, which leaves a list where it is as long as half of the room is used.
    let mut exact = Vec::with_capacity(list.len());
    exact.append(&mut list);
    exact
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::just_as_large;

    #[test]
    fn a_list_has_no_room_left_and_null_is_none() {
        let read = |value: serde_json::Value| just_as_large::<_, String>(value);
        let long: Vec<String> = (0..100).map(|it| it.to_string()).collect();
        for list in [vec![], vec!["a".to_owned()], long] {
            let read = read(json!(list)).unwrap().unwrap();
            assert_eq!(read, list);
            assert_eq!(read.capacity(), read.len());
        }
        assert_eq!(read(json!(null)).unwrap(), None);
        let error = read(json!({})).unwrap_err().to_string();
        assert_eq!(error, "invalid type: map, expected a sequence");
    }
}
