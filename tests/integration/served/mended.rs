//! What the ledger makes of types that are inferred.

use std::collections::BTreeSet;

use gatewatch::audit::Report;
use gatewatch::ledger::{Book, Breadth, Standing, compare};
use jiff::ToSpan as _;

use super::*;

/// A report on a day.
fn report(inventory: &Inventory, day: i64) -> Report {
    let policy = PolicyFile::from_yaml("p", "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n");
    let mut report = Report::new(inventory, &policy.unwrap(), date(2026, 6, 15));
    let at = report.taken_at.checked_add((24 * day).hours()).unwrap();
    (report.taken_at, report.begun_at, report.read_until) = (at, at, at);
    report
}

/// What becomes of the findings of the first of these inventories, by rule.
fn standings(days: &[Inventory]) -> Vec<(String, Standing)> {
    let mut book = Book::new(ACCOUNT, Some("eu-west-1"));
    let mut ids = BTreeSet::new();
    for (day, inventory) in (0..).zip(days) {
        book = compare(&book, &report(inventory, day), Breadth::Whole);
        if day == 0 {
            ids.extend(book.entries.keys().cloned());
        }
    }
    let of_first = book.entries.into_iter().filter(|(id, _)| ids.contains(id));
    of_first
        .map(|(_, it)| (it.rule.into_owned(), it.standing))
        .collect()
}

#[test]
fn what_is_inferred_resolves_nothing_that_was_found_deployed() {
    let open = [("rule".to_owned(), Standing::Open)];
    let expect = |days: &[Inventory], rule: &str| {
        let mut expected = open.clone();
        expected[0].0 = rule.to_owned();
        let standings = standings(days);
        let of: Vec<_> = standings
            .iter()
            .filter(|it| it.0 == rule)
            .cloned()
            .collect();
        assert_eq!(of, expected, "{standings:?}");
    };
    let iam = [("GET", "/x", "AWS_IAM")];
    let none = [("GET", "/x", "NONE")];
    let untold = [("GET", "/x", "-")];
    // The deployment said NONE. That it says nothing since, and the draft AWS_IAM, is no proof.
    expect(&[rest(&none, &none), rest(&untold, &iam)], "open-method");
    expect(
        &[
            rest(&none, &none),
            rest(&untold, &[("ANY", "/x", "AWS_IAM")]),
        ],
        "open-method",
    );
    expect(&[rest(&none, &iam), rest(&untold, &iam)], "undeployed-fix");
    let custom = [("GET", "/x", "CUSTOM")];
    expect(
        &[rest(&custom, &custom), rest(&untold, &iam)],
        "foreign-authorizer",
    );
    expect(
        &[rest(&iam, &iam), rest(&untold, &custom)],
        "uncallable-method",
    );
    // What was inferred in between is no proof either.
    expect(
        &[
            rest(&none, &none),
            rest(&untold, &none),
            rest(&untold, &iam),
        ],
        "open-method",
    );
    // Nothing of the deployment is told, and the draft no longer has the method.
    let nothing = |drafted: &[Method]| {
        let deployment = deployment("REST", "d", "summary", None);
        inventory(api("REST", &[deployment], draft("REST", drafted)))
    };
    expect(&[rest(&none, &none), nothing(&iam)], "open-method");
    expect(
        &[rest(&none, &none), nothing(&[("GET", "/y", "AWS_IAM")])],
        "open-method",
    );
    // The same of a canary.
    let with_canary = |canary: Method| {
        let own = deployment("REST", "d", "summary", Some(&iam));
        let canary = deployment("REST", "c", "summary", Some(&[canary]));
        inventory(api("REST", &[own, canary], draft("REST", &iam)))
    };
    expect(
        &[with_canary(none[0]), with_canary(untold[0])],
        "open-canary",
    );
}

#[test]
fn what_is_told_resolves_and_what_was_inferred_may_be_inferred_to_be_mended() {
    let iam = [("GET", "/x", "AWS_IAM")];
    let none = [("GET", "/x", "NONE")];
    let untold = [("GET", "/x", "-")];
    let resolved = |days: &[Inventory], rule: &str| {
        let standings = standings(days);
        assert!(
            standings.contains(&(rule.to_owned(), Standing::Resolved)),
            "{standings:?}"
        );
    };
    resolved(
        &[rest(&none, &none), rest(&untold, &iam), rest(&iam, &iam)],
        "open-method",
    );
    // Both rest on the draft.
    resolved(&[rest(&untold, &none), rest(&untold, &iam)], "open-method");
    let connect = |kind| {
        let deployment = deployment("WEBSOCKET", "d", "summary", None);
        inventory(api(
            "WEBSOCKET",
            &[deployment],
            draft("WEBSOCKET", &[("ANY", "$connect", kind)]),
        ))
    };
    resolved(&[connect("NONE"), connect("AWS_IAM")], "open-connect");
    // Another method of the same stage is not told: that says nothing of this one.
    let with_other = |kind| {
        rest(
            &[("GET", "/x", kind), ("GET", "/y", "-")],
            &[("GET", "/x", kind), ("GET", "/y", "AWS_IAM")],
        )
    };
    resolved(&[with_other("NONE"), with_other("AWS_IAM")], "open-method");
}

/// An older gatewatch did not write down what a finding rests on.
#[test]
fn an_older_ledger_is_taken_to_have_read_what_can_be_read() {
    let untold = [("GET", "/x", "-")];
    let connect = |kind| {
        let deployment = deployment("WEBSOCKET", "d", "summary", None);
        let drafted = draft("WEBSOCKET", &[("ANY", "$connect", kind)]);
        inventory(api("WEBSOCKET", &[deployment], drafted))
    };
    for (before, after, standing) in [
        (
            rest(&untold, &[("GET", "/x", "NONE")]),
            rest(&untold, &[("GET", "/x", "AWS_IAM")]),
            Standing::Open,
        ),
        (connect("NONE"), connect("AWS_IAM"), Standing::Resolved),
    ] {
        let book = Book::new(ACCOUNT, Some("eu-west-1"));
        let book = compare(&book, &report(&before, 0), Breadth::Whole);
        let mut older: Value = serde_json::from_str(&book.to_json().unwrap()).unwrap();
        for entry in older["findings"].as_array_mut().unwrap() {
            assert_eq!(
                entry.as_object_mut().unwrap().remove("proof"),
                Some(json!("inferred"))
            );
        }
        let older = Book::any_from_json(&older.to_string()).unwrap();
        let next = compare(&older, &report(&after, 1), Breadth::Whole);
        for id in book.entries.keys() {
            assert_eq!(next.entries[id].standing, standing, "{id}");
        }
    }
}
