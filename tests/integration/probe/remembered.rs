//! What a ledger makes of a finding that only a probe shows.

use std::fs;

use gatewatch::audit::Report;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::{Book, Breadth, Standing, compare};
use gatewatch::policy_file::PolicyFile;
use jiff::civil::date;

use crate::support::package;
use crate::support::probe::probed;

/// The report of a day over the inventory of the rule's example: with the answers of its bad or good side, or without any.
fn report(day: i8, side: Option<&str>) -> Report {
    let folder = package("tests/rules/probe-disagrees").join(side.unwrap_or("bad"));
    let inventory = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let read = format!("2026-06-{day}T06:00:00Z");
    let inventory = inventory.replace("2026-06-15T06:00:00Z", &read);
    let inventory = Inventory::from_json(&inventory).unwrap();
    let (policy, today) = (PolicyFile::default(), date(2026, 6, day));
    match side {
        None => Report::new(&inventory, &policy, today),
        Some(_) => {
            let probed = probed(&inventory, &folder).unwrap();
            Report::of_probe(&inventory, probed, &policy, today)
        }
    }
}

#[test]
fn a_scan_that_asks_no_url_does_not_resolve_what_a_probe_found() {
    let standing = |book: &Book| {
        let mut entries = book.entries.values();
        let own = entries.find(|it| it.rule == "probe-disagrees");
        own.unwrap().standing
    };
    let book = Book::new("111122223333", Some("eu-west-1"));
    let book = compare(&book, &report(15, Some("bad")), Breadth::Whole);
    assert_eq!(standing(&book), Standing::Open);
    let book = compare(&book, &report(16, None), Breadth::Whole);
    assert_eq!(standing(&book), Standing::Open);
    let book = compare(&book, &report(17, Some("good")), Breadth::Whole);
    assert_eq!(standing(&book), Standing::Resolved);
}
