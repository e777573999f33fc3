//! Nulls in every map and list of every answer that is read as JSON: API Gateway sends some, and the SDK takes
//! none of them.
//!
//! The answers are made by `tests/testbed/answers.py` from botocore's service models.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::Clients;
use gatewatch::aws::collect::{self, Reading};
use gatewatch::inventory::Scope;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::package;
use crate::support::testbed::python;

/// What gatewatch counts: an entry that vanished there would be missed silently.
const COUNTED: [(&str, &str); 18] = [
    ("Account ListRegions", "/Regions"),
    ("API Gateway GetBasePathMappings", "/item"),
    ("API Gateway GetDeployment", "/apiSummary"),
    ("API Gateway GetDeployment", "/apiSummary/~1a"),
    ("API Gateway GetDomainNames", "/item"),
    ("API Gateway GetResources", "/item"),
    ("API Gateway GetResources", "/item/0/resourceMethods"),
    ("API Gateway GetRestApis", "/item"),
    ("API Gateway GetStages", "/item"),
    ("ApiGatewayV2 GetApiMappings", "/items"),
    ("ApiGatewayV2 GetApis", "/items"),
    ("ApiGatewayV2 GetAuthorizers", "/items"),
    ("ApiGatewayV2 GetRoutes", "/items"),
    ("ApiGatewayV2 GetStages", "/items"),
    ("ApiGatewayV2 ListRoutingRules", "/routingRules"),
    ("ApiGatewayV2 ListRoutingRules", "/routingRules/0/actions"),
    (
        "ApiGatewayV2 ListRoutingRules",
        "/routingRules/0/conditions/0/matchBasePaths/anyOf",
    ),
    ("Organizations ListAccounts", "/Accounts"),
];

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::111122223333:user/test</Arn><UserId>a</UserId><Account>111122223333</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    request: String,
    answer: Value,
    places: Vec<(String, String)>,
}

/// By operation.
type Answers = BTreeMap<String, Answer>;

fn answers() -> Answers {
    let text = std::fs::read_to_string(package("tests/data/answers.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Puts a null into a map or a list.
fn add_null(answer: &mut Value, place: &str) {
    match answer.pointer_mut(place).unwrap() {
        Value::Object(entries) => {
            entries.insert("null".to_owned(), Value::Null);
        }
        Value::Array(items) => items.push(Value::Null),
        other => panic!("{place}: {other}"),
    }
}

fn is_counted(operation: &str, place: &str) -> bool {
    COUNTED.contains(&(operation, place))
}

/// The answer to a request, and its status. A request that none is there for fails the test.
fn reply(answers: &Answers, method: &str, path: &str, target: &str, body: &str) -> (u16, String) {
    if body.contains("Action=GetCallerIdentity") {
        return (200, IDENTITY.to_owned());
    }
    if body.contains("Action=") {
        return (
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".to_owned(),
        );
    }
    // An export is a document of its own. It is asked for where the routes could not be read.
    if path.contains("/exports/") {
        return (403, r#"{"message": "not in this test"}"#.to_owned());
    }
    let fits = |form: &str| {
        let Some((verb, template)) = form.split_once(' ') else {
            return form == target;
        };
        let (asked, known): (Vec<&str>, Vec<&str>) =
            (path.split('/').collect(), template.split('/').collect());
        let same = |(asked, known): (&&str, &&str)| asked == known || known.starts_with('{');
        verb == method && asked.len() == known.len() && asked.iter().zip(&known).all(same)
    };
    let answer = answers.values().find(|it| fits(&it.request));
    let answer = answer.unwrap_or_else(|| {
        panic!("tests/testbed/answers.py has no answer to {method} {path} {target}")
    });
    (200, answer.answer.to_string())
}

fn in_memory(answers: Answers) -> SharedHttpClient {
    infallible_client_fn(move |request: Request<SdkBody>| {
        let body = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap();
        let target = request.headers().get("x-amz-target");
        let target = target.map_or("", |it| it.to_str().unwrap());
        let path = request.uri().path();
        let (status, body) = reply(&answers, request.method().as_str(), path, target, body);
        let answer = Response::builder().status(status);
        answer.body(SdkBody::from(body)).unwrap()
    })
}

/// What is read with these answers, and by which operations.
async fn read(http: SharedHttpClient, endpoint: Option<String>) -> (Value, BTreeSet<String>) {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "fake", None, None, "test"));
    if let Some(endpoint) = endpoint {
        config = config.endpoint_url(endpoint);
    }
    let clients = Clients::new(config.load().await);
    let identity = clients.identity().await.unwrap();
    let (regions, mut gaps) = collect::enabled_regions(&clients, &identity).await;
    let accounts = match collect::accounts(&clients).await {
        Ok(accounts) => json!(accounts),
        Err(failure) => json!(failure.to_string()),
    };
    let scope = Scope::new(vec!["eu-west-1".to_owned()], Vec::new());
    let (reading, now) = (Reading::default(), "2026-06-15T06:00:00Z".parse().unwrap());
    let inventory = collect::inventory_of(&clients, identity, scope, &reading, now).await;
    gaps.extend(inventory.gaps());
    let read = json!({
        "regions": regions,
        "accounts": accounts,
        "inventory": inventory,
        "gaps": gaps,
    });
    let called = clients.calls_by_operation().into_keys();
    let called = called.filter(|it| !it.starts_with("IAM ") && !it.starts_with("STS "));
    (read, called.collect())
}

/// Whether something is said to be missing that is not missing in the other.
fn lacks_more(read: &Value, plain: &Value) -> bool {
    let gaps = |read: &Value| read["gaps"].as_array().unwrap().clone();
    let known = gaps(plain);
    read["accounts"].is_string() || gaps(read).iter().any(|it| !known.contains(it))
}

#[test]
fn the_answers_are_what_the_models_give() {
    let made = python()
        .arg(package("tests/testbed/answers.py"))
        .output()
        .unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let kept = std::fs::read_to_string(package("tests/data/answers.json")).unwrap();
    assert!(
        made == kept,
        "make tests/data/answers.json anew: tests/testbed/answers.py says how"
    );
}

#[tokio::test(start_paused = true)]
async fn each_operation_that_is_read_has_an_answer_and_each_answer_is_read() {
    let answers = answers();
    let (read, called) = read(in_memory(answers.clone()), None).await;
    let known: BTreeSet<String> = answers.keys().cloned().collect();
    assert_eq!(called, known);
    // All of them are understood: only IAM is not.
    let gaps = read["gaps"].as_array().unwrap();
    let kinds: BTreeSet<&str> = gaps.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert!(
        kinds.is_subset(&BTreeSet::from(["iam", "resource-policy"])),
        "{gaps:#?}"
    );
    assert_eq!(read["accounts"][0][0]["account"], "111122223333");
    assert_eq!(read["inventory"]["domains"].as_array().unwrap().len(), 2);
    assert_eq!(read["inventory"]["apis"].as_array().unwrap().len(), 2);
    for (operation, place) in COUNTED {
        let places = &answers[operation].places;
        assert!(
            places.iter().any(|(it, _)| it == place),
            "{operation} {place}"
        );
    }
}

fn with_nulls() -> Answers {
    let mut with_nulls = answers();
    for (operation, it) in &mut with_nulls {
        for (place, _) in &it.places {
            if !is_counted(operation, place) {
                add_null(&mut it.answer, place);
            }
        }
    }
    with_nulls
}

#[tokio::test(start_paused = true)]
async fn a_null_where_nothing_is_counted_changes_nothing() {
    let (plain, _) = read(in_memory(answers()), None).await;
    for (operation, answer) in answers() {
        for (place, _) in &answer.places {
            if is_counted(&operation, place) {
                continue;
            }
            let mut one = answers();
            add_null(&mut one.get_mut(&operation).unwrap().answer, place);
            let (read, _) = read(in_memory(one), None).await;
            assert_eq!(read, plain, "{operation} {place}");
        }
    }
    let (read, _) = read(in_memory(with_nulls()), None).await;
    assert_eq!(read, plain);
}

#[tokio::test(start_paused = true)]
async fn a_null_among_what_is_counted_is_a_gap() {
    let (plain, _) = read(in_memory(answers()), None).await;
    for (operation, place) in COUNTED {
        let mut one = answers();
        add_null(&mut one.get_mut(operation).unwrap().answer, place);
        let (read, _) = read(in_memory(one), None).await;
        assert!(lacks_more(&read, &plain), "{operation} {place}: {read:#}");
    }
}

/// A body that comes over a network is not there when it is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn nulls_are_cut_out_of_what_comes_over_a_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answers_with_nulls = Arc::new(with_nulls());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answers) = (stream.unwrap(), Arc::clone(&answers_with_nulls));
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap() > 0 {}
                let header = |name: &str| {
                    let line = head.lines().find(|it| it.to_lowercase().starts_with(name));
                    line.map_or("", |it| it[name.len()..].trim())
                };
                let length = header("content-length:").parse().unwrap_or(0);
                let mut body = vec![0; length];
                lines.read_exact(&mut body).unwrap();
                let mut first = head.split(' ');
                let (method, path) = (first.next().unwrap(), first.next().unwrap());
                let path = path.split('?').next().unwrap();
                let body = String::from_utf8(body).unwrap();
                let (status, body) = reply(&answers, method, path, header("x-amz-target:"), &body);
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            });
        }
    });
    let (over_network, _) = read(Builder::new().build_http(), Some(endpoint)).await;
    let (plain, _) = read(in_memory(answers()), None).await;
    assert_eq!(over_network, plain);
}
