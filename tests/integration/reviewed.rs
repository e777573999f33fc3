//! Promises that a review found broken, each with the story that broke it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;

use gatewatch::audit::finding::{RuleId, Severity};
use gatewatch::audit::{Report, Status};
use gatewatch::aws::collect::Reading;
use gatewatch::aws::deliver::{Channel, OrganizationOutlet};
use gatewatch::aws::store::{Content, Kept, Memory, ObjectPlace, StoreError, Tag};
use gatewatch::inventory::{Gap, GapKind, Inventory, Reason, Scope, regions_by_default};
use gatewatch::ledger::organization::{Member, NotRead, Outcome, Read, Result as Became, Roll};
use gatewatch::ledger::{Accepted, Book, Breadth, Entry, Standing, compare, entries};
use gatewatch::ledger::{Audience, Digest, Occasion, Settings};
use gatewatch::policy_file::{PolicyFile, Recipient};
use gatewatch::render::{OrganizationDigest, organization_text};
use gatewatch::run::organization::{Announcer, OrganizationError, became, outcomes};
use gatewatch::run::scan;
use gatewatch::run::{Announced, Ledger, Observer, earlier, keep_unfinished, unfinished};
use serde_json::{Value, json};

use crate::crash::{World, hour, open_ids, report, set};
use crate::governance::output;
use crate::lambda::{Stack, deploy, event, invoke, published, put_role_policy, role_policy};
use crate::support::command::{Shell, findings};
use crate::support::testbed::{ACCOUNT, REGION, Testbed};

/// The account whose troubles must not be the other's.
const ONE: &str = "200000000001";
const OTHER: &str = "200000000002";

fn book() -> Book {
    Book::new(ACCOUNT, Some(REGION))
}

/// An account with one API of one method, as one run sees it. `drafted`: what the draft asks for, where
/// that was read.
fn pets(account: &str, deployed: &str, drafted: Option<&str>, number: i64) -> Inventory {
    let method = |kind: &str| json!({"verb": "POST", "path": "/pets", "authorization": kind, "api_key_required": false});
    let draft = drafted.map(|kind| {
        let mut method = method(kind);
        method["integration"] = json!("HTTP");
        method["resource_id"] = json!("r");
        vec![method]
    });
    let inventory = json!({"schema_version": 1, "account": account, "partition": "aws",
        "taken_at": hour(number).to_string(), "domains": [], "gaps": [],
        "scope": {"regions": [REGION], "without_drafts": drafted.is_none()},
        "iam": {"groups": [], "users": [], "roles": [], "policies": []},
        "apis": [{"region": REGION, "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
                  "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
                  "stages": [{"name": "prod", "deployment_id": "d"}], "draft": draft,
                  "deployments": [{"id": "d", "created_at": null, "methods": [method(deployed)]}]}]});
    Inventory::from_json(&inventory.to_string()).unwrap()
}

fn open_pets(account: &str, number: i64) -> Inventory {
    pets(account, "NONE", Some("NONE"), number)
}

fn judge(inventory: &Inventory) -> Report {
    scan::judge(inventory, &PolicyFile::default(), inventory.taken_at)
}

fn gap(kind: GapKind, reason: Reason) -> Gap {
    Gap {
        kind,
        region: None,
        api: None,
        stage: None,
        subject: None,
        operation: None,
        reason,
        message: "it was not read".to_owned(),
    }
}

/// The same, where the time was up before everything was read.
fn cut_short(mut inventory: Inventory) -> Inventory {
    inventory.domains = None;
    let gap = gap(GapKind::Domains, Reason::NotReadYet);
    inventory.gaps.push(gap);
    inventory
}

/// The entry of a rule, of which there is one at most.
fn of_rule(book: &Book, rule: RuleId) -> Option<&Entry> {
    let entries = book.entries.values().map(Box::as_ref);
    let mut entries = entries.filter(|it| it.rule == rule.as_str());
    let entry = entries.next();
    assert!(entries.next().is_none());
    entry
}

/// What one of several runs saw that went on with the same scan.
fn went_on(open: &[usize], begun: i64, until: i64) -> Report {
    let mut report = report(&set(open), false, 0);
    report.begun_at = hour(begun);
    report.read_until = hour(until);
    report
}

/// How the one method stands that these runs are about.
fn standing(book: &Book) -> Standing {
    let id = open_ids(&report(&set(&[1]), false, 0)).pop_first().unwrap();
    book.entries[&id].standing
}

#[test]
fn of_two_runs_that_go_on_with_one_scan_the_slower_resolves_nothing_that_was_opened_meanwhile() {
    let seen = compare(&book(), &went_on(&[1], 2, 4), Breadth::Whole);
    let slower = compare(&seen, &went_on(&[], 3, 5), Breadth::Whole);
    assert_eq!(standing(&slower), Standing::Open);
    // One that began when the other was over knows better.
    let later = compare(&seen, &went_on(&[], 4, 5), Breadth::Whole);
    assert_eq!(standing(&later), Standing::Resolved);
}

#[test]
fn of_two_runs_that_go_on_with_one_scan_the_slower_opens_nothing_that_was_closed_meanwhile() {
    let before = compare(&book(), &report(&set(&[1]), false, -5), Breadth::Whole);
    let closed = compare(&before, &went_on(&[], 2, 3), Breadth::Whole);
    assert_eq!(standing(&closed), Standing::Resolved);
    let slower = compare(&closed, &went_on(&[1], 2, 5), Breadth::Whole);
    assert_eq!(standing(&slower), Standing::Resolved);
    let next = compare(&slower, &report(&set(&[1]), false, 6), Breadth::Whole);
    assert_eq!(standing(&next), Standing::Open);
}

#[tokio::test]
async fn an_unfinished_scan_is_not_gone_on_with_once_a_whole_one_was_read() {
    let world = World::default();
    let part = cut_short(open_pets(ACCOUNT, 5));
    keep_unfinished(&world, &part).await.unwrap();
    let goes_on = async |whole: Option<i64>| {
        let whole = whole.map(|number| open_pets(ACCOUNT, number));
        let part = unfinished(&world, ACCOUNT, &part.scope, whole.as_ref(), hour(9)).await;
        part.unwrap().map(|it| it.taken_at)
    };
    assert_eq!(goes_on(None).await, Some(hour(5)));
    assert_eq!(goes_on(Some(4)).await, Some(hour(5)));
    assert_eq!(goes_on(Some(5)).await, None);
    assert_eq!(goes_on(Some(6)).await, None);
}

#[tokio::test]
async fn what_an_earlier_scan_read_does_not_replace_what_a_later_one_keeps() {
    let world = World::default();
    let kept = async |number: i64| {
        let inventory = open_pets(ACCOUNT, number);
        let report = judge(&inventory);
        let ledger = Ledger::open(&world, ACCOUNT, &report.scope).await;
        let mut ledger = ledger.unwrap();
        ledger
            .found(&report, &Accepted::default(), Breadth::Whole)
            .await
            .unwrap();
        ledger
            .keep(&report, &inventory, &BTreeSet::new())
            .await
            .unwrap();
        let inventory = earlier(&world, ACCOUNT).await.unwrap().unwrap();
        let report = format!("reports/{ACCOUNT}/latest.json");
        let report = world.read(&report).await.unwrap().unwrap();
        (inventory.taken_at, report.text().unwrap())
    };
    let later = kept(5).await;
    assert_eq!(later.0, hour(5));
    assert_eq!(kept(0).await, later);
    assert_eq!(kept(6).await.0, hour(6));
}

/// A bucket that takes no page, or takes it.
struct Bucket {
    world: World,
    refuses_pages: bool,
}

impl Memory for Bucket {
    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        self.world.read(key).await
    }

    async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, StoreError> {
        self.world.write(key, content, was).await
    }

    async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), StoreError> {
        if self.refuses_pages && key.ends_with(".html") {
            return Err(StoreError::Failed {
                address: key.to_owned(),
                done: "written",
                cause: "it is refused".into(),
            });
        }
        self.world.replace(key, content).await
    }

    fn address(&self, key: &str) -> String {
        self.world.address(key)
    }

    fn object(&self, key: &str) -> Option<ObjectPlace> {
        Some(ObjectPlace {
            region: REGION.to_owned(),
            bucket: "state".to_owned(),
            key: key.to_owned(),
        })
    }
}

/// A page that is not there is never said to be there, and it keeps nothing else from being kept.
#[tokio::test]
async fn a_page_that_cannot_be_written_is_an_error_and_no_digest_leads_to_it() {
    for refuses_pages in [false, true] {
        let memory = Bucket {
            world: World::default(),
            refuses_pages,
        };
        let inventory = open_pets(ACCOUNT, 0);
        let report = judge(&inventory);
        let ledger = Ledger::open(&memory, ACCOUNT, &report.scope).await;
        let mut ledger = ledger.unwrap();
        let accepted = Accepted::default();
        let found = ledger.found(&report, &accepted, Breadth::Whole);
        found.await.unwrap();
        let kept = ledger.keep(&report, &inventory, &BTreeSet::new()).await;
        assert_eq!(kept.is_err(), refuses_pages, "{kept:?}");
        assert!(earlier(&memory, ACCOUNT).await.unwrap().is_some());
        let digest = ledger.due(ledger.books(), &report, Settings::default(), hour(0));
        let page = digest.unwrap().page;
        let link = format!(
            "https://{REGION}.console.aws.amazon.com/s3/object/state?region={REGION}&prefix=reports/{ACCOUNT}/latest.html"
        );
        assert_eq!(page, (!refuses_pages).then_some(link));
    }
}

#[test]
fn a_scan_without_a_region_is_never_clean() {
    // Nobody knows the Regions of this partition.
    assert_eq!(regions_by_default("aws-moon"), Vec::<String>::new());
    let mut empty = open_pets(ACCOUNT, 0);
    empty.apis.clear();
    assert_eq!(judge(&empty).status(), Status::Clean);
    empty.scope.regions.clear();
    let kinds: Vec<GapKind> = empty.gaps().iter().map(|gap| gap.kind).collect();
    assert_eq!(kinds, [GapKind::Regions]);
    assert_eq!(judge(&empty).status(), Status::Incomplete);
}

#[tokio::test]
async fn a_region_that_was_disabled_keeps_no_scan_from_being_whole() {
    const DISABLED: &str = "eu-south-1";
    let world = World::default();
    let mut before = open_pets(ACCOUNT, 0);
    before.apis[0].region = DISABLED.to_owned();
    before.scope.regions.push(DISABLED.to_owned());
    let before = judge(&before);
    let ledger = Ledger::open(&world, ACCOUNT, &before.scope).await;
    ledger
        .unwrap()
        .found(&before, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();

    let mut after = open_pets(ACCOUNT, 1);
    after.apis.clear();
    let after = judge(&after);
    let ledger = Ledger::open(&world, ACCOUNT, &after.scope).await;
    let mut ledger = ledger.unwrap();
    let everywhere = Reading {
        all_regions: true,
        ..Reading::default()
    };
    assert_eq!(ledger.reach(&after.scope, false), Breadth::Part);
    let reach = ledger.reach(&after.scope, everywhere.is_everywhere());
    assert_eq!(reach, Breadth::Whole);
    // One that is left out on purpose is missing, whatever the account has enabled.
    let excluding = after.scope.clone().without_regions(&[DISABLED.to_owned()]);
    assert_eq!(ledger.reach(&excluding, true), Breadth::Part);
    ledger
        .found(&after, &Accepted::default(), reach)
        .await
        .unwrap();
    assert_eq!(ledger.inventory_at(), Some(hour(1)));
    // Nobody has looked there.
    let standings: Vec<Standing> = entries(ledger.books()).map(|it| it.standing).collect();
    assert_eq!(standings, [Standing::Open]);

    let unlisted = Reading {
        gaps: vec![gap(GapKind::Regions, Reason::AccessDenied)],
        ..everywhere
    };
    assert!(!unlisted.is_everywhere());
    assert!(!Reading::default().is_everywhere());
}

/// The same API, with another verb, and perhaps with a private endpoint alone.
fn reached(inventory: &Inventory, verb: &str, limited: bool) -> Inventory {
    let text = inventory.to_json().unwrap();
    let text = text.replace("\"POST\"", &format!("\"{verb}\""));
    let mut value: Value = serde_json::from_str(&text).unwrap();
    if limited {
        value["apis"][0]["endpoint_types"] = json!(["PRIVATE"]);
        value["apis"][0]["resource_policy"] = json!({"json": {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
        }}});
    }
    Inventory::from_json(&value.to_string()).unwrap()
}

#[test]
fn an_open_method_does_not_hide_behind_an_undeployed_fix_of_when_fewer_could_reach_it() {
    let fixed = pets(ACCOUNT, "NONE", Some("AWS_IAM"), 0);
    let blind = pets(ACCOUNT, "NONE", None, 1);
    let seen = |inventory: &Inventory, verb: &str, limited: bool| {
        judge(&reached(inventory, verb, limited))
    };
    for (verb, severity) in [("POST", Severity::Critical), ("GET", Severity::High)] {
        for limited in [true, false] {
            let told = compare(&book(), &seen(&fixed, verb, limited), Breadth::Whole);
            assert!(of_rule(&told, RuleId::UndeployedFix).is_some());
            // The fix says all of it, and more.
            let same = compare(&told, &seen(&blind, verb, limited), Breadth::Whole);
            assert_eq!(of_rule(&same, RuleId::OpenMethod), None, "{verb}");
        }
        let told = compare(&book(), &seen(&fixed, verb, true), Breadth::Whole);
        let wider = compare(&told, &seen(&blind, verb, false), Breadth::Whole);
        let open = of_rule(&wider, RuleId::OpenMethod);
        let open = open.map(|it| (it.standing, it.severity));
        assert_eq!(open, Some((Standing::Open, severity)), "{verb}");
    }
}

#[test]
fn an_open_method_does_not_hide_behind_an_undeployed_fix_that_is_exempt() {
    let text = "version: 1\nexemptions:\n  - {rule: undeployed-fix, match: {api: PetStore}, severity: critical, \
                reason: known, owner: alice, expires: 2026-06-20}\n";
    let day = "2026-06-15".parse().unwrap();
    let policy = PolicyFile::from_yaml_on("gatewatch.yaml", text, day).unwrap();
    let under = |inventory: &Inventory| scan::judge(inventory, &policy, inventory.taken_at);
    let fixed = pets(ACCOUNT, "NONE", Some("AWS_IAM"), 0);
    let exempt = compare(&book(), &under(&fixed), Breadth::Whole);
    let fix = of_rule(&exempt, RuleId::UndeployedFix).unwrap();
    assert_eq!(fix.standing, Standing::Exempt);
    let blind = pets(ACCOUNT, "NONE", None, 1);
    let told = compare(&exempt, &under(&blind), Breadth::Whole);
    let open = of_rule(&told, RuleId::OpenMethod).unwrap();
    assert_eq!(open.standing, Standing::Open);
}

fn member(account: &str) -> Member {
    Member {
        account: account.to_owned(),
        name: String::new(),
    }
}

fn roll(accounts: &[&str], begun: i64) -> Roll {
    let members = accounts.iter().map(|it| member(it)).collect();
    Roll::new("r1".to_owned(), hour(begun), members, Vec::new())
}

fn read(report: &Report, due: bool) -> Became {
    let evaluation = &report.evaluation;
    Became::Read(Read {
        status: report.status().as_str().to_owned(),
        taken_at: report.taken_at,
        regions: report.scope.regions.clone(),
        apis: evaluation.coverage.apis,
        methods: evaluation.coverage.methods,
        gaps: evaluation.gaps.len(),
        open: BTreeMap::new(),
        exempt: 0,
        due,
        owed: false,
    })
}

/// A memory of which one text cannot be read, as one that is no UTF-8.
struct Damaged {
    world: World,
    key: String,
}

impl Memory for Damaged {
    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        if key == self.key {
            return Err(StoreError::Failed {
                address: key.to_owned(),
                done: "read",
                cause: "it is not UTF-8".into(),
            });
        }
        self.world.read(key).await
    }

    async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, StoreError> {
        self.world.write(key, content, was).await
    }

    async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), StoreError> {
        self.world.replace(key, content).await
    }

    fn address(&self, key: &str) -> String {
        self.world.address(key)
    }
}

#[tokio::test]
async fn an_outcome_that_cannot_be_read_is_of_one_account_alone() {
    const THIRD: &str = "200000000003";
    let memory = Damaged {
        world: World::default(),
        key: Outcome::key("r1", ONE),
    };
    let result = read(&judge(&open_pets(OTHER, 0)), false);
    for account in [ONE, OTHER] {
        let outcome = Outcome::new("r1", account, hour(1), result.clone());
        became(&memory, &outcome).await.unwrap();
    }
    let third = Outcome::key("r1", THIRD);
    memory.replace(&third, "{\"schema_ver").await.unwrap();
    let told = outcomes(&memory, &roll(&[ONE, OTHER, THIRD], 0)).await;
    let unread = NotRead {
        reason: Reason::ServiceError,
        message: match &told[0].1 {
            Became::NotRead(why) => why.message.clone(),
            Became::Read(_) => String::new(),
        },
    };
    assert!(unread.message.contains("it is not UTF-8"), "{told:?}");
    let wanted = [
        (member(ONE), Became::NotRead(unread)),
        (member(OTHER), result),
        (member(THIRD), Became::NotRead(NotRead::without_outcome())),
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn what_became_of_an_account_in_an_earlier_run_of_the_same_name_does_not_count() {
    let world = World::default();
    let result = read(&judge(&open_pets(ONE, 0)), false);
    let mut told = Vec::new();
    for at in [23, 24] {
        let outcome = Outcome::new("r1", ONE, hour(at), result.clone());
        became(&world, &outcome).await.unwrap();
        told.extend(outcomes(&world, &roll(&[ONE], 24)).await);
    }
    let unread = Became::NotRead(NotRead::without_outcome());
    assert_eq!(told, [(member(ONE), unread), (member(ONE), result)]);
}

/// Takes what is announced of an organization, but for the single messages of an account.
#[derive(Default)]
struct Topic {
    refuses: Option<&'static str>,
    digests: Mutex<Vec<(Vec<Occasion>, String)>>,
}

#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused;

impl Topic {
    /// The only digest since the last look: its occasions, and its text.
    fn digest(&self) -> (Vec<Occasion>, String) {
        let mut digests = self.digests.lock().unwrap();
        assert_eq!(digests.len(), 1, "{digests:?}");
        digests.remove(0)
    }
}

impl Channel for Topic {
    type Error = Refused;

    async fn audience(&self) -> Audience {
        Audience::Confirmed
    }

    async fn send_elsewhere(&self, _: &Digest<'_>) {}

    fn has_elsewhere(&self) -> bool {
        false
    }

    async fn audience_of(&self, _: &Recipient) -> Audience {
        Audience::Confirmed
    }

    async fn send_to(&self, _: &Recipient, digest: &Digest<'_>) -> Result<usize, Refused> {
        Ok(digest.rest().len())
    }
}

impl OrganizationOutlet for Topic {
    async fn send_single(&self, digest: &Digest<'_>) -> Result<(), Refused> {
        if self.refuses == Some(digest.report.account.as_str()) {
            Err(Refused)
        } else {
            Ok(())
        }
    }

    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, Refused> {
        let text = organization_text(digest, usize::MAX, usize::MAX);
        let named = digest.next(usize::MAX).count();
        let digest = (digest.occasions.clone(), text);
        self.digests.lock().unwrap().push(digest);
        Ok(named)
    }

    fn has_single(&self) -> bool {
        true
    }
}

/// Takes the open method of an account into its ledger.
async fn taken(world: &World, account: &str, number: i64) -> (Member, Became) {
    let inventory = open_pets(account, number);
    let report = judge(&inventory);
    let ledger = Ledger::open(world, account, &report.scope).await;
    let mut ledger = ledger.unwrap();
    ledger
        .found(&report, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    ledger
        .keep(&report, &inventory, &BTreeSet::new())
        .await
        .unwrap();
    let due = ledger.due(ledger.books(), &report, Settings::default(), hour(number));
    (member(account), read(&report, due.is_some()))
}

/// A run over these accounts, in each of which a method is open.
async fn over(
    world: &World,
    topic: &Topic,
    accounts: &[&str],
    number: i64,
) -> Result<Announced, OrganizationError<Refused>> {
    let mut became = Vec::new();
    for account in accounts {
        became.push(taken(world, account, number).await);
    }
    let roll = roll(accounts, number);
    let announcer = Announcer {
        memory: world,
        outlet: topic,
        judge: &judge,
        settings: Settings::default(),
        now: hour(number),
        observer: Observer::nobody(),
    };
    let announced = announcer.announce(&roll, became).await;
    announced.map(|(_, announced)| announced)
}

/// Whether the open method of an account counts as announced.
async fn is_told(world: &World, account: &str) -> bool {
    let scope = Scope::new(vec![REGION.to_owned()], Vec::new());
    let ledger = Ledger::open(world, account, &scope).await.unwrap();
    let told: Vec<bool> = entries(ledger.books())
        .map(|it| it.told.is_some())
        .collect();
    assert_eq!(told.len(), 1);
    told[0]
}

#[tokio::test]
async fn an_account_whose_single_messages_are_refused_delays_no_other() {
    let world = World::default();
    let mut topic = Topic {
        refuses: Some(ONE),
        ..Topic::default()
    };
    let heading = |account: &str| format!("\nACCOUNT {account}: 1 new\n");
    let error = over(&world, &topic, &[ONE, OTHER], 0).await.unwrap_err();
    assert!(
        matches!(error, OrganizationError::NotSent(Refused)),
        "{error}"
    );
    let (_, text) = topic.digest();
    assert!(text.contains(&heading(OTHER)), "{text}");
    assert!(is_told(&world, OTHER).await);
    assert!(!is_told(&world, ONE).await);

    topic.refuses = None;
    let announced = over(&world, &topic, &[ONE, OTHER], 1).await.unwrap();
    assert_eq!(announced.changes, 1);
    let (_, text) = topic.digest();
    assert!(text.contains(&heading(ONE)), "{text}");
    assert!(!text.contains(&heading(OTHER)), "{text}");
    assert!(is_told(&world, ONE).await);
}

#[tokio::test]
async fn an_account_that_joins_while_all_others_are_quiet_is_a_change() {
    let (world, topic) = (World::default(), Topic::default());
    over(&world, &topic, &[ONE], 0).await.unwrap();
    assert_eq!(topic.digest().0, [Occasion::Baseline]);
    let announced = over(&world, &topic, &[ONE, OTHER], 1).await.unwrap();
    assert_eq!(announced.occasions, ["changes"]);
    let (occasions, text) = topic.digest();
    assert_eq!(occasions, [Occasion::Changes]);
    let first = "\nThe first digest of 1 account: every finding.\n";
    assert!(text.contains(first), "{text}");
}

#[test]
fn one_api_of_many_accounts_is_a_mistake() {
    let shell = Shell::bare();
    for accounts in [["--organization"].as_slice(), &["--accounts", ONE]] {
        let scan = [
            "scan",
            "--role-name",
            "gatewatch-member",
            "--region",
            REGION,
        ];
        let api = ["--api", "PetStore"];
        let run = shell.run(&[scan.as_slice(), accounts, &api].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{accounts:?}");
        let told = run.stderr.contains("cannot be used with") && run.stderr.contains("--api");
        assert!(told, "{}", run.stderr);
    }
}

#[test]
fn a_gap_stays_a_gap_as_long_as_the_call_is_refused() {
    let mut aws = Testbed::start();
    // Its routes, which do not change, name an authorizer.
    let size = json!({"rest_apis": 0, "http_apis": 1});
    aws.call("gatewatch", "create_mixed_account", size);
    let mut faults = aws.behind_faults();
    let refused = json!({"path": "^/v2/apis/[^/]+/authorizers$",
                         "error": {"code": "AccessDeniedException", "status": 403}});
    let shell = faults.shell();
    for _ in 0..3 {
        faults.set(std::slice::from_ref(&refused), 1);
        let run = shell.scan("state");
        assert_eq!(run.status, 3, "{}", run.stderr);
        let report = run.report();
        let gaps = report["coverage"]["gaps"].as_array().unwrap();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["kind"], "authorizers");
        assert_eq!(gaps[0]["reason"], "access-denied");
        assert_eq!(faults.set(&[], 1), [1_u64]);
    }
    let run = shell.scan("state");
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(run.report()["coverage"]["gaps"], json!([]));
}

/// What a scan of the account reads now, as one left it that had no time for one kind of thing.
fn unfinished_without(aws: &Testbed, kind: &str, api: Option<&str>) -> Value {
    let collected = aws.shell().run(&["collect", "--region", REGION]);
    assert_eq!(collected.status, 0, "{}", collected.stderr);
    let mut part = collected.report();
    part["gaps"] = json!([{"kind": kind, "region": REGION, "api": api, "stage": null, "subject": null,
                           "operation": null, "reason": "not-read-yet", "message": "there was no time"}]);
    part
}

/// The same, in the bucket of a stack: all but the custom domain names.
fn leave_unfinished(aws: &mut Testbed, bucket: &str) -> Value {
    let mut part = unfinished_without(aws, "domains", None);
    part["domains"] = Value::Null;
    let key = part_key();
    let params = json!({"Bucket": bucket, "Key": key, "Body": part.to_string()});
    aws.call("s3", "put_object", params);
    part
}

fn part_key() -> String {
    format!("parts/{ACCOUNT}.json")
}

#[test]
fn an_editable_tree_is_held_against_what_is_served_when_it_is_read() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let mut part = unfinished_without(&aws, "draft", Some(api.id.as_str()));
    part["apis"][0]["draft"] = Value::Null;
    let shell = aws.shell();
    let path = shell.folder().join("state").join(part_key());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, part.to_string()).unwrap();
    // Mended and deployed before the next run reads the tree.
    aws.set_authorization(&api, "POST", "/pets", "AWS_IAM");
    aws.deploy(&api, Some("prod"));
    let run = shell.run(&[
        "scan",
        "--accounts",
        ACCOUNT,
        "--role-name",
        "gatewatch-member",
        "--region",
        REGION,
        "--state",
        "state",
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let report = run.report()["accounts"][0]["report"].clone();
    // It went on with the scan, and ended it.
    assert_eq!(report["taken_at"], part["taken_at"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "null\n");
    let found = findings(&report);
    let at = |it: &&String| it.ends_with(" POST /pets");
    let found: Vec<&String> = found.iter().filter(at).collect();
    // Nobody may call it; it was not left undeployed.
    assert_eq!(found, ["uncallable-method POST /pets"]);
}

/// A run that must end well.
fn run(aws: &mut Testbed, stack: &Stack, payload: &Value) -> Value {
    let answer = invoke(aws, stack, &payload.to_string());
    assert!(!answer.failed, "{}", answer.payload);
    answer.payload
}

fn sample(name: &str) -> Value {
    serde_json::from_str(&event(name)).unwrap()
}

#[test]
fn a_change_of_principals_counts_also_while_a_scan_is_unfinished() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    aws.set_authorization(&api, "POST", "/pets", "AWS_IAM");
    aws.deploy(&api, Some("prod"));
    let policy = "version: 1\ninvokers:\n  - match: {api: PetStore}\n    groups: [callers]\n";
    let stack = deploy(&mut aws, json!({"PolicyFile": policy}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    run(&mut aws, &stack, &json!({}));
    published(&mut aws, &stack);
    // Something of the APIs was read since, as by an unfinished scan.
    run(&mut aws, &stack, &json!({"apis": [api.id]}));
    let part = leave_unfinished(&mut aws, &bucket);

    let arn = format!(
        "arn:aws:execute-api:{REGION}:{ACCOUNT}:{}/prod/POST/pets",
        api.id
    );
    let allow = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn});
    aws.user(
        "mallory",
        json!({"Version": "2012-10-17", "Statement": allow}),
    );
    run(&mut aws, &stack, &sample("change-iam.json"));
    let digest = published(&mut aws, &stack);
    // It began anew: what changed may lie in what that scan has read already.
    assert_ne!(digest["taken_at"], part["taken_at"]);
    let told = findings(&digest);
    let grant = format!("direct-user-grant arn:aws:iam::{ACCOUNT}:user/mallory");
    assert!(told.contains(&grant), "{told:?}");
}

#[test]
fn what_was_found_is_announced_though_the_unfinished_scan_cannot_be_noted() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    leave_unfinished(&mut aws, &bucket);
    let mut policy = role_policy(&mut aws, &stack, "state");
    let statements = policy["Statement"].as_array_mut().unwrap().iter_mut();
    for statement in statements.filter(|it| it["Sid"] == "WriteState") {
        let resources = statement["Resource"].as_array_mut().unwrap();
        let before = resources.len();
        resources.retain(|it| !it.as_str().is_some_and(|it| it.ends_with("/parts/*")));
        assert_eq!(resources.len() + 1, before);
    }
    put_role_policy(&mut aws, &stack, "state", &policy);
    let answer = invoke(&mut aws, &stack, "{}");
    assert!(answer.failed, "{}", answer.payload);
    assert_eq!(answer.payload["errorType"], "BadState");
    let error = answer.payload["errorMessage"].as_str().unwrap();
    assert!(error.contains(&part_key()), "{error}");
    let digest = published(&mut aws, &stack);
    assert_eq!(digest["occasions"], json!(["baseline"]));
    assert_eq!(findings(&digest).len(), 4, "{digest}");
}

/// Adds a method that anyone can call, and deploys it.
pub(crate) fn open_another(aws: &mut Testbed, region: &str, api: &Value, verb: &str) {
    let (id, resource) = (&api["api_id"], &api["resources"]["/pets"]);
    let method = json!({"restApiId": id, "resourceId": resource, "httpMethod": verb});
    let mut put = method.clone();
    put["authorizationType"] = json!("NONE");
    let mut integration = method;
    integration["type"] = json!("MOCK");
    for (operation, params) in [
        ("put_method", put),
        ("put_integration", integration),
        (
            "create_deployment",
            json!({"restApiId": id, "stageName": "prod"}),
        ),
    ] {
        aws.call_in(ACCOUNT, region, "apigateway", operation, params);
    }
}

#[test]
fn a_region_that_was_watched_stays_watched_while_the_regions_cannot_be_listed() {
    // Not every account has it.
    const OPTED_IN: &str = "eu-south-1";
    let mut aws = Testbed::start();
    let enabled = json!({"RegionName": OPTED_IN});
    aws.call("account", "enable_region", enabled);
    let region = json!({"region": OPTED_IN});
    let api = aws.call("gatewatch", "create_petstore", region);
    let stack = deploy(&mut aws, json!({"Regions": "all"}), json!({}));
    run(&mut aws, &stack, &json!({}));
    published(&mut aws, &stack);
    let mut policy = role_policy(&mut aws, &stack, "scan");
    let statements = policy["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|it| it["Sid"] != "ListRegions");
    assert_eq!(statements.len() + 1, before);
    put_role_policy(&mut aws, &stack, "scan", &policy);

    let mut change = sample("change-rest-api.json");
    change["detail"]["awsRegion"] = json!(OPTED_IN);
    change["detail"]["requestParameters"]["restApiId"] = api["api_id"].clone();
    let named = json!({"apis": [api["api_id"]]});
    // By the change, by somebody who names the API, and by the schedule.
    for (verb, payload) in [("DELETE", change), ("PATCH", named), ("PUT", json!({}))] {
        open_another(&mut aws, OPTED_IN, &api, verb);
        let answer = run(&mut aws, &stack, &payload);
        assert_eq!(answer["status"], "incomplete", "{answer}");
        let digest = published(&mut aws, &stack);
        let changes = digest["changes"].as_array().unwrap();
        let is_it = |it: &&Value| it["verb"] == verb && it["region"] == OPTED_IN;
        let changes: Vec<&Value> = changes.iter().filter(is_it).collect();
        assert_eq!(changes.len(), 1, "{digest}");
        assert_eq!(changes[0]["change"], "new");
    }
}

#[test]
fn the_answer_and_the_numbers_of_a_digest_say_what_it_says() {
    let mut aws = Testbed::start();
    aws.petstore();
    // Its own account needs no role.
    let parameters = json!({
        "Organization": "true", "ExternalId": "fake-external-id", "Accounts": ACCOUNT,
    });
    let stack = deploy(&mut aws, parameters, json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let step = |aws: &mut Testbed, step: Value| run(aws, &stack, &json!({"organization": step}));
    step(&mut aws, json!({"step": "list", "execution": "r1"}));
    let account = json!({"step": "account", "run": "r1", "account": ACCOUNT});
    assert_eq!(step(&mut aws, account)["status"], "findings");
    // What was read is not there any more when it is to be announced.
    let key = format!("inventory/{ACCOUNT}.json");
    aws.call("s3", "delete_object", json!({"Bucket": bucket, "Key": key}));
    let answer = step(&mut aws, json!({"step": "digest", "run": "r1"}));
    let digest = published(&mut aws, &stack);
    assert_eq!(digest["status"], "incomplete");
    assert_eq!(digest["coverage"]["not_read"], 1);
    assert_eq!(answer["status"], digest["status"]);
    assert_eq!(answer["not_read"], digest["coverage"]["not_read"]);
    let log = json!({"log_group": stack.log_group});
    let log = aws.call("gatewatch", "log_text", log);
    let lines = log.as_str().unwrap().lines();
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let numbers: Vec<Value> = lines.filter(|it| it["_aws"].is_object()).collect();
    // Only the last step has any.
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    assert_eq!(numbers[0]["Incomplete"], 1);
    assert_eq!(numbers[0]["Gaps"], 1);
    assert_eq!(numbers[0]["Coverage"], 0.0);
}
