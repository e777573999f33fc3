//! Findings that a run did not make because a method asks for nothing any more: anyone can call it, which mends nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::accepted::{Said, policy_of};
use super::ledger::{Ledger, LedgerError};
use super::still::{Still, is_open};
use crate::audit::rules::{Concern, concern};
use crate::audit::{Opened, Report};
use crate::aws::store::Memory;
use crate::inventory::{Inventory, listed};
use crate::ledger::{Accepted, ByMatter, Entry, Matters, Spot, entries, were_apart};
use crate::policy_file::PolicyFile;

/// As many methods are named.
const NAMED: usize = 3;

/// Entries that the same policy file last demanded, by its name, and that were last seen at the same time.
type Groups<'e> = BTreeMap<(Option<&'e str>, Timestamp), Vec<&'e Entry>>;

impl<M: Memory> Ledger<'_, M> {
    /// Adds the findings that a run would still make if no method had been opened since they were last seen: each became
    /// the finding of an open method, or the policy file accepts that method open. Also those that the policy file no
    /// longer demands, as it goes by what the owner of an API can change.
    pub(super) async fn add_what_was_opened(
        &self,
        accepted: &mut Accepted,
        missing: &[&Entry],
        (report, inventory, policy): (&Report, &Inventory, &PolicyFile),
        said: &Said<'_>,
    ) -> Result<(), LedgerError> {
        // What is wrong with the authorization of a method is looked up by the method itself.
        let others = missing.iter().copied().filter(|it| {
            concern(&it.rule) != Concern::Authorization && it.place.exemption.is_none()
        });
        let mut groups: Groups<'_> = BTreeMap::new();
        for entry in others {
            let key = (entry.judged_by.as_deref(), entry.last_seen);
            groups.entry(key).or_default().push(entry);
        }
        if groups.is_empty() {
            return Ok(());
        }
        let known = self.known_to_be_open();
        for ((judged_by, _), entries) in groups {
            let earlier = policy_of(self, judged_by, (report, policy)).await?;
            let Some(first) = entries.first() else {
                continue;
            };
            let opened = Opened::of(inventory, |place, is_wide| {
                let place = Spot::of(place, &report.partition);
                is_wide
                    || known
                        .of_authorization(&place)
                        .all(|it| were_apart(it, first))
            });
            let protected = opened.as_ref().map_or(inventory, |it| &it.protected);
            let policies = earlier.into_iter().chain([PolicyFile::of_iam_alone()]);
            let asked = Matters::of(entries.iter().copied());
            let still: Vec<Still<'_>> = policies
                .map(|it| Still::of(&self.books, protected, &it, (report, &asked)))
                .collect();
            let left = entries.into_iter();
            let left = left.filter(|entry| still.iter().any(|it| it.has(entry)));
            add(accepted, left, opened.as_ref(), (report, said));
        }
        Ok(())
    }

    /// The open methods that the ledger has findings of.
    fn known_to_be_open(&self) -> ByMatter<&Entry> {
        let mut known = ByMatter::default();
        for entry in entries(&self.books) {
            if entry.standing.is_there() && is_open(&entry.rule) {
                known.add(&entry.rule, &entry.place, entry);
            }
        }
        known
    }
}

/// Says of each of these entries which open methods took its place, and how the policy file accepts these.
fn add<'e>(
    accepted: &mut Accepted,
    left: impl Iterator<Item = &'e Entry>,
    opened: Option<&Opened>,
    (report, said): (&Report, &Said<'_>),
) {
    let estate = opened.and_then(Opened::estate);
    for entry in left {
        let places = match (opened, &estate, &entry.place.principal) {
            (None, _, _) => Vec::new(),
            // What a group cannot call is asked about otherwise.
            (Some(opened), Some(estate), Some(who))
                if matches!(concern(&entry.rule), Concern::Own | Concern::Unlisted) =>
            {
                opened.called_by(estate, (&who.kind, &who.name))
            }
            (Some(opened), _, _) => opened.places.iter().collect(),
        };
        let spots = places.into_iter();
        let spots = spots.map(|it| Spot::of(it, &report.partition));
        let is_method = entry
            .place
            .subject()
            .filter(|_| entry.place.principal.is_none());
        let spots: Vec<Spot> = match is_method {
            None => spots.collect(),
            Some(_) => spots.filter(|it| is_at(it, &entry.place)).collect(),
        };
        if spots.is_empty() {
            accepted.add_if_none(&entry.id, said.of(&entry.place));
            continue;
        }
        let words = in_words(&spots, said);
        accepted.leave_to(entry.id.clone(), spots, words);
    }
}

/// Whether a method is at the path of a finding.
fn is_at(method: &Spot, place: &Spot) -> bool {
    let api = |it: &Spot| it.api.as_ref().map(|it| it.id.clone());
    (&method.region, &method.stage) == (&place.region, &place.stage)
        && (api(method), method.path_or_key()) == (api(place), place.path_or_key())
}

/// That methods are open, and how the policy file accepts the first of them.
fn in_words(spots: &[Spot], said: &Said<'_>) -> String {
    let asks = match spots.len() {
        1 => "asks",
        _ => "ask",
    };
    let how = spots.first().map_or_else(String::new, |it| said.of(it));
    let names = spots.iter().filter_map(Spot::subject);
    let names: Vec<String> = names.collect();
    let names = listed(names.into_iter(), NAMED);
    format!("{names} {asks} for no authorization any more: {how}")
}
