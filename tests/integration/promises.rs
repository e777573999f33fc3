//! What the ledger promises, where several things happen at once.

use gatewatch::inventory::Scope;
use gatewatch::ledger::{Book, Breadth, Entry, Kind, Standing, Told, compare};
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::{Ledger, LedgerError, Step};

use crate::crash::{ACCOUNT, World, hour, open_ids, report, report_under, run, set};

fn book() -> Book {
    Book::new(ACCOUNT, Some("eu-west-1"))
}

/// The entry of the one method that these stories are about.
fn method(book: &Book) -> &Entry {
    let id = open_ids(&report(&set(&[1]), false, 0)).pop_first().unwrap();
    &book.entries[&id]
}

fn tell(book: &mut Book, at: i64) {
    let told: Vec<(String, Told)> = (book.entries.values())
        .map(|it| {
            let (standing, severity) = (it.standing, it.severity);
            let at = hour(at);
            let told = Told {
                at,
                standing,
                severity,
            };
            (it.id.clone(), told)
        })
        .collect();
    book.tell(hour(at), told.iter().map(|(id, told)| (id.as_str(), *told)));
}

/// Every open method of the API may be, until the day after the first run.
fn exempting() -> PolicyFile {
    let text = "version: 1\nexemptions:\n  - {rule: open-method, match: {api: PetStore}, severity: critical, \
                reason: known, owner: alice, expires: 2026-06-15}\n";
    PolicyFile::from_yaml_on("gatewatch.yaml", text, "2026-06-15".parse().unwrap()).unwrap()
}

#[test]
fn the_name_of_an_api_that_was_renamed_resolves_nothing() {
    let before = compare(&book(), &report(&set(&[1]), false, 0), Breadth::Whole);
    // Another API has the name now, and is what was read.
    let mut narrowed = report(&set(&[]), false, 1);
    narrowed.scope = Scope::new(vec!["eu-west-1".to_owned()], vec!["PetStore".to_owned()]);
    narrowed.evaluation.findings.clear();
    narrowed.apis = [("eu-west-1".to_owned(), "b2".to_owned())].into();
    let after = compare(&before, &narrowed, Breadth::Part);
    assert_eq!(after, before);
    // Read under its id, it is.
    narrowed.apis = [("eu-west-1".to_owned(), "a1b2c3d4e5".to_owned())].into();
    let after = compare(&before, &narrowed, Breadth::Part);
    assert_eq!(method(&after).standing, Standing::Resolved);
}

#[test]
fn of_two_runs_that_overlap_neither_resolves_what_the_other_saw() {
    // It began first, and read this API last.
    let mut slow = report(&set(&[1]), false, 0);
    slow.read_until = hour(3);
    let seen = compare(&book(), &slow, Breadth::Whole);
    let fast = report(&set(&[]), false, 1);
    assert_eq!(
        method(&compare(&seen, &fast, Breadth::Whole)).standing,
        Standing::Open
    );
    let next = report(&set(&[]), false, 3);
    assert_eq!(
        method(&compare(&seen, &next, Breadth::Whole)).standing,
        Standing::Resolved
    );
}

#[test]
fn the_last_word_is_what_was_sent_last() {
    let mut told = compare(&book(), &report(&set(&[1]), false, 0), Breadth::Whole);
    tell(&mut told, 0);
    let mut stale = compare(&told, &report(&set(&[]), false, 1), Breadth::Whole);
    let mut now = compare(&stale, &report(&set(&[1]), false, 2), Breadth::Whole);
    tell(&mut now, 2);
    assert_eq!(method(&now).pending(), None);
    // The run before sends only now that it is resolved.
    tell(&mut stale, 1);
    let said = method(&stale).told.unwrap();
    now.tell(hour(1), [(method(&now).id.clone().as_str(), said)]);
    assert_eq!(method(&now).pending(), Some(Kind::Reopened));
}

#[test]
fn what_a_killed_run_may_have_announced_is_not_exempted_in_silence() {
    let found = compare(&book(), &report(&set(&[1]), false, 0), Breadth::Whole);
    let exempt = report_under(&exempting(), &set(&[1]), false, 1);
    let exempt = compare(&found, &exempt, Breadth::Whole);
    assert_eq!(method(&exempt).pending(), Some(Kind::Exempted));
    let from_the_first = report_under(&exempting(), &set(&[1]), false, 0);
    let from_the_first = compare(&book(), &from_the_first, Breadth::Whole);
    assert_eq!(method(&from_the_first).pending(), None);
}

#[test]
fn an_exemption_that_ends_where_nothing_can_be_read_ends_all_the_same() {
    let exempt = report_under(&exempting(), &set(&[1]), false, 0);
    let exempt = compare(&book(), &exempt, Breadth::Whole);
    let blind = |day: i64| report_under(&exempting(), &set(&[]), true, 24 * day);
    let same_day = compare(
        &exempt,
        &report_under(&exempting(), &set(&[]), true, 1),
        Breadth::Whole,
    );
    assert_eq!(method(&same_day).standing, Standing::Exempt);
    let later = compare(&exempt, &blind(2), Breadth::Whole);
    assert_eq!(method(&later).standing, Standing::Open);
    assert_eq!(method(&later).pending(), Some(Kind::ExemptionExpired));
}

#[test]
fn what_waits_has_waited_since_it_first_changed() {
    let found = compare(&book(), &report(&set(&[1]), false, 0), Breadth::Whole);
    let exempt = report_under(&exempting(), &set(&[1]), false, 5);
    let exempt = compare(&found, &exempt, Breadth::Whole);
    assert_eq!(method(&exempt).waiting_since(), Some(hour(0)));
}

#[tokio::test]
async fn a_ledger_from_the_future_is_refused() {
    let world = World::default();
    run(&world, &set(&[1]), false, 24 * 300).await.unwrap();
    let scope = Scope::new(vec!["eu-west-1".to_owned()], Vec::new());
    let ledger = Ledger::open(&world, ACCOUNT, &scope).await.unwrap();
    let refused = ledger.check_clock(hour(1)).unwrap_err();
    assert!(matches!(refused, LedgerError::Future { .. }), "{refused}");
    assert!(
        refused.to_string().contains("set the clock right"),
        "{refused}"
    );
    ledger.check_clock(hour(24 * 300)).unwrap();
}

#[tokio::test]
async fn what_was_left_unsaid_of_another_region_is_announced_by_the_next_run() {
    let world = World::default();
    world.end_at(Step::Announce);
    // Found in eu-west-1, and SNS did not take it.
    run(&world, &set(&[1]), false, 0).await.unwrap_err();
    world.arm(None, true);
    let other = Scope::new(vec!["us-east-1".to_owned()], Vec::new());
    let ledger = Ledger::open(&world, ACCOUNT, &other).await.unwrap();
    assert!(ledger.waiting_since().is_some());
    assert_eq!(ledger.reach(&other, false), Breadth::Part);
}

#[test]
fn an_entry_whose_id_is_not_that_of_its_place_is_refused() {
    let found = compare(&book(), &report(&set(&[1]), false, 0), Breadth::Whole);
    let text = found.to_json().unwrap();
    let read = |text: &str| Book::from_json(text, ACCOUNT, Some("eu-west-1"));
    assert_eq!(read(&text).unwrap(), found);
    let id = &method(&found).id;
    for (from, to) in [
        ("\"stage\":\"prod\"", "\"stage\":\"test\""),
        ("\"rule\":\"open-method\"", "\"rule\":\"api-key-only\""),
        (
            "\"account\":\"111122223333\",\"region\":\"eu-west-1\",\"api\"",
            "\"account\":\"111122223333\",\"region\":\"eu-west-2\",\"api\"",
        ),
        (id.as_str(), "00000000000000000000000000000000"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        let error = read(&changed).unwrap_err().to_string();
        assert!(error.contains("is not that of"), "{from}: {error}");
    }
    // A new name is no other place.
    let renamed = text.replace("PetStore", "Pet shop");
    assert!(read(&renamed).is_ok());
}
