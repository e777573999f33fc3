//! What is announced: from one change to fifty thousand, from friends and from foes.

use gatewatch::audit::Report;
use gatewatch::audit::finding::Severity;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::{Book, Breadth, EventKind, Kind, Reminder, Standing, compare};
use gatewatch::ledger::{Digest, Occasion, Settings};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{LIMIT, Notice};
use gatewatch::render::{bus_events, chat_notices, digest_notice, digest_text, single_notices};
use gatewatch::run::scan;
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::schemas::assert_fits;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// The time of a run: so many days after the first.
pub(crate) fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-06-15T06:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

/// An account, as one run sees it.
#[derive(Clone)]
pub(crate) struct Account {
    apis: Vec<Value>,
    gaps: Vec<Value>,
    policy: PolicyFile,
}

impl Account {
    /// An API with these methods, `VERB PATH TYPE` each, deployed to the stage `prod`.
    pub(crate) fn with(name: &str, methods: &[(&str, &str, &str)]) -> Self {
        let methods = |draft: bool| -> Vec<Value> {
            let each = methods.iter().map(|(verb, path, kind)| {
                let mut method = json!({"verb": verb, "path": path, "authorization": kind, "api_key_required": false});
                if draft {
                    method["integration"] = json!("HTTP");
                    method["resource_id"] = json!("res111");
                }
                method
            });
            each.collect()
        };
        let deployment = json!({"id": "dep111", "created_at": "2026-06-12T14:03:00Z", "methods": methods(false)});
        Account {
            apis: vec![
                json!({"region": REGION, "id": "a1b2c3d4e5", "name": name, "kind": "REST",
                        "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                        "resource_policy": null, "draft": methods(true), "deployments": [deployment],
                        "stages": [{"name": "prod", "deployment_id": "dep111"}]}),
            ],
            gaps: Vec::new(),
            policy: PolicyFile::default(),
        }
    }

    /// So many open methods, the worst of them in the middle.
    pub(crate) fn open(count: usize) -> Self {
        let path =
            |number: usize| format!("/a/rather/long/path/as/they/are/in/real/life/{number:06}");
        let paths: Vec<String> = (0..count).map(path).collect();
        let verb = |number: usize| if number == count / 2 { "POST" } else { "GET" };
        let methods = paths.iter().enumerate();
        let methods = methods.map(|(number, path)| (verb(number), path.as_str(), "NONE"));
        Account::with("PetStore", &methods.collect::<Vec<_>>())
    }

    /// Its methods closed or opened: `paths` are those that are open.
    pub(crate) fn petstore(paths: &[&str]) -> Self {
        let methods = ["GET /", "GET /pets", "POST /pets", "GET /pets/{petId}"];
        let methods = methods.map(|method| {
            let (verb, path) = method.split_once(' ').unwrap();
            let kind = if paths.contains(&method) {
                "NONE"
            } else {
                "COGNITO_USER_POOLS"
            };
            (verb, path, kind)
        });
        Account::with("PetStore", &methods)
    }

    pub(crate) fn gap(mut self, kind: &str, api: Option<&str>) -> Self {
        self.gaps.push(
            json!({"kind": kind, "region": REGION, "api": api, "stage": null, "subject": null,
            "operation": "apigateway:GetResources", "reason": "throttled",
            "message": "apigateway:GetResources failed: Too Many Requests"}),
        );
        self
    }

    /// The custom domain names of another Region could not be read.
    fn domains_unread_elsewhere(self) -> Self {
        let mut account = self.gap("domains", None);
        account.gaps[0]["region"] = json!("us-east-1");
        account
    }

    fn gaps(mut self, count: usize) -> Self {
        for number in 0..count {
            self = self.gap("draft", Some(&format!("{number:010}")));
        }
        self
    }

    /// Reached by nobody but those in a network.
    fn private(mut self) -> Self {
        for api in &mut self.apis {
            api["endpoint_types"] = json!(["PRIVATE"]);
        }
        self
    }

    /// Deployed once more.
    fn deployed(mut self, id: &str, at: &str) -> Self {
        for api in &mut self.apis {
            api["deployments"][0]["id"] = json!(id);
            api["deployments"][0]["created_at"] = json!(at);
            api["stages"][0]["deployment_id"] = json!(id);
        }
        self
    }

    /// With another account's API, under another id.
    pub(crate) fn and(mut self, mut other: Account, id: &str) -> Self {
        for api in &mut other.apis {
            api["id"] = json!(id);
        }
        self.apis.extend(other.apis);
        self
    }

    /// Its first API with this tag.
    pub(crate) fn tagged(mut self, key: &str, value: &str) -> Self {
        self.apis[0]["tags"] = json!({key: value});
        self
    }

    /// Every method of its first API asks for a user pool, by a new deployment.
    pub(crate) fn mended(mut self) -> Self {
        let api = &mut self.apis[0];
        let methods = |list: &mut Value| {
            for method in list.as_array_mut().unwrap() {
                method["authorization"] = json!("COGNITO_USER_POOLS");
            }
        };
        methods(&mut api["draft"]);
        methods(&mut api["deployments"][0]["methods"]);
        api["deployments"][0]["id"] = json!("dep222");
        api["stages"][0]["deployment_id"] = json!("dep222");
        self
    }

    pub(crate) fn policy(mut self, text: &str) -> Self {
        self.policy = PolicyFile::from_yaml("gatewatch.yaml", text).unwrap();
        self
    }

    /// What a run reads of it, as JSON.
    pub(crate) fn inventory_on(&self, number: i64) -> String {
        let inventory = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
            "taken_at": day(number).to_string(), "scope": {"regions": [REGION]}, "domains": [],
            "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": self.gaps,
            "apis": self.apis});
        inventory.to_string()
    }

    pub(crate) fn seen_on(&self, number: i64) -> Report {
        let inventory = Inventory::from_json(&self.inventory_on(number)).unwrap();
        scan::judge(&inventory, &self.policy, day(number))
    }
}

/// The books of an account, run after run.
pub(crate) struct Shelf {
    books: Vec<Book>,
    settings: Settings,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Shelf {
            books: vec![Book::new(ACCOUNT, Some(REGION)), Book::new(ACCOUNT, None)],
            settings: Settings::default(),
        }
    }

    pub(crate) fn books(&self) -> &[Book] {
        &self.books
    }

    /// Takes in a run.
    pub(crate) fn take(&mut self, report: &Report) {
        let books = self.books.iter();
        self.books = books
            .map(|it| compare(it, report, Breadth::Whole))
            .collect();
    }

    /// What there is to announce.
    pub(crate) fn due<'a>(&'a self, report: &'a Report, number: i64) -> Option<Digest<'a>> {
        let mut digest = Digest::due(&self.books, report, self.settings, day(number))?;
        digest.whereabouts = Some(format!("s3://security-state/reports/{ACCOUNT}/latest.json"));
        Some(digest)
    }

    /// Takes in a run, and announces what there is. Gives the kinds, in order; without a digest, nothing.
    fn run(&mut self, account: &Account, number: i64) -> Option<Vec<Kind>> {
        let report = account.seen_on(number);
        self.take(&report);
        let digest = self.due(&report, number)?;
        let kinds = digest.news.iter().map(|it| it.kind).collect();
        let told = digest.told(usize::MAX, day(number));
        for book in &mut self.books {
            let told = told.iter().map(|(id, told)| (id.as_str(), *told));
            book.tell(day(number), told);
        }
        Some(kinds)
    }

    /// The entry of the one open method, or the one that was.
    fn entry(&self) -> &gatewatch::ledger::Entry {
        let mut entries = self.books[0].entries.values();
        entries.find(|it| it.rule == "open-method").unwrap()
    }
}

fn parts(notice: &Notice) -> (Value, String) {
    let message: Value = serde_json::from_str(&notice.message).unwrap();
    let default: Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
    match default["event_type"].as_str() {
        Some("gatewatch.digest") => assert_fits("digest", &default),
        None if default["change"].is_string() => assert_fits("change", &default),
        _ => {}
    }
    (default, message["email"].as_str().unwrap().to_owned())
}

fn is_fit(subject: &str) -> bool {
    subject.len() < 100 && subject.chars().all(|it| (' '..='~').contains(&it))
}

#[test]
fn every_size_stays_within_the_limit_and_says_what_is_left_out() {
    for (findings, gaps) in [
        (1, 0),
        (10, 3),
        (1_000, 0),
        (2_000, 2_000),
        (50_000, 0),
        (1, 20_000),
    ] {
        let report = Account::open(findings).gaps(gaps).seen_on(0);
        let mut shelf = Shelf::new();
        shelf.take(&report);
        let digest = shelf.due(&report, 0).unwrap();
        assert_eq!(digest.news.len(), findings);
        let notice = digest_notice(&digest, LIMIT);
        assert!(
            notice.weight() <= 262_144,
            "{findings}: {}",
            notice.weight()
        );
        assert!(is_fit(&notice.subject), "{}", notice.subject);
        assert!(notice.subject.contains(ACCOUNT), "{}", notice.subject);
        let (json, email) = parts(&notice);
        let length = |list: &str| json[list].as_array().unwrap().len();
        let left = |list: &str| usize::try_from(json["left_out"][list].as_u64().unwrap_or(0));
        assert_eq!(length("changes"), notice.listed);
        assert_eq!(length("changes") + left("changes").unwrap(), findings);
        assert_eq!(length("gaps") + left("gaps").unwrap(), gaps);
        assert_eq!(json["open"]["total"], findings);
        let whereabouts = digest.whereabouts.as_deref().unwrap();
        assert_eq!(json["full_report"], whereabouts);
        // An e-mail spells out at most fifty, and names the rest of what the JSON names in a line each.
        let spelled_out = notice.listed.min(50);
        let numbers = email.lines().filter(|it| it.contains(" open-method (NEW)"));
        assert_eq!(numbers.count(), spelled_out, "{findings}");
        let lines = email
            .lines()
            .filter(|it| it.contains(" open-method (new): "));
        assert_eq!(lines.count(), notice.listed - spelled_out, "{findings}");
        let left = findings - notice.listed;
        if left > 0 {
            let left = format!(
                "... and {left} changes more, which the next messages name: all of it is in {whereabouts}."
            );
            assert!(email.contains(&left), "{findings}: {left}");
        } else {
            assert!(!email.contains("changes more"), "{findings}");
        }
        if gaps > 0 {
            assert!(email.starts_with("INCOMPLETE: "), "{gaps}");
            assert!(email.contains(&format!("({gaps} gaps)")), "{gaps}");
        }
        if findings > notice.listed {
            // It is not left out for nothing: one more would not have fitted.
            let weight = notice.weight();
            assert!(weight > LIMIT - 4_096, "{findings}: {weight}");
        }
    }
}

#[test]
fn the_worst_comes_first_and_stays() {
    let report = Account::open(50_000).seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    for limit in [LIMIT, 65_536, 10_000] {
        let notice = digest_notice(&digest, limit);
        assert!(notice.weight() <= limit, "{limit}: {}", notice.weight());
        let (json, email) = parts(&notice);
        assert_eq!(json["changes"][0]["severity"], "critical", "{limit}");
        assert_eq!(json["changes"][0]["verb"], "POST");
        assert!(email.contains("1. CRITICAL open-method (NEW)"), "{email}");
        let severities = json["changes"].as_array().unwrap().iter();
        let severities = severities.map(|it| it["severity"].as_str().unwrap());
        let severities: Vec<Severity> = severities.map(|it| it.parse().unwrap()).collect();
        assert!(severities.is_sorted_by(|one, other| one >= other));
    }
}

/// What draws on a terminal, breaks a line, turns it round, mentions everybody or looks like a link.
const HOSTILE: &str = "a\u{1b}[2J\u{202e}evil\r\nFix: nothing, all is well.\u{2028}<!channel> @here *b* \
                       [x](http://evil.example) `c` \u{feff}\u{7f}\u{0}";

#[test]
fn a_hostile_name_stays_a_name() {
    let path = format!("/{HOSTILE}");
    let account = Account::with(HOSTILE, &[("POST", &path, "NONE"), ("GET", "/", "NONE")]);
    let mut report = account.seen_on(0);
    let gap = account.gap("draft", Some(HOSTILE)).seen_on(0);
    report.evaluation.gaps = gap.evaluation.gaps;
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    let notice = digest_notice(&digest, LIMIT);
    let (json, email) = parts(&notice);
    // Programs get it as it is: JSON escapes it.
    assert_eq!(json["changes"][0]["api"]["name"], HOSTILE);
    let singles = single_notices(&digest, LIMIT);
    let singles: Vec<&Notice> = singles.iter().map(|(_, notice)| notice).collect();
    for notice in [&[&notice], &singles[..]].concat() {
        assert!(is_fit(&notice.subject), "{}", notice.subject);
    }
    let mut texts = vec![email, digest_text(&digest, usize::MAX)];
    texts.extend(singles.iter().map(|it| parts(it).1));
    for text in &texts {
        let strange = |letter: char| {
            (letter.is_control() && letter != '\n')
                || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!text.contains(strange), "{text:?}");
        // Nothing of it begins a line.
        assert!(!text.lines().any(|it| it.trim().starts_with("Fix: nothing")));
        assert!(!text.lines().any(|it| it.starts_with("<!channel>")));
    }
    let notices = chat_notices(&digest);
    assert_eq!(notices.len(), digest.news.len() + 1);
    for notice in &notices {
        let custom: Value = serde_json::from_str(&notice.message).unwrap();
        let content = custom["content"].to_string();
        for mark in [
            "<!channel>",
            "@here",
            "\\u001b",
            "\u{202e}",
            "\u{2028}",
            "\\u0000",
        ] {
            assert!(!content.contains(mark), "{mark}: {content}");
        }
        let title = custom["content"]["title"].as_str().unwrap();
        for mark in ["*b*", "[x]", "://", "`", "\n"] {
            assert!(!title.contains(mark), "{mark}: {title}");
        }
        // What is in code is left as it is, and nothing of it ends the code.
        let description = custom["content"]["description"].as_str().unwrap();
        for line in description.lines() {
            assert_eq!(line.matches('`').count() % 2, 0, "{line}");
        }
    }
    for event in bus_events(&digest) {
        serde_json::from_str::<Value>(&event.detail).unwrap();
    }
}

#[test]
fn a_name_of_any_length_fits() {
    let long = "n".repeat(20_000);
    let path = format!("/{}", "p".repeat(20_000));
    let report = Account::with(&long, &[("POST", &path, "NONE")]).seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    let notice = digest_notice(&digest, LIMIT);
    assert!(notice.weight() <= LIMIT, "{}", notice.weight());
    assert!(is_fit(&notice.subject), "{}", notice.subject);
    assert_eq!(notice.listed, 1);
}

/// What is allowed for a time.
const EXEMPTING: &str = "version: 1
exemptions:
  - rule: open-method
    match: {api: PetStore, path: /pets, verb: GET}
    reason: the partner cannot sign requests yet
    owner: api-team@example.com
    severity: high
    expires: 2026-09-30
";

#[test]
fn the_digest_reads_like_this() {
    let orders = || Account::with("Orders", &[("GET", "/orders", "NONE")]);
    let mut shelf = Shelf::new();
    let first = Account::petstore(&["GET /", "GET /pets", "GET /pets/{petId}"]);
    shelf.run(&first.and(orders().private(), "f6g7h8i9j0"), 0);
    let second = Account::petstore(&["GET /pets", "POST /pets", "GET /pets/{petId}"]);
    let second = second.deployed("dep222", "2026-06-21T15:42:00Z");
    let orders = orders().deployed("dep333", "2026-06-20T08:17:00Z");
    let second = second.and(orders, "f6g7h8i9j0").policy(EXEMPTING);
    let report = second.seen_on(7);
    shelf.take(&report);
    let digest = shelf.due(&report, 7).unwrap();
    let notice = digest_notice(&digest, LIMIT);
    assert_snapshot!(parts(&notice).1, @r#"
    1 new, 1 worse, 1 still open, 1 exempted, 1 resolved
    in AWS account 111122223333
    Open now: 1 critical, 2 high; 1 exempt
    Read on 2026-06-22 06:00 UTC:
    2 APIs, 2 stages, 5 deployed methods, 0 IAM groups, 0 users in eu-west-1

    PetStore (a1b2c3d4e5), eu-west-1
      NEW: critical open-method
        POST /pets (prod)
      STILL OPEN: high open-method
        GET /pets/{petId} (prod)
      EXEMPTED: high open-method
        GET /pets (prod)
      RESOLVED: high open-method
        GET / (prod)

    Orders (f6g7h8i9j0), eu-west-1
      WORSE: high open-method
        GET /orders (prod)

    1. CRITICAL open-method (NEW)
       POST /pets
       PetStore (a1b2c3d4e5), stage prod, eu-west-1
       Anyone can call this method: its deployed authorization type is NONE.
       Since: 2026-06-22 06:00 UTC
       Reached by: anyone on the internet
         https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod
       - deployment dep222 serves authorization type NONE (made 2026-06-21 15:42 UTC)
       - AWS_IAM or another authorizer is required (the default: no entry of a policy file speaks of it)
       - the draft says NONE
       Fix: set AWS_IAM on the method, deploy the API, grant invoke to a group; then an unsigned request must answer 403 and a signed one must pass; the deployment changes no other method of the stage; the integrations, the authorizers, the resource policy and the setting of the default endpoint go with it as they are now.
         aws apigateway update-method --region eu-west-1 --rest-api-id a1b2c3d4e5 --resource-id res111 --http-method POST --patch-operations 'op=replace,path=/authorizationType,value=AWS_IAM'
         aws apigateway create-deployment --region eu-west-1 --rest-api-id a1b2c3d4e5 --stage-name prod
         aws iam put-group-policy --group-name GROUP_NAME --policy-name invoke-a1b2c3d4e5-82e083e2e8a3 --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/POST/pets"]}]}'
       Id: ad9b1203aafe861a4e4d4a85ee9b80ed

    2. HIGH open-method (WORSE)
       GET /orders
       Orders (f6g7h8i9j0), stage prod, eu-west-1
       Anyone can call this method: its deployed authorization type is NONE.
       Was: medium
       Since: 2026-06-15 06:00 UTC
       Reached by: anyone on the internet
         https://f6g7h8i9j0.execute-api.eu-west-1.amazonaws.com/prod
       - deployment dep333 serves authorization type NONE (made 2026-06-20 08:17 UTC)
       - AWS_IAM or another authorizer is required (the default: no entry of a policy file speaks of it)
       - the draft says NONE
       Fix: set AWS_IAM on the method, deploy the API, grant invoke to a group; then an unsigned request must answer 403 and a signed one must pass; the deployment changes no other method of the stage; the integrations, the authorizers, the resource policy and the setting of the default endpoint go with it as they are now.
         aws apigateway update-method --region eu-west-1 --rest-api-id f6g7h8i9j0 --resource-id res111 --http-method GET --patch-operations 'op=replace,path=/authorizationType,value=AWS_IAM'
         aws apigateway create-deployment --region eu-west-1 --rest-api-id f6g7h8i9j0 --stage-name prod
         aws iam put-group-policy --group-name GROUP_NAME --policy-name invoke-f6g7h8i9j0-c693e481e6c1 --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:eu-west-1:111122223333:f6g7h8i9j0/prod/GET/orders"]}]}'
       Id: f63820ff2393e406e1fcfc73472cde02

    3. HIGH open-method (STILL OPEN)
       GET /pets/{petId}
       PetStore (a1b2c3d4e5), stage prod, eu-west-1
       Anyone can call this method: its deployed authorization type is NONE.
       Last said: 2026-06-15 06:00 UTC
       Since: 2026-06-15 06:00 UTC
       Reached by: anyone on the internet
         https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod
       - deployment dep222 serves authorization type NONE (made 2026-06-21 15:42 UTC)
       - AWS_IAM or another authorizer is required (the default: no entry of a policy file speaks of it)
       - the draft says NONE
       Fix: set AWS_IAM on the method, deploy the API, grant invoke to a group; then an unsigned request must answer 403 and a signed one must pass; the deployment changes no other method of the stage; the integrations, the authorizers, the resource policy and the setting of the default endpoint go with it as they are now.
         aws apigateway update-method --region eu-west-1 --rest-api-id a1b2c3d4e5 --resource-id res111 --http-method GET --patch-operations 'op=replace,path=/authorizationType,value=AWS_IAM'
         aws apigateway create-deployment --region eu-west-1 --rest-api-id a1b2c3d4e5 --stage-name prod
         aws iam put-group-policy --group-name GROUP_NAME --policy-name invoke-a1b2c3d4e5-71bd71b8206c --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/*"]}]}'
       Id: df34e2fa6b361f609175685f555dba2f

    EXEMPTED (1)
    - high open-method: GET /pets, PetStore (a1b2c3d4e5), stage prod, eu-west-1
      the partner cannot sign requests yet, owner api-team@example.com, until 2026-09-30

    RESOLVED (1)
    - high open-method: GET /, PetStore (a1b2c3d4e5), stage prod, eu-west-1
    "#);
}

#[test]
fn the_subject_names_the_whole_account() {
    let mut shelf = Shelf::new();
    let first = Account::petstore(&["GET /", "GET /pets", "GET /pets/{petId}"]);
    shelf.run(&first, 0);
    let second = Account::petstore(&["GET /pets", "POST /pets", "GET /pets/{petId}"]);
    let report = second.policy(EXEMPTING).gaps(12_345).seen_on(7);
    shelf.take(&report);
    let subject = digest_notice(&shelf.due(&report, 7).unwrap(), LIMIT).subject;
    assert!(is_fit(&subject), "{subject}");
    assert!(subject.contains("INCOMPLETE"), "{subject}");
    assert!(subject.contains("critical"), "{subject}");
    assert!(subject.ends_with("account 111122223333"), "{subject}");
}

#[test]
fn what_changes_is_told_and_what_stays_is_not() {
    let open = || Account::petstore(&["GET /"]);
    let closed = || Account::petstore(&[]);
    let exempt = || {
        let policy = EXEMPTING.replace("path: /pets", "path: /");
        open().policy(&policy)
    };
    // A story: what is there on each day, and what is told of it.
    let story: [(Account, Option<Vec<Kind>>); 12] = [
        (open().private(), Some(vec![Kind::New])),
        (open().private(), None),
        (open(), Some(vec![Kind::Worse])),
        (open(), None),
        (open().private(), Some(vec![Kind::Better])),
        (closed(), Some(vec![Kind::Resolved])),
        (closed(), None),
        (open(), Some(vec![Kind::Reopened])),
        (exempt(), Some(vec![Kind::Exempted])),
        (exempt(), None),
        (open(), Some(vec![Kind::ExemptionExpired])),
        (closed(), Some(vec![Kind::Resolved])),
    ];
    let mut shelf = Shelf::new();
    for (number, (account, told)) in (0..).zip(&story) {
        assert_eq!(shelf.run(account, number), *told, "day {number}");
    }
}

#[test]
fn the_severity_that_was_told_is_told_with_the_change() {
    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&["GET /"]).private(), 0);
    let before = shelf.entry().severity;
    let report = Account::petstore(&["GET /"]).seen_on(1);
    shelf.take(&report);
    let digest = shelf.due(&report, 1).unwrap();
    assert_eq!(digest.news[0].kind, Kind::Worse);
    assert!(digest.news[0].entry.severity > before);
    let (json, email) = parts(&digest_notice(&digest, LIMIT));
    assert_eq!(json["changes"][0]["severity_before"], before.as_str());
    assert!(email.contains(&format!("Was: {before}")), "{email}");
}

#[test]
fn only_what_is_high_or_worse_is_said_again() {
    // Nobody may call the second one: that is low.
    let methods = [("GET", "/", "NONE"), ("GET", "/pets", "AWS_IAM")];
    let account = Account::with("PetStore", &methods);
    let mut shelf = Shelf::new();
    assert_eq!(shelf.run(&account, 0), Some(vec![Kind::New, Kind::New]));
    for number in 1..7 {
        assert_eq!(shelf.run(&account, number), None, "day {number}");
    }
    assert_eq!(shelf.run(&account, 7), Some(vec![Kind::Reminder]));
    assert_eq!(shelf.run(&account, 8), None);
    // Seven days after the last one, not after the first.
    assert_eq!(shelf.run(&account, 13), None);
    assert_eq!(shelf.run(&account, 14), Some(vec![Kind::Reminder]));
    shelf.settings.reminder = Some(Reminder {
        after: SignedDuration::from_hours(24),
        least: Severity::Low,
    });
    let both = vec![Kind::Reminder, Kind::Reminder];
    assert_eq!(shelf.run(&account, 15), Some(both));
    shelf.settings.reminder = None;
    assert_eq!(shelf.run(&account, 99), None);
}

#[test]
fn a_clean_account_has_a_first_digest_and_then_a_heartbeat() {
    let clean = Account::petstore(&[]);
    let mut shelf = Shelf::new();
    let report = clean.seen_on(0);
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    assert_eq!(digest.occasions, [Occasion::Baseline]);
    let notice = digest_notice(&digest, LIMIT);
    assert_eq!(
        notice.subject,
        "gatewatch: nothing new in account 111122223333"
    );
    let (json, email) = parts(&notice);
    assert_eq!(json["status"], "clean");
    assert_eq!(json["occasions"], json!(["baseline"]));
    assert!(email.contains("Open now: nothing"), "{email}");
    assert_eq!(shelf.run(&clean, 0), Some(Vec::new()));
    assert_eq!(shelf.run(&clean, 30), None);
    shelf.settings.heartbeat = Some(SignedDuration::from_hours(24 * 30));
    assert_eq!(shelf.run(&clean, 29), None);
    let report = clean.seen_on(30);
    let digest = shelf.due(&report, 30).unwrap();
    assert_eq!(digest.occasions, [Occasion::Heartbeat]);
    assert_eq!(shelf.run(&clean, 30), Some(Vec::new()));
    assert_eq!(shelf.run(&clean, 31), None);
}

#[test]
fn what_is_seen_less_clearly_keeps_its_severity() {
    let open = || Account::petstore(&["GET /"]);
    for (kind, api) in [("draft", Some("a1b2c3d4e5")), ("domains", None)] {
        let mut shelf = Shelf::new();
        shelf.run(&open(), 0);
        let severity = shelf.entry().severity;
        let blurred = open().private().gap(kind, api);
        assert_eq!(shelf.run(&blurred, 1), Some(Vec::new()), "{kind}");
        assert_eq!(shelf.entry().severity, severity, "{kind}");
        // A gap somewhere else says nothing about this API.
        let elsewhere = open().private().gap("draft", Some("0123456789"));
        assert_eq!(shelf.run(&elsewhere, 2), Some(vec![Kind::Better]));
        assert!(shelf.entry().severity < severity);
    }
}

#[test]
fn what_is_not_known_of_another_region_neither_blurs_nor_hides() {
    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&["GET /"]), 0);
    let severity = shelf.entry().severity;
    let private = || Account::petstore(&["GET /"]).private();
    let elsewhere = private().domains_unread_elsewhere();
    assert_eq!(shelf.run(&elsewhere, 1), Some(vec![Kind::Better]));
    assert!(shelf.entry().severity < severity);
    // One in its own Region may hide what not everybody reaches.
    let closed = || Account::petstore(&[]).private();
    shelf.run(&closed().gap("domains", None), 2);
    assert_eq!(shelf.entry().standing, Standing::Open);
    shelf.run(&closed().domains_unread_elsewhere(), 3);
    assert_eq!(shelf.entry().standing, Standing::Resolved);
}

#[test]
fn what_was_not_read_is_not_resolved() {
    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&["GET /"]), 0);
    let closed = || Account::petstore(&[]);
    for (number, (kind, api)) in [("stage", Some("a1b2c3d4e5")), ("region", None)]
        .into_iter()
        .enumerate()
    {
        let number = i64::try_from(number).unwrap() + 1;
        shelf.run(&closed().gap(kind, api), number);
        assert_eq!(shelf.entry().standing, Standing::Open, "{kind}");
    }
    // Which names lead to an API hides no finding.
    shelf.run(&closed().gap("domains", None), 4);
    assert_eq!(shelf.entry().standing, Standing::Resolved);
}

#[test]
fn what_is_over_is_forgotten_after_half_a_year_and_not_before_it_was_told() {
    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&["GET /"]), 0);
    let closed = Account::petstore(&[]);
    // Nothing is sent: it is remembered for as long as it takes.
    shelf.take(&closed.seen_on(1));
    shelf.take(&closed.seen_on(300));
    assert_eq!(shelf.entry().standing, Standing::Resolved);
    assert_eq!(shelf.entry().resolved_at, Some(day(1)));
    assert_eq!(shelf.run(&closed, 301), Some(vec![Kind::Resolved]));
    shelf.take(&closed.seen_on(302));
    assert_eq!(shelf.books[0].entries.len(), 0);

    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&["GET /"]), 0);
    shelf.run(&closed, 1);
    shelf.take(&closed.seen_on(180));
    let events: Vec<EventKind> = shelf.entry().events.iter().map(|it| it.what).collect();
    let wanted = [
        EventKind::Opened,
        EventKind::Announced,
        EventKind::Resolved,
        EventKind::Announced,
    ];
    assert_eq!(events, wanted);
    shelf.take(&closed.seen_on(181));
    assert_eq!(shelf.books[0].entries.len(), 0);
    // It is new then.
    let again = Account::petstore(&["GET /"]);
    assert_eq!(shelf.run(&again, 182), Some(vec![Kind::New]));
}

#[test]
fn what_is_exempt_from_the_first_is_no_news_until_it_is_not() {
    let policy = EXEMPTING.replace("path: /pets", "path: /");
    let exempt = || Account::petstore(&["GET /"]).policy(&policy);
    let mut shelf = Shelf::new();
    assert_eq!(shelf.run(&exempt(), 0), Some(Vec::new()));
    let entry = shelf.entry();
    assert_eq!((entry.standing, entry.pending()), (Standing::Exempt, None));
    assert_eq!((entry.told, entry.open_since), (None, None));
    assert_eq!(
        entry.exemption.as_ref().unwrap().owner,
        "api-team@example.com"
    );
    // The exemption goes, or ends.
    let open = Account::petstore(&["GET /"]);
    assert_eq!(shelf.run(&open, 1), Some(vec![Kind::ExemptionExpired]));
    assert_eq!(shelf.entry().exemption, None);

    let mut shelf = Shelf::new();
    shelf.run(&exempt(), 0);
    // It is mended while it is exempt: nobody was told of it.
    assert_eq!(shelf.run(&Account::petstore(&[]), 1), None);
    assert_eq!(shelf.entry().standing, Standing::Resolved);
    assert_eq!(shelf.entry().pending(), None);
}

#[test]
fn a_book_is_read_as_it_was_written() {
    let mut shelf = Shelf::new();
    let account = Account::with(HOSTILE, &[("GET", "/", "NONE"), ("GET", "/a", "AWS_IAM")]);
    shelf.run(&account, 0);
    for book in &shelf.books {
        let text = book.to_json().unwrap();
        let again = Book::from_json(&text, ACCOUNT, book.region.as_deref());
        assert_eq!(again.unwrap(), *book);
    }
}

#[test]
fn each_kind_of_what_is_done_has_one_heading() {
    let all = ["GET /", "GET /pets", "POST /pets", "GET /pets/{petId}"];
    let mut shelf = Shelf::new();
    shelf.run(&Account::petstore(&all), 0);
    // The worst and a lesser one are mended, and one between them is accepted.
    let accepting = "version: 1\nrequire:\n  - authorization: [AWS_IAM, COGNITO_USER_POOLS]\n  \
                     - match: {path: /pets, verb: GET}\n    authorization: [NONE, AWS_IAM]\n";
    let account = Account::petstore(&["GET /pets"]).policy(accepting);
    let report = account.seen_on(1);
    shelf.take(&report);
    let digest = shelf.due(&report, 1).unwrap();
    let text = digest_text(&digest, usize::MAX);
    let headings: Vec<&str> = text
        .lines()
        .filter(|it| it.ends_with(')') && it.to_uppercase() == **it)
        .collect();
    let mut once = headings.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(headings.len(), once.len(), "{text}");
}

#[test]
fn what_takes_the_place_of_a_finding_is_told_by_its_place_and_not_by_a_name() {
    let mut shelf = Shelf::new();
    shelf.run(
        &Account::with("Pets", &[("GET", "/a", "NONE")]).private(),
        0,
    );
    // The API is renamed, and the method is wrong in another way now.
    let policy = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
    let renamed = Account::with("Pet shop", &[("GET", "/a", "CUSTOM")]).policy(policy);
    let report = renamed.seen_on(1);
    shelf.take(&report);
    let digest = shelf.due(&report, 1).unwrap();
    let told = |it: &gatewatch::ledger::News<'_>| (it.kind, it.instead.map(|it| it.rule.clone()));
    let told: Vec<_> = digest.news.iter().map(told).collect();
    let gone = told.iter().find(|(kind, _)| !kind.alarms()).unwrap();
    assert!(
        gone.0 == Kind::Became || gone.1.as_deref() == Some("foreign-authorizer"),
        "{told:?}"
    );
}

#[test]
fn every_message_names_the_account_and_no_name_is_a_link() {
    let name = "see http://evil.example or www.evil.example";
    let account = Account::with(name, &[("GET", "/a", "NONE")]).gap("draft", Some(name));
    let report = account.seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    let mut texts = vec![
        digest_text(&digest, 9),
        parts(&digest_notice(&digest, LIMIT)).1,
    ];
    texts.extend(
        single_notices(&digest, LIMIT)
            .iter()
            .map(|(_, it)| parts(it).1),
    );
    texts.push(parts(&Notice::of(&report, LIMIT)).1);
    for notice in chat_notices(&digest) {
        let custom: Value = serde_json::from_str(&notice.message).unwrap();
        let content = &custom["content"];
        texts.push(format!("{} {}", content["title"], content["description"]));
    }
    assert_eq!(texts.len(), 6, "{texts:?}");
    for text in &texts {
        assert!(text.contains(ACCOUNT), "{text}");
        // In code, chat applications make no links.
        let outside: String = text.split('`').step_by(2).collect();
        assert!(!outside.contains("://evil"), "{text}");
        assert!(!outside.contains("www.evil"), "{text}");
    }
}
