//! A book and a report: the next book.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::accepted::Accepted;
use super::book::Book;
use super::ending::departure;
use super::entry::{
    Acceptance, Allowed, Departure, Entry, EventKind, Presence, Standing, Successor,
};
use super::frozen::is_still_deployed;
use super::matter::{ByMatter, Matters};
use super::read::{Breadth, is_about, is_left_out, looks_at, was_read};
use super::room::{MOST, make_room};
use super::see::see;
use super::spot::Spot;
use crate::audit::Report;
use crate::audit::finding::{Finding, RuleId, Texts};
use crate::audit::rules::Look;
use crate::inventory::{Gap, GapKind};
use crate::policy_file::Validity;

/// For how long a resolved finding is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 180);

/// Takes in what a run found in the Region of a book, by the policy file by which everything in the book was
/// judged.
pub fn compare(book: &Book, report: &Report, breadth: Breadth) -> Book {
    compare_judged(book, report, breadth, &Accepted::default())
}

/// Takes in what a run found in the Region of a book. `accepted` are the findings that the run did not make as the
/// policy file accepts them now: an edit of the policy file mends nothing.
///
/// What the book knows from a run that began later stays: two runs at once may end in any order.
///
/// ```
/// # use gatewatch::audit::Report;
/// # use gatewatch::inventory::Inventory;
/// # use gatewatch::policy_file::PolicyFile;
/// #
/// # const INVENTORY: &str = r#"{
/// #     "schema_version": 1, "account": "111122223333", "partition": "aws",
/// #     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
/// #     "apis": [{
/// #         "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
/// #         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
/// #         "stages": [{"name": "prod", "deployment_id": "dep111"}],
/// #         "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
/// #             {"verb": "GET", "path": "/pets/{petId}", "authorization": "NONE", "api_key_required": false}
/// #         ]}],
/// #         "draft": [{"verb": "GET", "path": "/pets/{petId}", "resource_id": "res111",
/// #                    "authorization": "NONE", "api_key_required": false, "integration": "HTTP"}]
/// #     }],
/// #     "domains": [], "gaps": [],
/// #     "iam": {"users": [], "roles": [], "policies": [], "groups": []}
/// # }"#;
/// # /// A scan of that day.
/// # fn scan(inventory: &str, day: &str) -> Report {
/// #     let inventory = Inventory::from_json(&inventory.replace("2026-06-15", day)).unwrap();
/// #     Report::new(&inventory, &PolicyFile::default(), day.parse().unwrap())
/// # }
/// use gatewatch::ledger::{Accepted, Book, Breadth, Standing, compare_judged};
///
/// let take_in = |book: &Book, report: &Report| {
///     compare_judged(book, report, Breadth::Whole, &Accepted::default())
/// };
/// let empty = Book::new("111122223333", Some("eu-west-1"));
/// let report = scan(INVENTORY, "2026-06-15");
/// let id = report.evaluation.findings[0].fingerprint().to_string();
/// let book = take_in(&empty, &report);
/// assert_eq!(book.entries[&id].standing, Standing::Open);
///
/// // The method is protected and deployed.
/// let mended = INVENTORY.replace("NONE", "AWS_IAM");
/// let book = take_in(&book, &scan(&mended, "2026-06-16"));
/// assert_eq!(book.entries[&id].standing, Standing::Resolved);
///
/// // A scan that began before says nothing new.
/// let late = take_in(&book, &report);
/// assert_eq!(late.entries[&id].standing, Standing::Resolved);
/// ```
pub fn compare_judged(book: &Book, report: &Report, breadth: Breadth, accepted: &Accepted) -> Book {
    next(book.clone(), report, breadth, accepted)
}

/// The same for whoever needs the book no longer as it was: it may be large, and is not copied.
pub fn next(mut book: Book, report: &Report, breadth: Breadth, accepted: &Accepted) -> Book {
    let ids = ids(&book, report, breadth);
    let missing = book.entries.values().map(Box::as_ref);
    let missing = missing.filter(|it| it.standing.is_there() && !ids.contains(&it.id));
    let asked = Matters::of(missing).and_of_authorization(accepted.answers());
    let seen = Seen {
        ids,
        about: ByMatter::of(asked),
    };
    let seen = take_in(&mut book, seen, report, breadth);
    let mut since: Vec<(String, Timestamp)> = Vec::new();
    for (id, entry) in &mut book.entries {
        // If two runs overlap, neither knows which of them read the place first. The runs of one scan that went on
        // where it stopped come one after the other, unless they overlap, too.
        let begun = if entry.last_seen == report.taken_at {
            report.begun_at
        } else {
            report.taken_at
        };
        let overlaps = entry.seen_until > begun;
        if seen.ids.contains(id) || overlaps || !entry.standing.is_there() {
            continue;
        }
        if accepted.is_left(entry, report) {
            continue;
        }
        if let Some(successor) = miss(entry, &seen, report, breadth, accepted) {
            since.extend(entry.open_since.map(|since| (successor, since)));
        }
    }
    // The method has been wrong since the earlier finding was open, whichever rule describes it.
    for (id, open_since) in since {
        if let Some(entry) = book.entries.get_mut(&id) {
            entry.open_since = entry.open_since.map(|it| it.min(open_since));
        }
    }
    book.entries.retain(|_, entry| {
        let over = entry.ends().into_iter().flatten().next();
        let over = over.filter(|_| entry.is_over());
        over.is_none_or(|over| report.taken_at.duration_since(over) < REMEMBERED)
    });
    // Of an API with more findings than a run keeps, nothing is ever resolved: what nobody was told of it, and this run
    // did not keep, is among what its gap counts.
    make_room(&mut book.entries, MOST, |entry| {
        let is_untold = entry.told.is_none() && entry.passed_on.is_none();
        let is_spare = is_untold && entry.standing.is_there();
        is_spare && !seen.ids.contains(&entry.id) && is_left_out(entry, report)
    });
    book
}

/// What a run found in the Region of a book.
struct Seen {
    ids: BTreeSet<String>,
    /// What may have taken the place of the entries that the run did not make, with when it was there before.
    about: ByMatter<(Successor, Option<Presence>)>,
}

/// The ids of what a run found in the Region of a book.
fn ids(book: &Book, report: &Report, breadth: Breadth) -> BTreeSet<String> {
    let of_region = report.evaluation.all_findings();
    let of_region = of_region.filter(|it| it.place.region.as_deref() == book.region.as_deref());
    let is_about = |it: &&Finding| {
        let place = Spot::of(&it.place, &report.partition);
        is_about(&place, it.rule.as_str(), report, breadth)
    };
    let ids = of_region.filter(is_about);
    ids.map(|it| it.fingerprint().to_string()).collect()
}

/// Writes into a book what a run found in its Region.
fn take_in(next: &mut Book, mut seen: Seen, report: &Report, breadth: Breadth) -> Seen {
    let mut texts = Texts::default();
    let evaluation = &report.evaluation;
    let open = evaluation.findings.iter().map(|it| (it, None));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|it| (&it.finding, Some(Allowed::from(it))));
    for (finding, exemption) in open.chain(exempted) {
        let (rule, at) = (finding.rule.as_str(), report.taken_at);
        let place = Spot::of(&finding.place, &report.partition);
        let id = finding.fingerprint().to_string();
        let successor = Successor {
            at,
            id: id.clone(),
            rule: rule.to_owned(),
            severity: finding.severity,
        };
        if finding.place.region.as_deref() != next.region.as_deref() {
            // What a principal may call lies in the books of other Regions.
            seen.about.add(rule, &place, (successor, None));
            continue;
        }
        if !is_about(&place, rule, report, breadth) {
            continue;
        }
        let known = next.entries.get(&id);
        let before = known.map(|it| it.presence());
        let is_known = known.is_some_and(|it| it.standing.is_there());
        if !is_known && is_told_better(finding, next, report) {
            continue;
        }
        seen.about.add(rule, &place, (successor, before));
        let new = || Box::new(Entry::new(id.clone(), finding, place.clone(), at));
        let entry = next.entries.entry(id.clone()).or_insert_with(new);
        see(entry, finding, place, exemption, report);
        entry.share(&mut texts);
    }
    seen
}

/// Says of a finding that a run did not make what became of it, as far as that is known. Gives the id of the finding
/// that took its place.
fn miss(
    entry: &mut Entry,
    seen: &Seen,
    report: &Report,
    breadth: Breadth,
    accepted: &Accepted,
) -> Option<String> {
    let at = report.taken_at;
    let is_about = is_about(&entry.place, &entry.rule, report, breadth);
    let was_read = was_read(entry, report, breadth);
    let is_still_deployed = is_still_deployed(entry, report);
    let successor = successor(seen, entry, report, accepted);
    let how = accepted.how(&entry.id, was_read);
    let how = how.filter(|_| is_about && successor.is_none());
    // If the place was not read, the finding stays beside the one that describes it.
    if let Some(successor) = successor.filter(|_| was_read) {
        let id = successor.id.clone();
        entry.standing = Standing::Became;
        entry.became = Some(Box::new(successor));
        entry.exemption = None;
        entry.log(at, EventKind::Became);
        return Some(id);
    }
    if let Some(how) = departure(entry, report).filter(|_| was_read) {
        entry.standing = Standing::Gone;
        entry.gone = Some(Box::new(Departure { at, how }));
        entry.exemption = None;
        entry.log(at, EventKind::Gone);
    } else if let Some(how) = how {
        entry.standing = Standing::Accepted;
        let how = how.to_owned();
        entry.accepted = Some(Box::new(Acceptance { at, how }));
        entry.exemption = None;
        entry.log(at, EventKind::Accepted);
    } else if was_read && !is_still_deployed {
        entry.standing = Standing::Resolved;
        entry.resolved_at = Some(at);
        entry.exemption = None;
        entry.log(at, EventKind::Resolved);
    } else if is_about && entry.standing == Standing::Exempt && !may_be_exempt(entry, report) {
        // It was not seen, and is not known to be gone: nothing allows it any more.
        entry.standing = Standing::Open;
        entry.open_since = Some(at);
        entry.exemption = None;
        entry.log(at, EventKind::ExemptionEnded);
    }
    None
}

/// Whether no run made both findings, as far as is known: the one can have taken the place of the other.
pub fn were_apart(one: &Entry, other: &Entry) -> bool {
    one.presence().is_apart_from(other)
}

/// The worst finding that describes what an entry did: one about the same that was not made beside it, or one at a
/// place that answers the entry's requests now.
fn successor(
    seen: &Seen,
    entry: &Entry,
    report: &Report,
    accepted: &Accepted,
) -> Option<Successor> {
    let about = seen.about.about(entry, &report.evaluation.own_verbs);
    let later = about.filter(|(_, before)| before.is_none_or(|it| it.is_apart_from(entry)));
    let elsewhere = accepted.answered_by(&entry.id).iter();
    let elsewhere = elsewhere.flat_map(|it| seen.about.of_authorization(it));
    let all = later.chain(elsewhere).map(|(it, _)| it);
    all.max_by_key(|it| it.severity).cloned()
}

/// Whether the book has a finding that says more of a method than this one, which the run made without the
/// draft: that the method is open is told already, and that the fix is not deployed besides.
fn is_told_better(finding: &Finding, book: &Book, report: &Report) -> bool {
    if !looks_at(finding.rule.as_str(), Look::DraftBeside) || !lacks_draft(finding, report) {
        return false;
    }
    let (one, fix) = (&finding.place, RuleId::UndeployedFix.as_str());
    book.entries.values().any(|entry| {
        let other = &entry.place;
        entry.rule == fix
            && entry.standing == Standing::Open
            // A fix that is not deployed yet makes it less severe; a wider exposure does not.
            && (finding.severity <= entry.severity
                || entry.exposure == finding.reach.as_ref().map(|it| it.exposure))
            && other.api.as_ref().map(|api| api.id.as_str()) == one.api.as_ref().map(|api| api.id.as_str())
            && (&other.region, &other.stage) == (&one.region, &one.stage)
            && (&other.verb, &other.path) == (&one.verb, &one.path)
            && other.route_key == one.route_key
    })
}

/// Whether a run did not read the draft of the API that a finding is about.
fn lacks_draft(finding: &Finding, report: &Report) -> bool {
    let api = finding.place.api.as_ref().map(|api| &api.id);
    let is_its_draft = |gap: &Gap| {
        gap.kind == GapKind::Draft
            && gap.region.as_deref() == finding.place.region.as_deref()
            && gap.api.as_ref() == api
    };
    report.scope.without_drafts || report.evaluation.gaps.iter().any(is_its_draft)
}

/// Whether the policy file still has an exemption that may be the one of an entry whose place was not read: it holds
/// today, speaks of the rule, and has the same owner or the same reason.
fn may_be_exempt(entry: &Entry, report: &Report) -> bool {
    let Some(allowed) = &entry.exemption else {
        return false;
    };
    report.evaluation.exemptions.iter().any(|it| {
        let exemption = &it.exemption;
        let mut rules = exemption.rules.iter();
        let speaks_of = (exemption.rules.is_empty() && exemption.ids.contains(&entry.id))
            || rules.any(|rule| rule.as_str() == entry.rule);
        it.standing == Validity::InForce
            && speaks_of
            && (exemption.owner == allowed.owner || exemption.reason == allowed.reason)
    })
}
