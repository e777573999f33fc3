//! Whether a run read a place, so that what is not found there any more is gone.

use super::assumed::is_assumed;
use super::entry::Entry;
use super::spot::Spot;
use crate::audit::Report;
use crate::audit::finding::Exposure;
use crate::audit::rules::{self, Look};
use crate::inventory::{Gap, GapKind, OPTIONS, Text};

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breadth {
    /// All that the account is looked at for.
    Whole,
    /// Some of its Regions, or some of its APIs, as the scope of the report says.
    Part,
    /// Its principals. The APIs are those of an earlier run: what they show is no news, and nothing is
    /// resolved by it.
    Principals,
}

/// Whether a run can say anything of a finding: a run over a part touches only its part.
pub(super) fn is_about(place: &Spot, rule: &str, report: &Report, reach: Breadth) -> bool {
    let asked = &report.scope.apis;
    match reach {
        Breadth::Principals => depends_on_principals(place, rule),
        _ if asked.is_empty() => true,
        // A name may have gone over to another API since: what was read is told by ids.
        _ => place.api.as_ref().is_some_and(|api| {
            let known = |region: &Text| (region.to_string(), api.id.to_string());
            let read = place.region.as_ref().map(known);
            asked.iter().any(|it| api.id == *it) || read.is_some_and(|it| report.apis.contains(&it))
        }),
    }
}

/// Whether a run read the place of a finding completely: only then is one that it did not make resolved.
///
/// Which gap can hide which finding is not told rule by rule. A gap of an API leaves all of that API as it
/// was, one of a Region all of the Region; a gap among the principals leaves all that depends on them, and
/// what lies in no Region depends on everything.
pub(super) fn was_read(entry: &Entry, report: &Report, reach: Breadth) -> bool {
    let (place, scope) = (&entry.place, &report.scope);
    if scope.template.is_some() || reach == Breadth::Principals {
        return false;
    }
    if !is_about(place, &entry.rule, report, reach) {
        return false;
    }
    if scope.without_drafts && looks_at(&entry.rule, Look::Draft) {
        return false;
    }
    if scope.without_drafts && is_by_integration(entry) {
        return false;
    }
    if is_assumed(entry, report) {
        return false;
    }
    if report.probed.is_none() && is_of_a_probe(&entry.rule) {
        return false;
    }
    let gaps = &report.evaluation.gaps;
    match &place.region {
        None => reach == Breadth::Whole && gaps.is_empty(),
        Some(region) => {
            scope.regions.iter().any(|it| region == it) && !gaps.iter().any(|gap| hides(gap, entry))
        }
    }
}

fn depends_on_principals(place: &Spot, rule: &str) -> bool {
    place.principal.is_some() || looks_at(rule, Look::Principals)
}

/// Whether only the answers of deployed URLs show what a rule finds: no scan asks them.
fn is_of_a_probe(rule: &str) -> bool {
    rules::looks_at(rule).is_some_and(|looks| looks.contains(&Look::Probe))
}

/// Whether the integration, which only the draft tells, decides whether there is a finding: an open OPTIONS method may be a
/// preflight.
pub(super) fn is_by_integration(entry: &Entry) -> bool {
    let is_options = entry.place.verb.as_deref() == Some(OPTIONS);
    is_options && looks_at(&entry.rule, Look::DraftBeside)
}

/// Whether a rule looks at something. One that is not known here, as a newer gatewatch has it, looks at everything.
pub(super) fn looks_at(rule: &str, what: Look) -> bool {
    rules::looks_at(rule).is_none_or(|looks| looks.contains(&what))
}

/// Whether something that a finding's severity depends on was not read.
pub(super) fn is_blurred(entry: &Entry, report: &Report) -> bool {
    let gaps = &report.evaluation.gaps;
    let domains = |gap: &Gap| gap.kind == GapKind::Domains && is_in_region(gap, entry);
    gaps.iter().any(|gap| domains(gap) || hides(gap, entry))
}

/// Whether a run may have made a finding and left it out, as there were more at its API than a run keeps.
pub(super) fn is_left_out(entry: &Entry, report: &Report) -> bool {
    let mut gaps = report.evaluation.gaps.iter();
    gaps.any(|gap| gap.kind == GapKind::Findings && hides(gap, entry))
}

/// Whether a gap lies in the Region of a finding. One that lies in no Region lies in all, and so does such a
/// finding.
fn is_in_region(gap: &Gap, entry: &Entry) -> bool {
    let region = entry.place.region.as_ref();
    let gap = gap.region.as_ref();
    gap.is_none_or(|gap| region.is_none_or(|region| region == gap))
}

fn hides(gap: &Gap, entry: &Entry) -> bool {
    let Spot {
        region, api, stage, ..
    } = &entry.place;
    match gap.kind {
        // Which URLs lead somewhere tells who gets there, and a policy may demand less of what not everybody
        // reaches.
        GapKind::Domains => {
            let is_narrowed = entry.exposure.is_some_and(|it| it != Exposure::Public);
            return is_narrowed && is_in_region(gap, entry);
        }
        // That the Regions could not be listed hides nothing in a Region that was read.
        GapKind::Regions => return false,
        GapKind::Iam | GapKind::PolicyDocument | GapKind::Access => {
            return depends_on_principals(&entry.place, &entry.rule);
        }
        // Without an API: those of the principals, and of what is neither.
        GapKind::Findings if gap.api.is_none() => return api.is_none(),
        _ => {}
    }
    let in_region = gap.region.is_none() || gap.region.as_deref() == region.as_deref();
    let in_api = gap.api.as_ref().is_none_or(|gap| {
        let api = api.as_ref();
        api.is_none_or(|api| api.id == *gap || api.name == *gap)
    });
    let in_stage = gap.stage.as_ref().is_none_or(|gap| {
        let stage = stage.as_ref();
        stage.is_none_or(|stage| stage == gap)
    });
    in_region && in_api && in_stage
}
