//! Room in a book for the findings of later runs.

use std::collections::BTreeMap;

use super::entry::Entry;

/// So many findings of a book are kept, whatever else is left out.
pub(super) const MOST: usize = 40_000;

/// Takes out of more than `most` entries those that may go, the least severe first.
pub(super) fn make_room(
    entries: &mut BTreeMap<String, Box<Entry>>,
    most: usize,
    may_go: impl Fn(&Entry) -> bool,
) {
    let more = entries.len().saturating_sub(most);
    if more == 0 {
        return;
    }
    let mut going: Vec<_> = entries
        .values()
        .filter(|it| may_go(it))
        .map(|it| (it.severity, it.id.clone()))
        .collect();
    going.sort();
    for (_, id) in going.into_iter().take(more) {
        entries.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::{Evidence, Place, Remedy, RuleId, Severity, Source, Violation};
    use crate::ledger::Spot;

    fn entry(id: &str, severity: Severity) -> Entry {
        let read = Evidence::new(Source::Iam, "read");
        let place = Place::of_account("111122223333");
        let spot = Spot::of(&place, "aws");
        let violation = Violation::new(severity, place, "wrong", read, Remedy::new("mend"));
        let finding = violation.into_finding(RuleId::BlanketGrant);
        Entry::new(id.to_owned(), &finding, spot, jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_least_severe_of_what_may_go_goes_first_and_nothing_else() {
        let of = |id: &str, severity| (id.to_owned(), Box::new(entry(id, severity)));
        let all = BTreeMap::from([
            of("a", Severity::High),
            of("b", Severity::Low),
            of("c", Severity::Critical),
            of("stays", Severity::Low),
        ]);
        for (most, left) in [
            (4, vec!["a", "b", "c", "stays"]),
            (3, vec!["a", "c", "stays"]),
            (2, vec!["c", "stays"]),
            (0, vec!["stays"]),
        ] {
            let mut entries = all.clone();
            make_room(&mut entries, most, |it| it.id != "stays");
            assert_eq!(entries.keys().collect::<Vec<_>>(), left);
        }
    }
}
