//! Whether what was to be mended is mended: the account is read again, and judged by the same rules.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::audit::finding::Finding;
use crate::audit::fix::{Action, Begun, JournalMethod, JournalStep};
use crate::audit::rules::{Concern, concern, evaluate};
use crate::inventory::{Gap, Inventory, Scope};
use crate::policy_file::PolicyFile;

/// What an account is like after the steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// The findings that were to be mended and are there still, and those that took their place.
    pub still: Vec<Finding>,
    /// What could not be read or decided: it may hide findings.
    pub gaps: Vec<Gap>,
}

impl Verified {
    /// Whether all of it is known to be mended.
    pub fn is_mended(&self) -> bool {
        self.still.is_empty() && self.gaps.is_empty()
    }
}

/// What is read again: the APIs that steps are for.
pub fn scope(begun: &Begun) -> Scope {
    let mut regions = BTreeSet::new();
    let mut apis = BTreeSet::new();
    for method in &begun.methods {
        regions.insert(method.region.clone());
        apis.insert(method.api.clone());
    }
    for step in &begun.steps {
        if let Action::SetAuthorization { region, api, .. } | Action::Deploy { region, api, .. } =
            &step.action
        {
            regions.insert(region.clone());
            apis.insert(api.clone());
        }
    }
    Scope::new(regions.into_iter().collect(), apis.into_iter().collect())
}

/// What is read before grants are taken back: the APIs that they are for. A managed policy lets its group call every API, so
/// that all of the Regions are read.
pub fn needing(begun: &Begun) -> Scope {
    let own = scope(begun);
    let is_wide = |it: &JournalStep| matches!(it.action, Action::AttachGroupPolicy { .. });
    match begun.steps.iter().any(is_wide) {
        true => Scope::new(own.regions, Vec::new()),
        false => own,
    }
}

/// Judges what was read again. `today` is the day, in UTC, by which exemptions expire.
pub fn verified(
    inventory: &Inventory,
    policy: &PolicyFile,
    today: Date,
    begun: &Begun,
) -> Verified {
    let evaluation = evaluate(inventory, policy, today);
    let meant: BTreeSet<&str> = begun.methods.iter().map(|it| it.finding.as_str()).collect();
    let still = evaluation.findings.into_iter();
    let still = still.filter(|it| {
        meant.contains(it.fingerprint().to_string().as_str()) || took_a_place(it, &begun.methods)
    });
    Verified {
        still: still.collect(),
        gaps: evaluation.gaps.into_iter().collect(),
    }
}

/// Whether a finding says of one of these methods that its authorization is wrong: a method whose new type is not served is no
/// open one any more, and no mended one.
fn took_a_place(finding: &Finding, methods: &[JournalMethod]) -> bool {
    let place = &finding.place;
    let is_there = |method: &JournalMethod| {
        place.method() == Some((&method.verb, &method.path))
            && place.region.as_deref() == Some(method.region.as_str())
            && place.stage.as_deref() == Some(method.stage.as_str())
            && place.api.as_ref().is_some_and(|it| it.id == method.api)
    };
    concern(finding.rule.as_str()) == Concern::Authorization && methods.iter().any(is_there)
}
