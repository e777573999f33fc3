//! The ledger against an emulated account: in a directory, and in a bucket.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, thread};

use gatewatch::policy_file::PolicyFile;
use gatewatch::run::scan;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::testbed::{ACCOUNT, PetStore, REGION, Testbed};

/// A bucket for ledgers.
const BUCKET: &str = "gatewatch-state";
/// The methods of the sample API that are open from the first.
const METHODS: [(&str, &str); 4] = [
    ("GET", "/"),
    ("GET", "/pets"),
    ("POST", "/pets"),
    ("GET", "/pets/{petId}"),
];

/// The two kinds of places that a ledger is kept in.
fn places(aws: &mut Testbed) -> [String; 2] {
    let region = json!({"LocationConstraint": REGION});
    let bucket = json!({"Bucket": BUCKET, "CreateBucketConfiguration": region});
    aws.call("s3", "create_bucket", bucket);
    ["state".to_owned(), format!("s3://{BUCKET}/state")]
}

/// The prefix of a place in the bucket, if it is one.
fn prefix(place: &str) -> Option<&str> {
    place.strip_prefix("s3://")?.strip_prefix(BUCKET)?.get(1..)
}

/// The texts of a place by their keys.
fn texts(aws: &mut Testbed, shell: &Shell, place: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let Some(prefix) = prefix(place) else {
        let root = shell.folder().join(place);
        files(&root, &root, &mut texts);
        return texts;
    };
    let begin = format!("{prefix}/");
    let params = json!({"Bucket": BUCKET, "Prefix": begin});
    let listed = aws.call("s3", "list_objects_v2", params);
    for object in listed["Contents"].as_array().into_iter().flatten() {
        let key = object["Key"].as_str().unwrap();
        let got = aws.call("s3", "get_object", json!({"Bucket": BUCKET, "Key": key}));
        let text = got["Body"].as_str().unwrap().to_owned();
        texts.insert(key.strip_prefix(&begin).unwrap().to_owned(), text);
    }
    texts
}

fn files(root: &Path, folder: &Path, texts: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, texts);
        } else if path
            .extension()
            .is_some_and(|it| it == "json" || it == "yaml" || it == "html")
        {
            let key = path.strip_prefix(root).unwrap().display().to_string();
            texts.insert(key, fs::read_to_string(path).unwrap());
        }
    }
}

/// Puts a text into a place, as somebody would who should not.
fn put(aws: &mut Testbed, shell: &Shell, place: &str, key: &str, text: &str) {
    match prefix(place) {
        Some(prefix) => {
            let key = format!("{prefix}/{key}");
            let params = json!({"Bucket": BUCKET, "Key": key, "Body": text});
            aws.call("s3", "put_object", params);
        }
        None => fs::write(shell.folder().join(place).join(key), text).unwrap(),
    }
}

/// What a ledger remembers.
fn remembered(shell: &Shell, place: &str) -> Vec<Value> {
    let run = shell.run(&["history", "--state", place, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.report()["findings"].as_array().unwrap().clone()
}

/// The open methods that a ledger has with this standing, as `API VERB PATH`.
fn methods(shell: &Shell, place: &str, standing: &str) -> Vec<String> {
    let entries = remembered(shell, place).into_iter();
    let entries = entries.filter(|it| it["rule"] == "open-method" && it["standing"] == standing);
    let methods = entries.map(|it| {
        let at = &it["place"];
        let words = [&at["api"]["name"], &at["verb"], &at["path"]];
        words.map(|it| it.as_str().unwrap()).join(" ")
    });
    let mut methods: Vec<String> = methods.collect();
    methods.sort();
    methods
}

/// The methods of the sample API under a name, in the order of [`methods`].
fn all_of(name: &str) -> Vec<String> {
    let all = METHODS.map(|(verb, path)| format!("{name} {verb} {path}"));
    let mut all = Vec::from(all);
    all.sort();
    all
}

/// The digest of a notification.
fn digest(notification: &Value) -> Value {
    let digest = notification["Message"].as_str().unwrap();
    let digest: Value = serde_json::from_str(digest).unwrap();
    assert_eq!(digest["event_type"], "gatewatch.digest");
    digest
}

/// The changes of a digest, as `CHANGE RULE API VERB PATH`, without those on who may call a closed method.
fn changes(digest: &Value) -> Vec<String> {
    let changes = digest["changes"].as_array().unwrap().iter();
    let changes = changes.filter(|it| it["rule"] != "uncallable-method");
    let changes = changes.map(|it| {
        let words = [
            &it["change"],
            &it["rule"],
            &it["api"]["name"],
            &it["verb"],
            &it["path"],
        ];
        let words = words.into_iter().filter_map(Value::as_str);
        words.collect::<Vec<_>>().join(" ")
    });
    changes.collect()
}

/// The one digest that arrived.
fn arrived(aws: &mut Testbed, queue: &str) -> Value {
    let received = aws.received(queue);
    let [notification] = received.as_slice() else {
        panic!("{received:?}");
    };
    digest(notification)
}

fn silent(aws: &mut Testbed, queue: &str) {
    assert_eq!(aws.received(queue), Vec::<Value>::new());
}

fn close(aws: &mut Testbed, api: &PetStore, methods: &[(&str, &str)]) {
    for (verb, path) in methods {
        aws.set_authorization(api, verb, path, "AWS_IAM");
    }
    aws.deploy(api, Some("prod"));
}

#[test]
fn what_does_not_change_is_announced_once() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let email = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "security@example.com"});
    aws.call("sns", "subscribe", email);
    let shell = aws.shell();
    for (number, place) in places(&mut aws).iter().enumerate() {
        let runs: Vec<Run> = (0..3)
            .map(|_| shell.run(&["scan", "--state", place, "--publish", &topic]))
            .collect();
        assert!(runs.iter().all(|run| run.status == 1), "{}", runs[0].stderr);
        assert!(
            runs[0].stderr.contains("4 change(s) (baseline)"),
            "{}",
            runs[0].stderr
        );
        for run in &runs[1..] {
            assert!(run.stderr.contains("nothing new"), "{}", run.stderr);
            // What is there is shown each time.
            assert!(run.stdout.contains("open-method"), "{}", run.stdout);
        }
        let received = aws.received(&queue);
        assert_eq!(received.len(), 1, "{place}");
        assert_eq!(
            received[0]["Subject"],
            "gatewatch: 4 new (worst: critical) in account 111122223333"
        );
        let attributes = &received[0]["MessageAttributes"];
        assert_eq!(attributes["event_type"]["Value"], "gatewatch.digest");
        assert_eq!(attributes["severity"]["Value"], "critical");
        assert_eq!(attributes["changes"]["Value"], r#"["new"]"#);
        let digest = digest(&received[0]);
        assert_eq!(digest["occasions"], json!(["baseline"]));
        assert_eq!(digest["left_out"], Value::Null);
        assert_eq!(
            changes(&digest),
            [
                "new open-method PetStore POST /pets",
                "new open-method PetStore GET /",
                "new open-method PetStore GET /pets",
                "new open-method PetStore GET /pets/{petId}",
            ]
        );
        let mails = aws.mails();
        assert_eq!(mails.len(), number + 1);
        let text = mails[number]["text"].as_str().unwrap();
        assert!(text.contains("1. CRITICAL open-method (NEW)"), "{text}");
        // The whole report is where the digest says that it is.
        let full = digest["full_report"].as_str().unwrap();
        let key = format!("reports/{ACCOUNT}/latest.json");
        let page = format!("reports/{ACCOUNT}/latest.html");
        assert!(
            full.starts_with(place) && full.ends_with(&key),
            "{full} {key}"
        );
        let texts = texts(&mut aws, &shell, place);
        let report: Value = serde_json::from_str(&texts[&key]).unwrap();
        assert_eq!(report["findings"].as_array().unwrap().len(), 4);
        let kept: Vec<&str> = texts.keys().map(String::as_str).collect();
        let wanted = [
            format!("inventory/{ACCOUNT}.json"),
            format!("ledger/{ACCOUNT}/{REGION}.json"),
            format!("ledger/{ACCOUNT}/global.json"),
            // The policy file by which the findings were made: there is none.
            format!(
                "ledger/{ACCOUNT}/policies/{}.yaml",
                PolicyFile::default().name()
            ),
            page.clone(),
            key,
        ];
        assert_eq!(kept, wanted, "{place}");
        // The same report as a page, which the digest leads to where it is an object of S3.
        assert!(
            texts[&page].starts_with("<!doctype html>"),
            "{}",
            texts[&page]
        );
        assert!(texts[&page].contains("1 critical, 3 high"));
        let link = digest["report_page"].as_str();
        assert_eq!(link.is_some(), place.starts_with("s3:"), "{digest}");
        let Some(link) = link else { continue };
        let console = format!(
            "https://{REGION}.console.aws.amazon.com/s3/object/{BUCKET}?region={REGION}&prefix="
        );
        assert!(
            link.starts_with(&console) && link.ends_with(&page),
            "{link}"
        );
        assert!(
            text.contains(&format!("The report as a page: {link}\n")),
            "{text}"
        );
        let key = format!("{}/{page}", prefix(place).unwrap());
        let object = aws.call("s3", "head_object", json!({"Bucket": BUCKET, "Key": key}));
        assert_eq!(object["ContentType"], "text/html; charset=utf-8");
    }
}

#[test]
fn what_was_not_sent_is_announced_by_the_next_scan() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    let nowhere = format!("{topic}-gone");
    let run = shell.run(&["scan", "--state", "state", "--publish", &nowhere]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stdout.contains("open-method"), "{}", run.stdout);
    let told = run.stderr.contains("the next run will announce it");
    assert!(told && run.stderr.contains(&nowhere), "{}", run.stderr);
    let history = shell.run(&["history", "--state", "state"]);
    assert_eq!(
        history.stdout.matches("not yet").count(),
        4,
        "{}",
        history.stdout
    );
    silent(&mut aws, &queue);
    let run = shell.run(&["scan", "--state", "state", "--publish", &topic]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(changes(&arrived(&mut aws, &queue)).len(), 4);
}

#[test]
fn two_scans_at_the_same_moment_keep_what_both_found() {
    let mut aws = Testbed::start();
    aws.petstore_named("one");
    aws.petstore_named("two");
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    let all = [all_of("one"), all_of("two")].concat();
    for place in places(&mut aws) {
        for repetition in 0..4 {
            let place = format!("{place}-{repetition}");
            let scan = |api: &str| {
                shell.run(&["scan", "--state", &place, "--publish", &topic, "--api", api])
            };
            let runs = thread::scope(|scope| {
                let runs = ["one", "two"].map(|api| scope.spawn(move || scan(api)));
                runs.map(|run| run.join().unwrap())
            });
            for run in &runs {
                assert_eq!(run.status, 1, "{place}: {}", run.stderr);
            }
            assert_eq!(methods(&shell, &place, "open"), all, "{place}");
            // Each was announced, perhaps by both, and is noted as announced.
            let untold = remembered(&shell, &place);
            let untold = untold.iter().filter(|it| it["told"].is_null());
            assert_eq!(untold.count(), 0, "{place}");
            let received = aws.received(&queue);
            assert_eq!(received.len(), 2, "{place}");
            let mut told: Vec<String> = received
                .iter()
                .flat_map(|it| changes(&digest(it)))
                .collect();
            told.sort();
            told.dedup();
            assert_eq!(told.len(), all.len(), "{place}: {told:?}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_never_resolved() {
    let mut aws = Testbed::start();
    let one = aws.petstore_named("one");
    let two = aws.petstore_named("two");
    let (topic, queue) = aws.topic("alerts");
    let denied = format!("arn:aws:apigateway:*::/restapis/{}/stages", one.id);
    let reads = ["apigateway:GET", "iam:Get*", "sts:*", "sns:Publish", "s3:*"];
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": reads, "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": denied},
    ]});
    let root = aws.shell();
    let reader = aws.user("reader", policy);
    let places = places(&mut aws);
    // Each user's shell has a folder of its own.
    let folder = root.folder().join("state").display().to_string();
    let places = [folder, places[1].clone()];
    for place in &places {
        let run = root.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert_eq!(changes(&arrived(&mut aws, &queue)).len(), 8);
    }
    let mended = [("GET", "/"), ("POST", "/pets")];
    close(&mut aws, &one, &mended);
    close(&mut aws, &two, &mended);
    for place in &places {
        let run = reader.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(run.status, 3, "{}", run.stderr);
        let received = aws.received(&queue);
        assert_eq!(received.len(), 1, "{place}");
        let subject = received[0]["Subject"].as_str().unwrap();
        assert!(
            subject.starts_with("gatewatch: INCOMPLETE (1 not read), "),
            "{subject}"
        );
        let digest = digest(&received[0]);
        assert_eq!(digest["status"], "incomplete");
        assert_eq!(digest["occasions"], json!(["changes", "incomplete"]));
        assert_eq!(digest["gaps"][0]["api"], one.id);
        assert_eq!(
            changes(&digest),
            [
                "new unread-api one",
                "resolved open-method two POST /pets",
                "resolved open-method two GET /",
            ]
        );
        let left = ["two GET /pets", "two GET /pets/{petId}"].map(str::to_owned);
        let open = methods(&root, place, "open");
        assert_eq!(open, [all_of("one"), Vec::from(left)].concat());
        // As long as it cannot be read, each scan says so.
        let again = reader.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(again.status, 3, "{}", again.stderr);
        let digest = arrived(&mut aws, &queue);
        assert_eq!(digest["occasions"], json!(["incomplete"]));
        assert_eq!(changes(&digest), Vec::<String>::new());
        let run = root.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert_eq!(
            changes(&arrived(&mut aws, &queue)),
            [
                "resolved open-method one POST /pets",
                "resolved open-method one GET /",
                "resolved unread-api one",
            ]
        );
    }
}

#[test]
fn a_narrowed_scan_touches_only_its_part() {
    let mut aws = Testbed::start();
    let one = aws.petstore_named("one");
    let two = aws.petstore_named("two");
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    let places = places(&mut aws);
    for place in &places {
        shell.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(changes(&arrived(&mut aws, &queue)).len(), 8);
    }
    close(&mut aws, &one, &METHODS);
    close(&mut aws, &two, &[("POST", "/pets")]);
    for place in &places {
        let narrowed = [
            "scan",
            "--state",
            place,
            "--publish",
            &topic,
            "--api",
            "two",
        ];
        let before = texts(&mut aws, &shell, place);
        let run = shell.run(&narrowed);
        assert_eq!(run.status, 1, "{}", run.stderr);
        let digest = arrived(&mut aws, &queue);
        assert_eq!(
            changes(&digest),
            ["resolved open-method two POST /pets"],
            "{place}"
        );
        // What is open counts the rest, too.
        assert_eq!(digest["open"]["critical"], 1);
        assert_eq!(digest["open"]["high"], 6);
        let open = methods(&shell, place, "open");
        assert_eq!(open[..4], all_of("one"), "{place}");
        // What is about everything is of the last scan of everything.
        let after = texts(&mut aws, &shell, place);
        for key in [
            format!("reports/{ACCOUNT}/latest.json"),
            format!("inventory/{ACCOUNT}.json"),
        ] {
            assert_eq!(before[&key], after[&key], "{place}");
        }
        let again = shell.run(&narrowed);
        assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
        silent(&mut aws, &queue);
        shell.run(&["scan", "--state", place, "--publish", &topic]);
        assert_eq!(
            changes(&arrived(&mut aws, &queue)),
            [
                "resolved open-method one POST /pets",
                "resolved open-method one GET /",
                "resolved open-method one GET /pets",
                "resolved open-method one GET /pets/{petId}",
            ]
        );
        let wanted = [all_of("one"), vec!["two POST /pets".to_owned()]].concat();
        assert_eq!(methods(&shell, place, "resolved"), wanted);
    }
}

/// A policy file that exempts `GET /pets` until so many days from today.
fn exempting(shell: &Shell, days: i64) {
    let today = scan::day(Timestamp::now());
    let expires = today.checked_add(days.days()).unwrap();
    let policy = format!(
        "version: 1\nexemptions:\n  - rule: open-method\n    match: {{path: /pets, verb: GET}}\n    \
         reason: the partner cannot sign requests yet\n    owner: api-team@example.com\n    \
         severity: high\n    expires: {expires}\n"
    );
    fs::write(shell.folder().join("gatewatch.yaml"), policy).unwrap();
}

#[test]
fn an_exemption_is_announced_once_and_so_is_its_end() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    let scan = |shell: &Shell| shell.run(&["scan", "--state", "state", "--publish", &topic]);
    scan(&shell);
    assert_eq!(changes(&arrived(&mut aws, &queue)).len(), 4);
    exempting(&shell, 30);
    scan(&shell);
    let digest = arrived(&mut aws, &queue);
    assert_eq!(
        changes(&digest),
        ["exempted open-method PetStore GET /pets"]
    );
    let exemption = &digest["changes"][0]["exemption"];
    assert_eq!(exemption["owner"], "api-team@example.com");
    assert_eq!(exemption["reason"], "the partner cannot sign requests yet");
    assert_eq!(digest["open"]["exempt"], 1);
    assert_eq!(methods(&shell, "state", "exempt"), ["PetStore GET /pets"]);
    let again = scan(&shell);
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    exempting(&shell, -1);
    scan(&shell);
    let received = aws.received(&queue);
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0]["Subject"],
        "gatewatch: 1 new, 1 no longer exempt (worst: high) in account 111122223333"
    );
    let digest = self::digest(&received[0]);
    assert_eq!(
        changes(&digest),
        [
            "exemption-expired open-method PetStore GET /pets",
            "new expired-exemption",
        ]
    );
    assert_eq!(digest["open"]["exempt"], 0);
    let again = scan(&shell);
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    silent(&mut aws, &queue);
}

#[test]
fn what_is_exempt_from_the_first_is_not_announced() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    exempting(&shell, 30);
    shell.run(&["scan", "--state", "state", "--publish", &topic]);
    let digest = arrived(&mut aws, &queue);
    assert_eq!(changes(&digest).len(), 3);
    assert_eq!(digest["open"]["exempt"], 1);
    let history = shell.run(&["history", "--state", "state", "--standing", "exempt"]);
    assert!(history.stdout.contains("no need"), "{}", history.stdout);
}

#[test]
fn a_dry_run_shows_the_digest_and_leaves_no_trace() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    for place in places(&mut aws) {
        let dry = ["scan", "--state", &place, "--publish", &topic, "--dry-run"];
        let run = shell.run(&dry);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(run.stdout.starts_with("4 new\n"), "{}", run.stdout);
        assert!(
            run.stdout.contains("1. CRITICAL open-method (NEW)"),
            "{}",
            run.stdout
        );
        assert_eq!(texts(&mut aws, &shell, &place), BTreeMap::new());
        // Not even the directory itself.
        let made = prefix(&place).is_none() && shell.folder().join(&place).exists();
        assert!(!made, "{place}");
        shell.run(&["scan", "--state", &place]);
        let kept = texts(&mut aws, &shell, &place);
        assert_eq!(kept.len(), 6, "{:?}", kept.keys());
        aws.set_authorization(&api, "POST", "/pets", "AWS_IAM");
        let run = shell.run(&dry);
        assert!(run.stdout.contains("undeployed-fix"), "{}", run.stdout);
        assert_eq!(texts(&mut aws, &shell, &place), kept, "{place}");
        aws.set_authorization(&api, "POST", "/pets", "NONE");
    }
    silent(&mut aws, &queue);
}

#[test]
fn a_ledger_that_cannot_be_used_is_left_as_it_is() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let shell = aws.shell();
    let key = format!("ledger/{ACCOUNT}/{REGION}.json");
    // Somebody moves another Region's ledger to here.
    let elsewhere = ["scan", "--state", "elsewhere", "--publish", &topic];
    shell.run(&[&elsewhere[..], &["--region", "us-east-1"]].concat());
    arrived(&mut aws, &queue);
    let moved = shell.folder().join("elsewhere/ledger").join(ACCOUNT);
    let moved = fs::read_to_string(moved.join("us-east-1.json")).unwrap();
    for place in places(&mut aws) {
        let scan = ["scan", "--state", &place, "--publish", &topic];
        shell.run(&scan);
        assert_eq!(changes(&arrived(&mut aws, &queue)).len(), 4);
        let good = texts(&mut aws, &shell, &place)[&key].clone();
        let newer = good.replace("\"schema_version\":2", "\"schema_version\":99");
        let cases = [
            (good[..good.len() / 2].to_owned(), "it is damaged"),
            (String::new(), "it is damaged"),
            ("{}\n".to_owned(), "it has no `schema_version`"),
            (newer, "schema version 99"),
            (
                moved.clone(),
                "it is the ledger of account 111122223333, us-east-1",
            ),
        ];
        for (text, why) in cases {
            assert_ne!(text, good);
            put(&mut aws, &shell, &place, &key, &text);
            let before = texts(&mut aws, &shell, &place);
            let run = shell.run(&scan);
            assert_eq!(run.status, 2, "{}", run.stderr);
            assert_eq!(run.stdout, "", "{place}");
            assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
            let named = run.stderr.contains(&place) && run.stderr.contains(&key);
            assert!(named, "{}", run.stderr);
            assert_eq!(texts(&mut aws, &shell, &place), before, "{place}");
            let history = shell.run(&["history", "--state", &place]);
            assert_eq!(history.status, 2, "{}", history.stdout);
            assert!(history.stderr.contains(&key), "{}", history.stderr);
        }
        // Where it is as it was again, nothing is new.
        put(&mut aws, &shell, &place, &key, &good);
        let run = shell.run(&scan);
        assert!(run.stderr.contains("nothing new"), "{}", run.stderr);
    }
    silent(&mut aws, &queue);
}

#[test]
fn a_bucket_that_is_not_there_is_no_empty_ledger() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let place = "s3://gatewatch-nowhere/state";
    let shell = aws.shell();
    let run = shell.run(&["scan", "--state", place, "--publish", &topic]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let named = run.stderr.contains(place) && run.stderr.contains("NoSuchBucket");
    assert!(named, "{}", run.stderr);
    let history = shell.run(&["history", "--state", place]);
    assert_eq!(history.status, 3, "{}", history.stderr);
    silent(&mut aws, &queue);
}

#[test]
fn the_history_tells_what_is_remembered() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let shell = aws.shell();
    for place in places(&mut aws) {
        let empty = shell.run(&["history", "--state", &place]);
        assert_eq!((empty.status, empty.stdout.as_str()), (2, ""));
        assert!(
            empty.stderr.contains("`gatewatch scan --state` makes one"),
            "{}",
            empty.stderr
        );
        shell.run(&["scan", "--state", &place]);
    }
    close(&mut aws, &api, &[("POST", "/pets")]);
    for place in ["state".to_owned(), format!("s3://{BUCKET}/state")] {
        shell.run(&["scan", "--state", &place]);
        let table = shell.run(&["history", "--state", &place]);
        assert_eq!(table.status, 0, "{}", table.stderr);
        let lines: Vec<&str> = table.stdout.lines().collect();
        assert_eq!(lines.len(), 6, "{}", table.stdout);
        assert!(lines[0].contains("STANDING") && lines[0].contains("ANNOUNCED"));
        // Open ones first, worst first.
        assert!(lines[1].contains(" open ") && lines[1].contains(" high "));
        assert!(lines[5].contains(" resolved ") && lines[5].contains("POST /pets"));
        assert!(lines[5].contains("not yet"), "{}", lines[5]);
        let resolved = ["history", "--state", &place, "--standing", "resolved"];
        let run = shell.run(&[&resolved[..], &["--format", "json"]].concat());
        let findings = run.report()["findings"].clone();
        assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
        assert_eq!(findings[0]["standing"], "resolved");
        assert_eq!(findings[0]["place"]["path"], "/pets");
        assert_eq!(findings[0]["told"], Value::Null);
        assert_eq!(findings[0]["events"][0]["what"], "opened");
        assert_eq!(findings[0]["events"][1]["what"], "resolved");
        let two = shell.run(&[&resolved[..], &["--standing", "open"]].concat());
        assert_eq!(two.stdout.lines().count(), 6, "{}", two.stdout);
        let none = shell.run(&["history", "--state", &place, "--standing", "exempt"]);
        assert_eq!(none.stdout, "the ledger remembers no such finding\n");
        let other = shell.run(&["history", "--state", &place, "--account", "999999999999"]);
        assert_eq!(other.status, 2, "{}", other.stdout);
    }
}

#[test]
fn a_test_message_takes_the_way_of_the_digests() {
    let mut aws = Testbed::start();
    let (topic, queue) = aws.topic("alerts");
    let (chat, chat_queue) = aws.topic("chat");
    let shell = aws.shell();
    let run = shell.run(&["notify", "--test", "--publish", &topic]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("took the test"), "{}", run.stderr);
    let received = aws.received(&queue);
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0]["Subject"],
        "gatewatch: test message from account 111122223333"
    );
    let message = received[0]["Message"].as_str().unwrap();
    let message: Value = serde_json::from_str(message).unwrap();
    assert_eq!(message["event_type"], "gatewatch.test");
    assert_eq!(message["account"], ACCOUNT);
    let attributes = &received[0]["MessageAttributes"];
    assert_eq!(attributes["event_type"]["Value"], "gatewatch.test");
    let both = [
        "notify",
        "--test",
        "--publish",
        &topic,
        "--chat-topic",
        &chat,
    ];
    let run = shell.run(&both);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let custom = aws.received(&chat_queue)[0]["Message"].clone();
    let custom: Value = serde_json::from_str(custom.as_str().unwrap()).unwrap();
    assert_eq!(custom["source"], "custom");
    assert_eq!(custom["content"]["title"], "gatewatch: test message");
    // A topic that is not there.
    let nowhere = format!("{topic}-gone");
    let run = shell.run(&["notify", "--test", "--publish", &nowhere]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let named = run.stderr.contains(&nowhere) && run.stderr.contains("not found");
    assert!(named, "{}", run.stderr);
    // Nothing is sent by hand but a test.
    let run = shell.run(&["notify", "--publish", &topic]);
    assert_eq!(run.status, 2, "{}", run.stderr);
}
