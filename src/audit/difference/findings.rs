//! The findings of both sides.

use std::collections::BTreeMap;

use super::changes::{Difference, FindingChange, Grade};
use super::holders::SIDES;
use super::side::Side;
use crate::audit::Report;
use crate::audit::finding::Finding;
use crate::audit::rules::{self, Look};
use crate::inventory::{Gap, GapKind, OPTIONS};

/// A finding of one side.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) rule: String,
    pub(super) grade: Grade,
    pub(super) at: Where,
    pub(super) place: String,
    pub(super) message: String,
}

/// Where a finding is, as far as a gap can hide it.
#[derive(Debug, Clone)]
pub(super) struct Where {
    pub(super) region: Option<String>,
    /// The API's id and name.
    pub(super) api: Option<(String, String)>,
    pub(super) stage: Option<String>,
    pub(super) verb: Option<String>,
    pub(super) is_principal: bool,
}

pub(super) fn of_report(report: &Report) -> Vec<Found> {
    let left = report.evaluation.findings.iter().map(|it| (it, false));
    let exempted = report.evaluation.exempted.iter();
    let exempted = exempted.map(|it| (&it.finding, true));
    left.chain(exempted)
        .map(|(it, exempted)| found(it, exempted))
        .collect()
}

fn found(finding: &Finding, exempted: bool) -> Found {
    let place = &finding.place;
    Found {
        id: finding.fingerprint().to_string(),
        rule: finding.rule.as_str().to_owned(),
        grade: Grade {
            severity: finding.severity,
            exempted,
        },
        at: Where {
            region: place.region.as_deref().map(str::to_owned),
            api: place
                .api
                .as_ref()
                .map(|it| (it.id.clone(), it.name.clone())),
            stage: place.stage.as_deref().map(str::to_owned),
            verb: place.verb.as_deref().map(str::to_owned),
            is_principal: place.principal.is_some(),
        },
        place: place.in_words(),
        message: finding.message.to_string(),
    }
}

/// Compares the findings by their ids.
pub(super) fn compare(before: &[Found], after: &[Found], difference: &mut Difference) {
    let mut both: BTreeMap<&str, [Option<&Found>; 2]> = BTreeMap::new();
    for (number, side) in [before, after].into_iter().enumerate() {
        for found in side {
            let pair = both.entry(&found.id).or_default();
            if let Some(slot) = pair.get_mut(number) {
                *slot = Some(found);
            }
        }
    }
    for pair in both.into_values() {
        let [earlier, later] = pair;
        let Some(found) = later.or(earlier) else {
            continue;
        };
        if earlier.map(|it| it.grade) == later.map(|it| it.grade) {
            continue;
        }
        let mut is_known = true;
        for (side, own) in SIDES.into_iter().zip(pair) {
            let hidden = hidden(difference.side(side), found);
            if let Some(why) = hidden.filter(|_| own.is_none()) {
                is_known = false;
                difference.not_known(side, format!("{}: {}", found.rule, found.place), why);
            }
        }
        if is_known {
            difference.findings.push(FindingChange {
                id: found.id.clone(),
                rule: found.rule.clone(),
                place: found.place.clone(),
                message: found.message.clone(),
                before: earlier.map(|it| it.grade),
                after: later.map(|it| it.grade),
            });
        }
    }
}

/// Why a finding that a side does not have may be there all the same. Which gap can hide which finding is not told rule by
/// rule: one of an API may hide each of its findings.
fn hidden(side: &Side, found: &Found) -> Option<String> {
    let at = &found.at;
    let looks = rules::looks_at(&found.rule);
    let looks_at = |what| looks.is_none_or(|it| it.contains(&what));
    if let Some(region) = &at.region {
        let why = match &at.api {
            Some((id, name)) => side.out_of_scope(region, [id, name]),
            None => side.lacks_region(region),
        };
        if why.is_some() {
            return why;
        }
    } else if !side.scope.apis.is_empty() {
        return Some(format!("only {} was asked for", side.scope.apis.join(", ")));
    }
    let is_preflight = at.verb.as_deref() == Some(OPTIONS) && looks_at(Look::DraftBeside);
    if side.scope.without_drafts && (looks_at(Look::Draft) || is_preflight) {
        return Some("the drafts were left out".to_owned());
    }
    let depends_on_principals = at.is_principal || looks_at(Look::Principals);
    let mut gaps = side.gaps.iter();
    let gap = gaps.find(|gap| hides(gap, at, depends_on_principals));
    gap.map(Gap::in_words)
}

fn hides(gap: &Gap, at: &Where, depends_on_principals: bool) -> bool {
    let Some(region) = &at.region else {
        // What lies in no Region depends on everything.
        return true;
    };
    match gap.kind {
        // That the Regions could not be listed hides nothing in a Region that was read.
        GapKind::Regions => return false,
        GapKind::Iam | GapKind::PolicyDocument | GapKind::Access => return depends_on_principals,
        _ => {}
    }
    let api = at.api.as_ref();
    gap.region.as_ref().is_none_or(|it| it == region)
        && gap
            .api
            .as_ref()
            .is_none_or(|it| api.is_none_or(|(id, name)| it == id || it == name))
        && gap
            .stage
            .as_ref()
            .is_none_or(|it| at.stage.as_ref().is_none_or(|stage| stage == it))
}
