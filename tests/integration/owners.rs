//! Owners that the policy file names: each is told what is theirs, and nothing of others.

use std::collections::BTreeMap;
use std::sync::Mutex;

use gatewatch::audit::Report;
use gatewatch::aws::deliver::{Channel, OrganizationOutlet, Outlet};
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::ledger::organization::{Member, Read, Result as Became, Roll};
use gatewatch::ledger::{Accepted, Audience, Breadth, Digest, Settings, owed};
use gatewatch::policy_file::{NotifyFormat, Recipient};
use gatewatch::render::{LIMIT, Notice, OrganizationDigest, chat_notices, digest_notice};
use gatewatch::run::organization::Announcer;
use gatewatch::run::{Announced, Ledger, Observer};
use serde_json::{Value, json};

use crate::crash::World;
use crate::digest::{ACCOUNT, Account, REGION, day};
use crate::lambda::{deploy, invoke};
use crate::support::testbed::Testbed;

const PAYMENTS: &str = "arn:aws:sns:eu-west-1:111122223333:payments";
const SHOP: &str = "arn:aws:sns:us-east-1:444455556666:shop";

/// Two APIs with an owner each, by a tag and by a name, and one that is nobody's.
fn account() -> Account {
    let open = |path| {
        [
            ("POST", path, "NONE"),
            ("GET", "/health", "COGNITO_USER_POOLS"),
        ]
    };
    Account::with("payments-api", &open("/pay"))
        .tagged("team", "payments")
        .and(Account::with("shop-checkout", &open("/cart")), "f6g7h8i9j0")
        .and(Account::with("secret-project", &open("/hidden")), "k1l2m3n4o5")
        .policy(&format!(
            "version: 1\nnotify:\n  - match: {{tags: {{team: payments}}}}\n    topic: {PAYMENTS}\n  \
             - match: {{api: 'shop-*'}}\n    topic: {SHOP}\n"
        ))
}

/// The topics: what each took, and whether it takes anything.
#[derive(Default)]
struct Topics {
    /// The messages, by topic; those of everybody under the empty name.
    taken: Mutex<BTreeMap<String, Vec<Notice>>>,
    refuses: Mutex<Vec<String>>,
    nobody_at: Mutex<Vec<String>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the topic refuses")]
struct Refused;

impl Topics {
    fn take(&self, topic: &str, digest: &Digest<'_>) -> Result<usize, Refused> {
        if self.refuses.lock().unwrap().iter().any(|it| it == topic) {
            return Err(Refused);
        }
        let notice = digest_notice(digest, LIMIT);
        let listed = notice.listed;
        let mut taken = self.taken.lock().unwrap();
        taken.entry(topic.to_owned()).or_default().push(notice);
        Ok(listed)
    }

    /// What a topic took since the last look, as JSON.
    fn sent(&self, topic: &str) -> Vec<Value> {
        let sent = self.taken.lock().unwrap().remove(topic);
        let sent = sent.unwrap_or_default().into_iter();
        sent.map(|it| serde_json::from_str(&it.message).unwrap())
            .collect()
    }

    /// The changes of what it took: what became of which path.
    fn changes(&self, topic: &str) -> Vec<(String, String)> {
        let mut changes = Vec::new();
        for message in self.sent(topic) {
            let digest: Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
            for change in digest["changes"].as_array().unwrap() {
                let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
                changes.push((text("change"), text("path")));
            }
        }
        changes
    }
}

impl Channel for Topics {
    type Error = Refused;

    async fn audience(&self) -> Audience {
        Audience::Confirmed
    }

    async fn send_elsewhere(&self, _: &Digest<'_>) {}

    fn has_elsewhere(&self) -> bool {
        false
    }

    async fn audience_of(&self, owner: &Recipient) -> Audience {
        if self.nobody_at.lock().unwrap().contains(&owner.topic) {
            let topic = owner.topic.clone();
            return Audience::Nobody { topic, pending: 0 };
        }
        Audience::Confirmed
    }

    async fn send_to(&self, owner: &Recipient, digest: &Digest<'_>) -> Result<usize, Refused> {
        self.take(&owner.topic, digest)
    }
}

impl Outlet for Topics {
    async fn send(&self, digest: &Digest<'_>) -> Result<usize, Refused> {
        self.take("", digest)
    }
}

async fn run(world: &World, topics: &Topics, report: &Report, number: i64) -> Announced {
    let scope = Scope::new(vec![REGION.to_owned()], Vec::new());
    let mut ledger = Ledger::open(world, ACCOUNT, &scope).await.unwrap();
    ledger
        .found(report, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    let announced = ledger.announce(topics, report, Settings::default(), day(number));
    announced.await.unwrap()
}

fn pairs(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = changes.iter();
    pairs
        .map(|(change, path)| ((*change).to_owned(), (*path).to_owned()))
        .collect()
}

#[tokio::test]
async fn each_owner_is_told_what_is_theirs_and_everybody_everything() {
    let (world, topics) = (World::default(), Topics::default());
    run(&world, &topics, &account().seen_on(0), 0).await;
    assert_eq!(topics.changes("").len(), 3);
    for (topic, own, others) in [
        (
            PAYMENTS,
            "/pay",
            ["/cart", "/hidden", "shop-checkout", "secret-project"],
        ),
        (
            SHOP,
            "/cart",
            ["/pay", "/hidden", "payments-api", "secret-project"],
        ),
    ] {
        let messages = topics.sent(topic);
        assert_eq!(messages.len(), 1, "{topic}");
        let [text, json] = ["email", "default"].map(|it| messages[0][it].as_str().unwrap());
        for part in [text, json, messages[0]["sms"].as_str().unwrap()] {
            for other in others {
                assert!(!part.contains(other), "{topic}: {part}");
            }
        }
        assert!(text.contains(own) && json.contains(own), "{text}");
        assert!(text.starts_with("1 new"), "{text}");
        // No number tells how much there is of others.
        assert!(text.contains("Open now: 1 critical\n"), "{text}");
        for count in ["3 API", "stage,", "deployed method"] {
            assert!(!text.contains(count), "{text}");
        }
        let json: Value = serde_json::from_str(json).unwrap();
        assert_eq!(json["open"]["total"], 1);
        assert_eq!(json["coverage"], Value::Null);
        assert_eq!(json["full_report"], Value::Null);
        assert_eq!(json["occasions"][0], "baseline");
    }
    // Nothing is said twice.
    run(&world, &topics, &account().seen_on(1), 1).await;
    for topic in ["", PAYMENTS, SHOP] {
        assert_eq!(topics.sent(topic), Vec::<Value>::new(), "{topic}");
    }
}

#[tokio::test]
async fn a_topic_that_refuses_stops_nobody_else_and_is_sent_all_of_it_later() {
    let (world, topics) = (World::default(), Topics::default());
    topics.refuses.lock().unwrap().push(PAYMENTS.to_owned());
    let announced = run(&world, &topics, &account().seen_on(0), 0).await;
    assert_eq!(announced.changes, 3);
    let troubles = announced.troubles();
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert!(troubles[0].contains("the topic refuses"), "{troubles:?}");
    assert_eq!(topics.changes("").len(), 3);
    assert_eq!(topics.changes(SHOP), pairs(&[("new", "/cart")]));

    topics.refuses.lock().unwrap().clear();
    let announced = run(&world, &topics, &account().seen_on(1), 1).await;
    assert_eq!(announced.troubles(), Vec::<String>::new());
    assert_eq!(topics.changes(PAYMENTS), pairs(&[("new", "/pay")]));
    assert_eq!(topics.sent(""), Vec::<Value>::new());
    assert_eq!(topics.sent(SHOP), Vec::<Value>::new());
}

#[tokio::test]
async fn what_everybody_was_not_told_an_owner_is_told_all_the_same() {
    let (world, topics) = (World::default(), Topics::default());
    topics.refuses.lock().unwrap().push(String::new());
    let scope = Scope::new(vec![REGION.to_owned()], Vec::new());
    let report = account().seen_on(0);
    let mut ledger = Ledger::open(&world, ACCOUNT, &scope).await.unwrap();
    ledger
        .found(&report, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    let announced = ledger.announce(&topics, &report, Settings::default(), day(0));
    assert!(announced.await.is_err());
    assert_eq!(topics.changes(PAYMENTS), pairs(&[("new", "/pay")]));
}

#[tokio::test]
async fn an_owner_whom_nobody_hears_is_not_told() {
    let (world, topics) = (World::default(), Topics::default());
    topics.nobody_at.lock().unwrap().push(SHOP.to_owned());
    let announced = run(&world, &topics, &account().seen_on(0), 0).await;
    let warnings = announced.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(SHOP), "{warnings:?}");
    topics.changes(SHOP);
    topics.nobody_at.lock().unwrap().clear();
    run(&world, &topics, &account().seen_on(1), 1).await;
    assert_eq!(topics.changes(SHOP), pairs(&[("new", "/cart")]));
}

#[tokio::test]
async fn who_was_told_of_a_finding_is_told_how_it_ends_and_nobody_else() {
    let (world, topics) = (World::default(), Topics::default());
    run(&world, &topics, &account().seen_on(0), 0).await;
    assert_eq!(topics.changes(PAYMENTS), pairs(&[("new", "/pay")]));

    // The API is another team's now, and still open: the new owner is told, the old one no more.
    let moved = account().tagged("team", "ledger").policy(&format!(
        "version: 1\nnotify:\n  - match: {{tags: {{team: payments}}}}\n    topic: {PAYMENTS}\n  \
         - match: {{tags: {{team: ledger}}}}\n    topic: {SHOP}\n"
    ));
    topics.sent(SHOP);
    run(&world, &topics, &moved.seen_on(1), 1).await;
    assert_eq!(topics.changes(PAYMENTS), pairs(&[]));
    assert_eq!(topics.changes(SHOP), pairs(&[("new", "/pay")]));

    // It is mended: both were told of it, and both are told of that.
    let mended = moved.mended();
    run(&world, &topics, &mended.seen_on(2), 2).await;
    assert_eq!(topics.changes(PAYMENTS), pairs(&[("resolved", "/pay")]));
    let told = topics.changes(SHOP);
    assert!(
        told.contains(&("resolved".to_owned(), "/pay".to_owned())),
        "{told:?}"
    );
    run(&world, &topics, &mended.seen_on(3), 3).await;
    assert_eq!(topics.changes(PAYMENTS), pairs(&[]));
}

#[tokio::test]
async fn what_was_over_before_an_owner_was_named_is_not_told_to_them() {
    let (world, topics) = (World::default(), Topics::default());
    let unnamed = account().policy("version: 1\n");
    run(&world, &topics, &unnamed.seen_on(0), 0).await;
    run(&world, &topics, &unnamed.mended().seen_on(1), 1).await;
    run(&world, &topics, &account().mended().seen_on(2), 2).await;
    assert_eq!(topics.changes(PAYMENTS), pairs(&[]));
    assert_eq!(topics.changes(SHOP), pairs(&[("new", "/cart")]));
}

#[tokio::test]
async fn what_is_still_open_is_told_an_owner_again() {
    let (world, topics) = (World::default(), Topics::default());
    run(&world, &topics, &account().seen_on(0), 0).await;
    topics.sent(SHOP);
    run(&world, &topics, &account().seen_on(6), 6).await;
    assert_eq!(topics.changes(SHOP), pairs(&[]));
    run(&world, &topics, &account().seen_on(8), 8).await;
    assert_eq!(topics.changes(SHOP), pairs(&[("reminder", "/cart")]));
}

#[tokio::test]
async fn an_owner_of_an_account_is_told_what_lies_in_no_api_too() {
    let whole = |id: &str| {
        account().policy(&format!(
            "version: 1\ngroups:\n  - {{name: callers, inline: invoke}}\nnotify:\n  \
             - match: {{account: '{id}'}}\n    topic: {SHOP}\n"
        ))
    };
    for (id, told) in [(ACCOUNT, 4), ("1111*", 4), ("444455556666", 0)] {
        let (world, topics) = (World::default(), Topics::default());
        run(&world, &topics, &whole(id).seen_on(0), 0).await;
        assert_eq!(topics.changes(SHOP).len(), told, "{id}");
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_told_whoever_it_may_concern() {
    let (world, topics) = (World::default(), Topics::default());
    let hidden = account().gap("draft", Some("k1l2m3n4o5"));
    run(&world, &topics, &hidden.seen_on(0), 0).await;
    let messages = topics.sent(PAYMENTS);
    let text = messages[0]["email"].as_str().unwrap();
    assert!(text.contains("INCOMPLETE"), "{text}");
    assert!(!text.contains("k1l2m3n4o5"), "{text}");
    let subject = messages[0]["sms"].as_str().unwrap();
    assert!(subject.contains("INCOMPLETE"), "{subject}");
    let json: Value = serde_json::from_str(messages[0]["default"].as_str().unwrap()).unwrap();
    assert_eq!(json["status"], "incomplete");
    assert_eq!(json["gaps"], json!([]));
    // Theirs is named.
    let own = account().gap("draft", Some("a1b2c3d4e5"));
    run(&world, &topics, &own.seen_on(1), 1).await;
    let messages = topics.sent(PAYMENTS);
    let text = messages[0]["email"].as_str().unwrap();
    assert!(
        text.contains("NOT READ, AND SO NOT CLEAN (1 gap)"),
        "{text}"
    );
}

#[test]
fn a_chat_is_told_no_number_of_others_either() {
    use gatewatch::ledger::{Book, OwnersView, compare};
    let notices = |report: &Report| {
        let books = [Book::new(ACCOUNT, Some(REGION)), Book::new(ACCOUNT, None)];
        let books = books.map(|it| compare(&it, report, Breadth::Whole));
        let view = OwnersView::of(&books, report, PAYMENTS);
        chat_notices(&view.due(Settings::default(), day(0)).unwrap())
    };
    let all = notices(&account().seen_on(0));
    assert_eq!(all.len(), 1);
    assert!(all[0].message.contains("/pay"));
    // What may be theirs, and was not read, is said beside their changes.
    let hidden = notices(&account().gap("draft", Some("k1l2m3n4o5")).seen_on(0));
    assert_eq!(hidden.len(), 2);
    assert!(
        hidden[0].message.contains("INCOMPLETE"),
        "{}",
        hidden[0].message
    );
    assert!(
        !hidden[0].message.contains("k1l2m3n4o5"),
        "{}",
        hidden[0].message
    );
    assert_eq!(NotifyFormat::default(), NotifyFormat::Digest);
}

impl OrganizationOutlet for Topics {
    async fn send_all(&self, digest: &OrganizationDigest) -> Result<usize, Refused> {
        if self.refuses.lock().unwrap().contains(&String::new()) {
            return Err(Refused);
        }
        Ok(digest.next(usize::MAX).count())
    }

    async fn send_single(&self, _: &Digest<'_>) -> Result<(), Refused> {
        Ok(())
    }

    fn has_single(&self) -> bool {
        false
    }
}

/// The last step of a run over an organization of one account, by the policy file of [`account`].
async fn announce_all(world: &World, topics: &Topics, number: i64) -> Result<Announced, String> {
    announce_changed(world, topics, number, |_| {}).await
}

/// The same, where something else was written down of the account.
async fn announce_changed(
    world: &World,
    topics: &Topics,
    number: i64,
    change: impl FnOnce(&mut Read),
) -> Result<Announced, String> {
    let inventory = Inventory::from_json(&account().inventory_on(number)).unwrap();
    let judge = |_: &Inventory| account().seen_on(number);
    let report = judge(&inventory);
    let scope = Scope::new(vec![REGION.to_owned()], Vec::new());
    let mut ledger = Ledger::open(world, ACCOUNT, &scope).await.unwrap();
    ledger
        .found(&report, &Accepted::default(), Breadth::Whole)
        .await
        .unwrap();
    ledger
        .keep(&report, &inventory, &std::collections::BTreeSet::new())
        .await
        .unwrap();
    let mut read = Read {
        status: report.status().as_str().to_owned(),
        taken_at: report.taken_at,
        regions: report.scope.regions.clone(),
        apis: 3,
        methods: 6,
        gaps: 0,
        open: BTreeMap::new(),
        exempt: 0,
        due: true,
        owed: owed(ledger.books(), &report, Settings::default(), day(number)),
    };
    change(&mut read);
    let member = Member::unnamed(ACCOUNT.to_owned());
    let roll = Roll::new(
        "r1".to_owned(),
        day(number),
        vec![member.clone()],
        Vec::new(),
    );
    let announcer = Announcer {
        memory: world,
        outlet: topics,
        judge: &judge,
        settings: Settings::default(),
        now: day(number),
        observer: Observer::nobody(),
    };
    let announced = announcer.announce(&roll, vec![(member, Became::Read(read))]);
    let announced = announced.await.map_err(|error| error.to_string())?;
    Ok(announced.1)
}

#[tokio::test]
async fn owners_in_an_organization_are_told_whatever_becomes_of_its_digest() {
    let (world, topics) = (World::default(), Topics::default());
    *topics.refuses.lock().unwrap() = vec![String::new(), SHOP.to_owned()];
    assert!(announce_all(&world, &topics, 0).await.is_err());
    assert_eq!(topics.changes(PAYMENTS), pairs(&[("new", "/pay")]));

    topics.refuses.lock().unwrap().retain(|it| it == SHOP);
    let announced = announce_all(&world, &topics, 1).await.unwrap();
    assert_eq!((announced.changes, announced.troubles().len()), (3, 1));
    topics.refuses.lock().unwrap().clear();
    let announced = announce_all(&world, &topics, 2).await.unwrap();
    assert_eq!((announced.changes, announced.troubles().len()), (0, 0));
    assert_eq!(topics.changes(SHOP), pairs(&[("new", "/cart")]));
    assert_eq!(topics.changes(PAYMENTS), pairs(&[]));
    announce_all(&world, &topics, 3).await.unwrap();
    assert_eq!(topics.changes(SHOP), pairs(&[]));
}

/// A policy file that names the owner of the PetStore, by these topics.
#[tokio::test]
async fn an_owner_who_cannot_be_told_since_what_was_read_is_lost_is_not_passed_over() {
    let (world, topics) = (World::default(), Topics::default());
    let lost = announce_changed(&world, &topics, 0, |read| {
        read.due = false;
        read.taken_at = day(5);
    });
    let error = lost.await.unwrap_err();
    assert!(error.contains(ACCOUNT), "{error}");
    assert!(error.contains("not kept"), "{error}");
    assert_eq!(topics.changes(PAYMENTS), pairs(&[]));
}

fn policy_naming(topics: &[&str]) -> String {
    let entries = topics.iter();
    let entries = entries
        .map(|it| format!("  - match: {{api: Pet*}}\n    topic: {it}\n    format: digest\n"));
    format!("version: 1\nnotify:\n{}", entries.collect::<String>())
}

#[test]
fn a_scan_tells_owners_and_fails_where_one_of_them_cannot_be_told() {
    let mut aws = Testbed::start();
    aws.petstore();
    let ((everybody, all), (owner, theirs)) = (aws.topic("alerts"), aws.topic("pets"));
    let missing = format!("arn:aws:sns:{REGION}:{ACCOUNT}:missing");
    let shell = aws.shell();
    let scan = |topics: &[&str]| {
        std::fs::write(shell.folder().join("gatewatch.yaml"), policy_naming(topics)).unwrap();
        shell.run(&[
            "scan",
            "--region",
            REGION,
            "--state",
            "state",
            "--publish",
            &everybody,
        ])
    };
    let first = scan(&[&missing, &owner]);
    assert_eq!(first.status, 3, "{}", first.stderr);
    assert!(
        first.stderr.contains("announced, but not everywhere"),
        "{}",
        first.stderr
    );
    assert!(first.stderr.contains(&missing), "{}", first.stderr);
    assert_eq!(aws.received(&all).len(), 1);
    assert_eq!(aws.received(&theirs).len(), 1);
    // What was taken is not sent again, and what was not is.
    let (_, late) = aws.topic("missing");
    let second = scan(&[&missing, &owner]);
    assert_eq!(second.status, 1, "{}", second.stderr);
    assert_eq!(aws.received(&late).len(), 1);
    assert_eq!(
        (aws.received(&all), aws.received(&theirs)),
        (vec![], vec![])
    );
}

#[test]
fn the_function_may_publish_to_the_topics_of_its_parameter_and_to_no_other() {
    let mut aws = Testbed::start();
    aws.petstore();
    let ((owner, theirs), (other, others)) = (aws.topic("pets"), aws.topic("other"));
    let parameters =
        json!({"PolicyFile": policy_naming(&[&owner, &other]), "NotifyTopicArns": owner});
    let stack = deploy(&mut aws, parameters, json!({}));
    let answer = invoke(&mut aws, &stack, "{}");
    assert!(answer.failed);
    let error = answer.payload.to_string();
    assert!(
        error.contains("NotEverywhere") && error.contains(&other),
        "{error}"
    );
    assert_eq!(aws.received(&stack.queue).len(), 1);
    assert_eq!(aws.received(&theirs).len(), 1);
    assert_eq!(aws.received(&others).len(), 0);
}

#[test]
fn a_checkup_looks_at_the_topics_of_owners() {
    let mut aws = Testbed::start();
    let (owner, _) = aws.topic("pets");
    let missing = format!("arn:aws:sns:{REGION}:{ACCOUNT}:missing");
    let shell = aws.shell();
    let policy = policy_naming(&[&missing, &owner]);
    std::fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let done = shell.run(&["doctor", "--region", REGION, "--format", "json"]);
    let checkup: Value = serde_json::from_str(&done.stdout).unwrap();
    let checks = checkup["checks"].as_array().unwrap().iter();
    let topics = checks.filter(|it| it["name"] == "topic");
    let results: BTreeMap<&str, &str> = topics
        .map(|it| {
            (
                it["subject"].as_str().unwrap(),
                it["result"].as_str().unwrap(),
            )
        })
        .collect();
    let wanted = [(missing.as_str(), "failed"), (owner.as_str(), "ok")];
    assert_eq!(results, BTreeMap::from(wanted), "{}", done.stdout);
}
