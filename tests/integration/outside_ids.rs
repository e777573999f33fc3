//! Findings about callers of other accounts: which of them are the same finding, and which are not.

use gatewatch::audit::Report;
use gatewatch::audit::finding::{Finding, RuleId};
use gatewatch::inventory::Inventory;
use gatewatch::ledger::{Book, Breadth, Standing, compare};
use gatewatch::policy_file::PolicyFile;
use jiff::ToSpan as _;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::other_accounts;

const ROLE: &str = "arn:aws:iam::999988887777:role/partner";

/// The report on an API whose resource policy lets these principals in, by a policy file that lists none of them, of a run
/// some days after the first.
fn report(principals: &Value, exemptions: &str, day: i64) -> Report {
    let statements = json!([{"Effect": "Allow", "Principal": {"AWS": principals}}]);
    let inventory = other_accounts::inventory("aws", &statements).to_string();
    let inventory = Inventory::from_json(&inventory).unwrap();
    let policy = format!("version: 1\ninvokers: [{{groups: x}}]\n{exemptions}");
    let policy = PolicyFile::from_yaml("gatewatch.yaml", &policy).unwrap();
    let mut report = Report::new(&inventory, &policy, date(2026, 6, 15));
    let at = report.taken_at.checked_add((24 * day).hours()).unwrap();
    (report.taken_at, report.begun_at, report.read_until) = (at, at, at);
    report
}

/// The open findings about callers of other accounts.
fn open(report: &Report) -> Vec<&Finding> {
    let findings = report.evaluation.findings.iter();
    let own = findings.filter(|it| it.rule == RuleId::UnlistedInvoker);
    own.collect()
}

fn places(report: &Report) -> Vec<String> {
    let open = open(report).into_iter();
    open.map(|it| it.place.in_words()).collect()
}

fn id(finding: &Finding) -> String {
    finding.fingerprint().to_string()
}

/// An exemption of the findings that a key of it tells.
fn exempting(key: &str) -> String {
    format!("exemptions: [{{{key}, severity: medium, reason: r, owner: o, expires: 2026-07-01}}]\n")
}

#[test]
fn a_role_its_session_and_its_account_are_told_apart() {
    let session = "arn:aws:sts::999988887777:assumed-role/partner/ci";
    let all = report(&json!([ROLE, session, "999988887777"]), "", 0);
    assert_eq!(
        places(&all),
        [
            "account 999988887777",
            "account 999988887777 (assumed-role/partner/ci)",
            "account 999988887777 (role/partner)",
        ]
    );
    let mut ids: Vec<String> = open(&all).into_iter().map(id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // Written down: whoever accepted the account accepted this.
    assert!(ids.contains(&"0db83ae8a7c56e97a2247decfa654a10".to_owned()));
}

#[test]
fn what_is_accepted_of_a_role_is_not_accepted_of_its_account() {
    let of_the_role = report(&json!(ROLE), "", 0);
    let accepted = exempting(&format!("id: {}", id(open(&of_the_role)[0])));
    assert!(places(&report(&json!(ROLE), &accepted, 0)).is_empty());
    let wider = report(&json!([ROLE, "999988887777"]), &accepted, 0);
    assert_eq!(places(&wider), ["account 999988887777"]);
    let another = report(&json!("arn:aws:iam::999988887777:role/other"), &accepted, 0);
    assert_eq!(places(&another), ["account 999988887777 (role/other)"]);
}

#[test]
fn an_account_in_an_exemption_stands_for_everybody_in_it_and_a_role_for_itself() {
    let both = json!([ROLE, "999988887777"]);
    let left = |principal: &str| {
        let key = format!("rule: unlisted-invoker, principal: '{principal}'");
        places(&report(&both, &exempting(&key), 0))
    };
    assert!(left("999988887777").is_empty());
    assert!(left("9999*").is_empty());
    assert_eq!(
        left("999988887777 (role/partner)"),
        ["account 999988887777"]
    );
    assert_eq!(left("* (role/*)"), ["account 999988887777"]);
    assert_eq!(left("999988887778").len(), 2);
}

#[test]
fn an_account_that_is_narrowed_to_a_role_is_not_mended() {
    let whole = report(&json!("999988887777"), "", 0);
    let account = id(open(&whole)[0]);
    let book = compare(&Book::new("111122223333", None), &whole, Breadth::Whole);
    let narrowed = report(&json!(ROLE), "", 1);
    let role = id(open(&narrowed)[0]);
    let book = compare(&book, &narrowed, Breadth::Whole);
    assert_eq!(book.entries[&account].standing, Standing::Became);
    assert_eq!(book.entries[&role].standing, Standing::Open);
    // Where both were there, one that goes is mended.
    let both = report(&json!([ROLE, "999988887777"]), "", 2);
    let book = compare(&book, &both, Breadth::Whole);
    let book = compare(&book, &report(&json!(ROLE), "", 3), Breadth::Whole);
    assert_eq!(book.entries[&account].standing, Standing::Resolved);
    assert_eq!(book.entries[&role].standing, Standing::Open);
}
