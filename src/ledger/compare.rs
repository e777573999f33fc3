//! A book and a report: the next book.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::book::Book;
use super::entry::{Allowed, Entry, EventKind, Spot, Standing};
use super::read::{Reach, is_about, is_blurred, was_read};
use crate::finding::{Exposure, Finding};
use crate::report::Report;

/// For how long a resolved finding is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 180);

/// Takes in what a run found in the Region of a book.
///
/// What the book knows from a run that began later stays: two runs at once may end in any order.
pub fn compare(book: &Book, report: &Report, reach: Reach) -> Book {
    let mut next = book.clone();
    let at = report.taken_at;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let evaluation = &report.evaluation;
    let open = evaluation.findings.iter().map(|it| (it, None));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|it| (&it.finding, Some(Allowed::from(it))));
    for (finding, exemption) in open.chain(exempted) {
        if finding.place.region != book.region {
            continue;
        }
        let place = Spot::of(&finding.place, &report.partition);
        if !is_about(&place, finding.rule.as_str(), report, reach) {
            continue;
        }
        let id = finding.fingerprint().to_string();
        seen.insert(id.clone());
        let new = || Entry::new(id.clone(), finding, place.clone(), at);
        let entry = next.entries.entry(id.clone()).or_insert_with(new);
        see(entry, finding, place, exemption, report);
    }
    for (id, entry) in &mut next.entries {
        // Of two runs that overlap, neither knows who read the place first.
        let overlaps = entry.seen_until > at;
        if seen.contains(id) || overlaps || entry.standing == Standing::Resolved {
            continue;
        }
        if was_read(entry, report, reach) {
            entry.standing = Standing::Resolved;
            entry.resolved_at = Some(at);
            entry.exemption = None;
            entry.log(at, EventKind::Resolved);
        } else if is_about(&entry.place, &entry.rule, report, reach) && is_past(entry, at) {
            // It was not seen, and is not known to be gone: nothing allows it any more.
            entry.standing = Standing::Open;
            entry.open_since = Some(at);
            entry.exemption = None;
            entry.log(at, EventKind::ExemptionEnded);
        }
    }
    next.entries.retain(|_, entry| {
        let resolved = entry.resolved_at.filter(|_| entry.is_over());
        resolved.is_none_or(|resolved| at.duration_since(resolved) < REMEMBERED)
    });
    next
}

/// Whether the exemption of an entry is past its last day.
fn is_past(entry: &Entry, at: Timestamp) -> bool {
    let today = at.to_zoned(TimeZone::UTC).date();
    entry
        .exemption
        .as_ref()
        .is_some_and(|it| it.expires < today)
}

fn see(
    entry: &mut Entry,
    finding: &Finding,
    place: Spot,
    exemption: Option<Allowed>,
    report: &Report,
) {
    let at = report.taken_at;
    let later = [Some(entry.last_seen), entry.resolved_at];
    let is_new = entry.events.is_empty();
    if !is_new && later.into_iter().flatten().any(|it| it > at) {
        return;
    }
    // What is shown less clearly than before keeps the severity that it had; what is plainly worse is worse,
    // whatever else was not read.
    let known = finding
        .reach
        .as_ref()
        .is_none_or(|it| it.exposure != Exposure::Unknown);
    let clear = is_new
        || entry.standing == Standing::Resolved
        || !is_blurred(entry, report)
        || (known && finding.severity > entry.severity);
    entry.describe(finding, place);
    entry.last_seen = at;
    entry.seen_until = report.read_until.max(at);
    let before = entry.severity;
    if clear {
        entry.severity = finding.severity;
    }
    let standing = match exemption {
        Some(_) => Standing::Exempt,
        None => Standing::Open,
    };
    // An exemption allows a severity at most; one that is only feared takes nothing from it.
    if !clear
        && standing == Standing::Open
        && entry.standing == Standing::Exempt
        && !is_past(entry, at)
    {
        return;
    }
    entry.exemption = exemption;
    if is_new || entry.standing != standing {
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
    } else if entry.severity != before {
        entry.log(at, EventKind::SeverityChanged);
    }
}
