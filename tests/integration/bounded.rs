//! An account with more findings than a run keeps: each API gets its share, and what is left out is never clean.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::audit::finding::{Finding, Severity};
use gatewatch::audit::{Bound, Report, Status};
use gatewatch::inventory::{Gap, GapKind, Inventory};
use gatewatch::ledger::{Entry, Kind, Settings, Standing, entries};
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::Ledger;
use gatewatch::{ledger::Breadth, render::digest_text};
use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::crash::World;

const STRICT: &str = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
const LAX: &str = "version: 1\nrequire:\n  - authorization: [AWS_IAM, NONE]\n";

/// A REST API whose methods, each with a path of its own, have these verbs and this type.
fn api(number: usize, verbs: &[&str], authorization: &str) -> Value {
    let methods = verbs.iter().enumerate().map(|(path, verb)| {
        json!({"verb": verb, "path": format!("/{path}"), "authorization": authorization, "api_key_required": false})
    });
    let methods: Vec<Value> = methods.collect();
    let mut draft = methods.clone();
    for drafted in &mut draft {
        drafted["resource_id"] = json!("abc123");
        drafted["integration"] = json!("HTTP");
    }
    json!({
        "region": "eu-west-1", "id": format!("{number:010}"), "name": format!("api-{number}"), "kind": "REST",
        "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
        "stages": [{"name": "prod", "deployment_id": "dep111"}],
        "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": methods}],
        "draft": draft,
    })
}

fn account(apis: Vec<Value>) -> Inventory {
    let account = json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"]}, "apis": apis, "domains": [], "gaps": [],
        "iam": {"groups": [], "users": [], "roles": [], "policies": []},
    });
    Inventory::from_json(&account.to_string()).unwrap()
}

fn policy(text: &str) -> PolicyFile {
    PolicyFile::from_yaml("gatewatch.yaml", text).unwrap()
}

fn judged(inventory: &Inventory, text: &str, findings: usize) -> Report {
    let bound = Bound { findings };
    Report::within(inventory, &policy(text), date(2026, 6, 15), bound)
}

fn api_of(finding: &Finding) -> &str {
    &finding.place.api.as_ref().unwrap().id
}

fn kept(report: &Report) -> BTreeMap<&str, Vec<&Finding>> {
    let mut kept: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.evaluation.all_findings() {
        kept.entry(api_of(finding)).or_default().push(finding);
    }
    kept
}

fn left_out(report: &Report) -> Vec<&Gap> {
    let gaps = report.evaluation.gaps.iter();
    gaps.filter(|it| it.kind == GapKind::Findings).collect()
}

fn ids(report: &Report) -> BTreeSet<String> {
    let findings = report.evaluation.all_findings();
    findings.map(|it| it.fingerprint().to_string()).collect()
}

#[test]
fn a_large_api_leaves_small_ones_their_findings_and_says_what_it_lacks() {
    let inventory = account(vec![
        api(1, &["POST"; 60], "NONE"),
        api(2, &["GET"; 3], "NONE"),
    ]);
    let report = judged(&inventory, STRICT, 20);
    let kept = kept(&report);
    assert_eq!(kept["0000000001"].len(), 17);
    // Those of the small API are less severe, and all there.
    assert_eq!(kept["0000000002"].len(), 3);
    assert_eq!(report.status(), Status::Incomplete);
    let gaps = left_out(&report);
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        gaps[0].in_words(),
        "eu-west-1 0000000001: 43 of the 60 findings of API `api-1` are left out, the least severe ones: a run keeps 20 \
         findings in all, and each API gets its share (too many)"
    );
    assert!(left_out(&judged(&inventory, STRICT, 63)).is_empty());
}

#[test]
fn what_an_exemption_covers_is_left_out_before_what_none_does() {
    let exempt = format!(
        "{STRICT}exemptions:\n  - rule: open-method\n    match: {{verb: POST}}\n    severity: critical\n    reason: known\n    owner: a\n    \
         expires: 2026-07-01\n"
    );
    let verbs = [["POST"; 30].as_slice(), ["GET"; 5].as_slice()].concat();
    let report = judged(&account(vec![api(1, &verbs, "NONE")]), &exempt, 10);
    assert_eq!(report.evaluation.findings.len(), 5);
    assert_eq!(report.evaluation.exempted.len(), 5);
    // Which exemptions cover nothing is not known.
    let unmet = exempt.replace("POST", "DELETE");
    let report = judged(&account(vec![api(1, &["GET"; 20], "NONE")]), &unmet, 10);
    let rules = report.evaluation.findings.iter().map(|it| it.rule.as_str());
    assert_eq!(rules.collect::<BTreeSet<_>>(), ["open-method"].into());
}

#[test]
fn what_is_accepted_is_noted_as_far_as_there_is_room() {
    let by_name = format!("{STRICT}  - match: {{api: \"api-*\"}}\n    authorization: [NONE]\n");
    let inventory = account(vec![api(1, &["GET"; 30], "NONE")]);
    let report = judged(&inventory, &by_name, 10);
    assert_eq!(report.evaluation.accepted_by_name.len(), 10);
    let gaps: Vec<String> = left_out(&report).iter().map(|it| it.in_words()).collect();
    let gap = "eu-west-1 0000000001: of API `api-1`, 20 times that something was accepted, without proof or by the API's \
               name, are left out (too many)";
    assert_eq!(gaps, [gap]);
    assert!(left_out(&judged(&inventory, &by_name, 30)).is_empty());
}

/// What a run made of the account, with the ledger of a world.
async fn remembered(
    world: &World,
    run: (&Inventory, &str, usize),
    day: i64,
) -> (Vec<Entry>, String) {
    let (inventory, text, bound) = run;
    let mut report = judged(inventory, text, bound);
    let at = report.taken_at.checked_add((24 * day).hours()).unwrap();
    (report.taken_at, report.begun_at, report.read_until) = (at, at, at);
    let ledger = Ledger::open(world, &inventory.account, &inventory.scope);
    let mut ledger = ledger.await.unwrap();
    let policy = policy(text);
    let accepted = ledger.accepted(&report, inventory, &policy).await.unwrap();
    let kept = ledger.keep_policy(&inventory.account, &policy);
    kept.await.unwrap();
    let found = ledger.found(&report, &accepted, Breadth::Whole);
    found.await.unwrap();
    let books = ledger.books().to_vec();
    let digest = ledger.due(&books, &report, Settings::default(), at);
    let mail = digest.map_or_else(String::new, |it| digest_text(&it, usize::MAX));
    (entries(&books).cloned().collect(), mail)
}

#[tokio::test]
async fn what_is_left_out_stays_open_in_the_ledger_whatever_the_policy_file_says_now() {
    let both = |large: &str, small: &str| {
        let large = api(1, &["POST"; 40], large);
        account(vec![large, api(2, &["GET"; 2], small)])
    };
    let standings = |all: &[Entry], api: &str| {
        let own = all
            .iter()
            .filter(|it| it.rule == "open-method" && it.place.api.as_ref().unwrap().id == api);
        let standings = own.map(|it| it.standing);
        let mut counts = BTreeMap::new();
        standings.for_each(|it| *counts.entry(it).or_insert(0) += 1);
        counts
    };
    let world = World::default();
    let open = both("NONE", "NONE");
    remembered(&world, (&open, STRICT, 100), 0).await;
    // What the small API mended is resolved, beside the large one of which ten are kept.
    let (all, mail) = remembered(&world, (&both("NONE", "AWS_IAM"), STRICT, 10), 1).await;
    assert_eq!(standings(&all, "0000000001"), [(Standing::Open, 40)].into());
    let mended = [(Standing::Resolved, 2)].into();
    assert_eq!(standings(&all, "0000000002"), mended);
    assert!(
        mail.contains("32 of the 40 findings of API `api-1`"),
        "{mail}"
    );
    // An edit of the policy file accepts what a whole run no longer finds, and nothing that was left out.
    let edited = LAX.to_owned() + "    match: {path: /1*}\n  - authorization: [AWS_IAM]\n";
    let (all, _) = remembered(&world, (&open, &edited, 10), 2).await;
    assert_eq!(standings(&all, "0000000001"), [(Standing::Open, 40)].into());
    let (all, _) = remembered(&world, (&open, &edited, 100), 3).await;
    let both = [(Standing::Open, 29), (Standing::Accepted, 11)].into();
    assert_eq!(standings(&all, "0000000001"), both);
}

#[tokio::test]
async fn what_was_left_out_is_announced_by_the_run_that_keeps_it() {
    let world = World::default();
    let inventory = account(vec![api(1, &["POST"; 12], "NONE")]);
    let (all, _) = remembered(&world, (&inventory, STRICT, 10), 0).await;
    assert_eq!(all.len(), 10);
    let (all, _) = remembered(&world, (&inventory, STRICT, 12), 1).await;
    let new = all.iter().filter(|it| it.pending() == Some(Kind::New));
    assert_eq!(new.count(), 12);
}

fn any_apis() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    let verb = prop::sample::select(vec!["GET", "POST", "OPTIONS"]);
    prop::collection::vec(prop::collection::vec(verb, 0..30), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_api_keeps_its_worst_and_a_gap_counts_the_rest(apis in any_apis(), bound in 1..80_usize) {
        let made: Vec<Value> = apis.iter().enumerate().map(|(number, verbs)| api(number, verbs, "NONE")).collect();
        let inventory = account(made.clone());
        let (whole, cut) = (judged(&inventory, STRICT, usize::MAX), judged(&inventory, STRICT, bound));
        let (all, kept) = (kept(&whole), kept(&cut));
        let total: usize = kept.values().map(Vec::len).sum();
        prop_assert!(total <= bound.max(all.len()));
        let mut gaps: BTreeMap<&str, &Gap> = BTreeMap::new();
        for gap in left_out(&cut) {
            gaps.insert(gap.api.as_deref().unwrap(), gap);
        }
        for (id, findings) in &all {
            let own = &kept[id];
            let worst: Vec<Severity> = findings.iter().take(own.len()).map(|it| it.severity).collect();
            prop_assert_eq!(own.iter().map(|it| it.severity).collect::<Vec<_>>(), worst);
            let missing = findings.len() - own.len();
            let count = format!("{missing} of the {} findings", findings.len());
            prop_assert_eq!(missing > 0, gaps.get(id).is_some_and(|it| it.message.starts_with(&count)));
            // Who lacks something has no less than anybody else, but for the one that division leaves over.
            prop_assert!(missing == 0 || kept.values().all(|it| it.len() <= own.len()));
        }
        // The order in which APIs are read tells nothing.
        let backwards = account(made.into_iter().rev().collect());
        prop_assert_eq!(ids(&cut), ids(&judged(&backwards, STRICT, bound)));
    }
}
