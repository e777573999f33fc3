//! A book and a report: the next book.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::accepted::Accepted;
use super::book::Book;
use super::entry::{Acceptance, Allowed, Entry, EventKind, Spot, Standing};
use super::read::{Reach, is_about, is_blurred, looks_at, was_read};
use crate::finding::{Exposure, Finding, RuleId};
use crate::model::{Gap, GapKind};
use crate::report::Report;
use crate::rules::Look;

/// For how long a resolved finding is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 180);

/// Takes in what a run found in the Region of a book, by the policy file by which everything in the book was
/// judged.
pub fn compare(book: &Book, report: &Report, reach: Reach) -> Book {
    compare_judged(book, report, reach, &Accepted::default())
}

/// Takes in what a run found in the Region of a book. `accepted` are the findings that the run did not make as the
/// policy file accepts them now: an edit of the policy file mends nothing.
///
/// What the book knows from a run that began later stays: two runs at once may end in any order.
pub fn compare_judged(book: &Book, report: &Report, reach: Reach, accepted: &Accepted) -> Book {
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
        let is_open = |entry: &Entry| entry.standing.is_there();
        if !next.entries.get(&id).is_some_and(is_open) && is_told_better(finding, &next, report) {
            continue;
        }
        let new = || Entry::new(id.clone(), finding, place.clone(), at);
        let entry = next.entries.entry(id.clone()).or_insert_with(new);
        see(entry, finding, place, exemption, report);
    }
    for (id, entry) in &mut next.entries {
        // Of two runs that overlap, neither knows who read the place first.
        // Those of one scan that went on where it stopped come one after the other, unless they overlap, too.
        let begun = if entry.last_seen == at {
            report.begun_at
        } else {
            at
        };
        let overlaps = entry.seen_until > begun;
        if seen.contains(id) || overlaps || !entry.standing.is_there() {
            continue;
        }
        if accepted.is_left(entry, report) {
            continue;
        }
        let was_read = was_read(entry, report, reach);
        let is_about = is_about(&entry.place, &entry.rule, report, reach);
        let how = accepted.how(id, was_read).filter(|_| is_about);
        if let Some(how) = how {
            entry.standing = Standing::Accepted;
            entry.accepted = Some(Acceptance {
                at,
                how: how.to_owned(),
            });
            entry.exemption = None;
            entry.log(at, EventKind::Accepted);
        } else if was_read {
            entry.standing = Standing::Resolved;
            entry.resolved_at = Some(at);
            entry.exemption = None;
            entry.log(at, EventKind::Resolved);
        } else if is_about && is_past(entry, at) {
            // It was not seen, and is not known to be gone: nothing allows it any more.
            entry.standing = Standing::Open;
            entry.open_since = Some(at);
            entry.exemption = None;
            entry.log(at, EventKind::ExemptionEnded);
        }
    }
    next.entries.retain(|_, entry| {
        let over = match &entry.accepted {
            Some(accepted) => Some(accepted.at),
            None => entry.resolved_at,
        };
        let over = over.filter(|_| entry.is_over());
        over.is_none_or(|over| at.duration_since(over) < REMEMBERED)
    });
    next
}

/// Whether the book has a finding that says more of a method than this one, which the run made without the
/// editable tree: that the method is open is told already, and that the fix is not deployed besides.
fn is_told_better(finding: &Finding, book: &Book, report: &Report) -> bool {
    if !looks_at(finding.rule.as_str(), Look::DraftBeside) || !lacks_draft(finding, report) {
        return false;
    }
    let (one, fix) = (&finding.place, RuleId::UndeployedFix.as_str());
    book.entries.values().any(|entry| {
        let other = &entry.place;
        entry.rule == fix
            && entry.standing == Standing::Open
            // That a fix is on its way makes it less severe; that more can reach it does not.
            && (finding.severity <= entry.severity
                || entry.exposure == finding.reach.as_ref().map(|it| it.exposure))
            && other.api.as_ref().map(|api| &api.id) == one.api.as_ref().map(|api| &api.id)
            && (&other.region, &other.stage) == (&one.region, &one.stage)
            && (&other.verb, &other.path) == (&one.verb, &one.path)
            && other.route_key == one.route_key
    })
}

/// Whether a run did not read the editable tree of the API that a finding is about.
fn lacks_draft(finding: &Finding, report: &Report) -> bool {
    let api = finding.place.api.as_ref().map(|api| &api.id);
    let is_its_draft = |gap: &Gap| {
        gap.kind == GapKind::Draft && gap.region == finding.place.region && gap.api.as_ref() == api
    };
    report.scope.without_drafts || report.evaluation.gaps.iter().any(is_its_draft)
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
    let accepted_at = entry.accepted.as_ref().map(|it| it.at);
    let later = [Some(entry.last_seen), entry.resolved_at, accepted_at];
    let is_new = entry.events.is_empty();
    if !is_new && later.into_iter().flatten().any(|it| it > at) {
        return;
    }
    // Another run that went on with the same scan knows better: it has read the place since.
    if !is_new && [entry.resolved_at, accepted_at].contains(&Some(at)) {
        return;
    }
    // What is shown less clearly than before keeps the severity that it had; what is plainly worse is worse,
    // whatever else was not read.
    let known = finding
        .reach
        .as_ref()
        .is_none_or(|it| it.exposure != Exposure::Unknown);
    let clear = is_new
        || !entry.standing.is_there()
        || !is_blurred(entry, report)
        || (known && finding.severity > entry.severity);
    entry.describe(finding, place);
    entry.judged_by = Some(report.judged_by.clone());
    entry.accepted = None;
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
