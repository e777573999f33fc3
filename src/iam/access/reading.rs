//! What policies say of one method.

use std::num::NonZeroU32;

use crate::iam::access::representatives::Chosen;
use crate::iam::access::verdict::Verdict;
use crate::iam::decide::outcome::{Said, Side, Sides};
use crate::iam::truth::{Logic, Truth, Truths};

/// What all policies say of one method.
#[derive(Debug)]
pub struct Reading {
    /// How many ways, or requests in their stead.
    pub(super) count: usize,
    /// The requests that stand in for the ways. `None`: the ways are all listed.
    pub(super) chosen: Option<Chosen>,
    /// What each pattern takes in.
    pub(super) slots: Vec<Slot>,
    /// The lanes of patterns that take in some requests and others not: one pattern of each, with where.
    pub(super) part: Vec<(usize, u128)>,
    /// Where in `entries` each policy is, from 1. `None`: it says nothing of the method.
    pub(super) places: Vec<Option<NonZeroU32>>,
    pub(super) entries: Vec<Entry>,
}

/// What a pattern takes in of a method's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Nothing,
    Everything,
    /// Some, and others not: its lane.
    Part(u32),
}

/// What one policy says of a method.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) policy: usize,
    /// As far as it is the same for every request.
    pub(super) rough: Said<Truth>,
    pub(super) said: Said<Truths>,
    /// Whether nothing in it depends on what is not known.
    pub(super) certain: bool,
    /// Whether it has variables whose values are not known, so that what it says of one request does not tell
    /// what it says of all.
    pub(super) varies: bool,
}

/// What a policy, taken by itself, says of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// ALL: it allows every request, whatever is not known. NONE: it allows none. SOME: anything else.
    pub allows: Verdict,
    /// The same for Deny.
    pub denies: Verdict,
}

/// The policies that weigh on a caller, by the numbers that [`Survey::add`](crate::iam::Survey::add)
/// gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weighing<'w> {
    /// The identity policies.
    pub identity: &'w [usize],
    /// The permissions boundary.
    pub boundary: Option<usize>,
    /// The API's resource policy.
    pub resource: Option<usize>,
    /// Whether the caller is of another account, so that the resource policy alone decides. Else it is of the API's own.
    pub is_outside: bool,
}

impl Weighing<'_> {
    /// The numbers of all the policies.
    pub(super) fn policies(&self) -> impl Iterator<Item = usize> {
        let others = [self.boundary, self.resource].into_iter().flatten();
        others.chain(self.identity.iter().copied())
    }

    fn side(&self) -> Side {
        if self.is_outside {
            Side::Outside
        } else {
            Side::SameAccount
        }
    }
}

impl Reading {
    /// What a pattern takes in of the method's requests.
    pub(super) fn slot(&self, pattern: usize) -> Slot {
        self.slots.get(pattern).copied().unwrap_or(Slot::Nothing)
    }

    fn entry(&self, policy: usize) -> Option<&Entry> {
        let place = (*self.places.get(policy)?)?;
        self.entries.get(place.get() as usize - 1)
    }

    /// Whether a policy says anything of the method. One that was taken in after the reading does not.
    pub fn speaks(&self, policy: usize) -> bool {
        self.entry(policy).is_some()
    }

    /// Whether a policy has variables whose values are not known.
    pub(super) fn varies(&self, policy: usize) -> bool {
        self.entry(policy).is_some_and(|it| it.varies)
    }

    /// Each policy that says anything of the method, with what it says.
    pub fn touched(&self) -> impl Iterator<Item = (usize, Touched)> {
        let listed = self.chosen.is_none();
        let all = self.all();
        self.entries.iter().map(move |entry| {
            let one = |rough: Truth, exact: Truths| match rough {
                Truth::True => Verdict::All,
                Truth::False => Verdict::None,
                Truth::Unknown if listed && exact.certain & all == all => Verdict::All,
                Truth::Unknown if listed && exact.possible & all == 0 => Verdict::None,
                Truth::Unknown => Verdict::Some,
            };
            let touched = Touched {
                allows: one(entry.rough.allows, entry.said.allows),
                denies: one(entry.rough.denies, entry.said.denies),
            };
            (entry.policy, touched)
        })
    }

    fn all(&self) -> u128 {
        match self.count {
            0 => 0,
            count => u128::MAX >> (Truths::MOST - count),
        }
    }

    /// How many of the method's requests a caller is allowed, and whether that depends on what is not
    /// known. `None`: the requests at hand do not tell.
    pub fn answer(&self, weighing: Weighing<'_>) -> Option<(Verdict, bool)> {
        let entries = || weighing.policies().filter_map(|it| self.entry(it));
        let exact = self.sides(weighing, |it| it.said);
        let allowed = exact.outcome(weighing.side()).allowed;
        let all = self.all();
        let possible = allowed.possible & all;
        let conditional = possible & !allowed.certain != 0;
        if conditional && entries().any(|it| it.varies) {
            return None;
        }
        if self.chosen.is_none() {
            let verdict = match possible {
                0 => Verdict::None,
                it if it == all => Verdict::All,
                _ => Verdict::Some,
            };
            return Some((verdict, conditional));
        }
        let is_some = possible != 0 && possible != all;
        if is_some && (conditional || entries().all(|it| it.certain)) {
            return Some((Verdict::Some, conditional));
        }
        let rough = self.sides(weighing, |it| it.rough);
        match rough.outcome(weighing.side()).allowed {
            Truth::False => Some((Verdict::None, false)),
            Truth::True => Some((Verdict::All, false)),
            Truth::Unknown => None,
        }
    }

    /// Whether the requests at hand tell that a caller is allowed one of them, or may be. It may be allowed one all the
    /// same where they do not.
    pub fn allows_one(&self, weighing: Weighing<'_>) -> bool {
        // What a statement with a variable says of one request holds for one value of it.
        let varies = || weighing.policies().any(|it| self.varies(it));
        let exact = self.sides(weighing, |it| it.said);
        exact.outcome(weighing.side()).allowed.possible & self.all() != 0 && !varies()
    }

    fn sides<T: Logic + Copy>(
        &self,
        weighing: Weighing<'_>,
        of_entry: impl Fn(&Entry) -> Said<T>,
    ) -> Sides<T> {
        let mut sides = nothing_said();
        for entry in weighing.identity.iter().filter_map(|it| self.entry(*it)) {
            let said = of_entry(entry);
            sides.identity = sides.identity | said.allows;
            sides.denied = sides.denied | said.denies;
        }
        if let Some(boundary) = weighing.boundary {
            // A boundary that says nothing of the method allows nothing.
            let said = self.entry(boundary).map_or_else(Said::nothing, &of_entry);
            sides.boundary = said.allows;
            sides.denied = sides.denied | said.denies;
        }
        if let Some(entry) = weighing.resource.and_then(|it| self.entry(it)) {
            sides.resource = of_entry(entry);
            sides.denied = sides.denied | sides.resource.denies;
        }
        sides
    }
}

/// What no policies at all say, for a caller without a boundary.
fn nothing_said<T: Logic + Copy>() -> Sides<T> {
    let (no, yes) = (T::from(Truth::False), T::from(Truth::True));
    Sides {
        denied: no,
        identity: no,
        boundary: yes,
        levels: yes,
        resource: Said::nothing(),
    }
}
