//! What is announced of an organization: from one account to five thousand, read or not, from friends and
//! from foes.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::audit::finding::Severity;
use gatewatch::audit::{Report, Status};
use gatewatch::inventory::{Gap, GapKind, Reason};
use gatewatch::ledger::organization::{Member, NotRead, Read, Result as Became};
use gatewatch::ledger::{Book, Breadth, compare};
use gatewatch::ledger::{Digest, Occasion, Settings};
use gatewatch::render::{LIMIT, Notice};
use gatewatch::render::{
    OrganizationDigest, Part, organization_document, organization_notice, organization_text,
    write_organization_html,
};
use serde_json::{Value, json};

use crate::digest::{Account, REGION, day};
use crate::schemas::assert_fits;

/// Where the outcomes of these runs are kept.
const WHEREABOUTS: &str = "s3://security-state/organization/r1/";

/// The id of an account by its number.
fn id(number: usize) -> String {
    format!("{number:012}")
}

/// A run's report, as that of another account.
fn moved(mut report: Report, account: &str) -> Report {
    account.clone_into(&mut report.account);
    for finding in &mut report.evaluation.findings {
        finding.place.account = account.into();
    }
    report
}

fn open() -> Account {
    Account::with("PetStore", &[("GET", "/", "NONE")])
}

fn closed() -> Account {
    Account::with("PetStore", &[("GET", "/", "COGNITO_USER_POOLS")])
}

fn gap(message: &str) -> Gap {
    Gap {
        kind: GapKind::Draft,
        region: Some(REGION.to_owned()),
        api: Some("a1b2c3d4e5".to_owned()),
        stage: None,
        subject: None,
        operation: Some("apigateway:GetResources".to_owned()),
        reason: Reason::Throttled,
        message: message.to_owned(),
    }
}

/// The accounts of a run, and what they have to announce.
#[derive(Default)]
struct Run {
    accounts: Vec<(Member, Became)>,
    parts: Vec<Part>,
}

impl Run {
    /// An account that was read, and perhaps at an earlier time, of which everything was told.
    fn read(&mut self, name: &str, before: Option<&Report>, now: &Report) {
        let part = part(before, now);
        let evaluation = &now.evaluation;
        let mut open = BTreeMap::new();
        for finding in &evaluation.findings {
            *open.entry(finding.severity).or_insert(0) += 1;
        }
        let read = Read {
            status: now.status().as_str().to_owned(),
            taken_at: now.taken_at,
            regions: vec![REGION.to_owned()],
            apis: evaluation.coverage.apis,
            methods: evaluation.coverage.methods,
            gaps: evaluation.gaps.len(),
            open,
            exempt: 0,
            due: part.is_some(),
            owed: false,
        };
        self.accounts
            .push((member(&now.account, name), Became::Read(read)));
        self.parts.extend(part);
    }

    fn not_read(&mut self, account: &str, name: &str, reason: Reason, message: &str) {
        let why = NotRead {
            reason,
            message: message.to_owned(),
        };
        self.accounts
            .push((member(account, name), Became::NotRead(why)));
    }

    fn due(self) -> Option<OrganizationDigest> {
        let mut digest = OrganizationDigest::due("r1", day(1), self.accounts, self.parts)?;
        digest.whereabouts = Some(WHEREABOUTS.to_owned());
        Some(digest)
    }
}

fn member(account: &str, name: &str) -> Member {
    Member {
        account: account.to_owned(),
        name: name.to_owned(),
    }
}

fn part(before: Option<&Report>, now: &Report) -> Option<Part> {
    let books = [Some(REGION), None].map(|region| Book::new(&now.account, region));
    let mut books = books.to_vec();
    if let Some(before) = before {
        books = taken(&books, before);
        let at = before.taken_at;
        let digest = Digest::due(&books, before, Settings::default(), at);
        let told = digest.map(|it| it.told(usize::MAX, at)).unwrap_or_default();
        for book in &mut books {
            book.tell(at, told.iter().map(|(id, told)| (id.as_str(), *told)));
        }
    }
    books = taken(&books, now);
    let mut digest = Digest::due(&books, now, Settings::default(), now.taken_at)?;
    let account = &now.account;
    digest.whereabouts = Some(format!("s3://security-state/reports/{account}/latest.json"));
    Some(Part::of(&digest, usize::MAX))
}

fn taken(books: &[Book], report: &Report) -> Vec<Book> {
    let books = books.iter();
    books
        .map(|it| compare(it, report, Breadth::Whole))
        .collect()
}

fn halves(notice: &Notice) -> (Value, String) {
    let message: Value = serde_json::from_str(&notice.message).unwrap();
    let default = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
    (default, message["email"].as_str().unwrap().to_owned())
}

fn attribute(notice: &Notice, name: &str) -> String {
    let found = notice.attributes.iter().find(|it| it.name == name);
    found.unwrap().value.clone()
}

fn count(value: &Value) -> usize {
    value.as_u64().map_or(0, |it| usize::try_from(it).unwrap())
}

/// Checks what holds of every message: it fits, and what it does not list is counted.
fn checked(digest: &OrganizationDigest, limit: usize) -> (Notice, Value, String) {
    let notice = organization_notice(digest, limit);
    assert!(notice.weight() <= limit, "{limit}: {}", notice.weight());
    let subject = &notice.subject;
    assert!(subject.len() < 100, "{subject}");
    assert!(
        subject.chars().all(|it| (' '..='~').contains(&it)),
        "{subject}"
    );
    assert!(subject.ends_with("account") || subject.ends_with("accounts"));
    let (json, email) = halves(&notice);
    let listed = |list: &str| json[list].as_array().unwrap().len() + count(&json["left_out"][list]);
    assert_eq!(listed("accounts"), digest.accounts());
    assert_eq!(listed("changes"), digest.changes());
    assert_eq!(listed("gaps"), digest.gaps());
    assert_eq!(json["changes"].as_array().unwrap().len(), notice.listed);
    assert_eq!(json["event_type"], "gatewatch.organization-digest");
    assert_fits("organization-digest", &json);
    assert_eq!(json["status"], digest.status().as_str());
    assert_eq!(json["coverage"]["accounts"], digest.accounts());
    assert_eq!(json["coverage"]["not_read"], digest.not_read());
    let is_incomplete = digest.status() == Status::Incomplete;
    assert_eq!(json["coverage"]["complete"], !is_incomplete);
    assert_eq!(email.starts_with("INCOMPLETE: "), is_incomplete, "{email}");
    assert_eq!(subject.contains("INCOMPLETE"), is_incomplete, "{subject}");
    // Each line is a change that is spelled out, or named in that line.
    let spelled_out = email.lines().filter(|it| it.ends_with(" (NEW)")).count();
    let lines = email.lines().filter(|it| it.contains(" (new): ")).count();
    let new = json["changes"].as_array().unwrap().iter();
    let new = new.filter(|it| it["change"] == "new").count();
    assert!(spelled_out <= 50, "{spelled_out}");
    assert_eq!(spelled_out + lines, new);
    if notice.listed < digest.changes() {
        assert!(email.contains("which the next messages name"), "{email}");
    }
    (notice, json, email)
}

/// Six accounts, in which everything happens that can.
fn example() -> OrganizationDigest {
    let mut run = Run::default();
    let methods = |kind| [("POST", "/pets", kind), ("GET", "/", kind)];
    let shut = Account::with("PetStore", &methods("COGNITO_USER_POOLS"));
    let wide = Account::with("PetStore", &methods("NONE"));
    let on = |account: &Account, number: i64, id: &str| moved(account.seen_on(number), id);
    let id = "111111111111";
    run.read("payments", Some(&on(&shut, 0, id)), &on(&wide, 1, id));
    let id = "222222222222";
    let mut blurred = on(&closed(), 1, id);
    let unread = gap("apigateway:GetResources failed: Too Many Requests");
    blurred.evaluation.gaps.push(unread);
    run.read("web", Some(&on(&closed(), 0, id)), &blurred);
    let id = "333333333333";
    run.read("shop", Some(&on(&open(), 0, id)), &on(&closed(), 1, id));
    let why = "its role cannot be assumed";
    run.not_read("444444444444", "legacy", Reason::AccessDenied, why);
    for id in ["555555555555", "666666666666"] {
        run.read("", Some(&on(&closed(), 0, id)), &on(&closed(), 1, id));
    }
    run.due().unwrap()
}

#[test]
fn the_digest_of_an_organization_reads_like_this() {
    let digest = example();
    let occasions = [Occasion::Changes, Occasion::Incomplete];
    assert_eq!(digest.occasions, occasions);
    let (notice, _, email) = checked(&digest, LIMIT);
    let (head, changes) = email
        .split_once("\n\n1. CRITICAL open-method (NEW)")
        .unwrap();
    let wanted = "\
INCOMPLETE: 2 new, 1 resolved in 5 of 6 accounts
Run r1, begun on 2026-06-16 06:00 UTC
Open now: 1 critical, 1 high
Read: 5 APIs, 6 deployed methods in eu-west-1

111111111111 (payments)
PetStore (a1b2c3d4e5), eu-west-1
  NEW: critical open-method
    POST /pets (prod)
  NEW: high open-method
    GET / (prod)

333333333333 (shop)
PetStore (a1b2c3d4e5), eu-west-1
  RESOLVED: high open-method
    GET / (prod)

NOT READ, AND SO NOT CLEAN (1 account, 1 gap)
- 444444444444 (legacy): its role cannot be assumed (access denied)
- 222222222222 (web): eu-west-1 a1b2c3d4e5: apigateway:GetResources failed: Too Many Requests (throttled)
What was not read stays as it was, and is never resolved.

ACCOUNTS (3)
ACCOUNT       NAME      STATUS      CRIT  HIGH  MED  LOW  NEW  GAPS
111111111111  payments  findings       1     1    -    -    2     -
222222222222  web       incomplete     -     -    -    -    -     1
333333333333  shop      clean          -     -    -    -    -     -

2 accounts are clean, and nothing changed in them.

ACCOUNT 111111111111 (payments): 2 new";
    assert_eq!(head, wanted);
    let second = changes.find("\n2. HIGH open-method (NEW)\n   GET /\n");
    let third = "\nACCOUNT 333333333333 (shop): 1 resolved\n\nRESOLVED (1)\n- high open-method: GET /, \
                 PetStore (a1b2c3d4e5), stage prod, eu-west-1\n";
    assert!(second.is_some(), "{changes}");
    assert!(changes.ends_with(third), "{changes}");
    assert!(second < changes.find(third));
    assert_eq!(
        notice.subject,
        "gatewatch: INCOMPLETE, 2 new, 1 resolved (worst: critical) in 5 of 6 accounts"
    );
}

#[test]
fn programs_get_the_accounts_and_their_changes() {
    let (notice, json, _) = checked(&example(), LIMIT);
    assert_eq!(json["run"], "r1");
    assert_eq!(json["status"], "incomplete");
    assert_eq!(json["occasions"], json!(["changes", "incomplete"]));
    assert_eq!(json["open"]["total"], 2);
    assert_eq!(json["open"]["critical"], 1);
    assert_eq!(json["news"], json!({"new": 2, "resolved": 1}));
    assert_eq!(json["coverage"]["clean"], 3);
    assert_eq!(json["full_report"], WHEREABOUTS);
    assert_eq!(json["left_out"], Value::Null);
    let accounts = json["accounts"].as_array().unwrap();
    let statuses: Vec<(&str, &str)> = accounts
        .iter()
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap();
            (text("account"), text("status"))
        })
        .collect();
    let wanted = [
        ("444444444444", "not-read"),
        ("111111111111", "findings"),
        ("222222222222", "incomplete"),
        ("333333333333", "clean"),
        ("555555555555", "clean"),
        ("666666666666", "clean"),
    ];
    assert_eq!(statuses, wanted);
    assert_eq!(accounts[0]["reason"], "access-denied");
    assert_eq!(accounts[0]["open"], Value::Null);
    assert_eq!(accounts[1]["name"], "payments");
    assert_eq!(accounts[1]["open"]["high"], 1);
    assert_eq!(accounts[1]["news"], json!({"new": 2}));
    let report = "s3://security-state/reports/111111111111/latest.json";
    assert_eq!(accounts[1]["full_report"], report);
    assert_eq!(json["gaps"][0]["account"], "222222222222");
    assert_eq!(json["gaps"][0]["reason"], "throttled");
    let changes = json["changes"].as_array().unwrap().iter();
    let changes: Vec<(&str, &str)> = changes
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap();
            (text("account"), text("change"))
        })
        .collect();
    let wanted = [
        ("111111111111", "new"),
        ("111111111111", "new"),
        ("333333333333", "resolved"),
    ];
    assert_eq!(changes, wanted);
    // Who filters by an account gets what concerns it.
    let ids = r#"["111111111111","222222222222","333333333333","444444444444"]"#;
    assert_eq!(attribute(&notice, "account_id"), ids);
    assert_eq!(attribute(&notice, "severity"), "critical");
    assert_eq!(attribute(&notice, "status"), "incomplete");
    assert_eq!(attribute(&notice, "changes"), r#"["new","resolved"]"#);
    assert_eq!(attribute(&notice, "region"), r#"["eu-west-1"]"#);
}

/// The page of an organization has every account in numbers, leads to the page of each, and looks clean only where each is.
#[test]
fn the_page_of_an_organization_has_every_account_and_leads_to_its_page() {
    let made = |unread: bool| {
        let mut run = Run::default();
        run.read("payments", None, &moved(open().seen_on(1), "111111111111"));
        run.read("shop", None, &moved(closed().seen_on(1), "222222222222"));
        if unread {
            run.not_read("333333333333", "", Reason::AccessDenied, "no role");
        }
        run
    };
    let page = |run: Run| {
        let digest = OrganizationDigest::of("r1", day(1), run.accounts, run.parts);
        let link = |account: &str| Some(format!("https://console.example/{account}"));
        let mut page = Vec::new();
        write_organization_html(&digest, link, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let (head, rest) = page.split_once("<main").unwrap();
        let (_, data) = rest.split_once("id=\"data\">").unwrap();
        let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
        (head.to_owned(), data)
    };
    let (head, data) = page(made(false));
    assert!(head.contains("data-status=\"findings\""), "{head}");
    assert!(head.contains("Read: 2 of 2 accounts"), "{head}");
    let accounts = data["accounts"].as_array().unwrap();
    let of = |id: &str| accounts.iter().find(|it| it["account"] == id).unwrap();
    let payments = of("111111111111");
    assert_eq!(payments["name"], "payments");
    assert_eq!(payments["report"], Value::Null);
    assert_eq!(
        payments["elsewhere"]["page"],
        "https://console.example/111111111111"
    );
    assert!(payments["elsewhere"]["open"]["total"].as_u64() > Some(0));
    assert_eq!(of("222222222222")["status"], "clean");
    let (head, data) = page(made(true));
    assert!(head.contains("data-status=\"incomplete\""), "{head}");
    assert!(
        head.contains("1 account could not be read, and so nothing is clean"),
        "{head}"
    );
    assert_eq!(data["status"], "incomplete");
}

#[test]
fn nothing_is_said_where_nothing_changed_and_everything_was_read() {
    assert!(Run::default().due().is_none());
    let mut run = Run::default();
    for number in 0..50 {
        // What is open was told.
        let account = if number == 7 { open() } else { closed() };
        let report = |on: i64| moved(account.seen_on(on), &id(number));
        run.read("", Some(&report(0)), &report(1));
    }
    assert_eq!(run.parts.len(), 0);
    let mut with_one_unread = Run {
        accounts: run.accounts.clone(),
        parts: Vec::new(),
    };
    assert!(run.due().is_none());
    with_one_unread.not_read(&id(99), "", Reason::Timeout, "it took too long");
    let digest = with_one_unread.due().unwrap();
    assert_eq!(digest.occasions, [Occasion::Incomplete]);
    let (_, json, email) = checked(&digest, LIMIT);
    assert_eq!(json["open"]["high"], 1);
    assert!(email.contains("\nOpen now: 1 high\n"), "{email}");
    assert!(email.contains("- 000000000099: it took too long (timed out)\n"));
    assert!(email.contains("\n49 accounts are clean, and nothing changed in them.\n"));
    assert!(email.contains("\n000000000007  -     findings "), "{email}");
}

#[test]
fn an_account_with_gaps_makes_the_whole_incomplete() {
    let report = moved(closed().seen_on(0), &id(1));
    let mut blurred = moved(closed().seen_on(1), &id(1));
    blurred.evaluation.gaps.push(gap("no answer"));
    let mut run = Run::default();
    run.read("", Some(&report), &blurred);
    let mut digest = run.due().unwrap();
    assert_eq!(digest.status(), Status::Incomplete);
    assert_eq!(digest.not_read(), 0);
    let (notice, _, email) = checked(&digest, LIMIT);
    assert_eq!(
        notice.subject,
        "gatewatch: INCOMPLETE, nothing new in 1 account"
    );
    assert!(!email.contains("clean, and"), "{email}");
    // Where nothing is kept, the command lists it.
    digest.whereabouts = None;
    let text = organization_text(&digest, 0, 0);
    assert!(text.contains("... and 1 account more, left out here for size: `gatewatch scan`"));
    assert!(text.contains("... and 1 gap more, left out here for size: all of it is in"));
}

#[test]
fn an_account_that_is_not_active_is_listed_and_no_gap() {
    let message = "the account is SUSPENDED";
    let accounts = |reason: Reason| {
        let mut run = Run::default();
        run.read("web", None, &open().seen_on(1));
        run.not_read("444444444444", "legacy", reason, message);
        run.due()
    };
    let digest = accounts(Reason::NotActive).unwrap();
    assert_eq!((digest.accounts(), digest.read()), (2, 1));
    assert_eq!((digest.not_read(), digest.not_active()), (0, 1));
    assert_ne!(digest.status(), Status::Incomplete);
    let json = serde_json::to_value(organization_document(&digest, 10)).unwrap();
    assert_eq!(json["coverage"]["complete"], true);
    assert_eq!(json["coverage"]["not_active"], 1);
    assert_eq!(json["accounts"][1]["status"], "not-active");
    let text = organization_text(&digest, 10, 10);
    let expected =
        "NOT ACTIVE, AND NOT READ (1 account)\n- 444444444444 (legacy): the account is SUSPENDED";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("INCOMPLETE"), "{text}");
    let notice = organization_notice(&digest, LIMIT);
    assert!(
        notice.subject.ends_with("in 1 account"),
        "{}",
        notice.subject
    );
    // What is not known to be inactive and was not read is a gap.
    let digest = accounts(Reason::AccessDenied).unwrap();
    assert_eq!((digest.not_read(), digest.not_active()), (1, 0));
    assert_eq!(digest.status(), Status::Incomplete);
}

#[test]
fn accounts_that_were_not_read_are_never_clean() {
    for (unread, read) in [(1, 0), (1, 4_999), (500, 4_500), (5_000, 0)] {
        let report = closed().seen_on(1);
        let before = closed().seen_on(0);
        let mut run = Run::default();
        for number in 0..read {
            let (before, report) = (before.clone(), report.clone());
            let account = id(unread + number);
            let (before, report) = (moved(before, &account), moved(report, &account));
            run.read("sandbox", Some(&before), &report);
        }
        for number in 0..unread {
            let message = "its role cannot be assumed";
            run.not_read(&id(number), "production", Reason::AccessDenied, message);
        }
        let digest = run.due().unwrap();
        assert_eq!(digest.occasions, [Occasion::Incomplete]);
        assert_eq!((digest.not_read(), digest.read()), (unread, read));
        let (_, json, email) = checked(&digest, LIMIT);
        let heading = if unread == 1 {
            "1 account".to_owned()
        } else {
            format!("{unread} accounts")
        };
        let heading = format!("\nNOT READ, AND SO NOT CLEAN ({heading})\n");
        assert!(email.contains(&heading), "{email}");
        let named = email
            .lines()
            .filter(|it| it.contains("(production): its role"));
        let named = named.count();
        assert_eq!(named, unread.min(100));
        if named < unread {
            let left = format!("... and {} accounts more, left out here", unread - named);
            assert!(email.contains(&left), "{email}");
            assert!(email.contains(WHEREABOUTS), "{email}");
        }
        let clean = email.lines().find(|it| it.contains("clean, and nothing"));
        let wanted =
            (read > 0).then(|| format!("{read} accounts are clean, and nothing changed in them."));
        assert_eq!(clean, wanted.as_deref());
        assert_eq!(json["coverage"]["clean"], read);
        // Some of them are listed for programs, however many there are.
        let accounts = json["accounts"].as_array().unwrap();
        let listed = accounts.iter().filter(|it| it["status"] == "not-read");
        assert!(listed.count() >= unread.min(50));
    }
}

#[test]
fn every_size_stays_within_the_limit_and_says_what_is_left_out() {
    for (accounts, changes) in [(1, 1), (1, 50_000), (50, 1), (50, 40), (5_000, 1)] {
        let report = Account::open(changes).seen_on(0);
        let mut run = Run::default();
        for number in 0..accounts {
            run.read(
                "a-rather-long-name-of-an-account",
                None,
                &moved(report.clone(), &id(number)),
            );
        }
        let digest = run.due().unwrap();
        assert_eq!(digest.occasions, [Occasion::Baseline]);
        assert_eq!(digest.accounts(), accounts);
        assert_eq!(digest.changes(), accounts * changes);
        assert_eq!(digest.worst(), Some(Severity::Critical));
        for limit in [LIMIT, 65_536, 10_000] {
            let (notice, json, email) = checked(&digest, limit);
            let begin = format!("{} new in ", accounts * changes);
            assert!(email.starts_with(&begin), "{email}");
            assert_eq!(json["open"]["total"], accounts * changes);
            assert_eq!(json["news"]["new"], accounts * changes);
            // The worst stays: each account has one that is critical.
            let listed = json["changes"].as_array().unwrap();
            let critical = listed.iter().filter(|it| it["severity"] == "critical");
            assert_eq!(critical.count(), accounts.min(notice.listed));
            if limit == LIMIT {
                assert!(notice.listed >= 50.min(accounts * changes));
            }
            if notice.listed < accounts * changes && limit == LIMIT {
                // It is not left out for nothing.
                assert!(notice.weight() > LIMIT - 8_192, "{}", notice.weight());
            }
            let ids: Vec<String> = serde_json::from_str(&attribute(&notice, "account_id")).unwrap();
            let room = limit / 16 / 15;
            assert_eq!(ids.len(), accounts.min(room), "{limit}");
        }
        if accounts == 5_000 {
            let (notice, _, email) = checked(&digest, LIMIT);
            assert!(email.contains("\nACCOUNTS (5000)\n"), "{email}");
            assert!(email.contains(" accounts more, left out here for size: what became of each"));
            let left = accounts - notice.listed;
            let left = format!(
                "... and {left} changes in {left} accounts more, which the next messages name: "
            );
            assert!(email.contains(&left), "{email}");
        }
    }
}

#[test]
fn one_account_does_not_push_out_the_others() {
    let mut run = Run::default();
    run.read(
        "noisy",
        None,
        &moved(Account::open(50_000).seen_on(0), &id(0)),
    );
    let quiet = open().seen_on(0);
    for number in 1..40 {
        run.read("", None, &moved(quiet.clone(), &id(number)));
    }
    let digest = run.due().unwrap();
    let (_, json, email) = checked(&digest, LIMIT);
    let listed = json["changes"].as_array().unwrap().iter();
    let accounts: BTreeSet<&str> = listed.map(|it| it["account"].as_str().unwrap()).collect();
    assert_eq!(accounts.len(), 40);
    assert_eq!(json["changes"][0]["severity"], "critical");
    for number in 1..40 {
        let heading = format!("\nACCOUNT {}: 1 new\n", id(number));
        assert!(email.contains(&heading), "{heading}");
    }
    let left = "changes in 1 account more, which the next messages name: all of it is in the report of \
                each account, such as s3://security-state/reports/000000000000/latest.json.";
    assert!(email.contains(left), "{email}");
}

#[test]
fn the_occasions_of_the_accounts_are_those_of_the_organization() {
    use Occasion::{Baseline, Changes, Heartbeat, Reminder};
    let cases: [(&[&[Occasion]], &[Occasion]); 5] = [
        (&[&[Baseline], &[Baseline]], &[Baseline]),
        (&[&[Baseline], &[Changes]], &[Changes]),
        (&[&[Baseline], &[Heartbeat]], &[Heartbeat]),
        (
            &[&[Changes, Reminder], &[Heartbeat]],
            &[Changes, Reminder, Heartbeat],
        ),
        (&[&[Reminder], &[Reminder]], &[Reminder]),
    ];
    for (parts, wanted) in cases {
        let mut run = Run::default();
        for (number, occasions) in parts.iter().enumerate() {
            run.read("", None, &moved(closed().seen_on(0), &id(number)));
            run.parts[number].occasions = occasions.to_vec();
        }
        assert_eq!(run.due().unwrap().occasions, wanted);
    }
}

#[test]
fn an_account_that_joins_is_a_change() {
    let mut run = Run::default();
    let known = |on: i64| moved(closed().seen_on(on), &id(1));
    run.read("", Some(&known(0)), &known(1));
    run.read("", None, &moved(open().seen_on(1), &id(2)));
    let mut blurred = moved(closed().seen_on(1), &id(3));
    blurred.evaluation.gaps.push(gap("no answer"));
    let before = moved(closed().seen_on(0), &id(3));
    run.read("", Some(&before), &blurred);
    let digest = run.due().unwrap();
    let occasions = [Occasion::Changes, Occasion::Incomplete];
    assert_eq!(digest.occasions, occasions);
    let text = organization_text(&digest, usize::MAX, usize::MAX);
    let first = "\nThe first digest of 1 account: every finding.\n";
    assert!(text.contains(first), "{text}");
}

#[test]
fn a_part_without_its_account_is_told_and_passes_for_no_reading() {
    let mut run = Run::default();
    run.read("", None, &moved(open().seen_on(1), &id(1)));
    run.accounts.clear();
    let digest = run.due().unwrap();
    assert_eq!((digest.accounts(), digest.not_read()), (1, 1));
    let (_, json, email) = checked(&digest, LIMIT);
    assert_eq!(json["accounts"][0]["status"], "not-read");
    assert!(email.contains("1. HIGH open-method (NEW)"), "{email}");
}

/// What draws on a terminal, breaks a line or turns it round.
const HOSTILE: &str =
    "a\u{1b}[2J\u{202e}evil\r\nFix: nothing, all is well.\u{2028}\u{feff}\u{7f}\u{0}";

#[test]
fn a_hostile_name_stays_a_name() {
    let account = Account::with(HOSTILE, &[("POST", &format!("/{HOSTILE}"), "NONE")]);
    let mut report = moved(account.seen_on(0), &id(1));
    report.evaluation.gaps.push(gap(HOSTILE));
    let mut run = Run::default();
    run.read(HOSTILE, None, &report);
    run.not_read(&id(2), HOSTILE, Reason::AccessDenied, HOSTILE);
    let mut digest = run.due().unwrap();
    HOSTILE.clone_into(&mut digest.run);
    let (_, json, email) = checked(&digest, LIMIT);
    // Programs get it as it is: JSON escapes it.
    assert_eq!(json["accounts"][0]["name"], HOSTILE);
    assert_eq!(json["accounts"][0]["message"], HOSTILE);
    assert_eq!(json["changes"][0]["api"]["name"], HOSTILE);
    assert_eq!(json["gaps"][0]["message"], HOSTILE);
    let strange = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!email.contains(strange), "{email:?}");
    assert!(
        !email
            .lines()
            .any(|it| it.trim().starts_with("Fix: nothing"))
    );
    // The table stays one line an account.
    let rows = email.lines().filter(|it| it.starts_with("000000000001  "));
    assert_eq!(rows.count(), 1);
}

#[test]
fn an_account_of_any_size_leaves_room_for_the_others() {
    let long = "n".repeat(60_000);
    let giant = Account::with(&long, &[("POST", "/pets", "NONE")]);
    let mut run = Run::default();
    run.read(&long, None, &moved(giant.seen_on(0), &id(1)));
    run.read("", None, &moved(open().seen_on(0), &id(2)));
    let digest = run.due().unwrap();
    let (notice, json, email) = checked(&digest, LIMIT);
    assert_eq!((notice.listed, digest.changes()), (2, 2));
    assert!(email.contains("\nACCOUNT 000000000002: 1 new\n"), "{email}");
    // It is named itself, by what fits of its name: otherwise it would never be announced.
    let giant = json["changes"][0]["api"]["name"].as_str().unwrap();
    assert!(giant.starts_with("nnn") && giant.ends_with('…') && giant.len() < 1_000);
    assert_eq!(json["changes"][0]["id"].as_str().unwrap().len(), 32);
}

#[test]
fn with_nothing_spelled_out_the_totals_stand() {
    let digest = example();
    let document = serde_json::to_value(organization_document(&digest, 0)).unwrap();
    assert_eq!(document["accounts"], json!([]));
    assert_eq!(document["changes"], json!([]));
    assert_eq!(document["news"], json!({"new": 2, "resolved": 1}));
    assert_eq!(
        document["left_out"],
        json!({"accounts": 6, "changes": 3, "gaps": 1})
    );
    let text = organization_text(&digest, 0, 0);
    assert!(text.contains("(1 account, 1 gap)"), "{text}");
    assert!(
        text.contains("... and 3 changes in 2 accounts more"),
        "{text}"
    );
    assert!(!text.contains("NAME"), "{text}");
}
