//! Which findings an exemption covers.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::config::{Exemption, PolicyFile, Selector, StagePlace};
use crate::finding::{Finding, RuleId};
use crate::model::{Api, Inventory};
use crate::policy::pattern;

/// A finding that an exemption covers. It is listed, and not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// The finding.
    pub finding: Finding,
    /// Why it is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which the exemption holds (UTC).
    pub expires: Date,
    /// How many days are left after today. 0: today is the last.
    pub days_left: i32,
}

/// The APIs by Region and id: there may be many findings.
type Apis<'a> = BTreeMap<(&'a str, &'a str), &'a Api>;

/// Takes the exempted findings out. An expired exemption covers nothing.
pub(super) fn divide(
    findings: Vec<Finding>,
    inventory: &Inventory,
    policy: &PolicyFile,
    today: Date,
) -> (Vec<Finding>, Vec<Exempted>) {
    let apis: Apis<'_> = (inventory.apis.iter())
        .map(|api| ((api.region.as_str(), api.id.as_str()), api))
        .collect();
    let mut left = Vec::new();
    let mut exempted = Vec::new();
    for finding in findings {
        let exemption = policy
            .exemptions
            .iter()
            .find(|it| !it.has_expired(today) && covers(it, &finding, &apis));
        match exemption {
            Some(exemption) => exempted.push(Exempted {
                finding,
                reason: exemption.reason.clone(),
                owner: exemption.owner.clone(),
                expires: exemption.expires,
                days_left: (exemption.expires - today).get_days(),
            }),
            None => left.push(finding),
        }
    }
    (left, exempted)
}

fn covers(exemption: &Exemption, finding: &Finding, apis: &Apis<'_>) -> bool {
    // What was not read is never clean, whatever an exemption's match would take in.
    if finding.rule == RuleId::UnreadApi {
        return false;
    }
    let id = || finding.fingerprint().to_string();
    (exemption.ids.is_empty() || exemption.ids.contains(&id()))
        && (exemption.rules.is_empty() || exemption.rules.contains(&finding.rule))
        && covers_principal(exemption, finding)
        && (exemption.selector == Selector::default() || covers_method(exemption, finding, apis))
}

fn covers_principal(exemption: &Exemption, finding: &Finding) -> bool {
    if exemption.principals.is_empty() {
        return true;
    }
    finding.place.principal.as_ref().is_some_and(|principal| {
        let mut patterns = exemption.principals.iter();
        patterns.any(|pattern| pattern::matches(pattern, &principal.name))
    })
}

/// A `match` speaks of methods: it never covers a finding that is not about one.
fn covers_method(exemption: &Exemption, finding: &Finding, apis: &Apis<'_>) -> bool {
    let place = &finding.place;
    let (Some(region), Some(api), Some(stage), Some((verb, path))) =
        (&place.region, &place.api, &place.stage, place.method())
    else {
        return false;
    };
    let Some(known) = apis.get(&(region.as_str(), api.id.as_str())) else {
        return false;
    };
    let stage = StagePlace {
        region,
        api_id: &api.id,
        api_name: &api.name,
        tags: &known.tags,
        stage,
    };
    exemption.selector.meets(stage, verb, path).is_some()
}
