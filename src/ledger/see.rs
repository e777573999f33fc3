//! What a finding that a run made changes in its entry.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::entry::{Allowed, Entry, EventKind, Standing};
use super::read::is_blurred;
use super::spot::Spot;
use crate::audit::Report;
use crate::audit::finding::{Exposure, Finding, Text};
use crate::inventory::ANY;

/// Takes in a finding that a run made. `exemption` is what exempts it now. A run that began before another one that
/// wrote the entry changes nothing.
pub(super) fn see(
    entry: &mut Entry,
    finding: &Finding,
    place: Spot,
    exemption: Option<Allowed>,
    report: &Report,
) {
    let at = report.taken_at;
    let is_new = entry.events.is_empty();
    if !is_new && is_known_better(entry, at) {
        return;
    }
    let is_clear = is_new || shows_clearly(entry, finding, report);
    entry.own_verbs = not_answered(&place, report);
    entry.describe(finding, place);
    entry.belong(report.owners.topics_at(&finding.place));
    entry.prove(finding);
    entry.judged_by = Some(report.judged_by.clone().into());
    entry.accepted = None;
    entry.became = None;
    entry.gone = None;
    entry.last_seen = at;
    entry.seen_until = report.read_until.max(at);
    let severity_before = entry.severity;
    if is_clear {
        entry.severity = finding.severity;
    }
    // An exemption allows a severity at most; one that is only feared takes nothing from it.
    let is_exempt_still = entry.standing == Standing::Exempt && !is_past(entry, at);
    if !is_clear && exemption.is_none() && is_exempt_still {
        return;
    }
    let has_changed = stand(entry, exemption, is_new, at);
    if !has_changed && entry.severity != severity_before {
        entry.log(at, EventKind::SeverityChanged);
    }
}

/// The verbs that an `ANY` does not answer.
fn not_answered(place: &Spot, report: &Report) -> Vec<Text> {
    if place.verb.as_deref() != Some(ANY) {
        return Vec::new();
    }
    let verbs = place.own_verbs(&report.evaluation.own_verbs);
    verbs.map(|it| Text::from(it.to_owned())).collect()
}

/// Whether another run has written what holds of an entry after a scan that began at `at`.
fn is_known_better(entry: &Entry, at: Timestamp) -> bool {
    let ends = entry.ends();
    let mut later = ends.into_iter().flatten().chain([entry.last_seen]);
    // A run that went on with the same scan has read the place since.
    later.any(|it| it > at) || ends.contains(&Some(at))
}

/// Whether the severity of a finding counts. One that is shown less clearly than before keeps the severity that it had;
/// what is plainly worse is worse, whatever else was not read.
fn shows_clearly(entry: &Entry, finding: &Finding, report: &Report) -> bool {
    let reach = finding.reach.as_ref();
    let is_known = reach.is_none_or(|it| it.exposure != Exposure::Unknown);
    !entry.standing.is_there()
        || !is_blurred(entry, report)
        || (is_known && finding.severity > entry.severity)
}

/// Whether the exemption of an entry is past its last day.
fn is_past(entry: &Entry, at: Timestamp) -> bool {
    let today = at.to_zoned(TimeZone::UTC).date();
    let exemption = entry.exemption.as_ref();
    exemption.is_some_and(|it| it.expires < today)
}

/// Notes that a finding is there, open or exempt. Gives whether that is new.
fn stand(entry: &mut Entry, exemption: Option<Allowed>, is_new: bool, at: Timestamp) -> bool {
    let standing = match exemption {
        Some(_) => Standing::Exempt,
        None => Standing::Open,
    };
    entry.exemption = exemption.map(Box::new);
    if !is_new && entry.standing == standing {
        return false;
    }
    let what = match (entry.standing, standing) {
        (_, Standing::Exempt) => EventKind::Exempted,
        (Standing::Exempt, _) => EventKind::ExemptionEnded,
        _ => EventKind::Opened,
    };
    if standing == Standing::Exempt {
        entry.exempt_since = Some(at);
    } else {
        entry.open_since = Some(at);
    }
    entry.standing = standing;
    entry.log(at, what);
    true
}
