//! Sorting where there are very many findings.

use std::cmp::Ordering;

/// Sorts what is large: the places are sorted, and each item is moved about once. What is equal keeps its order.
pub(super) fn sort_large<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<(usize, &T)> = items.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| compare(one, other));
    let order: Vec<usize> = order.into_iter().map(|(place, _)| place).collect();
    for (place, own) in order.iter().enumerate() {
        // What stood there may have been moved since, to the place whose own came from there.
        let mut from = *own;
        while from < place {
            let Some(next) = order.get(from) else { break };
            from = *next;
        }
        items.swap(place, from);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sort_large;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn large_items_are_sorted_as_others_are(keys in prop::collection::vec(0..20_u8, 0..60)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_large(&mut items, |(one, _), (other, _)| one.cmp(other));
            prop_assert_eq!(items, expected);
        }
    }
}
