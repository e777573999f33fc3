//! What is not mended is never called resolved: a run that did not look says nothing, and an edit of the policy file
//! accepts.

use std::fs;

use gatewatch::audit::Report;
use gatewatch::audit::rules::{Look, REGISTRY, looks_at};
use gatewatch::inventory::Inventory;
use gatewatch::ledger::Settings;
use gatewatch::ledger::{Accepted, Book, Breadth, Entry, Kind, Standing, compare, entries};
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::Ledger;
use jiff::ToSpan as _;
use jiff::civil::date;

use crate::crash::World;
use crate::support::blessed::folders;
use crate::support::package;

fn scenario(folder: &std::path::Path) -> (Inventory, PolicyFile) {
    let text = fs::read_to_string(folder.join("inventory.json")).unwrap();
    let policy = fs::read_to_string(folder.join("gatewatch.yaml"));
    let policy = policy.map_or_else(
        |_| PolicyFile::default(),
        |text| PolicyFile::from_yaml("gatewatch.yaml", &text).unwrap(),
    );
    (Inventory::from_json(&text).unwrap(), policy)
}

fn report(inventory: &Inventory, policy: &PolicyFile, day: i64) -> Report {
    let mut report = Report::new(inventory, policy, date(2026, 6, 15));
    let at = report.taken_at.checked_add((24 * day).hours()).unwrap();
    (report.taken_at, report.begun_at, report.read_until) = (at, at, at);
    report
}

fn books(inventory: &Inventory) -> Vec<Book> {
    let regions = inventory.scope.regions.iter().map(|it| Some(it.as_str()));
    let regions = regions.chain([None]);
    regions
        .map(|it| Book::new(&inventory.account, it))
        .collect()
}

/// Ways in which a later run over the same account may lack something.
fn lacking(inventory: &Inventory) -> Vec<(&'static str, Inventory)> {
    let mut without_drafts = inventory.clone();
    without_drafts.scope.without_drafts = true;
    let mut unread_drafts = inventory.clone();
    for api in without_drafts
        .apis
        .iter_mut()
        .chain(&mut unread_drafts.apis)
    {
        api.draft = None;
    }
    let mut without_domains = inventory.clone();
    without_domains.domains = None;
    let mut without_iam = inventory.clone();
    without_iam.iam = None;
    vec![
        ("without drafts", without_drafts),
        ("with drafts unread", unread_drafts),
        ("without domain names", without_domains),
        ("without principals", without_iam),
    ]
}

#[test]
fn a_run_that_lacks_something_resolves_nothing_that_is_still_there() {
    let mut rules = std::collections::BTreeSet::new();
    for folder in folders(&package("tests/scenarios")) {
        // Patterns made to explode take long, and say nothing about this.
        if folder.to_string_lossy().contains("undecided") {
            continue;
        }
        let (inventory, policy) = scenario(&folder);
        let whole = report(&inventory, &policy, 0);
        let books: Vec<Book> = books(&inventory)
            .iter()
            .map(|it| compare(it, &whole, Breadth::Whole))
            .collect();
        rules.extend(entries(&books).map(|it| it.rule.clone()));
        for (how, lacking) in lacking(&inventory) {
            let later = report(&lacking, &policy, 1);
            for book in &books {
                let next = compare(book, &later, Breadth::Whole);
                for entry in next.entries.values() {
                    assert!(
                        !matches!(entry.standing, Standing::Resolved | Standing::Gone),
                        "{}, {how}: {} at {}",
                        folder.display(),
                        entry.rule,
                        entry.place.words
                    );
                }
                // With everything there again, nothing has changed either.
                let whole = report(&inventory, &policy, 2);
                let again = compare(&next, &whole, Breadth::Whole);
                for (id, entry) in &book.entries {
                    assert_eq!(again.entries[id].standing, entry.standing, "{how}: {id}");
                }
            }
        }
    }
    // Every rule that a scan of an account can raise was there.
    let of_scans = REGISTRY
        .iter()
        .filter(|it| !it.looks_at().contains(&Look::Probe));
    assert_eq!(rules.len(), of_scans.count(), "{rules:?}");
}

#[test]
fn every_rule_says_what_it_looks_at() {
    for rule in REGISTRY {
        assert!(!rule.looks_at().is_empty(), "{}", rule.id());
        assert_eq!(looks_at(rule.id().as_str()), Some(rule.looks_at()));
    }
    assert_eq!(looks_at("a-rule-of-tomorrow"), None);
    assert!(
        looks_at("blanket-grant")
            .unwrap()
            .contains(&Look::Principals)
    );
}

/// A run by a policy file: what it announces, with how each is accepted.
async fn run(
    world: &World,
    inventory: &Inventory,
    policy: &str,
    day: i64,
) -> Vec<(Kind, String, Option<String>)> {
    let policy = PolicyFile::from_yaml("gatewatch.yaml", policy).unwrap();
    let report = report(inventory, &policy, day);
    let scope = &inventory.scope;
    let mut ledger = Ledger::open(world, &inventory.account, scope)
        .await
        .unwrap();
    let accepted = ledger.accepted(&report, inventory, &policy).await.unwrap();
    ledger
        .keep_policy(&inventory.account, &policy)
        .await
        .unwrap();
    ledger
        .found(&report, &accepted, Breadth::Whole)
        .await
        .unwrap();
    let books = ledger.books().to_vec();
    let now = report.taken_at;
    let Some(digest) = ledger.due(&books, &report, Settings::default(), now) else {
        return Vec::new();
    };
    let news = digest.news.iter().map(|it| {
        let how = it.entry.accepted.as_ref().map(|it| it.how.clone());
        (it.kind, it.entry.rule.to_string(), how)
    });
    let news = news.collect();
    let told = digest.told(digest.news.len(), now);
    ledger.note(&told, &[], Some(now)).await.unwrap();
    news
}

/// A run by a policy file: how each finding stands then, by its rule and its subject.
pub(crate) async fn standings(
    world: &World,
    inventory: &Inventory,
    policy: &str,
    day: i64,
) -> Vec<(String, String, Standing)> {
    run(world, inventory, policy, day).await;
    let ledger = Ledger::open(world, &inventory.account, &inventory.scope);
    let ledger = ledger.await.unwrap();
    let entries = entries(ledger.books()).map(|it| {
        let subject = it.place.subject().unwrap_or_default();
        (it.rule.to_string(), subject, it.standing)
    });
    entries.collect()
}

#[tokio::test]
async fn an_edit_of_the_policy_file_accepts_and_resolves_nothing() {
    let (inventory, _) = scenario(&package("tests/scenarios/who-can-call"));
    let strict = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\ngroups:\n  - name: callers\n    \
                  policies: [Missing]\ninvokers:\n  - groups: [nobody]\n";
    let edits = [
        (
            "open-method",
            "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM]\ngroups:\n  - name: callers\n    \
             policies: [Missing]\ninvokers:\n  - groups: [nobody]\n",
        ),
        (
            "missing-group-policy",
            "version: 1\nrequire:\n  - authorization: [AWS_IAM]\ninvokers:\n  - groups: [nobody]\n",
        ),
        (
            "unlisted-invoker",
            "version: 1\nrequire:\n  - authorization: [AWS_IAM]\ngroups:\n  - name: callers\n    \
             policies: [Missing]\ninvokers:\n  - groups: [\"*\"]\n    users: [\"*\"]\n    roles: [\"*\"]\n",
        ),
    ];
    for (rule, edited) in edits {
        let world = World::default();
        let first = run(&world, &inventory, strict, 0).await;
        let count = |news: &[(Kind, String, Option<String>)], kind: Kind| {
            let mut of = news.iter().filter(|it| it.0 == kind && it.1 == rule);
            of.clone().next().map(|_| of.by_ref().count())
        };
        let found = count(&first, Kind::New).unwrap_or_else(|| panic!("no {rule}: {first:?}"));
        let after = run(&world, &inventory, edited, 1).await;
        assert_eq!(count(&after, Kind::Accepted), Some(found), "{after:?}");
        assert!(!after.iter().any(|it| it.0 == Kind::Resolved), "{after:?}");
        assert!(
            after
                .iter()
                .all(|it| it.0 != Kind::Accepted || it.2.is_some())
        );
        if rule == "open-method" {
            let line = Some("line 3 of the policy file accepts it".to_owned());
            assert!(
                after.contains(&(Kind::Accepted, rule.to_owned(), line)),
                "{after:?}"
            );
        }
        // Said once.
        assert_eq!(run(&world, &inventory, edited, 2).await, []);
        // No longer accepted: it is there again.
        let back = run(&world, &inventory, strict, 3).await;
        assert_eq!(count(&back, Kind::Reopened), Some(found), "{back:?}");
    }
}

#[tokio::test]
async fn what_is_mended_is_resolved_whatever_the_policy_file_says_since() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let world = World::default();
    let strict = "version: 1\n";
    let first = run(&world, &inventory, strict, 0).await;
    assert!(first.iter().any(|it| it.1 == "open-method"));
    let mut mended = inventory.clone();
    for api in &mut mended.apis {
        let drafts = api.draft.iter_mut().flatten();
        drafts.for_each(|it| it.authorization = Some("AWS_IAM".to_owned().into()));
        let methods = api
            .deployments
            .iter_mut()
            .flat_map(|it| it.methods.iter_mut().flatten());
        methods.for_each(|it| it.authorization = Some("AWS_IAM".to_owned().into()));
    }
    let edited = "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM]\n";
    let after = run(&world, &mended, edited, 1).await;
    let open = after.iter().filter(|it| it.1 == "open-method");
    assert!(open.clone().count() > 0);
    assert!(open.clone().all(|it| it.0 == Kind::Resolved), "{after:?}");
}

#[test]
fn ledgers_of_earlier_versions_are_read_and_go_on() {
    // The second one is as the first gatewatch with version 2 wrote it, without what was added since.
    for (version, is_judged) in [("1", false), ("2", true)] {
        let file = package(&format!("tests/data/ledger-version-{version}.json"));
        let book = Book::any_from_json(&fs::read_to_string(file).unwrap()).unwrap();
        assert!(book.entries.len() > 1);
        let judged = |it: &Entry| it.judged_by.is_some() == is_judged;
        assert!(book.entries.values().map(Box::as_ref).all(judged));
        let again = Book::any_from_json(&book.to_json().unwrap()).unwrap();
        assert_eq!(again, book);
        assert!(book.to_json().unwrap().contains("\"schema_version\":2"));
    }
}

/// Without looking at the policy file of before, an edit read as a fix.
#[test]
fn accepted_findings_are_told_apart_by_who_looks() {
    let (inventory, policy) = scenario(&package("tests/scenarios/article-open"));
    let before = report(&inventory, &policy, 0);
    let region = inventory.scope.regions.first().unwrap();
    let book = compare(
        &Book::new(&inventory.account, Some(region)),
        &before,
        Breadth::Whole,
    );
    let lax = PolicyFile::from_yaml(
        "lax",
        "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM]\n",
    );
    let after = report(&inventory, &lax.unwrap(), 1);
    let mut accepted = Accepted::default();
    let (id, _) = book.entries.first_key_value().unwrap();
    accepted.add(id.clone(), "line 3".to_owned(), true);
    let next = gatewatch::ledger::compare_judged(&book, &after, Breadth::Whole, &accepted);
    assert_eq!(next.entries[id].standing, Standing::Accepted);
    assert_eq!(next.entries[id].accepted.as_ref().unwrap().how, "line 3");
}

#[tokio::test]
async fn an_edit_and_a_run_without_drafts_together_resolve_no_open_options() {
    let (inventory, _) = scenario(&package("tests/scenarios/http-auto-deployed"));
    let world = World::default();
    let first = run(&world, &inventory, "version: 1\n", 0).await;
    assert!(first.iter().any(|it| it.1 == "open-method"));
    let mut blind = inventory.clone();
    blind.scope.without_drafts = true;
    blind.apis.iter_mut().for_each(|api| api.draft = None);
    let edited = "version: 1\npreflight: accept-all\n";
    let after = run(&world, &blind, edited, 1).await;
    assert!(!after.iter().any(|it| it.0 == Kind::Resolved), "{after:?}");
    // With the drafts there again, it is what it is: accepted.
    let whole = run(&world, &inventory, edited, 2).await;
    assert!(whole.iter().any(|it| it.0 == Kind::Accepted), "{whole:?}");
    assert!(!whole.iter().any(|it| it.0 == Kind::Resolved), "{whole:?}");
}

#[tokio::test]
async fn an_exemption_that_is_deleted_as_advised_is_resolved() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let world = World::default();
    let expired = "version: 1\nexemptions:\n  - rule: open-method\n    severity: high\n    match: {path: /nowhere}\n    reason: none\n    \
                   owner: nobody\n    expires: 2026-06-01\n";
    let first = run(&world, &inventory, expired, 0).await;
    assert!(
        first.iter().any(|it| it.1 == "expired-exemption"),
        "{first:?}"
    );
    let after = run(&world, &inventory, "version: 1\n", 1).await;
    let of = after.iter().find(|it| it.1 == "expired-exemption").unwrap();
    assert_eq!(of.0, Kind::Resolved, "{after:?}");
}

/// The draft of every method that is open is set to AWS_IAM, and nothing is deployed.
fn set_in_the_draft(inventory: &Inventory, to: &str) -> Inventory {
    let mut inventory = inventory.clone();
    let drafts = inventory
        .apis
        .iter_mut()
        .flat_map(|it| it.draft.iter_mut().flatten());
    drafts.for_each(|it| it.authorization = Some(to.to_owned().into()));
    inventory
}

#[tokio::test]
async fn an_edit_of_the_draft_and_the_policy_file_together_resolve_no_open_method() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let world = World::default();
    let first = run(&world, &inventory, "version: 1\n", 0).await;
    let open = first.iter().filter(|it| it.1 == "open-method").count();
    assert!(open > 0);
    // Under the earlier policy file it is another rule that speaks of the method now.
    let edited = "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM]\n";
    let after = run(&world, &set_in_the_draft(&inventory, "AWS_IAM"), edited, 1).await;
    let accepted = after.iter().filter(|it| it.0 == Kind::Accepted);
    assert_eq!(
        accepted.filter(|it| it.1 == "open-method").count(),
        open,
        "{after:?}"
    );
    assert!(!after.iter().any(|it| it.0 == Kind::Resolved), "{after:?}");
}

#[tokio::test]
async fn a_line_that_accepts_another_type_is_not_said_to_accept_an_open_method() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let inventory = set_in_the_draft(&inventory, "CUSTOM");
    let world = World::default();
    let strict = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
    let first = run(&world, &inventory, strict, 0).await;
    assert!(first.iter().any(|it| it.1 == "open-method"), "{first:?}");
    let edited = "version: 1\nrequire:\n  - authorization: [AWS_IAM, CUSTOM]\n";
    let after = run(&world, &inventory, edited, 1).await;
    assert!(
        after
            .iter()
            .any(|it| it.1 == "undeployed-fix" && it.0 == Kind::New),
        "{after:?}"
    );
    let of = after.iter().filter(|it| it.1 == "open-method");
    assert!(
        of.clone().count() > 0 && of.clone().all(|it| it.0 != Kind::Accepted),
        "{after:?}"
    );
}

/// What another rule says of the same open method is not a fix, whichever of the policy file and the draft was edited.
#[tokio::test]
async fn a_finding_that_another_rule_takes_over_became_that_one() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let custom = set_in_the_draft(&inventory, "CUSTOM");
    let strict = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
    let lax = "version: 1\nrequire:\n  - authorization: [AWS_IAM, CUSTOM]\n";
    for (before, after, from, to) in [
        (
            (&custom, strict),
            (&custom, lax),
            "open-method",
            "undeployed-fix",
        ),
        (
            (&custom, lax),
            (&custom, strict),
            "undeployed-fix",
            "open-method",
        ),
        (
            (&inventory, lax),
            (&custom, lax),
            "open-method",
            "undeployed-fix",
        ),
    ] {
        let world = World::default();
        let first = run(&world, before.0, before.1, 0).await;
        let open = first.iter().filter(|it| it.1 == from).count();
        assert!(open > 0, "{first:?}");
        let next = run(&world, after.0, after.1, 1).await;
        let count = |kind: Kind, rule: &str| {
            let of = next.iter().filter(|it| it.0 == kind && it.1 == rule);
            of.count()
        };
        assert_eq!(count(Kind::Became, from), open, "{next:?}");
        assert_eq!(count(Kind::New, to), open, "{next:?}");
        assert_eq!(count(Kind::Resolved, from), 0, "{next:?}");
        let ledger = Ledger::open(&world, &inventory.account, &inventory.scope).await;
        let ledger = ledger.unwrap();
        let entry = entries(ledger.books()).find(|it| it.rule == from).unwrap();
        let successor = entry.became.as_ref().unwrap();
        assert_eq!(
            (entry.standing, successor.rule.as_str()),
            (Standing::Became, to)
        );
        let successor = entries(ledger.books()).find(|it| it.id == successor.id);
        assert_eq!(
            successor.unwrap().open_since,
            entry.open_since,
            "since stays"
        );
        // Said once; and what is back is open again.
        assert_eq!(run(&world, after.0, after.1, 2).await, []);
        let back = run(&world, before.0, before.1, 3).await;
        let reopened = back
            .iter()
            .filter(|it| it.0 == Kind::Reopened && it.1 == from);
        assert_eq!(reopened.count(), open, "{back:?}");
    }
}

/// A method that is fixed is resolved, though a rule about something else speaks of it from now on.
#[tokio::test]
async fn a_fixed_method_is_resolved_whatever_else_is_wrong_with_it() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let world = World::default();
    let policy = "version: 1\n";
    run(&world, &inventory, policy, 0).await;
    let mut fixed = set_in_the_draft(&inventory, "AWS_IAM");
    let methods = fixed.apis.iter_mut().flat_map(|api| &mut api.deployments);
    for method in methods.flat_map(|it| it.methods.iter_mut().flatten()) {
        method.authorization = Some("AWS_IAM".to_owned().into());
    }
    fixed.iam = Some(gatewatch::inventory::Iam::default());
    let after = run(&world, &fixed, policy, 1).await;
    let uncallable = after.iter().filter(|it| it.1 == "uncallable-method");
    assert!(uncallable.count() > 0, "{after:?}");
    assert!(
        after
            .iter()
            .any(|it| it.0 == Kind::Resolved && it.1 == "open-method")
    );
    assert!(!after.iter().any(|it| it.0 == Kind::Became), "{after:?}");
}

/// An exemption that was taken back holds no longer, though its place could not be read since.
#[tokio::test]
async fn an_exemption_that_was_withdrawn_ends_where_nothing_was_read() {
    let (inventory, _) = scenario(&package("tests/scenarios/article-open"));
    let with = |expires: &str, owner: &str| {
        format!(
            "version: 1\nexemptions:\n  - rule: open-method\n    severity: critical\n    match: {{path: \"/**\"}}\n    \
             reason: a pilot\n    owner: {owner}\n    expires: {expires}\n"
        )
    };
    let mut unread = inventory.clone();
    unread.apis.iter_mut().for_each(|api| api.stages = None);
    for (edited, ends) in [
        ("version: 1\n".to_owned(), true),
        (with("2026-06-14", "team"), true),
        (with("2026-07-20", "team"), false),
        (with("2026-07-01", "another team"), false),
    ] {
        let world = World::default();
        let first = run(&world, &inventory, &with("2026-07-01", "team"), 0).await;
        assert!(!first.iter().any(|it| it.1 == "open-method"), "{first:?}");
        let after = run(&world, &unread, &edited, 1).await;
        let ended = after.iter().filter(|it| it.1 == "open-method");
        let ended = ended.filter(|it| it.0 == Kind::ExemptionExpired).count();
        assert_eq!(ended > 0, ends, "{edited}: {after:?}");
        assert!(
            !after
                .iter()
                .any(|it| it.0 == Kind::Resolved && it.1 == "open-method")
        );
    }
}
