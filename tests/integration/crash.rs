//! A run that ends at any step, and the next one: nothing is lost, and nothing is closed that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use gatewatch::audit::Report;
use gatewatch::audit::finding::RuleId;
use gatewatch::aws::collect::Reading;
use gatewatch::aws::deliver::{Channel, OrganizationOutlet, Outlet};
use gatewatch::aws::store::{Content, Kept, Memory, StoreError, Tag, text_of};
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::ledger::organization::{Member, Result as Became, Roll};
use gatewatch::ledger::{Audience, Digest, Settings};
use gatewatch::ledger::{Book, Kind, Standing};
use gatewatch::policy_file::{PolicyFile, Recipient};
use gatewatch::render::LIMIT;
use gatewatch::render::{OrganizationDigest, organization_notice};
use gatewatch::run::organization::Announcer;
use gatewatch::run::{Account, Asked, Cause, Event, Extent, Governed, Keeps, Observer, Step, scan};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";

/// The time of a run: so many hours after the first.
pub(crate) fn hour(number: i64) -> Timestamp {
    let first: Timestamp = "2026-06-15T06:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(number)
}

/// A report on an account with one API, of which these paths are open. `gap`: its stages were not read.
pub(crate) fn report(open: &BTreeSet<usize>, gap: bool, number: i64) -> Report {
    report_under(&PolicyFile::default(), open, gap, number)
}

/// The same under a policy file.
pub(crate) fn report_under(
    policy: &PolicyFile,
    open: &BTreeSet<usize>,
    gap: bool,
    number: i64,
) -> Report {
    scan::judge(&inventory(open, gap, number), policy, hour(number))
}

/// What a run reads of the account.
fn inventory(open: &BTreeSet<usize>, gap: bool, number: i64) -> Inventory {
    let methods = |closed: bool| -> Vec<Value> {
        let method = |path: usize| {
            let kind = if open.contains(&path) && !closed {
                "NONE"
            } else {
                "AWS_IAM"
            };
            json!({"verb": "GET", "path": format!("/{path}"), "authorization": kind, "api_key_required": false})
        };
        (0..8).map(method).collect()
    };
    let draft: Vec<Value> = methods(false)
        .into_iter()
        .map(|mut method| {
            method["integration"] = json!("HTTP");
            method["resource_id"] = json!("r");
            method
        })
        .collect();
    let stages = if gap {
        Value::Null
    } else {
        json!([{"name": "prod", "deployment_id": "d"}])
    };
    let mut inventory = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
        "taken_at": hour(number).to_string(), "scope": {"regions": ["eu-west-1"]}, "domains": [],
        "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": [],
        "apis": [{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
                  "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
                  "stages": stages, "draft": draft,
                  "deployments": [{"id": "d", "created_at": null, "methods": methods(false)}]}]});
    if gap {
        inventory["apis"][0]["deployments"] = json!([]);
    }
    Inventory::from_json(&inventory.to_string()).unwrap()
}

/// An account that is read as it was prepared.
struct Prepared(Inventory);

impl Account for Prepared {
    fn id(&self) -> &str {
        &self.0.account
    }

    async fn inventory(&self, _: Scope, _: &Reading, _: Timestamp) -> Inventory {
        self.0.clone()
    }

    async fn with_principals(&self, earlier: Inventory, now: Timestamp) -> Inventory {
        Inventory {
            taken_at: now,
            iam: self.0.iam.clone(),
            ..earlier
        }
    }
}

/// What a run does to the world: each operation is a step, and one of them may be its last.
#[derive(Default)]
pub(crate) struct World {
    texts: Mutex<BTreeMap<String, (String, u64)>>,
    sent: Mutex<Vec<Vec<(String, Kind)>>>,
    fuse: Mutex<Fuse>,
    /// The steps that runs began.
    begun: Mutex<Vec<Step>>,
    /// The step at which the next run ends. `None`: it lives.
    end: Mutex<Option<Step>>,
}

#[derive(Default, Clone, Copy)]
struct Fuse {
    steps: usize,
    /// The step that is the last. `None`: the run lives.
    last: Option<usize>,
    /// Whether the last step still does what it does.
    takes_effect: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("killed")]
pub(crate) struct Killed;

impl World {
    /// The next run ends at this step, if there is such a one.
    pub(crate) fn arm(&self, last: Option<usize>, takes_effect: bool) {
        *self.fuse.lock().unwrap() = Fuse {
            steps: 0,
            last,
            takes_effect,
        };
    }

    /// The next run ends as this step begins.
    pub(crate) fn end_at(&self, step: Step) {
        *self.end.lock().unwrap() = Some(step);
    }

    fn hears(&self, event: &Event<'_>) {
        let Event::Begins(step) = event else {
            return;
        };
        self.begun.lock().unwrap().push(*step);
        let mut end = self.end.lock().unwrap();
        if end.take_if(|it| it == step).is_some() {
            self.arm(Some(0), false);
        }
    }

    /// The steps that were begun since the last look.
    fn begun(&self) -> Vec<Step> {
        std::mem::take(&mut *self.begun.lock().unwrap())
    }

    /// The texts by their keys.
    fn kept(&self) -> BTreeMap<String, String> {
        let texts = self.texts.lock().unwrap();
        let texts = texts
            .iter()
            .map(|(key, (text, _))| (key.clone(), text.clone()));
        texts.collect()
    }

    /// What each digest said, in the order of the ids.
    fn said(&self) -> Vec<BTreeSet<(String, &'static str)>> {
        let digests = self.digests().into_iter();
        let said = digests.map(|it| {
            it.into_iter()
                .map(|(id, kind)| (id, kind.as_str()))
                .collect()
        });
        said.collect()
    }

    fn steps(&self) -> usize {
        self.fuse.lock().unwrap().steps
    }

    /// Whether this step is done, and whether the run lives on.
    fn step(&self) -> (bool, bool) {
        let mut fuse = self.fuse.lock().unwrap();
        fuse.steps += 1;
        match fuse.last {
            Some(last) if fuse.steps == last => (fuse.takes_effect, false),
            Some(last) if fuse.steps > last => (false, false),
            _ => (true, true),
        }
    }

    fn done<T>(
        &self,
        key: &str,
        does: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let killed = || StoreError::Failed {
            address: key.to_owned(),
            done: "reached",
            cause: Box::new(Killed),
        };
        let (takes_effect, lives) = self.step();
        let result = if takes_effect { does() } else { Err(killed()) };
        if lives { result } else { Err(killed()) }
    }

    pub(crate) fn book(&self, region: Option<&str>) -> Book {
        let key = Book::new(ACCOUNT, region).key();
        let texts = self.texts.lock().unwrap();
        let (text, _) = &texts[&key];
        Book::from_json(text, ACCOUNT, region).unwrap()
    }

    fn digests(&self) -> Vec<Vec<(String, Kind)>> {
        self.sent.lock().unwrap().clone()
    }
}

impl Memory for World {
    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        self.done(key, || {
            let texts = self.texts.lock().unwrap();
            let kept = texts.get(key);
            Ok(kept.map(|(text, version)| Kept::new(text.clone(), Tag::new(version.to_string()))))
        })
    }

    async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, StoreError> {
        self.done(key, || {
            let mut texts = self.texts.lock().unwrap();
            let version = texts.get(key).map_or(0, |(_, version)| *version);
            let tag = (version > 0).then(|| Tag::new(version.to_string()));
            if tag.as_ref() != was {
                return Err(StoreError::Conflict(key.to_owned()));
            }
            texts.insert(key.to_owned(), (text_of(content).unwrap(), version + 1));
            Ok(Tag::new((version + 1).to_string()))
        })
    }

    async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), StoreError> {
        self.done(key, || {
            let mut texts = self.texts.lock().unwrap();
            texts.insert(key.to_owned(), (text_of(content).unwrap(), 1));
            Ok(())
        })
    }

    fn address(&self, key: &str) -> String {
        key.to_owned()
    }
}

impl Channel for World {
    type Error = Killed;

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

    async fn send_to(&self, _: &Recipient, digest: &Digest<'_>) -> Result<usize, Killed> {
        Ok(digest.rest().len())
    }
}

impl Outlet for World {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, Killed> {
        let (takes_effect, lives) = self.step();
        if takes_effect {
            let news = digest
                .rest()
                .iter()
                .map(|it| (it.entry.id.clone(), it.kind));
            self.sent.lock().unwrap().push(news.collect());
        }
        if lives {
            Ok(digest.rest().len())
        } else {
            Err(Killed)
        }
    }
}

impl OrganizationOutlet for World {
    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, Killed> {
        let notice = organization_notice(digest, LIMIT);
        let message: Value = serde_json::from_str(&notice.message).unwrap();
        let json: Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
        let (takes_effect, lives) = self.step();
        if takes_effect {
            let news = json["changes"].as_array().unwrap().iter().map(|it| {
                let kind = Kind::ALL
                    .into_iter()
                    .find(|kind| it["change"] == kind.as_str());
                (it["id"].as_str().unwrap().to_owned(), kind.unwrap())
            });
            self.sent.lock().unwrap().push(news.collect());
        }
        if lives {
            Ok(notice.listed)
        } else {
            Err(Killed)
        }
    }

    async fn send_single(&self, _: &Digest<'_>) -> Result<(), Killed> {
        Ok(())
    }

    fn has_single(&self) -> bool {
        false
    }
}

fn scope() -> Scope {
    Scope::new(vec!["eu-west-1".to_owned()], Vec::new())
}

/// One run over an account of which these paths are open. The error says that it was killed.
pub(crate) async fn run(
    world: &World,
    open: &BTreeSet<usize>,
    gap: bool,
    number: i64,
) -> Result<(), String> {
    let prepared = Prepared(inventory(open, gap, number));
    run_for(world, Cause::Schedule, &prepared, number).await
}

async fn run_for(
    world: &World,
    cause: Cause,
    account: &Prepared,
    number: i64,
) -> Result<(), String> {
    let asked = Asked {
        watched: scope(),
        reading: Reading::default(),
        extent: Extent::Everything,
        cause,
        keeps: Keeps::IfWhole,
    };
    let hears = |event: &Event<'_>| world.hears(event);
    let governed = Governed {
        memory: world,
        policy: &PolicyFile::default(),
        settings: Settings::default(),
        megabytes: None,
        begun: hour(number),
        clock: || hour(number),
        observer: Observer::new(&hears),
    };
    let done = governed.run(account, asked, Some(world)).await;
    let done = done.map_err(|error| error.to_string())?;
    done.ended().map_err(|error| error.to_string())?;
    Ok(())
}

/// The same as the one account of an organization: read by itself, and announced by the digest of all.
async fn run_over_organization(
    world: &World,
    open: &BTreeSet<usize>,
    gap: bool,
    number: i64,
) -> Result<(), String> {
    let hears = |event: &Event<'_>| world.hears(event);
    let observer = Observer::new(&hears);
    let governed = Governed {
        memory: world,
        policy: &PolicyFile::default(),
        settings: Settings::default(),
        megabytes: None,
        begun: hour(number),
        clock: || hour(number),
        observer,
    };
    let account = Prepared(inventory(open, gap, number));
    let taken = governed.read_member(&account, scope(), Reading::default());
    let taken = taken.await.map_err(|error| error.to_string())?;
    let member = Member::unnamed(ACCOUNT.to_owned());
    let roll = Roll::new(
        "r1".to_owned(),
        hour(number),
        vec![member.clone()],
        Vec::new(),
    );
    let announcer = Announcer {
        memory: world,
        outlet: world,
        judge: &|inventory| scan::judge(inventory, &PolicyFile::default(), hour(number)),
        settings: Settings::default(),
        now: hour(number),
        observer,
    };
    let announced = announcer.announce(&roll, vec![(member, Became::Read(taken.read))]);
    announced.await.map_err(|error| error.to_string())?;
    Ok(())
}

fn ids(report: &Report) -> BTreeSet<String> {
    let methods = report
        .evaluation
        .findings
        .iter()
        .filter(|it| it.place.verb.is_some());
    methods.map(|it| it.fingerprint().to_string()).collect()
}

pub(crate) fn open_ids(report: &Report) -> BTreeSet<String> {
    let findings = report.evaluation.findings.iter();
    let open = findings.filter(|it| it.rule == RuleId::OpenMethod);
    open.map(|it| it.fingerprint().to_string()).collect()
}

pub(crate) fn set(paths: &[usize]) -> BTreeSet<usize> {
    paths.iter().copied().collect()
}

#[tokio::test]
async fn a_run_that_ends_at_any_step_loses_nothing() {
    // What is there in each run; the second one is killed.
    let story = [set(&[1, 2, 3]), set(&[2, 4]), set(&[2, 4, 5])];
    let mut steps = usize::MAX;
    let mut tried = 0;
    for last in 1.. {
        if last > steps {
            break;
        }
        for takes_effect in [false, true] {
            let world = World::default();
            run(&world, &story[0], false, 0).await.unwrap();
            world.arm(Some(last), takes_effect);
            let killed = run(&world, &story[1], false, 24).await;
            if killed.is_ok() {
                steps = world.steps();
                continue;
            }
            tried += 1;
            world.arm(None, true);
            run(&world, &story[2], false, 48).await.unwrap();
            everything_was_said(&world, &report(&story[2], false, 48));
            let told = world.digests().concat();
            // 1 and 3 went. At worst that was said twice.
            let open = open_ids(&report(&story[0], false, 0));
            let told = told
                .iter()
                .filter(|(id, kind)| open.contains(id) && *kind == Kind::Resolved);
            assert!((2..=4).contains(&told.count()), "step {last}");
            // And then there is silence.
            let digests = world.digests().len();
            run(&world, &story[2], false, 72).await.unwrap();
            assert_eq!(world.digests().len(), digests, "step {last}");
        }
        if steps == usize::MAX && last > 50 {
            panic!("a run has no end");
        }
    }
    assert!(tried >= 10, "only {tried} steps were tried");
}

#[tokio::test]
async fn a_run_that_ends_between_two_steps_loses_nothing_on_any_front() {
    let story = [set(&[1, 2, 3]), set(&[2, 4]), set(&[2, 4, 5])];
    for (step, over_organization) in Step::ALL
        .into_iter()
        .flat_map(|it| [(it, false), (it, true)])
    {
        let world = World::default();
        let go = async |open: &BTreeSet<usize>, number: i64| {
            if over_organization {
                run_over_organization(&world, open, false, number).await
            } else {
                run(&world, open, false, number).await
            }
        };
        go(&story[0], 0).await.unwrap();
        world.end_at(step);
        go(&story[1], 24).await.unwrap_err();
        world.arm(None, true);
        go(&story[2], 48).await.unwrap();
        everything_was_said(&world, &report(&story[2], false, 48));
        // Nothing is left to be said.
        let digests = world.digests().len();
        go(&story[2], 72).await.unwrap();
        assert_eq!(world.digests().len(), digests, "{step:?}");
    }
}

#[tokio::test]
async fn every_front_takes_the_same_steps_and_keeps_the_same() {
    // What is found, what has not changed, what is gone and new, and what cannot be read.
    let days = [
        (set(&[1, 2]), false),
        (set(&[1, 2]), false),
        (set(&[2, 3]), false),
        (set(&[]), true),
    ];
    let [scheduled, by_hand, changed, member] = [(); 4].map(|()| World::default());
    for ((open, gap), number) in days.iter().zip([0, 24, 48, 72]) {
        let account = Prepared(inventory(open, *gap, number));
        for (world, cause) in [
            (&scheduled, Cause::Schedule),
            (&by_hand, Cause::Hand),
            (&changed, Cause::Change),
        ] {
            run_for(world, cause, &account, number).await.unwrap();
        }
        run_over_organization(&member, open, *gap, number)
            .await
            .unwrap();
        let steps = scheduled.begun();
        assert!(steps.starts_with(&Step::ALL[..6]), "{steps:?}");
        assert_eq!(by_hand.begun(), steps);
        assert_eq!(changed.begun(), steps);
        // The digest of an organization opens the ledger again.
        let mut once = member.begun();
        let mut seen = BTreeSet::new();
        once.retain(|it| seen.insert(*it));
        assert_eq!(once, steps);
        let kept = scheduled.kept();
        for other in [&by_hand, &changed, &member] {
            let mut own = other.kept();
            // An organization has a page of its own besides.
            own.remove("reports/organization/latest.html");
            assert_eq!(own, kept, "after {number} hours");
            assert_eq!(other.said(), scheduled.said(), "after {number} hours");
        }
    }
    assert_eq!(scheduled.digests().len(), 3);
}

/// Everything that is there was announced as open after it last became so, and what the ledger calls
/// resolved is gone.
fn everything_was_said(world: &World, now: &Report) {
    let (there, book) = (ids(now), world.book(Some("eu-west-1")));
    let digests = world.digests().concat();
    for id in &there {
        let entry = &book.entries[id];
        assert_eq!(entry.standing, Standing::Open, "{id}");
        assert_eq!(entry.pending(), None, "{id}");
        let last = digests.iter().rev().find(|(it, _)| it == id);
        assert!(
            last.is_some_and(|(_, kind)| kind.alarms()),
            "{id}: {last:?}"
        );
    }
    for (id, entry) in &book.entries {
        if entry.standing == Standing::Resolved {
            assert!(!there.contains(id), "{id} is there");
            let said = digests
                .iter()
                .any(|(it, kind)| it == id && *kind == Kind::Resolved);
            assert!(said, "{id} went unsaid");
        }
    }
}

#[tokio::test]
async fn what_came_and_went_before_it_was_announced_is_said_once() {
    let world = World::default();
    run(&world, &set(&[1]), false, 0).await.unwrap();
    // The ledger is written. Then nothing.
    world.end_at(Step::Announce);
    run(&world, &set(&[1, 2]), false, 1).await.unwrap_err();
    assert_eq!(
        world.book(Some("eu-west-1")).entries.len(),
        2 + uncallable()
    );
    world.arm(None, true);
    run(&world, &set(&[1]), false, 2).await.unwrap();
    let kinds: Vec<Kind> = world.digests()[1].iter().map(|(_, kind)| *kind).collect();
    assert!(kinds.contains(&Kind::Resolved), "{kinds:?}");
}

/// The closed methods of the account: nobody may call them.
fn uncallable() -> usize {
    let none = report(&BTreeSet::new(), false, 0);
    let rest = none.evaluation.findings.len();
    assert_eq!(rest, 8);
    rest - 1
}

#[tokio::test]
async fn what_cannot_be_read_stays_as_it_was_and_every_such_run_says_so() {
    let world = World::default();
    run(&world, &set(&[1, 2]), false, 0).await.unwrap();
    for day in 1..3 {
        let blind = report(&set(&[]), true, 24 * day);
        assert!(!blind.evaluation.gaps.is_empty());
        run(&world, &set(&[]), true, 24 * day).await.unwrap();
        let book = world.book(Some("eu-west-1"));
        let resolved = book
            .entries
            .values()
            .filter(|it| it.standing == Standing::Resolved);
        assert_eq!(resolved.count(), 0);
    }
    assert_eq!(world.digests().len(), 3);
    run(&world, &set(&[1]), false, 72).await.unwrap();
    let last = world.digests().pop().unwrap();
    let resolved = last
        .iter()
        .filter(|(_, kind)| *kind == Kind::Resolved)
        .count();
    // The second method, and that the API could not be read.
    assert_eq!(resolved, 2, "{last:?}");
}

#[tokio::test]
async fn what_is_still_there_is_said_again_after_a_week() {
    let world = World::default();
    for day in 0..8 {
        run(&world, &set(&[1]), false, 24 * day).await.unwrap();
    }
    let digests = world.digests();
    assert_eq!(digests.len(), 2, "{digests:?}");
    let kinds: BTreeSet<&str> = digests[1].iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["reminder"]));
    // Only what is high or worse.
    assert_eq!(digests[1].len(), 1);
}

#[tokio::test]
async fn a_run_that_began_earlier_and_ends_later_undoes_nothing() {
    let world = World::default();
    run(&world, &set(&[1]), false, 0).await.unwrap();
    run(&world, &set(&[1, 2]), false, 5).await.unwrap();
    // It saw the account before the second method was opened.
    run(&world, &set(&[1]), false, 4).await.unwrap();
    let book = world.book(Some("eu-west-1"));
    let open = book
        .entries
        .values()
        .filter(|it| it.standing == Standing::Open && it.rule == "open-method");
    assert_eq!(open.count(), 2);
}

/// A run that is killed after SNS took its digest, and before that is noted, has said something that the
/// ledger does not know. Found by killing runs at random.
#[tokio::test]
async fn what_a_killed_run_may_have_said_is_corrected() {
    for (first, said, then, word) in [
        (set(&[1]), set(&[]), set(&[1]), Kind::Reopened),
        (set(&[]), set(&[1]), set(&[]), Kind::Resolved),
    ] {
        let world = World::default();
        run(&world, &set(&[1]), false, 0).await.unwrap();
        run(&world, &first, false, 1).await.unwrap();
        // The digest is sent, and that is not noted.
        world.end_at(Step::Note);
        let digests = world.digests().len();
        run(&world, &said, false, 2).await.unwrap_err();
        assert_eq!(world.digests().len(), digests + 1);
        world.arm(None, true);
        run(&world, &then, false, 3).await.unwrap();
        let method = open_ids(&report(&set(&[1]), false, 0)).pop_first().unwrap();
        let digests = world.digests().concat();
        let last = digests.iter().rev().find(|(id, _)| *id == method);
        assert_eq!(last.map(|(_, kind)| *kind), Some(word));
    }
}
