//! What counts as announced: what a message named, that somebody gets.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Mutex;

use gatewatch::audit::Report;
use gatewatch::audit::finding::Severity;
use gatewatch::aws::deliver::{Channel, OrganizationOutlet, Outlet};
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::ledger::organization::{Member, Read, Result as Became, Roll};
use gatewatch::ledger::{Accepted, Breadth, Entry, Kind, Reminder, entries};
use gatewatch::ledger::{Audience, Digest, MESSAGES, Settings};
use gatewatch::policy_file::Recipient;
use gatewatch::render::{LIMIT, Notice};
use gatewatch::render::{OrganizationDigest, digest_notice, organization_notice};
use gatewatch::run::organization::Announcer;
use gatewatch::run::{Announced, Ledger, Observer};
use jiff::SignedDuration;
use serde_json::Value;

use crate::crash::World;
use crate::digest::{ACCOUNT, Account, REGION, day};

/// A topic, and another place.
struct Places {
    audience: Audience,
    limit: usize,
    /// The messages that the topic took.
    messages: Mutex<Vec<Notice>>,
    /// The changes that the other place was told, in order. `None`: there is no such place.
    elsewhere: Option<Mutex<Vec<(String, Kind)>>>,
    /// The messages about single changes.
    singles: Mutex<Vec<String>>,
}

impl Places {
    fn new() -> Self {
        Places {
            audience: Audience::Confirmed,
            limit: LIMIT,
            messages: Mutex::default(),
            elsewhere: None,
            singles: Mutex::default(),
        }
    }

    /// The messages since the last look, each as its JSON and its e-mail.
    fn taken(&self) -> Vec<(Value, String)> {
        let messages = std::mem::take(&mut *self.messages.lock().unwrap());
        let halves = messages.iter().map(|notice| {
            assert!(notice.weight() <= self.limit, "{}", notice.weight());
            let message: Value = serde_json::from_str(&notice.message).unwrap();
            let json = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
            (json, message["email"].as_str().unwrap().to_owned())
        });
        halves.collect()
    }

    fn told_elsewhere(&self) -> Vec<(String, Kind)> {
        let elsewhere = self.elsewhere.as_ref().unwrap();
        std::mem::take(&mut *elsewhere.lock().unwrap())
    }

    fn took(&self, notice: Notice) -> usize {
        let listed = notice.listed;
        self.messages.lock().unwrap().push(notice);
        listed
    }

    fn passes_on(&self, digest: &Digest<'_>) {
        let news = digest.news.iter().map(|it| (it.entry.id.clone(), it.kind));
        let elsewhere = self.elsewhere.as_ref().unwrap();
        elsewhere.lock().unwrap().extend(news);
    }
}

impl Channel for Places {
    type Error = Infallible;

    async fn audience(&self) -> Audience {
        self.audience.clone()
    }

    async fn send_elsewhere(&self, digest: &Digest<'_>) {
        self.passes_on(digest);
    }

    fn has_elsewhere(&self) -> bool {
        self.elsewhere.is_some()
    }

    async fn audience_of(&self, _: &Recipient) -> Audience {
        Audience::Confirmed
    }

    async fn send_to(&self, _: &Recipient, digest: &Digest<'_>) -> Result<usize, Infallible> {
        Ok(digest.rest().len())
    }
}

impl Outlet for Places {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, Infallible> {
        Ok(self.took(digest_notice(digest, self.limit)))
    }
}

impl OrganizationOutlet for Places {
    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, Infallible> {
        Ok(self.took(organization_notice(digest, self.limit)))
    }

    async fn send_single(&self, digest: &Digest<'_>) -> Result<(), Infallible> {
        let ids = digest.news.iter().map(|it| it.entry.id.clone());
        self.singles.lock().unwrap().extend(ids);
        Ok(())
    }

    fn has_single(&self) -> bool {
        true
    }
}

fn nobody() -> Audience {
    Audience::Nobody {
        topic: "arn:aws:sns:eu-west-1:111122223333:alerts".to_owned(),
        pending: 1,
    }
}

fn scope() -> Scope {
    Scope::new(vec![REGION.to_owned()], Vec::new())
}

/// A run over an account.
async fn run(world: &World, places: &Places, report: &Report, number: i64) -> Announced {
    run_with(world, places, report, number, Settings::default()).await
}

async fn run_with(
    world: &World,
    places: &Places,
    report: &Report,
    number: i64,
    settings: Settings,
) -> Announced {
    let mut ledger = Ledger::open(world, ACCOUNT, &scope()).await.unwrap();
    ledger
        .found(report, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    ledger
        .announce(places, report, settings, day(number))
        .await
        .unwrap()
}

/// What the ledger knows of the findings.
async fn ledger(world: &World) -> Vec<Entry> {
    let ledger = Ledger::open(world, ACCOUNT, &scope()).await.unwrap();
    entries(ledger.books()).cloned().collect()
}

async fn told(world: &World) -> BTreeSet<String> {
    let told = ledger(world).await;
    let told = told.into_iter().filter(|it| it.told.is_some());
    told.map(|it| it.id).collect()
}

/// What the messages named: ids, by the path of the method.
fn named(messages: &[(Value, String)]) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for (json, email) in messages {
        for change in json["changes"].as_array().unwrap() {
            let (id, path) = (&change["id"], change["path"].as_str().unwrap_or_default());
            // Whoever reads the mail knows of it as well as whoever reads the JSON.
            assert!(email.contains(path), "{path}: {email}");
            let id = id.as_str().unwrap().to_owned();
            assert_eq!(named.insert(id, path.to_owned()), None, "{path} twice");
        }
    }
    named
}

/// An API with so many open methods that are critical.
fn critical(name: &str, count: usize) -> Account {
    let paths: Vec<String> = (0..count)
        .map(|number| format!("/{name}/{number:05}"))
        .collect();
    let methods = paths.iter().map(|it| ("POST", it.as_str(), "NONE"));
    Account::with(name, &methods.collect::<Vec<_>>())
}

#[tokio::test]
async fn no_api_crowds_out_another() {
    let (world, places) = (World::default(), Places::new());
    let account = critical("Noisy", 10_000).and(critical("Quiet", 3), "f6g7h8i9j0");
    let announced = run(&world, &places, &account.seen_on(0), 0).await;
    let messages = places.taken();
    let (first, email) = &messages[0];
    let paths = first["changes"].as_array().unwrap().iter();
    let paths: BTreeSet<&str> = paths.map(|it| it["path"].as_str().unwrap()).collect();
    for path in ["/Quiet/00000", "/Quiet/00001", "/Quiet/00002"] {
        assert!(paths.contains(path), "{path}");
        // It is among those that are spelled out.
        let spelled_out = email.split("IN A LINE EACH").next().unwrap();
        assert!(spelled_out.contains(path), "{path}");
    }
    // Several messages, and what they do not name is counted, with its API.
    assert_eq!(messages.len(), MESSAGES);
    assert_eq!(announced.changes + announced.untold, 10_003);
    let (last, email) = messages.last().unwrap();
    assert_eq!(last["part"], MESSAGES);
    assert_eq!(last["left_out"]["changes"], announced.untold);
    let count = format!(
        "- Noisy (a1b2c3d4e5), eu-west-1: {} critical",
        announced.untold
    );
    assert!(email.contains(&count), "{email}");
    assert!(email.starts_with("10003 new"), "{email}");
    assert_eq!(told(&world).await, named(&messages).into_keys().collect());
}

#[tokio::test]
async fn what_no_message_named_comes_with_the_next_runs_and_then_there_is_silence() {
    let (world, places) = (World::default(), Places::new());
    let account = critical("PetStore", 5_000);
    let mut all = BTreeMap::new();
    let mut left = 5_000;
    for number in 0.. {
        assert!(number < 10, "{left} are left");
        let settings = Settings::after_days(0, 0);
        let announced = run_with(&world, &places, &account.seen_on(number), number, settings).await;
        let messages = places.taken();
        assert!(messages.len() <= MESSAGES);
        let named = named(&messages);
        assert_eq!(named.len(), announced.changes);
        for (id, path) in named {
            assert_eq!(all.insert(id, path.clone()), None, "{path} twice");
        }
        left -= announced.changes;
        assert_eq!(announced.untold, left);
        if left == 0 {
            break;
        }
        // A run with much to say gets on.
        assert!(announced.changes >= 1_700, "{}", announced.changes);
        let waiting = ledger(&world).await;
        let waiting = waiting.iter().filter_map(Entry::waiting_since).min();
        assert_eq!(waiting, Some(day(0)));
    }
    assert_eq!(all.len(), 5_000);
    let settings = Settings::after_days(0, 0);
    let announced = run_with(&world, &places, &account.seen_on(20), 20, settings).await;
    assert_eq!(announced, Announced::default());
    assert_eq!(places.taken().len(), 0);
}

#[tokio::test]
async fn what_is_resolved_is_resolved_when_a_message_named_it() {
    let (world, mut places) = (World::default(), Places::new());
    let open = critical("PetStore", 300);
    run(&world, &places, &open.seen_on(0), 0).await;
    assert_eq!(told(&world).await.len(), 300);
    places.taken();
    // Small messages: ten of them name a part.
    places.limit = 20_000;
    let closed = Account::with("PetStore", &[("GET", "/", "COGNITO_USER_POOLS")]);
    let announced = run(&world, &places, &closed.seen_on(1), 1).await;
    let first = named(&places.taken());
    assert!(announced.untold > 0, "{announced:?}");
    assert_eq!(first.len(), announced.changes);
    let pending = ledger(&world).await;
    let pending = pending
        .iter()
        .filter(|it| it.pending() == Some(Kind::Resolved));
    assert_eq!(pending.count(), announced.untold);
    places.limit = LIMIT;
    let rest = run(&world, &places, &closed.seen_on(2), 2).await;
    assert_eq!((rest.changes, rest.untold), (announced.untold, 0));
    let second = named(&places.taken());
    assert!(second.keys().all(|it| !first.contains_key(it)));
}

#[tokio::test]
async fn reminders_keep_nothing_from_being_told_and_come_once_a_day() {
    let (world, mut places) = (World::default(), Places::new());
    let settings = Settings {
        reminder: Some(Reminder {
            after: SignedDuration::from_hours(24 * 7),
            least: Severity::High,
        }),
        heartbeat: None,
    };
    let run = async |places: &Places, report: &Report, number: i64| {
        run_with(&world, places, report, number, settings).await
    };
    run(&places, &critical("Old", 300).seen_on(0), 0).await;
    places.taken();
    places.limit = 20_000;
    // The new one is less severe than all that is to be said again, and one of those was mended.
    let new = critical("Old", 299).and(
        Account::with("New", &[("GET", "/new", "NONE")]),
        "f6g7h8i9j0",
    );
    let announced = run(&places, &new.seen_on(7), 7).await;
    let messages = places.taken();
    assert_eq!(
        messages[0].0["occasions"],
        serde_json::json!(["changes", "reminder"])
    );
    let first = messages[0].0["changes"].as_array().unwrap();
    assert!(first.iter().any(|it| it["path"] == "/new"), "{first:?}");
    assert!(
        first.iter().any(|it| it["change"] == "resolved"),
        "{first:?}"
    );
    assert!(announced.untold > 0);
    let reminded = named(&messages);
    // The same day there are no more reminders, whatever begins a run; the next day, the rest.
    let mut soon = new.seen_on(7);
    soon.taken_at += SignedDuration::from_hours(2);
    let mut ledger = Ledger::open(&world, ACCOUNT, &scope()).await.unwrap();
    ledger
        .found(&soon, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    let now = day(7) + SignedDuration::from_hours(2);
    let again = ledger
        .announce(&places, &soon, settings, now)
        .await
        .unwrap();
    assert_eq!(again, Announced::default());
    run(&places, &new.seen_on(8), 8).await;
    let rest = named(&places.taken());
    assert!(!rest.is_empty() && rest.keys().all(|it| !reminded.contains_key(it)));
}

#[tokio::test]
async fn a_change_that_no_message_could_hold_is_named_by_what_fits() {
    let (world, places) = (World::default(), Places::new());
    let long = "n".repeat(LIMIT);
    let giant = Account::with(&long, &[("POST", "/giant", "NONE")]);
    let account = giant.and(critical("Quiet", 1), "f6g7h8i9j0");
    // A gap that no message holds is in its way as well.
    let mut report = account.gap("draft", Some("0123456789")).seen_on(0);
    report.evaluation.gaps[0].message = "m".repeat(LIMIT);
    let announced = run(&world, &places, &report, 0).await;
    assert_eq!((announced.changes, announced.untold), (2, 0));
    let messages = places.taken();
    assert_eq!(named(&messages).len(), 2);
    assert_eq!(messages[0].0["left_out"]["gaps"], 1);
    assert_eq!(messages[0].0["status"], "incomplete");
}

#[tokio::test]
async fn what_nobody_gets_is_not_announced() {
    let (world, mut places) = (World::default(), Places::new());
    let report = |number| Account::petstore(&["GET /", "POST /pets"]).seen_on(number);
    places.audience = nobody();
    places.elsewhere = Some(Mutex::default());
    for number in 0..3 {
        let announced = run(&world, &places, &report(number), number).await;
        assert_eq!((announced.changes, announced.untold), (0, 2));
        assert_eq!(announced.occasions, Vec::<&str>::new());
        assert!(announced.audience.is_nobody());
        // It is sent, as nobody is harmed by that; it stays the first digest.
        let messages = places.taken();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].0["occasions"], serde_json::json!(["baseline"]));
        assert_eq!(told(&world).await, BTreeSet::new());
        // Other places are told at once, and not with every run.
        let elsewhere = places.told_elsewhere().len();
        assert_eq!(elsewhere, if number == 0 { 2 } else { 0 });
    }
    // What changes meanwhile is told there, too.
    let worse = Account::petstore(&["GET /", "POST /pets", "GET /pets"]).seen_on(3);
    run(&world, &places, &worse, 3).await;
    let elsewhere = places.told_elsewhere();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].1, Kind::New);
    places.taken();
    let waiting = ledger(&world).await;
    let waiting = waiting.iter().filter_map(Entry::waiting_since).min();
    assert_eq!(waiting, Some(day(0)));
    // Somebody confirms.
    places.audience = Audience::Confirmed;
    let announced = run(&world, &places, &worse, 4).await;
    assert_eq!(announced.occasions, ["baseline"]);
    assert_eq!((announced.changes, announced.untold), (3, 0));
    assert_eq!(places.taken().len(), 1);
    assert_eq!(places.told_elsewhere(), []);
    assert_eq!(told(&world).await.len(), 3);
    // From now on as ever.
    let mended = Account::petstore(&["GET /", "GET /pets"]).seen_on(5);
    run(&world, &places, &mended, 5).await;
    let elsewhere = places.told_elsewhere();
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].1, Kind::Resolved);
}

#[tokio::test]
async fn a_topic_that_may_not_be_asked_counts_and_one_that_did_not_answer_does_not() {
    let reason = "sns:GetTopicAttributes failed".to_owned();
    let topic = "arn:aws:sns:eu-west-1:999999999999:alerts".to_owned();
    let report = Account::petstore(&["GET /"]).seen_on(0);
    let hidden = Audience::Hidden {
        topic: topic.clone(),
        reason: reason.clone(),
    };
    for (audience, count) in [(hidden, 1), (Audience::Unknown { topic, reason }, 0)] {
        let (world, mut places) = (World::default(), Places::new());
        places.audience = audience;
        let announced = run(&world, &places, &report, 0).await;
        assert_eq!((announced.changes, announced.untold), (count, 1 - count));
        assert!(announced.audience.warning().is_some());
        assert_eq!(told(&world).await.len(), count);
    }
}

#[tokio::test]
async fn other_places_are_told_everything_once_however_long_the_messages_take() {
    let (world, mut places) = (World::default(), Places::new());
    places.elsewhere = Some(Mutex::default());
    places.limit = 20_000;
    let account = critical("PetStore", 1_000);
    let mut elsewhere = Vec::new();
    for number in 0..3 {
        let announced = run(&world, &places, &account.seen_on(number), number).await;
        let told = places.told_elsewhere();
        assert_eq!(told.len(), if number == 0 { 1_000 } else { 0 });
        elsewhere.extend(told);
        assert!(announced.untold > 0, "{number}");
    }
    let ids: BTreeSet<&String> = elsewhere.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 1_000);
}

/// What a run over an organization's account reads.
fn inventory(account: &str, api: &Account, number: i64) -> Inventory {
    let report = api.inventory_on(number);
    let text = report.replace(ACCOUNT, account);
    Inventory::from_json(&text).unwrap()
}

fn judge(inventory: &Inventory) -> Report {
    let policy = gatewatch::policy_file::PolicyFile::default();
    gatewatch::run::scan::judge(inventory, &policy, inventory.taken_at)
}

/// A run over an organization, in whose accounts there is this.
async fn over(
    world: &World,
    places: &Places,
    accounts: &[(&str, Account)],
    number: i64,
) -> Announced {
    let mut became = Vec::new();
    let mut members = Vec::new();
    for (account, api) in accounts {
        let inventory = inventory(account, api, number);
        let report = judge(&inventory);
        let mut ledger = Ledger::open(world, account, &scope()).await.unwrap();
        ledger
            .found(&report, &Accepted::default(), Breadth::Whole)
            .await
            .unwrap();
        ledger
            .keep(&report, &inventory, &BTreeSet::new())
            .await
            .unwrap();
        let read = Read {
            status: report.status().as_str().to_owned(),
            taken_at: report.taken_at,
            regions: report.scope.regions.clone(),
            apis: report.evaluation.coverage.apis,
            methods: report.evaluation.coverage.methods,
            gaps: 0,
            open: BTreeMap::new(),
            exempt: 0,
            due: true,
            owed: false,
        };
        let member = Member::unnamed((*account).to_owned());
        members.push(member.clone());
        became.push((member, Became::Read(read)));
    }
    let roll = Roll::new("r1".to_owned(), day(number), members, Vec::new());
    let announcer = Announcer {
        memory: world,
        outlet: places,
        judge: &judge,
        settings: Settings::after_days(0, 0),
        now: day(number),
        observer: Observer::nobody(),
    };
    announcer.announce(&roll, became).await.unwrap().1
}

const NOISY: &str = "200000000001";
const QUIET: &str = "200000000002";

#[tokio::test]
async fn no_account_of_an_organization_crowds_out_another() {
    let (world, mut places) = (World::default(), Places::new());
    places.elsewhere = Some(Mutex::default());
    let accounts = [
        (
            NOISY,
            critical("Noisy", 5_000).and(critical("Zebra", 1), "f6g7h8i9j0"),
        ),
        (QUIET, critical("Quiet", 1)),
    ];
    let mut all = BTreeMap::new();
    let mut left = 5_002;
    for number in 0.. {
        assert!(number < 10, "{left} are left");
        let announced = over(&world, &places, &accounts, number).await;
        let messages = places.taken();
        assert!(messages.len() <= MESSAGES);
        let named = named(&messages);
        if number == 0 {
            let (first, _) = &messages[0];
            let paths = first["changes"].as_array().unwrap().iter();
            let paths: BTreeSet<&str> = paths.map(|it| it["path"].as_str().unwrap()).collect();
            assert!(paths.contains("/Quiet/00000") && paths.contains("/Zebra/00000"));
        }
        // A message of its own for what the digest named, and for nothing else.
        let singles = std::mem::take(&mut *places.singles.lock().unwrap());
        let singles: BTreeSet<String> = singles.into_iter().collect();
        assert_eq!(singles, named.keys().cloned().collect());
        assert_eq!(named.len(), announced.changes);
        let elsewhere = places.told_elsewhere().len();
        assert_eq!(elsewhere, if number == 0 { 5_002 } else { 0 });
        for (id, path) in named {
            assert_eq!(all.insert(id, path.clone()), None, "{path} twice");
        }
        left -= announced.changes;
        assert_eq!(announced.untold, left);
        let waits = announced.waiting_since.is_some();
        assert_eq!(waits, left > 0);
        if left == 0 {
            break;
        }
    }
    assert_eq!(all.len(), 5_002);
    let announced = over(&world, &places, &accounts, 20).await;
    assert_eq!(announced, Announced::default());
}

#[tokio::test]
async fn what_nobody_gets_of_an_organization_is_not_announced() {
    let (world, mut places) = (World::default(), Places::new());
    places.audience = nobody();
    let accounts = || [(NOISY, critical("Noisy", 2)), (QUIET, critical("Quiet", 1))];
    for number in 0..2 {
        let announced = over(&world, &places, &accounts(), number).await;
        assert_eq!((announced.changes, announced.untold), (0, 3));
        assert_eq!(announced.occasions, Vec::<&str>::new());
        assert_eq!(announced.waiting_since, Some(day(0)));
        assert_eq!(places.taken().len(), 1);
        assert_eq!(places.singles.lock().unwrap().len(), 0);
    }
    places.audience = Audience::Confirmed;
    let announced = over(&world, &places, &accounts(), 2).await;
    assert_eq!(announced.occasions, ["baseline"]);
    assert_eq!((announced.changes, announced.untold), (3, 0));
    assert_eq!(announced.waiting_since, None);
}
