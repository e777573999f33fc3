//! The real Lambda binary, deployed from the template, over several runs: what it remembers, what starts
//! it, what it announces and where to, and what it does when it may not remember.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{fs, thread};

use assert_cmd::cargo::cargo_bin;
use serde_json::{Value, json};

use crate::lambda::{
    Answer, STACK, Stack, deploy, event, invoke, one_less, published, put_role_policy, role_policy,
    set_variables,
};
use crate::support::command::findings;
use crate::support::package;
use crate::support::testbed::{ACCOUNT, PetStore, REGION, Testbed};
use crate::support::yaml;

/// The findings of the sample API.
const OPEN: [&str; 4] = [
    "new open-method POST /pets",
    "new open-method GET /",
    "new open-method GET /pets",
    "new open-method GET /pets/{petId}",
];

/// An output of the stack.
pub(crate) fn output(aws: &mut Testbed, name: &str) -> String {
    let stacks = aws.call(
        "cloudformation",
        "describe_stacks",
        json!({"StackName": STACK}),
    );
    let outputs = stacks["Stacks"][0]["Outputs"].as_array().unwrap();
    let output = outputs.iter().find(|it| it["OutputKey"] == name).unwrap();
    output["OutputValue"].as_str().unwrap().to_owned()
}

/// How many messages wait in a queue. A message that was published is in it at once.
fn waiting(aws: &mut Testbed, queue: &str) -> usize {
    let wanted = "ApproximateNumberOfMessages";
    let params = json!({"QueueUrl": queue, "AttributeNames": [wanted]});
    let got = aws.call("sqs", "get_queue_attributes", params);
    let count = got["Attributes"][wanted].as_str().unwrap();
    count.parse().unwrap()
}

/// The changes of a digest, as `CHANGE RULE WHERE`, in order.
fn news(digest: &Value) -> Vec<String> {
    let changes = digest["changes"].as_array().unwrap();
    let kinds = changes.iter().map(|it| it["change"].as_str().unwrap());
    kinds
        .zip(findings(digest))
        .map(|(kind, finding)| format!("{kind} {finding}"))
        .collect()
}

/// The key of the ledger of the Region, and that of what lies in none.
fn ledgers() -> [String; 2] {
    [REGION, "global"].map(|it| format!("ledger/{ACCOUNT}/{it}.json"))
}

fn object(aws: &mut Testbed, bucket: &str, key: &str) -> String {
    let got = aws.call("s3", "get_object", json!({"Bucket": bucket, "Key": key}));
    got["Body"].as_str().unwrap().to_owned()
}

fn put_object(aws: &mut Testbed, bucket: &str, key: &str, text: &str) {
    let params = json!({"Bucket": bucket, "Key": key, "Body": text});
    aws.call("s3", "put_object", params);
}

fn keys(aws: &mut Testbed, bucket: &str) -> Vec<String> {
    let listed = aws.call("s3", "list_objects_v2", json!({"Bucket": bucket}));
    let objects = listed["Contents"].as_array().cloned().unwrap_or_default();
    let keys = objects.iter().map(|it| it["Key"].as_str().unwrap());
    keys.map(str::to_owned).collect()
}

/// Deletes all that is in a bucket.
pub(crate) fn empty(aws: &mut Testbed, bucket: &str) {
    for key in keys(aws, bucket) {
        aws.call("s3", "delete_object", json!({"Bucket": bucket, "Key": key}));
    }
}

/// A run that must end well.
fn run(aws: &mut Testbed, stack: &Stack, payload: &str) -> Value {
    let answer = invoke(aws, stack, payload);
    assert!(!answer.failed, "{}", answer.payload);
    answer.payload
}

/// A run that must fail in this way, and send nothing.
fn refused(aws: &mut Testbed, stack: &Stack, payload: &str, kind: &str) -> String {
    let Answer { payload, failed } = invoke(aws, stack, payload);
    assert!(failed, "{payload}");
    assert_eq!(payload["errorType"], kind, "{payload}");
    assert_eq!(waiting(aws, &stack.queue), 0, "{payload}");
    payload["errorMessage"].as_str().unwrap().to_owned()
}

/// The lines of embedded metrics in the log, in order.
fn metrics(aws: &mut Testbed, stack: &Stack) -> Vec<Value> {
    let log = aws.call(
        "gatewatch",
        "log_text",
        json!({"log_group": stack.log_group}),
    );
    let lines = log.as_str().unwrap().lines();
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut lines: Vec<Value> = lines.filter(|it| it["_aws"].is_object()).collect();
    // Each start of the binary has a stream of its own.
    lines.sort_by_key(|it| it["_aws"]["Timestamp"].as_u64());
    lines
}

/// A role's policy without some of its statements. Returns what it was.
fn take_away(aws: &mut Testbed, stack: &Stack, policy: &str, sids: &[&str]) -> Value {
    let whole = role_policy(aws, stack, policy);
    let mut less = whole.clone();
    let statements = less["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|it| !sids.contains(&it["Sid"].as_str().unwrap()));
    assert_eq!(statements.len() + sids.len(), before, "{whole}");
    put_role_policy(aws, stack, policy, &less);
    whole
}

/// The sample event of a changed method, with an API that exists.
fn change_of(api: &PetStore) -> Value {
    let mut change: Value = serde_json::from_str(&event("change-rest-api.json")).unwrap();
    change["detail"]["requestParameters"]["restApiId"] = json!(api.id);
    change
}

/// Mends a method, and deploys that.
fn protect(aws: &mut Testbed, api: &PetStore, verb: &str, path: &str) {
    aws.set_authorization(api, verb, path, "AWS_IAM");
    aws.deploy(api, Some("prod"));
}

/// Adds a method that anyone can call, and deploys it.
fn open_another(aws: &mut Testbed, api: &PetStore) {
    let method =
        json!({"restApiId": api.id, "resourceId": api.resources["/pets"], "httpMethod": "DELETE"});
    let mut put = method.clone();
    put["authorizationType"] = json!("NONE");
    aws.call("apigateway", "put_method", put);
    let mut integration = method;
    integration["type"] = json!("MOCK");
    aws.call("apigateway", "put_integration", integration);
    aws.deploy(api, Some("prod"));
}

/// What the ledger remembers, by `gatewatch history`: `STANDING RULE`, and the whole of it for people.
fn history(aws: &Testbed, bucket: &str) -> (Vec<String>, String) {
    let (shell, place) = (aws.shell(), format!("s3://{bucket}"));
    let document = shell.run(&["history", "--state", &place, "--format", "json"]);
    assert_eq!(document.status, 0, "{}", document.stderr);
    let document = document.report();
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = document["findings"].as_array().unwrap().iter();
    let entries = entries.map(|it| format!("{} {}", word(it, "standing"), word(it, "rule")));
    let text = shell.run(&["history", "--state", &place]);
    (entries.collect(), text.stdout)
}

#[test]
fn what_has_not_changed_is_announced_once() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let scheduled = event("scheduled.json");
    assert_eq!(
        run(&mut aws, &stack, &scheduled)["announced"],
        json!(["baseline"])
    );
    let digest = published(&mut aws, &stack);
    assert_eq!(digest["occasions"], json!(["baseline"]));
    assert_eq!(news(&digest), OPEN);
    for _ in 0..2 {
        let again = run(&mut aws, &stack, &scheduled);
        assert_eq!(again["announced"], json!([]), "{again}");
        assert_eq!(again["counts"]["total"], 4);
        assert_eq!(waiting(&mut aws, &stack.queue), 0);
    }
    // It is not silent for good.
    protect(&mut aws, &api, "POST", "/pets");
    run(&mut aws, &stack, &scheduled);
    let digest = published(&mut aws, &stack);
    assert_eq!(digest["occasions"], json!(["changes"]));
    let news = news(&digest);
    assert!(
        news.contains(&"resolved open-method POST /pets".to_owned()),
        "{news:?}"
    );
}

/// The rule of the template with this logical id.
fn rule(aws: &mut Testbed, id: &str) -> Value {
    let prefix = format!("{STACK}-{id}");
    let rules = aws.call("events", "list_rules", json!({"NamePrefix": prefix}));
    let rules = rules["Rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "{rules:?}");
    rules[0].clone()
}

fn matches(aws: &mut Testbed, rule: &Value, event: &Value) -> bool {
    let params = json!({"EventPattern": rule["EventPattern"], "Event": event.to_string()});
    aws.call("events", "test_event_pattern", params)["Result"] == true
}

#[test]
fn the_rules_take_changes_and_leave_the_rest() {
    let mut aws = Testbed::start();
    deploy(&mut aws, json!({}), json!({}));
    let (apis, principals) = (
        rule(&mut aws, "ChangedApis"),
        rule(&mut aws, "ChangedPrincipals"),
    );
    let sample = |name: &str| -> Value { serde_json::from_str(&event(name)).unwrap() };
    for (name, takes) in [
        ("change-rest-api.json", &apis),
        ("change-http-api.json", &apis),
        ("change-iam.json", &principals),
    ] {
        let change = sample(name);
        for rule in [&apis, &principals] {
            assert_eq!(matches(&mut aws, rule, &change), rule == takes, "{name}");
        }
        let mut failed = change.clone();
        failed["detail"]["errorCode"] = json!("AccessDenied");
        assert!(!matches(&mut aws, takes, &failed), "{name}");
        let mut read = change;
        read["detail"]["eventName"] = json!("GetMethod");
        assert!(!matches(&mut aws, takes, &read), "{name}");
    }
    for name in ["scheduled.json", "scheduled-rule.json"] {
        assert!(!matches(&mut aws, &apis, &sample(name)), "{name}");
    }
}

/// From the bus to the digest: rule, queue, event source mapping, function, topic.
///
/// What the emulator cannot show: an event whose source is AWS itself. PutEvents refuses those, as it does
/// on AWS, and no CloudTrail is there to send one. So the rule gets another source, and hands on the event
/// that CloudTrail would have sent; the rest of its pattern is the template's, and the whole of it is held
/// against the samples above. Nor does the emulator ask the queue's policy, or the role for the right to
/// take from the queue.
#[test]
fn a_change_on_the_bus_is_announced() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({"DebounceSeconds": 1}), json!({}));
    run(&mut aws, &stack, "{}");
    published(&mut aws, &stack);
    open_another(&mut aws, &api);
    // What nobody told of is left to the schedule.
    aws.petstore_named("Other");
    let change = change_of(&api);
    let rule = rule(&mut aws, "ChangedApis");
    let name = &rule["Name"];
    let mut pattern: Value = serde_json::from_str(rule["EventPattern"].as_str().unwrap()).unwrap();
    pattern["source"] = json!(["test.apigateway"]);
    aws.call(
        "events",
        "put_rule",
        json!({"Name": name, "EventPattern": pattern.to_string()}),
    );
    let targets = aws.call("events", "list_targets_by_rule", json!({"Rule": name}));
    let mut target = targets["Targets"][0].clone();
    target["Input"] = json!(change.to_string());
    aws.call(
        "events",
        "put_targets",
        json!({"Rule": name, "Targets": [target]}),
    );
    let entry = json!({
        "Source": "test.apigateway", "DetailType": change["detail-type"],
        "Detail": change["detail"].to_string(),
    });
    let put = aws.call("events", "put_events", json!({"Entries": [entry]}));
    assert_eq!(put["FailedEntryCount"], 0, "{put}");
    // Each look waits for two seconds.
    let message = (0..15).find_map(|_| aws.received(&stack.queue).pop());
    let message = message.unwrap();
    let digest: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
    assert_eq!(digest["occasions"], json!(["changes"]));
    assert_eq!(news(&digest), ["new open-method DELETE /pets"]);
    assert_eq!(digest["scope"]["apis"], json!([api.id]));
    assert_eq!(digest["open"]["total"], 5);
    // The log has the run when it is over, a moment after its digest.
    let mut numbers = metrics(&mut aws, &stack);
    for _ in 0..50 {
        if numbers.len() > 1 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        numbers = metrics(&mut aws, &stack);
    }
    let scans: Vec<&Value> = numbers.iter().map(|it| &it["FullScans"]).collect();
    assert_eq!(scans, [1, 0]);
}

#[test]
fn changes_elsewhere_are_no_reason_to_look() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let mut elsewhere = change_of(&api);
    elsewhere["detail"]["awsRegion"] = json!("ap-south-1");
    let answer = run(&mut aws, &stack, &elsewhere.to_string());
    assert_eq!(answer["status"], "nothing-to-check", "{answer}");
    assert_eq!(waiting(&mut aws, &stack.queue), 0);
    // One of the batch is about principals: everything is looked at, also what the others do not name.
    let answer = run(&mut aws, &stack, &event("change-batch.json"));
    assert_eq!(answer["coverage"]["complete"], true, "{answer}");
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);
}

#[test]
fn a_change_of_principals_is_announced_without_reading_the_apis_again() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    protect(&mut aws, &api, "POST", "/pets");
    let policy = "version: 1\ninvokers:\n  - match: {api: PetStore}\n    groups: [callers]\n";
    let stack = deploy(&mut aws, json!({"PolicyFile": policy}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let change = event("change-iam.json");
    // There is nothing to go by yet: this one is about everything.
    let first = run(&mut aws, &stack, &change);
    assert_eq!(first["announced"], json!(["baseline"]), "{first}");
    assert_eq!(published(&mut aws, &stack)["open"]["total"], 4);

    let arn = format!(
        "arn:aws:execute-api:{REGION}:{ACCOUNT}:{}/prod/POST/pets",
        api.id
    );
    let allow = json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn});
    aws.user(
        "mallory",
        json!({"Version": "2012-10-17", "Statement": allow}),
    );
    // Neither is looked at now: what is mended is not resolved, what is opened not announced.
    protect(&mut aws, &api, "GET", "/");
    aws.petstore_named("Other");
    let read = ["ReadApis", "ReadRoutingRules"];
    let whole = take_away(&mut aws, &stack, "scan", &read);
    let second = run(&mut aws, &stack, &change);
    assert_eq!(second["coverage"]["complete"], true, "{second}");
    let digest = published(&mut aws, &stack);
    let user = format!("arn:aws:iam::{ACCOUNT}:user/mallory");
    let grants = |change: &str| {
        ["direct-user-grant", "unlisted-invoker"].map(|rule| format!("{change} {rule} {user}"))
    };
    assert_eq!(news(&digest), grants("new"));
    assert_eq!(digest["open"]["total"], 6);

    // Nor is anything resolved by such a run.
    let own = json!({"UserName": "mallory", "PolicyName": "own"});
    aws.call("iam", "delete_user_policy", own);
    let third = run(&mut aws, &stack, &change);
    assert_eq!(third["announced"], json!([]), "{third}");
    let (entries, _) = history(&aws, &bucket);
    assert_eq!(entries.len(), 6, "{entries:?}");
    assert!(
        entries.iter().all(|it| it.starts_with("open ")),
        "{entries:?}"
    );
    let numbers = metrics(&mut aws, &stack);
    let scans: Vec<&Value> = numbers.iter().map(|it| &it["FullScans"]).collect();
    // All three were begun by a change, the first of which read everything.
    assert_eq!(scans, [0, 0, 0]);
    let calls: Vec<u64> = (numbers.iter())
        .map(|it| it["Calls"].as_u64().unwrap())
        .collect();
    assert!(calls[0] >= 7, "{calls:?}");
    assert!(calls[1] <= 3 && calls[2] <= 3, "{calls:?}");

    put_role_policy(&mut aws, &stack, "scan", &whole);
    run(&mut aws, &stack, "{}");
    let told = news(&published(&mut aws, &stack));
    for wanted in grants("resolved") {
        assert!(told.contains(&wanted), "{told:?}");
    }
    for wanted in ["resolved open-method GET /", "new open-method POST /pets"] {
        assert!(told.iter().any(|it| it == wanted), "{told:?}");
    }
}

#[test]
fn the_policy_file_in_the_state_bucket_counts_or_nothing_does() {
    let mut aws = Testbed::start();
    aws.petstore();
    deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let key = "policy/gatewatch.yaml";
    let uri = format!("s3://{bucket}/{key}");
    // It comes before the text in the settings, and nothing stands in for it.
    let parameters = json!({"PolicyUri": uri, "PolicyFile": "version: 1\n"});
    let stack = deploy(&mut aws, parameters, json!({}));
    let missing = refused(&mut aws, &stack, "{}", "BadSetting");
    assert!(missing.contains(&uri), "{missing}");
    assert_eq!(keys(&mut aws, &bucket), Vec::<String>::new());

    let sound = "version: 1\nrequire: [{authorization: [NONE]}]\n";
    put_object(&mut aws, &bucket, key, sound);
    assert_eq!(run(&mut aws, &stack, "{}")["status"], "clean");
    assert_eq!(published(&mut aws, &stack)["changes"], json!([]));
    let ledgers = ledgers();
    let before = ledgers.each_ref().map(|it| object(&mut aws, &bucket, it));

    put_object(&mut aws, &bucket, key, "version: 1\nrequires: []\n");
    let broken = refused(&mut aws, &stack, "{}", "BadPolicy");
    let place = format!("{uri}:2:1: unknown key `requires`");
    assert!(broken.contains(&place), "{broken}");
    aws.call("s3", "delete_object", json!({"Bucket": bucket, "Key": key}));
    let gone = refused(&mut aws, &stack, &event("change-iam.json"), "BadSetting");
    assert!(gone.contains(&uri), "{gone}");
    let after = ledgers.each_ref().map(|it| object(&mut aws, &bucket, it));
    assert_eq!(before, after);

    // Another one counts from the next run on.
    put_object(&mut aws, &bucket, key, "version: 1\n");
    run(&mut aws, &stack, "{}");
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);
}

#[test]
fn a_policy_file_in_another_bucket_is_readable() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (bucket, key) = ("team-policies", "apis/gatewatch.yaml");
    let place = json!({"LocationConstraint": REGION});
    let made = json!({"Bucket": bucket, "CreateBucketConfiguration": place});
    aws.call("s3", "create_bucket", made);
    let sound = "version: 1\nrequire: [{authorization: [NONE]}]\n";
    put_object(&mut aws, bucket, key, sound);
    let uri = format!("s3://{bucket}/{key}");
    let stack = deploy(&mut aws, json!({"PolicyUri": uri}), json!({}));
    assert_eq!(run(&mut aws, &stack, "{}")["status"], "clean");
    published(&mut aws, &stack);
    take_away(&mut aws, &stack, "state", &["ReadPolicyFile"]);
    let denied = refused(&mut aws, &stack, "{}", "BadSetting");
    assert!(denied.contains("access denied"), "{denied}");
}

#[test]
fn a_damaged_ledger_stops_the_run_and_stays_as_it_is() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    run(&mut aws, &stack, "{}");
    published(&mut aws, &stack);
    let change = change_of(&api).to_string();
    let principals = event("change-iam.json");
    for key in ledgers() {
        let sound = object(&mut aws, &bucket, &key);
        let mut newer: Value = serde_json::from_str(&sound).unwrap();
        newer["schema_version"] = json!(99);
        let mut foreign: Value = serde_json::from_str(&sound).unwrap();
        foreign["account"] = json!("999988887777");
        for (bad, why) in [
            ("{\"schema_version\": 1, \"entr".to_owned(), "damaged"),
            (String::new(), "damaged"),
            (newer.to_string(), "schema version 99"),
            (foreign.to_string(), "999988887777"),
        ] {
            put_object(&mut aws, &bucket, &key, &bad);
            for payload in ["{}", change.as_str(), principals.as_str()] {
                let error = refused(&mut aws, &stack, payload, "BadLedger");
                assert!(error.contains(why) && error.contains(&key), "{error}");
                assert_eq!(object(&mut aws, &bucket, &key), bad);
            }
        }
        put_object(&mut aws, &bucket, &key, &sound);
    }
    // Mended, it goes on where it was.
    assert_eq!(run(&mut aws, &stack, "{}")["announced"], json!([]));
}

/// Without anything kept, a change of principals needs every right that the function has to its bucket.
///
/// Two that it cannot need here. `s3:ListBucket`: only with it S3 tells a missing object from a forbidden
/// one, and the emulator always does. That a ledger which might be forbidden is not begun anew is what the
/// first right below shows.
#[test]
fn each_right_to_the_state_is_needed() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let all = role_policy(&mut aws, &stack, "state");
    let change = event("change-iam.json");
    let mut tried = Vec::new();
    for (index, statement) in all["Statement"].as_array().unwrap().iter().enumerate() {
        for (taken, narrowed) in one_less(statement) {
            let taken = taken.as_str().unwrap();
            let right = taken
                .rsplit_once(bucket.as_str())
                .map_or(taken, |(_, below)| below);
            if right == "s3:ListBucket" {
                continue;
            }
            let action = statement["Action"].as_str().unwrap();
            // Only a run without time for everything needs it.
            if action == "s3:PutObject" && right == "/parts/*" {
                continue;
            }
            let mut policy = all.clone();
            policy["Statement"][index] = narrowed;
            put_role_policy(&mut aws, &stack, "state", &policy);
            // A change begins anew; the schedule goes on.
            let asked = if right == "/parts/*" { "{}" } else { &change };
            let Answer { payload, failed } = invoke(&mut aws, &stack, asked);
            assert!(failed, "without {action} on {right}: {payload}");
            let kind = payload["errorType"].as_str().unwrap();
            assert!(["BadLedger", "BadState"].contains(&kind), "{payload}");
            let error = payload["errorMessage"].as_str().unwrap();
            assert!(
                error.contains(&format!("{action}: access denied")),
                "{error}"
            );
            // What is kept besides the ledger delays no digest.
            let announced = usize::from(["/inventory/*", "/reports/*"].contains(&right));
            let announced = if action == "s3:PutObject" {
                announced
            } else {
                0
            };
            assert_eq!(aws.received(&stack.queue).len(), announced, "{payload}");
            empty(&mut aws, &bucket);
            tried.push(format!("{action} {right}"));
        }
    }
    assert_eq!(
        tried,
        [
            "s3:GetObject /ledger/*",
            "s3:GetObject /inventory/*",
            "s3:GetObject /parts/*",
            "s3:PutObject /ledger/*",
            "s3:PutObject /inventory/*",
            "s3:PutObject /reports/*",
        ]
    );
    put_role_policy(&mut aws, &stack, "state", &all);
    run(&mut aws, &stack, &change);
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);
}

#[test]
fn further_outlets_get_each_change() {
    let mut aws = Testbed::start();
    aws.petstore();
    let wanted = json!({"MessagePerFinding": "true", "ChatTopic": "true", "EventBus": "default"});
    let stack = deploy(&mut aws, wanted, json!({}));
    let chat_topic = output(&mut aws, "ChatTopicArn");
    let chat = aws.queue_on(&chat_topic);
    let bus = aws.call("sqs", "create_queue", json!({"QueueName": "bus"}));
    let bus = bus["QueueUrl"].as_str().unwrap().to_owned();
    let pattern = json!({"source": ["gatewatch"], "detail-type": ["gatewatch finding change"],
                         "detail": {"change": ["new"], "rule": ["open-method"]}});
    let caught = json!({"Name": "caught", "EventPattern": pattern.to_string()});
    aws.call("events", "put_rule", caught);
    let target = json!({"Id": "bus", "Arn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:bus")});
    aws.call(
        "events",
        "put_targets",
        json!({"Rule": "caught", "Targets": [target]}),
    );

    run(&mut aws, &stack, "{}");
    let parsed = |message: &Value| -> Value {
        serde_json::from_str(message["Message"].as_str().unwrap()).unwrap()
    };
    let (mut single, mut digests) = (Vec::new(), Vec::new());
    for message in aws.received(&stack.queue) {
        let kind = &message["MessageAttributes"]["event_type"]["Value"];
        let kind = kind.as_str().unwrap().to_owned();
        match kind.as_str() {
            "gatewatch.digest" => digests.push(parsed(&message)),
            "gatewatch.change" => single.push(message),
            other => panic!("{other}"),
        }
    }
    assert_eq!(digests.len(), 1, "{digests:?}");
    let changes = digests[0]["changes"].as_array().unwrap();
    let ids: Vec<&Value> = changes.iter().map(|it| &it["id"]).collect();
    assert_eq!(ids.len(), 4);

    let single_ids: Vec<Value> = single.iter().map(|it| parsed(it)["id"].clone()).collect();
    assert_eq!(single_ids.iter().collect::<Vec<_>>(), ids);
    let severity = |it: &Value| it["MessageAttributes"]["severity"]["Value"].clone();
    let severities: Vec<Value> = single.iter().map(severity).collect();
    assert_eq!(severities, ["critical", "high", "high", "high"]);
    assert_eq!(
        single[0]["Subject"],
        "gatewatch: new critical open-method in 111122223333: POST /pets, PetStore"
    );

    let notices: Vec<Value> = aws.received(&chat).iter().map(parsed).collect();
    let threads: Vec<&Value> = notices
        .iter()
        .map(|it| &it["metadata"]["threadId"])
        .collect();
    assert_eq!(threads, ids);
    for notice in &notices {
        assert_eq!(notice["version"], "1.0", "{notice}");
        assert_eq!(notice["source"], "custom", "{notice}");
        assert_eq!(notice["content"]["textType"], "client-markdown");
        assert!(notice["content"]["description"].is_string(), "{notice}");
    }
    let title = "CRITICAL open-method (new): POST /pets, PetStore";
    assert_eq!(notices[0]["content"]["title"], title);

    let events = aws.received(&bus);
    let details: Vec<&Value> = events.iter().map(|it| &it["detail"]).collect();
    assert_eq!(details, changes.iter().collect::<Vec<_>>());
    assert_eq!(events[0]["resources"], json!([changes[0]["resource_arn"]]));

    // Nothing new: nothing anywhere.
    run(&mut aws, &stack, "{}");
    for queue in [&stack.queue, &chat, &bus] {
        assert_eq!(waiting(&mut aws, queue), 0, "{queue}");
    }
    // One that is gone fails the run, but keeps no other from its own.
    aws.call("sns", "delete_topic", json!({"TopicArn": chat_topic}));
    aws.petstore_named("Other");
    let Answer { payload, failed } = invoke(&mut aws, &stack, "{}");
    assert!(failed, "{payload}");
    assert_eq!(payload["errorType"], "NotEverywhere", "{payload}");
    let told = payload["errorMessage"].as_str().unwrap();
    assert!(told.contains("the chat topic"), "{told}");
    assert_eq!(waiting(&mut aws, &stack.queue), 5);
    assert_eq!(waiting(&mut aws, &bus), 4);
    assert_eq!(run(&mut aws, &stack, "{}")["announced"], json!([]));
}

#[test]
fn the_log_has_the_numbers_of_each_run() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    run(&mut aws, &stack, "{}");
    run(&mut aws, &stack, &json!({"apis": [api.id]}).to_string());
    take_away(&mut aws, &stack, "scan", &["ReadApis"]);
    let denied = run(&mut aws, &stack, "{}");
    assert_eq!(denied["status"], "incomplete", "{denied}");

    let lines = metrics(&mut aws, &stack);
    assert_eq!(lines.len(), 3, "{lines:?}");
    // Of what cannot be read, what was found stays open.
    let wanted = [
        json!({"Critical": 1, "High": 3, "Medium": 0, "Low": 0, "Informational": 0, "Exempt": 0,
               "Gaps": 0, "Coverage": 100.0, "Incomplete": 0, "FullScans": 1, "Announced": 4,
               "Untold": 0, "NotSubscribed": 0, "OldestUnannounced": 0, "Throttles": 0}),
        json!({"Critical": 1, "High": 3, "Gaps": 0, "Coverage": 100.0, "Incomplete": 0,
               "FullScans": 0, "Announced": 0}),
        json!({"Critical": 1, "Gaps": denied["gaps"], "Incomplete": 1, "FullScans": 1,
               "Announced": denied["changes"]}),
    ];
    for (line, wanted) in lines.iter().zip(&wanted) {
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&line[name], value, "{name} of {line}");
        }
        assert_eq!(line["FunctionName"], stack.function.as_str());
        assert!(line["Calls"].as_u64().unwrap() > 0, "{line}");
    }
    assert!(denied["gaps"].as_u64().unwrap() > 0, "{denied}");
    assert!(lines[2]["Coverage"].as_f64().unwrap() < 100.0);

    // In the form that CloudWatch takes numbers out of, and with all that the alarms look at.
    let directive = &lines[0]["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "gatewatch");
    assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
    let metrics = directive["Metrics"].as_array().unwrap();
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        assert!(lines[0][name].is_number(), "{name}");
    }
    let alarms = aws.call("cloudwatch", "describe_alarms", json!({}));
    let alarms = alarms["MetricAlarms"].as_array().unwrap().clone();
    let ours = alarms.iter().filter(|it| it["Namespace"] == "gatewatch");
    let ours: Vec<&Value> = ours.collect();
    assert_eq!(ours.len(), 4, "{ours:?}");
    for alarm in ours {
        let metric = &alarm["MetricName"];
        assert!(metrics.iter().any(|it| it["Name"] == *metric), "{alarm}");
        let dimension = json!([{"Name": "FunctionName", "Value": stack.function}]);
        assert_eq!(alarm["Dimensions"], dimension);
    }
}

/// Stands in for AWS Config: takes what it is told.
pub(crate) fn config() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut line) = (0, String::new());
            loop {
                line.clear();
                stream.read_line(&mut line).unwrap();
                let header = line.trim().to_ascii_lowercase();
                if header.is_empty() {
                    break;
                }
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let asked = serde_json::from_slice(&body).unwrap_or_default();
            if told.send(asked).is_err() {
                break;
            }
            let answer = "{\"FailedEvaluations\":[]}";
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close";
            let length = answer.len();
            let stream = stream.get_mut();
            write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{answer}").unwrap();
        }
    });
    (endpoint, heard)
}

/// The emulator has no PutEvaluations: another stands in for that one call.
#[test]
fn config_is_told_what_complies() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let (endpoint, heard) = config();
    let config = ("AWS_ENDPOINT_URL_CONFIG_SERVICE", endpoint.as_str());
    set_variables(&mut aws, &stack, &[config]);
    let said = |asked: &Value| -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = |it: &Value| {
            [
                "ComplianceResourceType",
                "ComplianceResourceId",
                "ComplianceType",
            ]
            .map(|name| text(&it[name]))
            .join(" ")
        };
        let evaluations = asked["Evaluations"].as_array().unwrap();
        evaluations.iter().map(line).collect()
    };

    // What is gone needs no look.
    let answer = run(&mut aws, &stack, &event("config-deleted.json"));
    assert_eq!(answer["status"], "nothing-to-check", "{answer}");
    let asked = heard.try_recv().unwrap();
    assert_eq!(
        said(&asked),
        ["AWS::ApiGateway::RestApi a1b2c3d4e5 NOT_APPLICABLE"]
    );
    assert_eq!(asked["ResultToken"], "fake-result-token");
    assert_eq!(asked["TestMode"], false);
    assert_eq!(keys(&mut aws, &bucket), Vec::<String>::new());
    assert_eq!(waiting(&mut aws, &stack.queue), 0);

    // All of them, for a test; and it is a scan like any other.
    run(&mut aws, &stack, &event("config-scheduled.json"));
    let asked = heard.try_recv().unwrap();
    assert_eq!(
        said(&asked),
        [
            format!("AWS::ApiGateway::RestApi {} NON_COMPLIANT", api.id),
            format!("AWS::::Account {ACCOUNT} COMPLIANT"),
        ]
    );
    assert_eq!(asked["TestMode"], true);
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);

    // One that changed, as a whole and by its stage.
    for (name, resource) in [
        (
            "config-change.json",
            format!("AWS::ApiGateway::RestApi {}", api.id),
        ),
        (
            "config-oversized.json",
            format!(
                "AWS::ApiGateway::Stage arn:aws:apigateway:{REGION}::/restapis/{}/stages/prod",
                api.id
            ),
        ),
    ] {
        let payload = event(name).replace("a1b2c3d4e5", &api.id);
        run(&mut aws, &stack, &payload);
        let asked = heard.try_recv().unwrap();
        assert_eq!(said(&asked), [format!("{resource} NON_COMPLIANT")]);
    }
    for path in ["/", "/pets", "/pets/{petId}"] {
        aws.set_authorization(&api, "GET", path, "AWS_IAM");
    }
    protect(&mut aws, &api, "POST", "/pets");
    let change = event("config-change.json").replace("a1b2c3d4e5", &api.id);
    run(&mut aws, &stack, &change);
    let mended = format!("AWS::ApiGateway::RestApi {} COMPLIANT", api.id);
    assert_eq!(said(&heard.try_recv().unwrap()), [mended]);

    // Of what is not there nothing is said.
    let unknown = invoke(&mut aws, &stack, &event("config-change.json"));
    assert_eq!(unknown.payload["errorType"], "NotEvaluated");
    assert!(heard.try_recv().is_err());
    // Nor that all is well, of what cannot be read.
    take_away(&mut aws, &stack, "scan", &["ReadApis"]);
    run(&mut aws, &stack, &event("config-scheduled.json"));
    let asked = heard.try_recv().unwrap();
    assert_eq!(
        said(&asked),
        [format!("AWS::::Account {ACCOUNT} NON_COMPLIANT")]
    );
}

/// The emulator's CloudFormation does not know rules of Config, so the template is deployed without it; and
/// as it has no PutEvaluations, that the role may call it is told by what the call is refused for.
#[test]
fn the_role_may_answer_config_only_where_config_asks() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let asked = event("config-deleted.json");
    let refusal = refused(&mut aws, &stack, &asked, "NotTold");
    let denied = "config:PutEvaluations: access denied";
    assert!(refusal.contains(denied), "{refusal}");

    let template = fs::read_to_string(package("template.yaml")).unwrap();
    let (before, rest) = template.split_once("  ComplianceRule:\n").unwrap();
    let (_, after) = rest.split_once("  ConfigMayAsk:\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let without = folder.path().join("template.yaml");
    fs::write(&without, format!("{before}  ConfigMayAsk:\n{after}")).unwrap();
    aws.call(
        "gatewatch",
        "deploy_template",
        json!({
            "stack_name": STACK,
            "bootstrap": cargo_bin("gatewatch-lambda"),
            "template": without,
            "parameters": {"RequireTls": "false", "ConfigRule": "true", "Regions": REGION},
        }),
    );
    let refusal = refused(&mut aws, &stack, &asked, "NotTold");
    let unknown = "Unknown Config action: PutEvaluations";
    assert!(refusal.contains(unknown), "{refusal}");
    let function = json!({"FunctionName": stack.function});
    let policy = aws.call("lambda", "get_policy", function);
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    let may = policy["Statement"].as_array().unwrap().iter();
    let mut may = may.filter(|it| it["Principal"]["Service"] == "config.amazonaws.com");
    let account = &may.next().unwrap()["Condition"]["StringEquals"]["AWS:SourceAccount"];
    assert_eq!(*account, ACCOUNT);
}

#[test]
fn what_the_topic_refused_is_announced_by_the_next_run() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let whole = take_away(&mut aws, &stack, "report", &["SendFindings"]);
    for _ in 0..2 {
        refused(&mut aws, &stack, "{}", "NotAnnounced");
        let (entries, text) = history(&aws, &bucket);
        assert_eq!(entries, ["open open-method"; 4]);
        assert_eq!(text.matches("not yet").count(), 4, "{text}");
    }
    put_role_policy(&mut aws, &stack, "report", &whole);
    let answer = run(&mut aws, &stack, "{}");
    assert_eq!(answer["announced"], json!(["baseline"]), "{answer}");
    let digest = published(&mut aws, &stack);
    assert_eq!(news(&digest), OPEN);
    // Since when they are there is not forgotten.
    let since = digest["changes"][0]["first_seen"].as_str().unwrap();
    assert!(since < digest["taken_at"].as_str().unwrap(), "{digest}");
    let (_, text) = history(&aws, &bucket);
    assert_eq!(text.matches("not yet").count(), 0, "{text}");
    assert_eq!(text.matches(" as open").count(), 4, "{text}");
    assert_eq!(run(&mut aws, &stack, "{}")["announced"], json!([]));
    assert_eq!(waiting(&mut aws, &stack.queue), 0);
    // The numbers told of it.
    let numbers = metrics(&mut aws, &stack);
    let announced: Vec<&Value> = numbers.iter().map(|it| &it["Announced"]).collect();
    assert_eq!(announced, [0, 0, 4, 0]);
    let waited = numbers[1]["OldestUnannounced"].as_u64().unwrap();
    assert!(waited < 60, "{waited}");
    assert_eq!(numbers[2]["OldestUnannounced"], 0);
}

/// Takes the only subscription off a topic.
fn unsubscribe(aws: &mut Testbed, topic: &str) {
    let listed = aws.call(
        "sns",
        "list_subscriptions_by_topic",
        json!({"TopicArn": topic}),
    );
    for subscription in listed["Subscriptions"].as_array().unwrap() {
        let arn = &subscription["SubscriptionArn"];
        aws.call("sns", "unsubscribe", json!({"SubscriptionArn": arn}));
    }
}

/// The first run of a deployment, before anybody has confirmed the mail.
#[test]
fn the_first_digest_waits_for_somebody_who_has_confirmed() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let bucket = output(&mut aws, "StateBucket");
    unsubscribe(&mut aws, &stack.topic);
    let list = format!(
        "aws sns list-subscriptions-by-topic --topic-arn {}",
        stack.topic
    );
    for pending in [0, 1] {
        if pending > 0 {
            // It waits for a confirmation. Nothing listens there.
            let https = json!({"TopicArn": stack.topic, "Protocol": "https", "Endpoint": "https://127.0.0.1:9/"});
            aws.call("sns", "subscribe", https);
        }
        let answer = run(&mut aws, &stack, "{}");
        assert_eq!(answer["status"], "findings", "{answer}");
        assert_eq!(answer["announced"], json!([]));
        assert_eq!(
            (&answer["changes"], &answer["untold"]),
            (&json!(0), &json!(4))
        );
        let warning = answer["warnings"][0].as_str().unwrap();
        assert!(warning.contains("is confirmed"), "{warning}");
        assert!(warning.contains(&list), "{warning}");
        assert_eq!(warning.contains("1 wait for it"), pending == 1, "{warning}");
        let (_, text) = history(&aws, &bucket);
        assert_eq!(text.matches("not yet").count(), 4, "{text}");
    }
    let log = aws.call(
        "gatewatch",
        "log_text",
        json!({"log_group": stack.log_group}),
    );
    assert_eq!(log.as_str().unwrap().matches(&list).count(), 2, "{log}");
    unsubscribe(&mut aws, &stack.topic);
    aws.queue_on(&stack.topic);
    let answer = run(&mut aws, &stack, "{}");
    assert_eq!(answer["announced"], json!(["baseline"]));
    assert_eq!(answer["warnings"], json!([]));
    assert_eq!(
        (&answer["changes"], &answer["untold"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);
    assert_eq!(run(&mut aws, &stack, "{}")["announced"], json!([]));
    let numbers = metrics(&mut aws, &stack);
    let of = |name: &str| {
        numbers
            .iter()
            .map(|it| it[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("NotSubscribed"), [1, 1, 0, 0]);
    assert_eq!(of("Untold"), [4, 4, 0, 0]);
    assert_eq!(of("Announced"), [0, 0, 4, 0]);
}

/// A role without the right, such as that of an older template, announces all the same, and says so.
#[test]
fn without_the_right_to_see_the_subscriptions_the_run_says_so() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    take_away(&mut aws, &stack, "report", &["SeeSubscribers"]);
    let answer = run(&mut aws, &stack, "{}");
    assert_eq!(answer["announced"], json!(["baseline"]), "{answer}");
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("sns:GetTopicAttributes: access denied"),
        "{warning}"
    );
    assert_eq!(news(&published(&mut aws, &stack)), OPEN);
    assert_eq!(run(&mut aws, &stack, "{}")["announced"], json!([]));
}

/// Where the topic has no subscriber, other places are told once, and not after every run.
#[test]
fn an_event_bus_is_told_once_while_nobody_has_confirmed() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({"EventBus": "default"}), json!({}));
    unsubscribe(&mut aws, &stack.topic);
    let bus = aws.call("sqs", "create_queue", json!({"QueueName": "bus"}));
    let bus = bus["QueueUrl"].as_str().unwrap().to_owned();
    let pattern = json!({"source": ["gatewatch"]});
    let caught = json!({"Name": "caught", "EventPattern": pattern.to_string()});
    aws.call("events", "put_rule", caught);
    let target = json!({"Id": "bus", "Arn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:bus")});
    aws.call(
        "events",
        "put_targets",
        json!({"Rule": "caught", "Targets": [target]}),
    );
    for _ in 0..2 {
        assert_eq!(run(&mut aws, &stack, "{}")["untold"], 4);
        assert_eq!(waiting(&mut aws, &bus), 4);
    }
    aws.queue_on(&stack.topic);
    assert_eq!(run(&mut aws, &stack, "{}")["changes"], 4);
    assert_eq!(waiting(&mut aws, &bus), 4);
}

/// The API that changed is deleted before anybody looks. Only the list of its Region proves that it is gone.
#[test]
fn a_changed_api_that_is_gone_is_no_gap_and_its_findings_went_with_it() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    run(&mut aws, &stack, "{}");
    assert_eq!(news(&published(&mut aws, &stack)).len(), 4);
    aws.call(
        "apigateway",
        "delete_rest_api",
        json!({"restApiId": api.id}),
    );
    let change = event("change-rest-api.json").replace("a1b2c3d4e5", &api.id);
    let answer = run(&mut aws, &stack, &change);
    assert_eq!(answer["status"], "clean", "{answer}");
    let digest = published(&mut aws, &stack);
    let changes = digest["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 4, "{digest}");
    assert!(changes.iter().all(|it| it["change"] == "gone"), "{digest}");
    assert_eq!(digest["open"]["total"], 0, "{digest}");
}

/// What changed of an API since the inventory was read decides who can call it: then IAM alone is not
/// enough to read.
#[test]
fn a_change_of_principals_after_one_of_an_api_is_judged_by_what_is_there() {
    let mut aws = Testbed::start();
    let api = aws.petstore();
    let policy = "version: 1\nrequire: [{authorization: [AWS_IAM, NONE]}]\ninvokers: [{match: {api: PetStore}, groups: [callers]}]\n";
    let stack = deploy(&mut aws, json!({"PolicyFile": policy}), json!({}));
    run(&mut aws, &stack, "{}");
    published(&mut aws, &stack);
    aws.set_authorization(&api, "GET", "/", "AWS_IAM");
    aws.deploy(&api, Some("prod"));
    let change = event("change-rest-api.json").replace("a1b2c3d4e5", &api.id);
    run(&mut aws, &stack, &change);
    aws.received(&stack.queue);
    let grant = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "execute-api:Invoke", "Resource": format!("arn:aws:execute-api:*:*:{}/prod/GET/", api.id)}});
    aws.call("iam", "create_user", json!({"UserName": "mallory"}));
    aws.call(
        "iam",
        "put_user_policy",
        json!({"UserName": "mallory", "PolicyName": "own", "PolicyDocument": grant.to_string()}),
    );
    run(&mut aws, &stack, &event("change-iam.json"));
    let told = published(&mut aws, &stack);
    let rules: Vec<&str> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"unlisted-invoker"), "{told}");
}

/// The same events are forwarded to the stack as it takes from its own Region.
#[test]
fn both_templates_name_the_same_events_of_iam() {
    let events = |file: &str| -> std::collections::BTreeSet<String> {
        let template = yaml::to_json(&fs::read_to_string(package(file)).unwrap());
        let resources = template["Resources"].as_object().unwrap().values();
        let mut patterns = resources.map(|it| &it["Properties"]["EventPattern"]);
        let of_iam = patterns.find(|it| it["source"] == json!(["aws.iam"]));
        let names = of_iam.unwrap()["detail"]["eventName"].as_array().unwrap();
        names
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect()
    };
    let own = events("template.yaml");
    assert!(
        own.len() > 25 && own.contains("AttachGroupPolicy"),
        "{own:?}"
    );
    assert_eq!(own, events("iam-events.yaml"));
}
