//! What the entries of `require` in the policy file decide, and what they accept.

use std::collections::BTreeMap;

use crate::audit::method::MethodView;
use crate::policy_file::{PolicyFile, Requirement};

/// An entry of `require`, whether it decides anything or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementUse {
    /// The entry.
    pub requirement: Requirement,
    /// Of how many deployed methods, counted once a stage, it says what is demanded: it is the most specific one that meets
    /// them, or, of an `ANY`, some of their verbs.
    pub decides: usize,
    /// How many of these are open, and accepted so.
    pub accepts_open: usize,
}

/// What the entries decided so far, by their lines.
#[derive(Debug, Default)]
pub(super) struct Decided {
    of: BTreeMap<usize, (usize, usize)>,
    /// How many open methods are accepted as CORS preflights.
    pub(super) preflights: usize,
}

impl Decided {
    /// Counts a method, if callers can reach just this one.
    pub(super) fn add(&mut self, method: &MethodView<'_>) {
        if !method.frozen {
            return;
        }
        let is_preflight = method.is_open_preflight();
        self.preflights += usize::from(is_preflight);
        for (line, opens) in method.deciding_lines() {
            let (decides, accepts_open) = self.of.entry(line).or_default();
            *decides += 1;
            *accepts_open += usize::from(opens && !is_preflight && method.is_open_anywhere());
        }
    }

    /// What each entry of the policy file decides, in its order.
    pub(super) fn uses(&self, policy: &PolicyFile) -> Vec<RequirementUse> {
        let entries = policy.require.iter().map(|it| {
            let (decides, accepts_open) = self.of.get(&it.line).copied().unwrap_or_default();
            RequirementUse {
                requirement: it.clone(),
                decides,
                accepts_open,
            }
        });
        entries.collect()
    }
}
