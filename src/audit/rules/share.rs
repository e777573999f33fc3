//! Which findings are kept where there are more than fit: of each API its share, the worst first.

use std::collections::BTreeMap;

use crate::audit::bound::Bound;
use crate::audit::finding::{Finding, Place, Texts};
use crate::inventory::{Api, Gap, GapKind, Inventory, Reason, Text, quoted};

/// What shares the room: nobody's number of findings crowds out those of others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    /// An API, by its Region and id.
    Api(Option<Text>, Text),
    /// All IAM principals.
    Principals,
    /// All that is neither.
    Others,
}

impl Holder {
    fn of(place: &Place) -> Self {
        match (&place.api, &place.principal) {
            (Some(api), _) => Holder::Api(place.region.clone(), Text::from(&api.id)),
            (None, Some(_)) => Holder::Principals,
            (None, None) => Holder::Others,
        }
    }

    /// The gap that says what was left out here.
    fn gap(self, (made, left_out): (usize, usize), most: usize, inventory: &Inventory) -> Gap {
        let of_whom = match &self {
            Holder::Api(region, api) => {
                let mut apis = inventory.apis.iter();
                let known =
                    apis.find(|it| *api == it.id && Some(it.region.as_str()) == region.as_deref());
                known.map_or_else(
                    || "this API".to_owned(),
                    |it| format!("API {}", quoted(&it.name)),
                )
            }
            Holder::Principals => "the account's principals".to_owned(),
            Holder::Others => "what is neither an API's nor a principal's".to_owned(),
        };
        let (region, api) = match self {
            Holder::Api(region, api) => (region.map(Text::into_owned), Some(api.into_owned())),
            Holder::Principals | Holder::Others => (None, None),
        };
        let message = format!(
            "{left_out} of the {made} findings of {of_whom} are left out, the least severe ones: a run keeps {most} \
             findings in all, and each API gets its share"
        );
        Gap {
            region,
            api,
            reason: Reason::TooMany,
            ..Gap::malformed(GapKind::Findings, message)
        }
    }
}

/// The gap of an API of which more was accepted than there is room to say so.
pub(super) fn not_noted(api: &Api, left_out: usize) -> Gap {
    let message = format!(
        "of API {}, {left_out} times that something was accepted, without proof or by the API's name, are left out",
        quoted(&api.name)
    );
    Gap {
        reason: Reason::TooMany,
        ..Gap::malformed(GapKind::Findings, message).at(api)
    }
}

/// Findings as they are made, never many more than are kept in the end.
pub(super) struct Shares<'k> {
    findings: Vec<Finding>,
    bound: Bound,
    /// So many findings are shared out again.
    full_at: usize,
    /// What each may keep. It only becomes smaller: what was left out before would be left out now.
    share: usize,
    /// Whether an exemption covers a finding: such findings are left out first.
    is_covered: &'k dyn Fn(&Finding) -> bool,
    left_out: BTreeMap<Holder, usize>,
    /// What the findings have in common.
    texts: Texts,
}

impl<'k> Shares<'k> {
    pub(super) fn new(bound: Bound, is_covered: &'k dyn Fn(&Finding) -> bool) -> Self {
        Shares {
            findings: Vec::new(),
            bound,
            full_at: bound.findings.saturating_add(bound.findings / 4),
            share: usize::MAX,
            is_covered,
            left_out: BTreeMap::new(),
            texts: Texts::default(),
        }
    }

    pub(super) fn bound(&self) -> Bound {
        self.bound
    }

    pub(super) fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for mut finding in findings {
            self.texts.share(&mut finding);
            self.findings.push(finding);
            if self.findings.len() > self.full_at {
                self.share_out();
            }
        }
    }

    /// The findings that are kept, and a gap for each API that has more.
    pub(super) fn end(mut self, inventory: &Inventory) -> (Vec<Finding>, Vec<Gap>) {
        if self.findings.len() > self.bound.findings || !self.left_out.is_empty() {
            self.share_out();
        }
        let mut kept = BTreeMap::new();
        if !self.left_out.is_empty() {
            for finding in &self.findings {
                *kept.entry(Holder::of(&finding.place)).or_insert(0) += 1;
            }
        }
        let most = self.bound.findings;
        let gaps = self.left_out.into_iter().map(|(holder, left_out)| {
            let made = left_out + kept.get(&holder).copied().unwrap_or(0);
            holder.gap((made, left_out), most, inventory)
        });
        (self.findings, gaps.collect())
    }

    /// Leaves out what is more than the shares.
    fn share_out(&mut self) {
        let mut held: BTreeMap<Holder, Vec<(usize, &Finding)>> = BTreeMap::new();
        for (place, finding) in self.findings.iter().enumerate() {
            let own = held.entry(Holder::of(&finding.place)).or_default();
            own.push((place, finding));
        }
        let counts = held.values().map(Vec::len).collect();
        self.share = self.share.min(share(counts, self.bound.findings));
        let share = self.share;
        let mut stays = vec![true; self.findings.len()];
        for (holder, held) in held {
            let more = held.len().saturating_sub(share);
            if more == 0 {
                continue;
            }
            // What is covered by an exemption comes after what is not, and the worst comes first.
            let held = held.into_iter();
            let ranked = held.map(|(place, it)| ((self.is_covered)(it), it, place));
            let mut ranked: Vec<(bool, &Finding, usize)> = ranked.collect();
            ranked.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.order(other.1)));
            for (_, _, place) in ranked.into_iter().skip(share) {
                if let Some(stays) = stays.get_mut(place) {
                    *stays = false;
                }
            }
            *self.left_out.entry(holder).or_insert(0) += more;
        }
        let mut stays = stays.into_iter();
        self.findings.retain(|_| stays.next().unwrap_or(true));
    }
}

/// How many each may keep, so that all together keep `most`: who has less leaves the rest to the others. Everybody keeps
/// one, so that no API with findings looks as if it had none.
fn share(mut held: Vec<usize>, most: usize) -> usize {
    held.sort_unstable();
    let mut room = most;
    let mut others = held.len();
    for count in held {
        let share = room / others.max(1);
        if count > share {
            return share.max(1);
        }
        room -= count;
        others -= 1;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn who_has_less_leaves_the_rest_to_the_others() {
        assert_eq!(share(vec![1, 2, 3], 6), usize::MAX);
        assert_eq!(share(vec![10, 1, 2], 9), 6);
        assert_eq!(share(vec![10, 10, 1], 9), 4);
        assert_eq!(share(vec![5, 5, 5], 2), 1);
        assert_eq!(share(Vec::new(), 2), usize::MAX);
    }
}
